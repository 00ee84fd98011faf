# SPDX-License-Identifier: Apache-2.0
"""A worker of a running system that is taken over: hostile code with its channel to keyd.

The worker is stopped, and the test speaks over the very descriptor that the supervisor gave it
(pidfd_getfd): whatever is sent there keyd takes for the worker's.  The sealed records are the database's own.
"""
import base64
import ctypes
import os
import signal
import socket
import time
import uuid

import pytest

from system import System, wait_until
from test_keyd import CREATE, DENIED, DESTROY, OK, REWRAP, SEAL, UNSEAL, Channel, place, text

BUDGET = 1000  # a minute, the default
UNSEAL_POLICY, ROTATE_TOKENS = 13, 44
KEYD_CHANNEL = 3
SYS_PIDFD_GETFD = 438
SEALED = (("system_messages", "system_message_id", "sealed"), ("rules", "rule_id", "sealed"))

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="takes a descriptor out of another process: root only")


@pytest.fixture(scope="module")
def own():
    with System() as system:
        for n in range(3):
            assert system.chat([{"role": "system", "content": f"You are agent {n}. Be polite. Never promise a refund."},
                                {"role": "user", "content": "Hello"}])[0] == 200
        wait_until("rules are stored", lambda: int(system.sql("select count(*) from app.rules")[0]) >= 6)
        wait_until("all is judged", lambda: system.jobs_waiting() == 0)
        yield system


class TakenOver(Channel):
    """The worker's channel, in our hands; the worker itself does nothing any more."""

    def __init__(self, system, role):
        self.system, self.role = system, role
        self.pid = wait_until(f"{role} runs", lambda: system.processes()[role]["pid"])
        os.kill(self.pid, signal.SIGSTOP)
        worker = os.pidfd_open(self.pid)
        fd = ctypes.CDLL(None, use_errno=True).syscall(SYS_PIDFD_GETFD, worker, KEYD_CHANNEL, 0)
        os.close(worker)
        assert fd >= 0, os.strerror(ctypes.get_errno())
        super().__init__(socket.socket(fileno=fd))
        self.sock.settimeout(20)
        self.last = 0x70000000  # no answer to the worker's own requests is taken for one of ours

    def ask(self, kind, body=b""):
        """Past answers that the worker did not fetch."""
        self.send(kind, body)
        while True:
            answer = self.sock.recv(200000)
            if not answer:
                raise EOFError
            if int.from_bytes(answer[4:8], "big") == self.last:
                return answer[3], answer[8:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()
        os.kill(self.pid, signal.SIGKILL)
        wait_until("another one serves", lambda: self.system.processes()[self.role]["pid"] not in (0, self.pid), 20)


def records(system, tables=SEALED):
    found = []
    for table, row, column in tables:
        found += [(place(uuid.UUID(w).bytes, table, column, uuid.UUID(r).bytes), base64.b64decode(record))
                  for w, r, record in (line.split("|") for line in system.sql(
                      f"select workspace_id, {row}, translate(encode({column}, 'base64'), E'\\n', '') from app.{table}"))]
    assert found
    return found


def log_lines(system, event, role):
    return [line for line in (system.folder / "log/rendfly.log").read_text().splitlines()
            if f" {event} " in line and f'"{role}"' in line]


def refusals(system, role):
    """The workspaces that keyd's lines about a spent budget of this caller name."""
    return [line.split('workspace="')[1].split('"')[0] for line in log_lines(system, "keyd_refused", role)
            if 'why="budget"' in line]


def in_bulk(worker, kind, wanted, n):
    """What n requests for one sealed value after the other gave, and how many the budget allows in that time."""
    began, answers = time.monotonic(), []
    for i in range(n):
        at, record = wanted[i % len(wanted)]
        answers.append(worker.ask(kind, at + text(record) + text("hostile"))[0])
    return answers, BUDGET + int((time.monotonic() - began) * BUDGET / 60) + 1


@pytest.mark.parametrize("role", ["api", "judge"])
def test_what_is_opened_for_a_taken_over_worker_ends_with_its_budget_and_is_logged(own, role):
    sealed = records(own)
    with TakenOver(own, role) as worker:
        answers, allowed = in_bulk(worker, UNSEAL, sealed, 3 * BUDGET)
        assert 0 < answers.count(OK) <= allowed
        assert answers.count(DENIED) == len(answers) - answers.count(OK) > BUDGET
        # The budget is the workspace's, whatever reason is given, and there is no other way to a plaintext.
        at, record = sealed[0]
        spent = [worker.ask(UNSEAL, at + text(record) + text(f"reason {n}"))[0] for n in range(50)]
        assert spent.count(OK) <= 2
    wait_until("it is in the log", lambda: refusals(own, role))
    assert set(refusals(own, role)) == {own.first_login["workspace"]}
    # Meanwhile, and afterwards, agents are served.
    assert own.chat([{"role": "user", "content": "Still there?"}])[0] == 200


def test_a_taken_over_collector_has_nothing_opened_but_policies_within_its_budget(own):
    sealed = records(own)
    with TakenOver(own, "collector") as worker:
        # A policy that it sealed itself: there is none to steal, and the way to open one is the same.
        w, row = uuid.UUID(own.first_login["workspace"]).bytes, uuid.uuid4().bytes
        at = place(w, "redaction_policies", "sealed", row)
        error, policy = worker.ask(SEAL, at + text("{}"))
        assert error == OK
        answers, allowed = in_bulk(worker, UNSEAL_POLICY, [(at, policy)], 2 * BUDGET)
        assert 0 < answers.count(OK) <= allowed and answers.count(DENIED) > BUDGET // 2
        # Nothing else opens that way, whether or not there is budget left.
        assert {worker.ask(UNSEAL_POLICY, at + text(record) + text("hostile"))[0] for at, record in sealed} == {DENIED}
    wait_until("it is in the log", lambda: refusals(own, "collector"))


@pytest.mark.parametrize("role, kind", [("collector", UNSEAL), ("collector", REWRAP), ("judge", SEAL), ("api", REWRAP),
                                        ("api", DESTROY), ("api", ROTATE_TOKENS), ("judge", CREATE), ("steward", UNSEAL)])
def test_a_taken_over_worker_that_asks_for_what_is_not_its_own_loses_its_channel(own, role, kind):
    at, record = records(own)[0]
    with TakenOver(own, role) as worker:
        with pytest.raises((EOFError, ConnectionError)):
            worker.ask(kind, at + text(record) + text("hostile"))
    wait_until("it is in the log", lambda: log_lines(own, "peer_ended", role))
