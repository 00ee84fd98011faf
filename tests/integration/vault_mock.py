# SPDX-License-Identifier: Apache-2.0
"""Vault's wire API, as much of it as rendfly speaks, with the members that the real one answers: AppRole
log-in, unwrap, renewal and revocation of the token, transit encrypt and decrypt.  It can be sealed, can
rate-limit, can forget.  test_vault_contract.py holds it against the real one.
"""
import base64
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import uuid


def answer(**members):
    return {"request_id": str(uuid.uuid4()), "lease_id": "", "renewable": False, "lease_duration": 0, "data": None,
            "wrap_info": None, "warnings": None, "auth": None, **members}


# What a request holds, and whether a token goes with it.
REQUESTS = {"/v1/auth/approle/login": ({"role_id", "secret_id"}, False), "/v1/sys/wrapping/unwrap": (set(), True),
            "/v1/auth/token/renew-self": (set(), True), "/v1/auth/token/revoke-self": (set(), True),
            "/v1/transit/encrypt/rendfly": ({"plaintext", "associated_data"}, True),
            "/v1/transit/decrypt/rendfly": ({"ciphertext", "associated_data"}, True)}


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                    f"{folder}/vault.key", "-out", f"{folder}/vault.crt"], check=True, capture_output=True)


class VaultMock:
    def __init__(self, folder, lease_s=3600, max_renewals=1 << 30):
        self.lease_s, self.max_renewals = lease_s, max_renewals
        self.role_id, self.secret_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.is_sealed = False
        self.statuses = []  # answered first, one a call, before the real answer
        self.statuses_at = {}  # the same, by path
        self.raw_at = {}  # bytes to answer with 200, by path
        self.calls = []  # paths
        self.faults = []  # requests that a client of ours must not send
        self.tokens, self.wrapped, self.texts = {}, {}, {}
        self.lock = threading.Lock()
        make_certificate(folder)
        mock = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                with mock.lock:
                    mock.check(self.path, body, self.headers)
                    status, content = mock.answer(self.path, body, self.headers.get("X-Vault-Token"))
                data = content if isinstance(content, bytes) else b"" if status == 204 else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_3
        tls.load_cert_chain(f"{folder}/vault.crt", f"{folder}/vault.key")
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"https://localhost:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def wrap(self):
        """A response-wrapping token, good for one use, that stands for the secret id."""
        token = "hvs." + uuid.uuid4().hex
        self.wrapped[token] = True
        return token

    def check(self, path, body, headers):
        members, needs_token = REQUESTS.get(path, (None, None))
        if (members != set(body) or needs_token != ("X-Vault-Token" in headers) or
                headers["Content-Type"] != "application/json" or
                any(not isinstance(v, str) or not v for v in body.values())):
            self.faults.append((path, sorted(body), dict(headers)))

    def answer(self, path, body, token):
        self.calls.append(path)
        if self.statuses_at.get(path):
            status = self.statuses_at[path].pop(0)
            return status, {"errors": [f"a {status} that the test wants"]}
        if path in self.raw_at:
            return 200, self.raw_at[path]
        if self.statuses:
            status = self.statuses.pop(0)
            return status, {"errors": [f"a {status} that the test wants"]}
        if self.is_sealed:
            return 503, {"errors": ["Vault is sealed"]}
        handlers = {"/v1/auth/approle/login": self.log_in, "/v1/sys/wrapping/unwrap": self.unwrap,
                    "/v1/auth/token/renew-self": self.renew, "/v1/auth/token/revoke-self": self.revoke,
                    "/v1/transit/encrypt/rendfly": self.encrypt, "/v1/transit/decrypt/rendfly": self.decrypt}
        if path not in handlers:
            return 404, {"errors": []}
        return handlers[path](body, token)

    def auth(self, token):
        return {"client_token": token, "accessor": uuid.uuid4().hex, "policies": ["default", "rendfly"],
                "token_policies": ["default", "rendfly"], "metadata": {"role_name": "rendfly"},
                "lease_duration": self.lease_s, "renewable": True, "entity_id": str(uuid.uuid4()), "token_type": "service",
                "orphan": True, "mfa_requirement": None, "num_uses": 0}

    def log_in(self, body, _):
        if body.get("role_id") != self.role_id:
            return 400, {"errors": ["invalid role ID"]}
        if body.get("secret_id") != self.secret_id:
            return 400, {"errors": ["invalid secret id"]}
        token = "hvs.CAES" + uuid.uuid4().hex
        self.tokens[token] = [time.monotonic() + self.lease_s, self.max_renewals]
        return 200, answer(auth=self.auth(token))

    def unwrap(self, _, token):
        if not self.wrapped.pop(token, False):
            return 400, {"errors": ["wrapping token is not valid or does not exist"]}
        return 200, answer(data={"secret_id": self.secret_id, "secret_id_accessor": str(uuid.uuid4()),
                                 "secret_id_num_uses": 0, "secret_id_ttl": 0})

    def is_good(self, token):
        return token in self.tokens and self.tokens[token][0] > time.monotonic()

    def renew(self, _, token):
        if not self.is_good(token) or self.tokens[token][1] == 0:
            return 403, {"errors": ["permission denied"]}
        self.tokens[token] = [time.monotonic() + self.lease_s, self.tokens[token][1] - 1]
        return 200, answer(auth=self.auth(token))

    def revoke(self, _, token):
        if not self.is_good(token):
            return 403, {"errors": ["permission denied"]}
        del self.tokens[token]
        return 204, None

    def encrypt(self, body, token):
        if not self.is_good(token):
            return 403, {"errors": ["permission denied"]}
        text = "vault:v1:" + base64.b64encode(os.urandom(48)).decode()
        base64.b64decode(body["plaintext"], validate=True)
        self.texts[text] = (body["plaintext"], body["associated_data"])
        return 200, answer(data={"ciphertext": text, "key_version": 1})

    def decrypt(self, body, token):
        if not self.is_good(token):
            return 403, {"errors": ["permission denied"]}
        if body["ciphertext"] not in self.texts or self.texts[body["ciphertext"]][1] != body["associated_data"]:
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, answer(data={"plaintext": self.texts[body["ciphertext"]][0]})
