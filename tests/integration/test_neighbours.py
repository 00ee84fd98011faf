# SPDX-License-Identifier: Apache-2.0
"""What one workspace sends keeps no other back, and leaves no endless log."""
import contextlib
import json
import socket
import struct
import subprocess
import time
import uuid

import pytest

from api_client import Api
from system import System, wait_until

BUDGET = 4096  # the least that can be set; a minute
VALUES = 300   # of a message of the greedy one


@pytest.fixture(scope="module")
def own():
    with System({"keyd_pseudonyms_per_minute": BUDGET, "rate_per_minute": 100000, "rate_burst": 100000}) as s:
        yield s


@pytest.fixture(scope="module")
def neighbour(own):
    """The ingest key of a second workspace, which has keys at keyd."""
    member = Api(own.url, own.ca)
    assert member.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    made = member.change("POST", f"/projects/{own.first_login['project']}/ingest-keys", {"name": "moves"})
    assert made.status == 201, made.body
    workspace, project = uuid.uuid4(), uuid.uuid4()
    own.sql(f"""
        set session_replication_role = replica;
        insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst)
            values ('{workspace}', 'Neighbour', 100000, 100000);
        insert into app.projects (workspace_id, project_id, name) values ('{workspace}', '{project}', 'Next door');
        update app.ingest_keys set workspace_id = '{workspace}', project_id = '{project}'
            where key_id = '{made.json["key"]["key_id"]}';
        update private.keys_version set version = version + 1;""")
    assert own.run("keys", "create", str(workspace), "--dir", own.dir).returncode == 0
    key = made.json["secret"]
    # Its key goes to the edge under the other workspace.
    wait_until("a call of the neighbour's is stored", lambda: own.chat(
        [{"role": "user", "content": f"Hello {uuid.uuid4()}"}], key=key)[0] == 200 and conversations(own, workspace))
    return str(workspace), key


def conversations(own, workspace):
    return int(own.sql(f"select count(*) from app.conversations where workspace_id = '{workspace}'")[0])


def spend(own, calls):
    """More values than the first workspace has a budget for."""
    for n in range(calls):
        said = " ".join(f"mail{n}x{i}@shop{i}.example" for i in range(VALUES))
        assert own.chat([{"role": "user", "content": said}])[0] == 200


def log(own):
    return (own.folder / "log/rendfly.log").read_text()


def test_a_workspace_over_its_budget_stands_aside_and_the_neighbours_captures_are_stored(own, neighbour):
    workspace, key = neighbour
    ours = own.first_login["workspace"]
    calls = 3 * BUDGET // VALUES
    spend(own, calls)
    wait_until("the first stands aside", lambda: "captures_stand_aside" in log(own))
    kept = conversations(own, workspace)
    for n in range(5):
        assert own.chat([{"role": "user", "content": f"What do you sell? {n} {uuid.uuid4()}"}], key=key)[0] == 200
        wait_until("the neighbour's is stored", lambda n=n: conversations(own, workspace) == kept + n + 1, 10)
    # The first one still waits, and is told of.
    behind = own.captures()
    assert behind["in_flight"] > 0 and behind["refused"] == 0
    assert conversations(own, ours) < calls
    assert "its budget at keyd is spent" in log(own)
    # What its budget gives by and by is stored: it was put off, not lost.
    before = conversations(own, ours)
    wait_until("it goes on", lambda: conversations(own, ours) > before, 90)


def refusals(own):
    return own.sql("select detail from audit.events where event = 113 order by at_us")


def test_captures_that_are_refused_leave_one_event_a_minute_and_the_count_of_all(own, neighbour):
    workspace, key = neighbour
    already = own.captures()["unparsed"]
    for n in range(30):
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "--cacert", own.ca, "-H", f"X-Rendfly-Key: {key}",
                               "-H", "Content-Type: application/json", "-d", f'{{"messages": {n}',
                               f"{own.url}/sample/v1/chat/completions"])
        assert done.returncode == 0
        if n == 0:
            wait_until("the first is recorded", lambda: own.captures()["unparsed"] == already + 1 and refusals(own))
    wait_until("all are decided", lambda: own.captures()["unparsed"] == already + 30)
    assert refusals(own) == ["1 not parsed"]
    wait_until("the rest is one event", lambda: len(refusals(own)) > 1, 90)
    assert refusals(own) == ["1 not parsed", "29 not parsed"]
    assert set(own.sql("select workspace_id from audit.events where event = 113")) == {workspace}


START, REQUEST, RESPONSE, END, ACK = range(1, 6)
STORED, UNPARSED = 1, 3


def frame(kind, capture, body):
    return struct.pack(">B16sI", kind, capture, len(body)) + body


def capture_frames(capture, head, tail):
    request = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"good morning {capture.hex()}"}]})
    answer = json.dumps({"id": "1", "object": "chat.completion", "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]})
    return (frame(START, capture, head) + frame(REQUEST, capture, request.encode()) +
            frame(RESPONSE, capture, answer.encode()) + frame(END, capture, tail))


@pytest.mark.parametrize("bad_head, bad_tail", [
    (b"{", None), (b"\xf8", None), (b"{}", None), (b'{"workspace":"no id"}', None), (b"[" * 70000, None),
    (None, b"{"), (None, b'{"status":-1}')],
    ids=["cut", "no UTF-8", "empty", "no id", "nested", "cut END", "END out of range"])
def test_what_the_edge_says_of_one_capture_keeps_no_other_back(own, bad_head, bad_tail):
    """On one connection: a capture whose description is not readable, then a good one."""
    project = own.first_login["project"]
    workspace, key = own.sql("select workspace_id, (select key_id from app.ingest_keys k where k.project_id = "
                             f"p.project_id limit 1) from app.projects p where project_id = '{project}'")[0].split("|")
    head = json.dumps({"workspace": workspace, "project": project, "key": key,
                       "started_at_us": time.time_ns() // 1000, "provider": "sample", "method": "POST",
                       "path": "/v1/chat/completions", "content_type": "application/json", "content_encoding": "",
                       "conversation": "", "user_agent": ""}).encode()
    tail = json.dumps({"status": 200, "latency_us": 10, "first_byte_us": 5, "reason": "done",
                       "content_type": "application/json", "content_encoding": ""}).encode()
    bad, good = uuid.uuid4().bytes, uuid.uuid4().bytes
    fates = {}
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as edge:
        edge.settimeout(60)
        edge.connect(f"{own.dir}/run/capture.sock")
        edge.sendall(capture_frames(bad, bad_head or head, bad_tail or tail) + capture_frames(good, head, tail))
        reader = edge.makefile("rb")
        while len(fates) < 2:
            kind, capture, length = struct.unpack(">B16sI", reader.read(21))
            assert (kind, length) == (ACK, 1)
            fates[capture] = reader.read(1)[0]
    assert fates == {bad: UNPARSED, good: STORED}
