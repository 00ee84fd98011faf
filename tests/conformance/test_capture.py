# SPDX-License-Identifier: Apache-2.0
"""What the collector gets: every byte of both bodies, once, with the right reason; nothing lost
over restarts; what cannot be kept is counted."""
import gzip
import json
import os
import signal
import subprocess
import threading
import time
import uuid

import pytest

from edge_fixture import (REFUSED, STORED, UNPARSED, answer, new_key, send_chunk, start_stream, wait_until)


def chunked(parts):
    yield from parts


@pytest.mark.parametrize("request_bytes,response_bytes", [
    (0, 0), (1, 1), (4096, 65536), (65537, 4095), (1_000_000, 3_000_000), (3_500_000, 10)])
def test_both_bodies_are_captured_byte_for_byte(edge, request_bytes, response_bytes):
    sent, answered = os.urandom(request_bytes), os.urandom(response_bytes)
    edge.provider.behaviours["/sizes"] = lambda request, peer: answer(peer, answered)
    got = edge.post("/openai/sizes", sent)
    assert got.content == answered
    assert edge.provider.requests[-1].body == sent
    capture = edge.collector.wait_for(1)[0]
    assert capture.request == sent and capture.response == answered
    assert capture.end["request_bytes"] == request_bytes
    assert capture.end["response_bytes"] == response_bytes
    assert capture.end["reason"] == "complete"


def test_a_chunked_request_is_captured_without_its_chunk_lines(edge):
    parts = [os.urandom(size) for size in (1, 70_000, 3, 16_384)]
    got = edge.post("/openai/chunked", chunked(parts))
    assert got.status == 200
    assert edge.provider.requests[-1].body == b"".join(parts)
    assert edge.collector.wait_for(1)[0].request == b"".join(parts)


def test_a_compressed_response_is_captured_as_the_provider_sent_it(edge):
    zipped = gzip.compress(b'{"a":1}' * 500)
    edge.provider.behaviours["/gzip"] = lambda request, peer: answer(
        peer, zipped, headers=["Content-Encoding: gzip", "Content-Type: application/json"])
    assert edge.post("/openai/gzip", b"{}").content == zipped
    capture = edge.collector.wait_for(1)[0]
    assert capture.response == zipped
    assert capture.end["content_encoding"] == "gzip"


def test_start_and_end_say_what_the_protocol_lists(edge):
    before_us = time.time() * 1e6
    edge.provider.behaviours["/described"] = lambda request, peer: answer(
        peer, b"{}", "202 Accepted", ["Content-Type: application/json; charset=utf-8"])
    edge.post("/openai/described?key=SECRET", b"{}", headers={
        "X-Rendfly-Conversation": 'c"1\\', "User-Agent": "agent/1 \u00e9"})
    capture = edge.collector.wait_for(1)[0]
    start, end = capture.start, capture.end
    assert set(start) == {"workspace", "project", "key", "provider", "method", "path",
                          "content_type", "content_encoding", "conversation", "started_at_us",
                          "user_agent"}
    assert set(end) == {"status", "content_type", "content_encoding", "latency_us",
                        "first_byte_us", "reason", "request_bytes", "response_bytes"}
    assert start["workspace"] == str(edge.key["workspace"])
    assert start["project"] == str(edge.key["project"])
    assert start["key"] == str(edge.key["key"])
    assert (start["provider"], start["method"], start["path"]) == ("openai", "POST", "/described")
    assert start["content_type"] == "application/json"
    assert start["conversation"] == 'c"1\\'
    assert start["user_agent"] == "agent/1 \u00e9"
    assert before_us - 1e6 < start["started_at_us"] < time.time() * 1e6 + 1e6
    assert end["status"] == 202
    assert end["content_type"].startswith("application/json")
    assert 0 < end["first_byte_us"] <= end["latency_us"] < 10e6
    assert capture.id.version == 7
    assert "SECRET" not in json.dumps(start)


def test_a_conversation_name_that_is_too_long_is_left_out_not_cut(edge):
    edge.post("/openai/x", b"{}", headers={"X-Rendfly-Conversation": "c" * 257})
    edge.post("/openai/x", b"{}", headers={"X-Rendfly-Conversation": "c" * 256})
    first, second = edge.collector.wait_for(2)
    assert first.start["conversation"] == ""
    assert second.start["conversation"] == "c" * 256


@pytest.mark.parametrize("value", [b"\xf8\x90\x80\x80", b"\xff\xbf\xbf\xbf", b"\xf4\x90\x80\x80", b"\xed\xa0\x80", b"\xc0\x80",
                                   b"\xe0\x80\x80", b"\xc3", b"ok \xf0\x9f\x98\x80 \xc3\xa9"], ids=bytes.hex)
def test_whatever_bytes_a_header_has_start_and_end_are_json(edge, value):
    """One that is none would be sent again for ever, before the captures of all workspaces."""
    edge.raw(b"POST /openai/odd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n"
             b"X-Rendfly-Key: " + edge.key["text"].encode() + b"\r\nContent-Type: " + value + b"\r\nUser-Agent: " + value +
             b"\r\nX-Rendfly-Conversation: " + value + b"\r\n\r\n{}")
    start = edge.collector.wait_for(1)[0].start
    wanted = value.decode() if value.startswith(b"ok") else value.decode("latin-1")
    assert (start["content_type"], start["user_agent"], start["conversation"]) == (wanted, wanted, wanted)


def test_refused_requests_are_not_captured(edge):
    edge.post("/openai/refused", b"{}", key="pk_live_unknown")
    edge.post("/openai/refused", b"x" * (4 * 1024 * 1024 + 1))
    edge.post("/nobody/refused", b"{}")
    edge.post("/openai/good", b"{}")
    edge.collector.wait_for_path("/good")
    assert len(edge.collector.captures) == 1


def test_each_chunk_arrives_before_the_next_one_is_sent(edge):
    go_on = threading.Semaphore(0)

    def stream(request, peer):
        start_stream(peer)
        for i in range(5):
            send_chunk(peer, b"data: %d\n\n" % i)
            assert go_on.acquire(timeout=10)
        peer.sendall(b"0\r\n\r\n")

    edge.provider.behaviours["/stream"] = stream
    with edge.connect() as client:
        client.sendall(post_head(edge, "/openai/stream", 2) + b"{}")
        seen = b""
        for i in range(5):
            while b"data: %d\n\n" % i not in seen:
                seen += client.recv(4096)
            go_on.release()
        while not seen.endswith(b"0\r\n\r\n"):
            seen += client.recv(4096)
    capture = edge.collector.wait_for(1)[0]
    assert capture.response == b"".join(b"data: %d\n\n" % i for i in range(5))
    assert capture.end["reason"] == "complete"


def post_head(edge, path, length):
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: {edge.key['text']}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def test_a_client_that_leaves_in_mid_stream_ends_the_call_and_says_client_aborted(edge):
    gone = threading.Event()

    def stream(request, peer):
        start_stream(peer)
        send_chunk(peer, b"data: first\n\n")
        try:
            peer.settimeout(10)
            if peer.recv(1) == b"":
                gone.set()
        except OSError:
            gone.set()
        return False

    edge.provider.behaviours["/left"] = stream
    client = edge.connect()
    client.sendall(post_head(edge, "/openai/left", 2) + b"{}")
    seen = b""
    while b"first" not in seen:
        seen += client.recv(4096)
    client.close()
    assert gone.wait(5), "the provider's call was not cancelled"
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "client_aborted"
    assert capture.response == b"data: first\n\n"


def test_a_client_that_leaves_before_the_answer_says_client_aborted(edge):
    edge.provider.behaviours["/early"] = lambda request, peer: peer.recv(1) and False
    client = edge.connect()
    client.sendall(post_head(edge, "/openai/early", 2) + b"{}")
    wait_until("the provider has the request", lambda: edge.provider.requests)
    client.close()
    assert edge.collector.wait_for(1)[0].end["reason"] == "client_aborted"


def test_a_client_that_leaves_in_its_body_says_client_aborted_with_what_it_sent(edge):
    client = edge.connect()
    client.sendall(post_head(edge, "/openai/half", 1000) + b"x" * 100)
    wait_until("it is in flight", lambda: edge.counters()["in_flight"] == 1)
    client.close()
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "client_aborted"
    assert capture.request == b"x" * 100


@pytest.mark.parametrize("head,part", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"only this"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"9\r\nonly this\r\n")])
def test_a_provider_that_dies_in_mid_answer_is_a_cut_for_the_client_and_upstream_aborted(
        edge, head, part):
    def die(request, peer):
        peer.sendall(head + part)
        return False

    edge.provider.behaviours["/dies"] = die
    got = edge.raw(post_head(edge, "/openai/dies", 2) + b"{}")
    assert b"only this" in got and not got.endswith(b"0\r\n\r\n")
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "upstream_aborted"
    assert capture.response == b"only this"


def test_a_provider_that_closes_without_an_answer_is_502_and_upstream_failed(edge):
    edge.provider.behaviours["/silent"] = lambda request, peer: False
    assert edge.post("/openai/silent", b"{}").status == 502
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "upstream_failed"
    assert capture.end["status"] == 502 and capture.response == b""


def test_an_answer_before_the_body_is_whole_reaches_the_client_and_is_complete(edge):
    def refuse(request, peer):
        answer(peer, b"too early", "400 Bad Request", ["Connection: close"])
        return False

    refuse.answers_before_body = True
    edge.provider.behaviours["/early"] = refuse
    with edge.connect() as client:
        client.sendall(post_head(edge, "/openai/early", 500_000) + b"x" * 1000)
        got = client.recv(4096)
    assert got.startswith(b"HTTP/1.1 400 ") and b"too early" in got
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "complete" and capture.end["status"] == 400
    assert capture.response == b"too early"


def test_a_post_is_never_sent_twice(edge):
    edge.provider.behaviours["/once"] = lambda request, peer: False
    edge.post("/openai/once", b"{}")
    assert len(edge.provider.requests) == 1


@pytest.mark.parametrize("value,counter", [(STORED, "stored"), (REFUSED, "refused"),
                                           (UNPARSED, "unparsed")])
def test_each_answer_of_the_collector_is_counted(edge, value, counter):
    before = edge.counters()
    edge.collector.answer = value
    edge.post("/openai/x", b"{}")
    wait_until("the counter moves", lambda: edge.counters()[counter] == before[counter] + 1)
    after = edge.counters()
    assert after["refused"] == before["refused"] + (value != STORED)
    assert after["forwarded"] == before["forwarded"] + 1


def test_what_has_no_ack_is_sent_again_after_a_restart_of_the_collector(edge):
    edge.collector.answer = None
    for i in range(20):
        edge.post(f"/openai/kept/{i}", os.urandom(2000))
    first = edge.collector.wait_for(20)
    assert edge.counters()["in_flight"] == 20
    edge.collector.stop()
    for i in range(20, 30):
        assert edge.post(f"/openai/kept/{i}", b"{}").status == 200
    edge.collector.captures = []
    edge.collector.answer = STORED
    edge.collector.listen()
    again = edge.collector.wait_for(30)
    assert len({c.id for c in again}) == len(again) == 30
    assert {c.start["path"] for c in again} == {f"/kept/{i}" for i in range(30)}
    before = {c.id: c for c in first}
    assert all(before[c.id].request == c.request for c in again if c.id in before)


def test_a_break_in_mid_capture_sends_it_again_whole(edge):
    edge.collector.is_reading.clear()
    sent = os.urandom(3_000_000)
    assert edge.post("/openai/big", sent).status == 200
    edge.collector.hang_up()
    edge.collector.is_reading.set()
    assert edge.collector.wait_for_path("/big").request == sent


def test_an_ack_of_something_never_sent_breaks_the_connection_and_loses_nothing(edge):
    edge.collector.answer = None
    edge.post("/openai/forged", b"{}")
    edge.collector.wait_for(1)
    peer, _ = edge.collector.unacked[0]
    edge.collector.send_ack(peer, uuid.uuid4().bytes, STORED)
    edge.collector.answer = STORED
    again = edge.collector.wait_for(2)
    assert again[0].id == again[1].id


def test_a_full_queue_drops_and_counts_and_never_slows_the_agent(own_edge):
    edge = own_edge(edge_workers=1, capture_memory_mb=1, capture_max_mb=1)
    edge.collector.answer = None
    for _ in range(30):
        assert edge.post("/openai/x", os.urandom(100_000)).status == 200
    counters = edge.counters()
    assert counters["forwarded"] == 30 and counters["dropped"] >= 15
    assert counters["in_flight"] == 30 - counters["dropped"]
    edge.collector.answer = STORED
    edge.collector.wait_for(counters["in_flight"])
    edge.collector.ack_kept()
    wait_until("memory is free again", lambda: edge.counters()["in_flight"] == 0)
    edge.post("/openai/after", b"{}")
    edge.collector.wait_for_path("/after")
    assert edge.is_balanced()


def test_a_workspace_that_fills_the_memory_leaves_some_for_another(own_edge):
    edge, other = own_edge(edge_workers=1, capture_memory_mb=1, capture_max_mb=1), new_key()
    edge.publish([edge.key, other])
    edge.collector.answer = None
    for size in (100_000, 10_000, 1_000, 1):
        for _ in range(20):
            assert edge.post("/openai/flood", os.urandom(size)).status == 200
    assert edge.counters()["dropped"] >= 20
    assert edge.post("/openai/other", os.urandom(30_000), key=other["text"]).status == 200
    assert edge.collector.wait_for_path("/other").start["workspace"] == str(other["workspace"])
    edge.collector.answer = STORED
    edge.collector.ack_kept()
    wait_until("memory is free again", lambda: edge.counters()["in_flight"] == 0)
    assert edge.is_balanced()


def test_a_capture_over_its_limit_is_dropped_and_the_agent_gets_its_answer(own_edge):
    edge = own_edge(edge_workers=1, capture_memory_mb=8, capture_max_mb=1)
    big = os.urandom(2_000_000)
    edge.provider.behaviours["/big"] = lambda request, peer: answer(peer, big)
    assert edge.post("/openai/big", b"{}").content == big
    wait_until("it is counted", lambda: edge.counters()["dropped"] == 1)
    assert edge.is_balanced() and edge.collector.captures == []


def test_without_a_collector_traffic_goes_on_and_captures_come_later(own_edge):
    edge = own_edge(edge_workers=1)
    edge.collector.stop()
    for i in range(10):
        assert edge.post(f"/openai/{i}", b"{}").status == 200
    edge.collector.listen()
    assert len({c.id for c in edge.collector.wait_for(10)}) == 10
    wait_until("all are stored", lambda: edge.counters()["stored"] == 10)


def test_an_old_key_table_stops_capture_first_and_then_traffic(own_edge):
    edge = own_edge(edge_workers=1, keytable_stale_s=10)
    edge.publish(published_at_ms=int(time.time() * 1000) - 15_000)
    wait_until("capture stops", lambda: (edge.post("/openai/x", b"{}").status,
                                         edge.counters()["dropped"])[1] > 0)
    edge.publish(published_at_ms=int(time.time() * 1000) - 21_000)
    wait_until("traffic stops", lambda: edge.post("/openai/x", b"{}").status == 503)
    assert "old_key_table" in edge.post("/openai/x", b"{}").content.decode()
    edge.publish()
    wait_until("both go on", lambda: edge.post("/openai/x", b"{}").status == 200)
    assert edge.is_balanced()


def test_a_killed_worker_leaves_its_captures_in_flight_counted_as_dropped(own_edge):
    edge = own_edge(edge_workers=1)
    edge.collector.answer = None
    edge.post("/openai/x", b"{}")
    edge.collector.wait_for(1)
    before = edge.workers()
    os.kill(before[0], signal.SIGKILL)
    wait_until("another worker serves", lambda: edge.workers() not in ([], before))
    wait_until("the loss is counted", lambda: edge.counters()["dropped"] == 1)
    edge.collector.answer = STORED
    assert edge.post("/openai/y", b"{}").status == 200
    edge.collector.wait_for_path("/y")
    assert edge.is_balanced()


def test_a_live_stream_outlives_a_reload_and_its_end_is_recorded(own_edge):
    edge = own_edge(edge_workers=1)
    go_on = threading.Event()

    def stream(request, peer):
        start_stream(peer)
        send_chunk(peer, b"data: before\n\n")
        assert go_on.wait(20)
        send_chunk(peer, b"data: after\n\n")
        peer.sendall(b"0\r\n\r\n")

    edge.provider.behaviours["/stream"] = stream
    with edge.connect() as client:
        client.sendall(post_head(edge, "/openai/stream", 2) + b"{}")
        seen = b""
        while b"before" not in seen:
            seen += client.recv(4096)
        edge.reload()
        go_on.set()
        while not seen.endswith(b"0\r\n\r\n"):
            part = client.recv(4096)
            assert part, "the stream was cut"
            seen += part
    capture = edge.collector.wait_for_path("/stream")
    assert capture.end["reason"] == "complete"
    assert capture.response == b"data: before\n\ndata: after\n\n"
    wait_until("it is stored", lambda: edge.counters()["stored"] == 1)


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_a_stream_that_is_cut_by_the_shutdown_timeout_is_recorded_and_no_worker_crashes(
        own_edge, version):
    edge = own_edge(edge_workers=1)
    edge.change_nginx("worker_shutdown_timeout 15m", "worker_shutdown_timeout 1s")
    edge.reload()
    hold = threading.Event()

    def stream(request, peer):
        start_stream(peer)
        send_chunk(peer, b"data: before\n\n")
        hold.wait(20)
        return False

    edge.provider.behaviours["/stream"] = stream
    client = subprocess.Popen(
        ["curl", "-sN", f"--http{version}", "--cacert", edge.folder / "pki/ca.crt", "-d", "{}",
         "-H", f"X-Rendfly-Key: {edge.key['text']}", f"https://localhost:{edge.port}/openai/stream"],
        stdout=subprocess.PIPE)
    assert client.stdout.readline() == b"data: before\n"
    edge.reload()
    capture = edge.collector.wait_for_path("/stream")
    hold.set()
    assert client.wait(10) != 0
    assert capture.end["reason"] == "worker_shutdown"
    assert capture.response == b"data: before\n\n"
    wait_until("it is stored", lambda: edge.counters()["stored"] == 1)
    assert edge.post("/openai/x", b"{}").status == 200


def test_a_worker_that_is_stopped_hands_over_what_it_has_and_says_worker_shutdown(own_edge):
    edge = own_edge(edge_workers=1)
    hold = threading.Event()

    def stream(request, peer):
        start_stream(peer)
        send_chunk(peer, b"data: before\n\n")
        hold.wait(20)
        return False

    edge.provider.behaviours["/stream"] = stream
    with edge.connect() as client:
        client.sendall(post_head(edge, "/openai/stream", 2) + b"{}")
        while b"before" not in client.recv(4096):
            pass
        edge.stop()
    hold.set()
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "worker_shutdown"
    assert capture.response == b"data: before\n\n"
    counters = edge.counters()
    assert counters["stored"] == 1 and counters["in_flight"] == 0


def test_counters_balance_while_many_clients_come_and_go(edge):
    def work(n):
        for i in range(25):
            if (i + n) % 5 == 0:
                client = edge.connect()
                client.sendall(post_head(edge, "/openai/x", 100) + b"part")
                client.close()
            else:
                edge.post("/openai/x", os.urandom(500))

    before = edge.counters()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    wait_until("nothing is in flight", lambda: edge.counters()["in_flight"] == 0)
    after = edge.counters()
    assert edge.is_balanced()
    assert after["forwarded"] - before["forwarded"] >= 8 * 20
    assert after["stored"] - before["stored"] == len(edge.collector.captures)
