# SPDX-License-Identifier: Apache-2.0
"""Requests of odd shapes: each is refused, or reaches the provider as exactly one plain request.
The provider must never see the request that some of them hide in their bodies."""
import re

import pytest

HIDDEN = b"GET /openai/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
REFUSED, PLAIN = "refused", "plain"  # PLAIN: refused, or one plain request


def post(*lines, body=b"", path=b"/openai/shape", host=b"Host: localhost\r\n"):
    return (b"POST " + path + b" HTTP/1.1\r\n" + host + b"X-Rendfly-Key: @KEY@\r\nConnection: close\r\n" +
            b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body)


CHUNKED = b"Transfer-Encoding: chunked"
SHAPES = {
    # Two lengths
    "length_and_chunked": (post(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n" + HIDDEN), REFUSED),
    "chunked_and_length": (post(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n" + HIDDEN), REFUSED),
    "two_lengths_differ": (post(b"Content-Length: 0", b"Content-Length: 49", body=HIDDEN), REFUSED),
    "two_lengths_equal": (post(b"Content-Length: 2", b"Content-Length: 2", body=b"{}"), REFUSED),
    "length_list": (post(b"Content-Length: 2, 2", body=b"{}"), REFUSED),
    "length_plus": (post(b"Content-Length: +2", body=b"{}"), REFUSED),
    "length_minus": (post(b"Content-Length: -2", body=b"{}"), REFUSED),
    "length_hex": (post(b"Content-Length: 0x2", body=b"{}"), REFUSED),
    "length_empty": (post(b"Content-Length:", body=HIDDEN), REFUSED),
    "length_huge": (post(b"Content-Length: 99999999999999999999", body=b"{}"), REFUSED),
    "length_space_inside": (post(b"Content-Length: 2 2", body=b"{}"), REFUSED),
    # Transfer-Encoding in disguise
    "te_xchunked": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN), REFUSED),
    "te_identity": (post(b"Transfer-Encoding: identity", body=HIDDEN), REFUSED),
    "te_gzip_chunked": (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), REFUSED),
    "te_twice": (post(CHUNKED, CHUNKED, body=b"0\r\n\r\n" + HIDDEN), REFUSED),
    "te_space_before_colon": (post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN), PLAIN),
    "te_tab": (post(b"Transfer-Encoding:\tchunked", body=b"0\r\n\r\n"), PLAIN),
    "te_in_http10": (post(CHUNKED, body=b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"), REFUSED),
    # Lines
    "folded_header": (post(b"X-A: 1\r\n 2", b"Content-Length: 0"), PLAIN),
    "folded_te": (post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN), REFUSED),
    "bare_cr": (post(b"X-A: 1\rX-B: 2", b"Content-Length: 0"), PLAIN),
    "bare_lf": (post(b"X-A: 1\nX-B: 2", b"Content-Length: 0"), PLAIN),
    "nul_in_value": (post(b"X-A: 1\0 2", b"Content-Length: 0"), REFUSED),
    "nul_in_name": (post(b"X\0A: 1", b"Content-Length: 0"), REFUSED),
    "no_colon": (post(b"garbage", b"Content-Length: 0"), PLAIN),
    "space_in_name": (post(b"X A: 1", b"Content-Length: 0"), PLAIN),
    # Chunks
    "chunk_hex_prefix": (post(CHUNKED, body=b"0x2\r\n{}\r\n0\r\n\r\n"), REFUSED),
    "chunk_plus": (post(CHUNKED, body=b"+2\r\n{}\r\n0\r\n\r\n"), REFUSED),
    "chunk_overflow": (post(CHUNKED, body=b"ffffffffffffffff2\r\n{}\r\n0\r\n\r\n"), REFUSED),
    "chunk_no_line_end": (post(CHUNKED, body=b"2\r\n{}GET /openai/hidden"), REFUSED),
    "chunk_bare_lf": (post(CHUNKED, body=b"2\n{}\n0\n\n"), PLAIN),
    "chunk_extension": (post(CHUNKED, body=b"2;a=\"\r\n{}\r\n0\r\n\r\n"), PLAIN),
    # Who is asked
    "no_host": (post(b"Content-Length: 0", host=b""), REFUSED),
    "two_hosts": (post(b"Content-Length: 0", b"Host: other"), REFUSED),
    "absolute_form_other_host": (
        post(b"Content-Length: 0", path=b"http://other/openai/shape"), PLAIN),
    "two_authorizations": (
        post(b"Content-Length: 0", b"Authorization: a", b"Authorization: b"), REFUSED),
    "fragment": (post(b"Content-Length: 0", path=b"/openai/shape#/../hidden"), REFUSED),
    "nul_in_path": (post(b"Content-Length: 0", path=b"/openai/a%00b"), REFUSED),
    "space_in_path": (post(b"Content-Length: 0", path=b"/openai/a b"), REFUSED),
    "http_2_preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSED),
    "connect": (b"CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n", REFUSED),
    "trace": (post(b"Content-Length: 0").replace(b"POST", b"TRACE"), REFUSED),
}

PLAIN_HEAD = re.compile(
    rb"[A-Z]+ [!-\"$-~]+ HTTP/1\.1\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n\0]*\r\n)*\r\n")


def check_plain(request):
    assert PLAIN_HEAD.fullmatch(request.head), request.head
    assert len(request.all("Host")) == 1
    assert request.header("Host").startswith("localhost:")
    assert len(request.all("Content-Length")) + len(request.all("Transfer-Encoding")) <= 1
    assert request.header("Transfer-Encoding") in (None, "chunked")
    assert len(request.all("Authorization")) <= 1
    assert request.body in (b"", b"{}")


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_refused_or_forwarded_as_one_plain_request(edge, name):
    data, expected = SHAPES[name]
    got = edge.raw(data.replace(b"@KEY@", edge.key["text"].encode()), seconds=3)
    passed = [r for r in edge.provider.requests]
    assert not any("hidden" in r.target for r in passed)
    assert len(passed) <= 1
    assert got.count(b"HTTP/1.1 200 ") == len(passed)
    if expected == REFUSED:
        assert passed == [] and b"HTTP/1.1 2" not in got
    for request in passed:
        check_plain(request)


def test_two_requests_in_a_row_stay_two(edge):
    two = post(b"Content-Length: 2", body=b"{}").replace(b"@KEY@", edge.key["text"].encode())
    one = two.replace(b"Connection: close\r\n", b"")
    got = edge.raw(one + two, seconds=3)
    assert got.count(b"HTTP/1.1 200 ") == 2
    assert len(edge.provider.requests) == 2
    assert [c.request for c in edge.collector.wait_for(2)] == [b"{}", b"{}"]


def test_a_body_without_a_key_does_not_become_a_request(edge):
    hidden = HIDDEN.replace(b"Host", b"X-Rendfly-Key: " + edge.key["text"].encode() + b"\r\nHost")
    head = b"POST /openai/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" \
           b"Content-Length: %d\r\n\r\n" % len(hidden)
    got = edge.raw(head + hidden, seconds=3)
    assert got.startswith(b"HTTP/1.1 401 ") and got.count(b"HTTP/1.1 ") == 1
    assert edge.provider.requests == []


@pytest.mark.parametrize("head", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    b"nonsense\r\n\r\n"])
def test_a_provider_with_an_ambiguous_answer_cannot_split_the_clients_connection(edge, head):
    def misbehave(request, peer):
        peer.sendall(head)
        return False

    edge.provider.behaviours["/odd"] = misbehave
    good = b"POST /openai/odd HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: @KEY@\r\n" \
           b"Connection: close\r\nContent-Length: 2\r\n\r\n{}".replace(b"@KEY@", edge.key["text"].encode())
    got = edge.raw(good, seconds=3)
    assert got.count(b"HTTP/1.1 ") == 1
    lengths = re.findall(rb"(?i)\r\ncontent-length:", got)
    chunked = re.findall(rb"(?i)\r\ntransfer-encoding:", got)
    assert len(lengths) + len(chunked) == 1
