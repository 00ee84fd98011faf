# SPDX-License-Identifier: Apache-2.0
"""TLS, pages, the API's door and the headers on everything that is ours."""
import email
import hashlib
import json
import os
import socket
import socketserver
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler

import pytest

from edge_fixture import make_ca, make_certificate, run_openssl, wait_until, Provider

SECURITY_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check_security_headers(got):
    for name, value in SECURITY_HEADERS.items():
        assert got.headers.get_all(name) == [value], name
    assert "camera=()" in got.headers["Permissions-Policy"]
    policy = got.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert got.headers["Server"] is None


# TLS

def test_only_tls_1_3_is_spoken(edge):
    for version in (ssl.TLSVersion.TLSv1_2,):
        with pytest.raises(ssl.SSLError):
            edge.connect(maximum_version=version)
    with edge.connect() as peer:
        assert peer.version() == "TLSv1.3"


def test_no_session_tickets_are_given(edge):
    with edge.connect() as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert peer.recv(4096)
        assert peer.session is None or not peer.session.has_ticket


@pytest.mark.parametrize("groups,is_taken", [("X25519", True), ("P-256", True), ("P-384", True),
                                             ("P-521", False), ("X448", False)])
def test_key_exchange_groups_are_the_listed_ones(edge, groups, is_taken):
    got = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{edge.port}", "-groups",
                          groups, "-CAfile", f"{edge.folder}/pki/ca.crt"],
                         input=b"", capture_output=True, timeout=20)
    assert (b"Verify return code: 0" in got.stdout and b"TLSv1.3" in got.stdout) == is_taken


def test_plain_http_gets_400_and_never_acts(edge):
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as peer:
        peer.sendall(b"POST /openai/plain HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: " +
                     edge.key["text"].encode() + b"\r\nContent-Length: 2\r\n\r\n{}")
        got = peer.recv(65536)
    assert got.startswith(b"HTTP/1.1 400 ") and b"tls_required" in got
    assert b"Strict-Transport-Security" in got
    assert edge.provider.requests == []


def make_bad_certificate(fault, pki, elsewhere):
    """The folder of bad.crt and bad.key."""
    if fault == "unknown_ca":
        make_ca(elsewhere)
        make_certificate(elsewhere, "bad")
        return elsewhere
    if fault == "self_signed":
        run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    f"{pki}/bad.key", "-out", f"{pki}/bad.crt", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost")
        return pki
    make_certificate(pki, "bad", "DNS:other.example" if fault == "other_name" else "DNS:localhost",
                     days=0 if fault == "expired" else 2)
    if fault == "expired":
        wait_until("it has ended", lambda: subprocess.run(["openssl", "x509", "-checkend", "0", "-noout", "-in",
                                                           f"{pki}/bad.crt"], capture_output=True).returncode != 0)
    return pki


@pytest.mark.parametrize("fault", ["unknown_ca", "self_signed", "other_name", "expired", "tls_1_2"])
def test_a_provider_that_cannot_be_verified_gets_no_byte_of_a_request(own_edge, tmp_path, fault):
    edge = own_edge(edge_workers=1)
    pki = make_bad_certificate(fault, edge.folder / "pki", tmp_path)
    versions = {"minimum": ssl.TLSVersion.TLSv1_2, "maximum": ssl.TLSVersion.TLSv1_2} \
        if fault == "tls_1_2" else {}
    bad = Provider(pki / "bad.crt", pki / "bad.key", **versions)
    edge.stop()
    edge.providers["bad"] = bad.port
    edge.start()
    assert edge.post("/bad/v1/x", b"{}").status == 502
    assert bad.requests == []
    bad.close()


def fingerprint(edge):
    with edge.connect() as peer:
        return hashlib.sha256(peer.getpeercert(binary_form=True)).hexdigest()


def test_a_new_certificate_is_taken_without_a_failed_request(own_edge):
    edge = own_edge(edge_workers=2)
    pki, before, stopping, failures, answered = edge.folder / "pki", fingerprint(edge), threading.Event(), [], []

    def ask():
        while not stopping.is_set():
            try:
                status = edge.post("/openai/x", b"{}").status
                (answered if status == 200 else failures).append(status)
            except OSError as e:
                failures.append(e)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    make_certificate(pki, "fresh")
    owner = (pki / "edge.key").stat()
    os.chown(pki / "fresh.key", owner.st_uid, owner.st_gid)
    for kind in ("key", "crt"):
        (pki / f"fresh.{kind}").replace(pki / f"edge.{kind}")
    edge.reload()
    after, so_far = fingerprint(edge), len(answered)
    wait_until("they go on under the new one", lambda: len(answered) > so_far + 20)
    stopping.set()
    for asker in askers:
        asker.join(20)
    assert failures == [] and before != after


# Headers

@pytest.mark.parametrize("method,path,status", [
    ("GET", "/", 200), ("GET", "/some/page", 200), ("GET", "/healthz", 200),
    ("POST", "/nothing", 404), ("GET", "/_app/immutable/missing.js", 404), ("GET", "/api/v1/x", 502),
    ("GET", "/openai/x", 401), ("DELETE", "/healthz", 405), ("GET", "/%2e%2e/etc/passwd", 400)])
def test_security_headers_are_on_every_answer_of_ours(edge, method, path, status):
    got = edge.request(method, path)
    assert got.status == status
    check_security_headers(got)
    if status >= 400:
        assert json.loads(got.content)["error"]["message"]
        assert got.headers["Cache-Control"] == "no-store"


ODD = {
    "no request at all": (b"GARBAGE\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "another version": (b"GET / HTTP/2.7\r\nHost: a\r\n\r\n", 505),
    "an encoding that nobody knows": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n", 501),
    "a long line": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "a long header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 400),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a body that is too large": (b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n", 413),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_request_gets_the_same_headers_and_no_page(edge, name):
    request, status = ODD[name]
    head, _, body = edge.raw(request).partition(b"\r\n\r\n")
    first, _, lines = head.partition(b"\r\n")
    assert first.split(b" ")[1] == str(status).encode()
    headers = email.message_from_bytes(lines + b"\r\n\r\n")
    for wanted, value in {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Frame-Options": "DENY"}.items():
        assert headers.get_all(wanted) == [value], wanted
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert headers["Server"] is None and b"nginx" not in head + body
    assert json.loads(body)["error"]["message"]


def test_the_page_policy_admits_the_pages_inline_script_by_hash_and_no_other(edge):
    policy = edge.get("/").headers["Content-Security-Policy"]
    # printf %s 1 | openssl dgst -sha256 -binary | base64
    assert "script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=';" in policy
    script_src = next(d for d in policy.split("; ") if d.startswith("script-src"))
    assert script_src.count("sha256-") == 1


def test_pages_are_served_with_fallback_and_assets_are_immutable(edge):
    assets = edge.folder / "www/_app/immutable"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "a.js").write_text("1")
    (edge.folder / "www/.well-known").mkdir(exist_ok=True)
    (edge.folder / "www/.well-known/security.txt").write_text("Contact: mailto:x@example.com\n")
    assert b"page" in edge.get("/projects/1").content
    assert edge.get("/projects/1").headers["Cache-Control"] == "no-cache"
    got = edge.get("/_app/immutable/a.js")
    assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert got.headers["Content-Type"] == "text/javascript"
    assert edge.get("/.well-known/security.txt").content.startswith(b"Contact:")
    assert b"root:" not in edge.raw(
        b"GET /..%2f..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")


def test_readiness_follows_the_key_table_and_the_collector(own_edge):
    edge = own_edge(edge_workers=1)
    wait_until("it is ready", lambda: edge.get("/readyz").status == 200)
    edge.collector.stop()
    wait_until("it is not", lambda: b"no_collector" in edge.get("/readyz").content)
    assert edge.get("/readyz").status == 503
    edge.collector.listen()
    wait_until("it is ready again", lambda: edge.get("/readyz").status == 200)
    assert edge.get("/healthz").status == 200


# The API's door

class Api(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@pytest.fixture
def api(edge):
    """Answers with what it was asked, on the API's socket."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size)
            out = json.dumps({"path": self.path, "headers": self.headers.items(),
                              "body_bytes": len(body)}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.send_header("X-Accel-Redirect", "/index.html")
            self.end_headers()
            self.wfile.write(out)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

        def address_string(self):
            return ""

    path = edge.folder / "run/api.sock"
    path.unlink(missing_ok=True)
    server = Api(str(path), Handler)
    path.chmod(0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    path.unlink()


def test_the_api_gets_the_whole_path_and_who_asked_from_us_alone(edge, api):
    got = edge.request("POST", "/api/v1/login?a=1", b"{}", {
        "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6", "X-Rendfly-Key": edge.key["text"], "X-CSRF-Token": "t"})
    seen = json.loads(got.content)
    headers = {k.lower(): v for k, v in seen["headers"]}
    assert seen["path"] == "/api/v1/login?a=1"
    assert headers["host"] == f"localhost:{edge.port}"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-csrf-token"] == "t"
    assert "x-real-ip" not in headers and "forwarded" not in headers
    assert "x-rendfly-key" not in headers
    assert got.headers["Cache-Control"] == "no-store"
    check_security_headers(got)


def test_the_api_cannot_be_sent_more_than_a_mebibyte(edge, api):
    assert edge.request("POST", "/api/v1/x", b"x" * (1 << 20)).status == 200
    got = edge.request("POST", "/api/v1/x", b"x" * ((1 << 20) + 1))
    assert got.status == 413 and json.loads(got.content)["error"]["code"] == "body_too_large"


def test_calls_of_the_api_are_not_captured(edge, api):
    before = edge.counters()["forwarded"]
    edge.request("POST", "/api/v1/x", b"{}")
    assert edge.counters()["forwarded"] == before
