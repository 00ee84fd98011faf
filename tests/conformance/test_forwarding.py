# SPDX-License-Identifier: Apache-2.0
"""What passes through unchanged, what is taken out, and who is refused."""
import json

import pytest

from edge_fixture import answer, new_key, wait_until


def test_request_reaches_the_provider_byte_for_byte_below_its_prefix(edge):
    body = json.dumps({"messages": [{"role": "user", "content": "olá \u2713"}]}).encode()
    got = edge.post("/openai/v1/chat/completions?key=a%20b&x=1", body)
    sent = edge.provider.requests[-1]
    assert got.status == 200
    assert (sent.method, sent.target) == ("POST", "/v1/chat/completions?key=a%20b&x=1")
    assert sent.body == body
    assert sent.header("Host") == f"localhost:{edge.provider.port}"


def test_rendfly_headers_are_not_forwarded_and_vendor_headers_are(edge):
    edge.post("/openai/v1/x", b"{}", headers={
        "X-Rendfly-Conversation": "c-1", "Authorization": "Bearer sk-vendor",
        "x-api-key": "vendor", "OpenAI-Organization": "org-1", "anthropic-version": "2023-06-01"})
    sent = edge.provider.requests[-1]
    assert sent.all("X-Rendfly-Key") == [] and sent.all("X-Rendfly-Conversation") == []
    assert edge.key["text"].encode() not in sent.head
    assert sent.header("Authorization") == "Bearer sk-vendor"
    assert sent.header("x-api-key") == "vendor"
    assert sent.header("OpenAI-Organization") == "org-1"
    assert sent.header("anthropic-version") == "2023-06-01"


def test_no_name_of_ours_that_a_client_invents_gets_behind_the_edge(edge):
    edge.post("/openai/v1/x", b"{}", headers={"X-Rendfly-Workspace": "a", "x-RENDFLY-admin": "1",
                                              "X-Rendflyx": "kept"})
    head = edge.provider.requests[-1].head.lower()
    assert b"x-rendfly-" not in head and b"x-rendflyx: kept" in head
    assert b"admin" not in head and b"workspace" not in head


def test_no_header_of_ours_tells_the_provider_who_the_client_is(edge):
    edge.post("/openai/v1/x", b"{}")
    names = {name.lower() for name, _ in edge.provider.requests[-1].headers}
    assert names <= {"host", "content-length", "content-type", "accept-encoding", "connection"}


def test_a_session_cookie_of_the_pages_does_not_reach_a_provider(edge):
    edge.post("/openai/v1/x", b"{}", headers={"Cookie": "__Host-session=secret; a=1"})
    assert edge.provider.requests[-1].header("Cookie") is None
    edge.post("/openai/v1/x", b"{}", headers={"Cookie": "a=1"})
    assert edge.provider.requests[-1].header("Cookie") == "a=1"


def test_connection_header_cannot_strip_the_key_or_the_authorization(edge):
    got = edge.post("/openai/v1/x", b"{}", headers={
        "Connection": "authorization, x-rendfly-key", "Authorization": "Bearer sk-vendor"})
    assert got.status == 200
    assert edge.provider.requests[-1].header("Authorization") == "Bearer sk-vendor"
    assert edge.provider.requests[-1].all("X-Rendfly-Key") == []


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "400 Bad Request", "401 Unauthorized",
                                    "404 Not Found", "429 Too Many Requests",
                                    "500 Internal Server Error", "502 Bad Gateway",
                                    "529 Site is overloaded"])
def test_status_headers_and_body_of_the_provider_pass_unchanged(edge, status):
    edge.provider.behaviours["/unchanged"] = lambda request, peer: answer(
        peer, b'{"error":{"type":"theirs"}}', status,
        ["Content-Type: application/json", "x-ratelimit-remaining-requests: 9",
         "openai-processing-ms: 12", "Server: vendor", "X-Request-Id: r-1"])
    got = edge.post("/openai/unchanged", b"{}")
    assert got.status == int(status[:3])
    assert got.content == b'{"error":{"type":"theirs"}}'
    assert got.headers["x-ratelimit-remaining-requests"] == "9"
    assert got.headers["openai-processing-ms"] == "12"
    assert got.headers["Server"] == "vendor"
    assert got.headers["X-Request-Id"] == "r-1"
    assert got.headers["Content-Security-Policy"] is None
    assert got.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert int(got.headers["RateLimit-Limit"]) > 0


def test_origin_promises_of_a_provider_do_not_become_ours(edge):
    edge.provider.behaviours["/promises"] = lambda request, peer: answer(peer, b"{}", headers=[
        "Strict-Transport-Security: max-age=0", 'Alt-Svc: h3=":443"', 'Clear-Site-Data: "*"'])
    got = edge.post("/openai/promises", b"{}")
    assert got.headers.get_all("Strict-Transport-Security") == [
        "max-age=63072000; includeSubDomains"]
    assert got.headers["Alt-Svc"] is None and got.headers["Clear-Site-Data"] is None


def test_dot_segments_are_routed_by_the_normalised_path_and_forwarded_as_they_came(edge):
    assert edge.post("/openai/v1/../v2/./x", b"{}").status == 200
    assert edge.provider.requests[-1].target == "/v1/../v2/./x"


@pytest.mark.parametrize("path", ["/openai/v1/../../anthropic/x", "//openai/v1/x",
                                  "/%6fpenai/v1/x", "/anthropic/../openai/x", "/./openai/x"])
def test_a_path_that_reads_as_two_providers_is_refused(edge, path):
    before = len(edge.provider.requests)
    assert edge.post(path, b"{}").status == 400
    assert len(edge.provider.requests) == before


# Refusals

def refusal(edge, status, key, path="/openai/v1/x", headers=None):
    before, counted = len(edge.provider.requests), edge.counters()
    got = edge.post(path, b"{}", key=key, headers=headers)
    assert got.status == status
    assert got.headers["Content-Type"] == "application/json"
    assert len(edge.provider.requests) == before
    assert edge.counters()["forwarded"] == counted["forwarded"]
    return json.loads(got.content)


def test_missing_unknown_and_malformed_keys_get_401_with_a_remedy_and_nothing_is_forwarded(edge):
    assert refusal(edge, 401, None)["error"]["code"] == "missing_rendfly_key"
    for key in ("pk_live_unknown", "x" * 300, edge.key["text"][:-1], edge.key["text"] + "0", " "):
        error = refusal(edge, 401, key)["error"]
        assert error["code"] in ("invalid_rendfly_key", "missing_rendfly_key")
        assert "X-Rendfly-Key" in error["message"]


def test_refusals_are_counted_as_unauthorized(edge):
    before = edge.counters()["unauthorized"]
    refusal(edge, 401, "pk_live_unknown")
    assert edge.counters()["unauthorized"] == before + 1


def test_refusals_of_anthropic_are_in_its_format(edge):
    error = refusal(edge, 401, "pk_live_unknown", path="/anthropic/v1/messages")
    assert error["type"] == "error"
    assert error["error"]["type"] == "authentication_error"


def test_the_key_twice_is_refused_even_when_both_are_good(edge):
    key = edge.key["text"]
    head = f"POST /openai/v1/x HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: {key}\r\n" \
           f"x-rendfly-key: {key}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert edge.raw(head.encode()).startswith(b"HTTP/1.1 400 ")
    assert edge.provider.requests == []


def test_an_unknown_provider_gets_404_with_the_list(edge):
    error = refusal(edge, 404, edge.key["text"], path="/nobody/v1/x")["error"]
    assert error["code"] == "unknown_provider"
    assert error["providers"] == ["openai", "anthropic", "dead"]


def test_a_new_key_and_a_revoked_one_take_effect_within_a_second(edge):
    fresh = new_key()
    assert edge.post("/openai/v1/x", b"{}", key=fresh["text"]).status == 401
    edge.publish([edge.key, fresh])
    wait_until("the new key works on every worker", lambda: all(
        edge.post("/openai/v1/x", b"{}", key=fresh["text"]).status == 200 for _ in range(6)), 1.0)
    edge.publish()
    wait_until("the revoked key is refused by every worker", lambda: all(
        edge.post("/openai/v1/x", b"{}", key=fresh["text"]).status == 401 for _ in range(6)), 1.0)


def test_a_broken_key_table_leaves_the_one_before_in_force(edge):
    path = edge.folder / "run/keytable"
    good = path.read_bytes()
    path.with_suffix(".tmp").write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    path.with_suffix(".tmp").rename(path)
    wait_until("the edge says that it does not take it",
               lambda: "key table not taken" in edge.log())
    assert edge.post("/openai/v1/x", b"{}").status == 200
    edge.publish()


def test_past_the_burst_a_workspace_gets_429_with_headers_and_others_do_not(edge):
    slow = new_key(rate_per_minute=60, burst=3)
    same_workspace = new_key(60, 3, slow["workspace"])
    edge.publish_to_all([edge.key, slow, same_workspace])
    left = []
    while (got := edge.post("/openai/v1/x", b"{}", key=same_workspace["text"])).status == 200:
        left.append(int(got.headers["RateLimit-Remaining"]))
    assert left[:3] == [2, 1, 0]
    got = edge.post("/openai/v1/x", b"{}", key=slow["text"])
    error = json.loads(got.content)["error"]
    assert got.status == 429 and error["code"] == "rate_limited"
    assert 1 <= int(got.headers["Retry-After"]) <= 3
    assert got.headers["RateLimit-Limit"] == "3"
    assert got.headers["RateLimit-Remaining"] == "0"
    assert got.headers["RateLimit-Policy"] == "3;w=3"
    assert 1 <= int(got.headers["RateLimit-Reset"]) <= 3
    assert edge.post("/openai/v1/x", b"{}").status == 200
    edge.publish()


def test_limited_requests_are_counted_and_not_forwarded(edge):
    slow = new_key(rate_per_minute=1, burst=1)
    edge.publish_to_all([edge.key, slow])
    before = edge.counters()
    assert edge.post("/openai/v1/x", b"{}", key=slow["text"]).status == 200
    assert edge.post("/openai/v1/x", b"{}", key=slow["text"]).status == 429
    after = edge.counters()
    assert after["forwarded"] == before["forwarded"] + 1
    assert after["limited"] == before["limited"] + 1
    edge.publish()


def test_a_body_over_the_limit_gets_413_and_is_not_forwarded(edge):
    before = len(edge.provider.requests)
    got = edge.post("/openai/v1/x", b"x" * (4 * 1024 * 1024 + 1))
    assert got.status == 413
    assert json.loads(got.content)["error"]["code"] == "body_too_large"
    assert len(edge.provider.requests) == before


def test_a_provider_that_is_down_gives_502_in_its_format_with_cause_and_remedy(edge):
    got = edge.post("/dead/v1/x", b"{}")
    assert got.status == 502
    error = json.loads(got.content)["error"]
    assert error["code"] == "provider_unreachable" and "rendfly.conf" in error["message"]
    capture = edge.collector.wait_for_path("/v1/x")
    assert capture.end["reason"] == "upstream_failed"
    assert capture.end["first_byte_us"] == 0


def test_head_and_delete_and_bodyless_requests_pass(edge):
    assert edge.request("DELETE", "/openai/v1/files/1",
                        headers={"X-Rendfly-Key": edge.key["text"]}).status == 200
    assert edge.provider.requests[-1].method == "DELETE"
    edge.provider.behaviours["/head"] = lambda request, peer: peer.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    got = edge.request("HEAD", "/openai/head", headers={"X-Rendfly-Key": edge.key["text"]})
    assert got.status == 200 and got.headers["Content-Length"] == "10"
    assert edge.collector.wait_for_path("/head").end["reason"] == "complete"


# Connections

def test_connections_to_the_provider_are_kept_open_and_used_again(own_edge):
    edge = own_edge(edge_workers=1)
    for _ in range(20):
        assert edge.post("/openai/v1/x", b"{}").status == 200
    assert edge.provider.connections == 1


@pytest.mark.parametrize("method,status,sendings", [("GET", 200, 2), ("POST", 502, 1)])
def test_on_a_connection_that_just_died_only_what_is_safe_is_sent_again(
        own_edge, method, status, sendings):
    edge = own_edge(edge_workers=1)
    assert edge.post("/openai/first", b"{}").status == 200
    seen = []

    def dies_once(request, peer):
        seen.append(request)
        if len(seen) == 1:
            return False
        return answer(peer, b"{}") is None

    edge.provider.behaviours["/again"] = dies_once
    got = edge.request(method, "/openai/again", b"{}" if method == "POST" else None,
                       {"X-Rendfly-Key": edge.key["text"]})
    assert got.status == status and len(seen) == sendings
    edge.collector.wait_for_path("/again")
    assert len([c for c in edge.collector.captures if c.start["path"] == "/again"]) == 1


def test_expect_continue_is_answered_and_not_forwarded(edge):
    with edge.connect() as client:
        client.sendall(f"POST /openai/expect HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: "
                       f"{edge.key['text']}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                       "Connection: close\r\n\r\n".encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"{}")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert edge.provider.requests[-1].header("Expect") is None


def test_a_chunked_body_over_the_limit_gets_413_and_the_counters_still_balance(edge):
    def endless():
        for _ in range(80):
            yield b"x" * 65536

    try:
        assert edge.post("/openai/endless", endless()).status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it was refused while it was still being sent
    wait_until("nothing is in flight", lambda: edge.counters()["in_flight"] == 0)
    assert all(len(r.body) <= 4 * 1024 * 1024 for r in edge.provider.requests)
    assert all(c.end["reason"] == "client_aborted" for c in edge.collector.captures)


def test_a_chunk_that_is_too_large_before_anything_was_forwarded_is_not_counted_as_forwarded(edge):
    before = edge.counters()
    got = edge.raw(f"POST /openai/chunk HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: "
                   f"{edge.key['text']}\r\nTransfer-Encoding: chunked\r\n\r\n500000\r\nx".encode())
    assert got.startswith(b"HTTP/1.1 413 ")
    wait_until("it is taken back", lambda: edge.counters() == before)
    assert edge.provider.requests == [] and edge.collector.captures == []


def test_each_route_has_its_own_limit_for_bodies(edge):
    assert edge.post("/openai/v1/x", b"x" * 2_000_000).status == 200
    assert edge.request("POST", "/api/v1/x", b"x" * 2_000_000).status == 413
