# SPDX-License-Identifier: Apache-2.0
"""keyd, spoken to over its own channels by a supervisor that the test plays."""
import array
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading
import uuid

import pytest

from system import wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("RENDFLY", str(ROOT / "build/rendfly"))

ROLES = {"supervisor": 0, "edge": 1, "collector": 2, "api": 3, "judge": 4, "steward": 5, "keyd": 6, "setup": 7, "operator": 8}
PEER, CONTEXT, SEAL, UNSEAL, MACS, SIGN, TOKEN_KEY, INGEST_HASH, PEPPER, CONTEXT_KEY, CREATE = range(1, 12)
SEAL_SUBJECT, SUBJECT_DESTROY = 16, 17
REWRAP, REWRAP_DUE, ROTATE, RETIRE, DESTROY = 14, 15, 40, 41, 42
OK, DENIED, NOT_FOUND, CONFLICT, BUSY, GONE = 0, 4, 5, 6, 7, 10


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(value)) + value


class Channel:
    def __init__(self, sock):
        self.sock, self.last = sock, 0

    def send(self, kind, body=b""):
        self.last += 1
        self.sock.send(struct.pack(">BBBBI", 1, kind, 0, 0, self.last) + body)

    def ask(self, kind, body=b""):
        self.send(kind, body)
        answer = self.sock.recv(200000)
        if not answer:
            raise EOFError
        version, answered, is_reply, error, request = struct.unpack(">BBBBI", answer[:8])
        assert (version, answered, is_reply, request) == (1, kind, 1, self.last)
        return error, answer[8:]


class Keyd:
    def __init__(self, folder, settings=""):
        self.folder, self.process = folder, None
        (folder / "rendfly.conf").write_text(settings)
        subprocess.run([PROGRAM, "keys", "init", "--dir", str(folder)], check=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "rendfly-keyd:", str(folder / "keys")], check=True)
        self.start()

    def start(self):
        self.supervisor, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.supervisor.settimeout(20)
        os.set_inheritable(theirs.fileno(), True)
        fd = theirs.fileno()
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$0" keyd --dir "$1" 3<&{fd}' + (f" {fd}<&-" if fd != 3 else ""),
             PROGRAM, str(self.folder)], pass_fds=(fd,), stderr=open(self.folder / "stderr", "ab"))
        theirs.close()

    def channel(self, role):
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.settimeout(20)
        self.supervisor.sendmsg([struct.pack(">BBBBI", 1, PEER, 0, 0, 0) + bytes([ROLES[role]])],
                                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))])
        theirs.close()
        return Channel(mine)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def keyd(tmp_path):
    os.chmod(tmp_path, 0o755)
    k = Keyd(tmp_path)
    yield k
    k.stop()


def place(workspace, table="system_messages", column="sealed", row=b"r" * 16):
    return workspace + text(table) + text(column) + row


@pytest.fixture
def workspace(keyd):
    w = uuid.uuid4().bytes
    assert keyd.channel("setup").ask(CREATE, w) == (OK, b"")
    return w


def test_what_was_sealed_opens_where_it_lives_and_nowhere_else(keyd, workspace):
    error, record = keyd.channel("collector").ask(SEAL, place(workspace) + text("be kind"))
    assert error == OK and b"be kind" not in record
    judge = keyd.channel("judge")
    assert judge.ask(UNSEAL, place(workspace) + text(record) + text("judging")) == (OK, b"be kind")
    for other in (place(workspace, table="rules"), place(workspace, column="x"), place(workspace, row=b"s" * 16)):
        assert judge.ask(UNSEAL, other + text(record) + text("judging")) == (DENIED, b"")


def test_a_workspace_without_a_key_gets_nothing(keyd, workspace):
    assert keyd.channel("collector").ask(SEAL, place(uuid.uuid4().bytes) + text("x"))[0] == NOT_FOUND


def test_a_workspace_gets_one_key(keyd, workspace):
    assert keyd.channel("setup").ask(CREATE, workspace)[0] == CONFLICT


@pytest.mark.parametrize("role, kind", [
    ("collector", UNSEAL), ("judge", SEAL), ("api", CONTEXT_KEY), ("collector", PEPPER), ("judge", SIGN),
    ("steward", MACS), ("edge", CONTEXT), ("api", ROTATE), ("setup", DESTROY), ("steward", RETIRE), ("api", REWRAP),
    ("operator", UNSEAL), ("api", SUBJECT_DESTROY), ("collector", SEAL_SUBJECT), ("operator", CONTEXT), ("steward", UNSEAL), ("judge", CREATE), ("api", PEER), ("api", 77)])
def test_a_request_that_is_not_the_peers_ends_its_channel(keyd, workspace, role, kind):
    channel = keyd.channel(role)
    channel.send(kind, b"")
    assert channel.sock.recv(100) == b""
    assert keyd.channel("api").ask(TOKEN_KEY)[0] == OK


def test_a_body_with_bytes_left_over_ends_the_channel(keyd, workspace):
    channel = keyd.channel("collector")
    channel.send(SEAL, place(workspace) + text("x") + b"y")
    assert channel.sock.recv(100) == b""


def test_bulk_unsealing_meets_a_budget(keyd, workspace):
    record = keyd.channel("collector").ask(SEAL, place(workspace) + text("x"))[1]
    judge = keyd.channel("judge")
    results = [judge.ask(UNSEAL, place(workspace) + text(record) + text("judging"))[0] for _ in range(1500)]
    assert results[:1000] == [OK] * 1000
    assert results.count(DENIED) > 300
    # Another caller has a budget of its own.
    assert keyd.channel("api").ask(UNSEAL, place(workspace) + text(record) + text("shown"))[0] == OK


def test_pseudonyms_in_bulk_meet_a_budget_and_are_put_off(tmp_path):
    """Each is an attempt to guess a value that was replaced."""
    os.chmod(tmp_path, 0o755)
    k = Keyd(tmp_path, "keyd_pseudonyms_per_minute = 4096\n")
    try:
        w = uuid.uuid4().bytes
        k.channel("setup").ask(CREATE, w)
        collector = k.channel("collector")
        ask = w + bytes([1]) + struct.pack(">I", 512) + text("guess") * 512
        results = [collector.ask(MACS, ask)[0] for _ in range(20)]
        assert results[:8] == [OK] * 8 and results[9:] == [BUSY] * 11
        # What is no guess has a budget of its own.
        assert collector.ask(MACS, w + bytes([2]) + struct.pack(">I", 1) + text("digest"))[0] == OK
    finally:
        k.stop()


def test_what_an_old_key_sealed_opens_and_is_sealed_anew_without_leaving(keyd, workspace):
    collector, judge, steward = keyd.channel("collector"), keyd.channel("judge"), keyd.channel("steward")
    operator = keyd.channel("operator")
    old = collector.ask(SEAL, place(workspace) + text("be kind"))[1]
    error, key = operator.ask(ROTATE, workspace)
    assert error == OK and len(key) == 16
    assert judge.ask(UNSEAL, place(workspace) + text(old) + text("judging")) == (OK, b"be kind")
    assert steward.ask(REWRAP_DUE, bytes(16)) == (OK, workspace + key)
    error, new = steward.ask(REWRAP, place(workspace) + text(old))
    assert error == OK and new[1:17] == key and b"be kind" not in new
    assert steward.ask(REWRAP, place(workspace) + text(new))[0] == CONFLICT
    assert steward.ask(REWRAP, place(workspace, row=b"s" * 16) + text(old))[0] == DENIED
    assert judge.ask(UNSEAL, place(workspace) + text(new) + text("judging")) == (OK, b"be kind")
    assert operator.ask(RETIRE, workspace + old[1:17])[0] == BUSY
    assert operator.ask(RETIRE, workspace + key)[0] == CONFLICT


def test_a_destroyed_workspace_gets_no_context_and_opens_nothing_even_with_yesterdays_keyring(keyd, workspace):
    record = keyd.channel("collector").ask(SEAL, place(workspace) + text("be kind"))[1]
    yesterday = {name: (keyd.folder / "keys" / name).read_bytes() for name in ("keyring", "keyring.1")}
    assert keyd.channel("operator").ask(DESTROY, workspace) == (OK, b"")
    open_it = place(workspace) + text(record) + text("judging")
    judge = keyd.channel("judge")
    assert judge.ask(UNSEAL, open_it) == (GONE, b"")
    assert judge.ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == GONE
    assert keyd.channel("collector").ask(SEAL, place(workspace) + text("x"))[0] == GONE
    assert keyd.channel("setup").ask(CREATE, workspace)[0] == GONE
    keyd.stop()
    # The record file of yesterday in the place that is read today.
    (keyd.folder / "keys/keyring").write_bytes(yesterday["keyring.1"])
    keyd.start()
    assert keyd.channel("judge").ask(UNSEAL, open_it) == (DENIED, b"")


def test_killed_keyd_comes_back_with_the_same_keys(keyd, workspace):
    record = keyd.channel("collector").ask(SEAL, place(workspace) + text("still here"))[1]
    key = keyd.channel("api").ask(TOKEN_KEY)[1]
    keyd.process.send_signal(signal.SIGKILL)
    keyd.process.wait()
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY)[1] == key
    assert keyd.channel("judge").ask(UNSEAL, place(workspace) + text(record) + text("judging"))[1] == b"still here"


def test_a_record_that_a_crash_cut_is_dropped_and_the_rest_stays(keyd, workspace):
    keyd.process.kill()
    keyd.process.wait()
    with open(keyd.folder / "keys/keyring.1", "ab") as ring:
        ring.write(b"RK\x02\x01" + b"half a record")
    keyd.start()
    assert keyd.channel("collector").ask(SEAL, place(workspace) + text("x"))[0] == OK
    assert keyd.channel("setup").ask(CREATE, uuid.uuid4().bytes)[0] == OK


def test_the_same_value_has_the_same_mac_in_a_workspace_and_another_elsewhere(keyd, workspace):
    other = uuid.uuid4().bytes
    keyd.channel("setup").ask(CREATE, other)
    collector = keyd.channel("collector")

    def macs(w, purpose):
        return collector.ask(MACS, w + bytes([purpose]) + struct.pack(">I", 2) + text("a") + text("b"))[1]

    assert macs(workspace, 1) == macs(workspace, 1) and len(macs(workspace, 1)) == 64
    assert len({macs(w, p) for w in (workspace, other) for p in (1, 2, 3)}) == 6


def test_the_process_is_confined(keyd, workspace):
    status = pathlib.Path(f"/proc/{keyd.process.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Seccomp"] == "2" and fields["NoNewPrivs"] == "1" and int(fields["CapEff"], 16) == 0
    if os.geteuid() == 0:
        assert fields["Uid"].split()[0] != "0"


def test_no_purpose_or_root_key_can_be_read_from_its_memory(keyd, workspace):
    """The pepper is a key that keyd hands to the steward: its bytes must stand nowhere in readable memory."""
    pepper = keyd.channel("steward").ask(PEPPER)[1]
    assert len(pepper) == 32
    if os.geteuid() != 0:
        pytest.skip("reading another process's memory needs root")
    pid, found = keyd.process.pid, 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if "r" not in line.split()[1] or "[v" in line:
                continue
            try:
                memory.seek(start)
                here = memory.read(end - start).count(pepper)
                found += here
            except OSError:
                continue
    assert found == 0


def open_descriptors(keyd):
    return len(os.listdir(f"/proc/{keyd.process.pid}/fd"))


def test_a_peer_that_never_reads_its_answers_holds_nobody_up(keyd, workspace):
    greedy, judge = keyd.channel("collector"), keyd.channel("judge")
    for _ in range(300):
        greedy.send(SEAL, place(workspace) + text(b"x" * 50000))
        assert judge.ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    # More than a socket holds was asked for, so answers were dropped; it may still go on.
    assert greedy.sock.recv(200000)[:4] == struct.pack(">BBBB", 1, SEAL, 1, OK)


def test_a_new_channel_that_says_nothing_yet_holds_nobody_up(keyd, workspace):
    old = keyd.channel("api")
    judge = keyd.channel("judge")
    assert old.ask(TOKEN_KEY)[0] == OK and judge.ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    # keyd finds both at once: the old channel's end and the new channel.
    keyd.process.send_signal(signal.SIGSTOP)
    old.sock.close()
    silent = keyd.channel("api")
    keyd.process.send_signal(signal.SIGCONT)
    assert judge.ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    assert silent.ask(TOKEN_KEY)[0] == OK


def test_a_new_channel_of_a_role_takes_the_place_of_the_old(keyd, workspace):
    old, new = keyd.channel("judge"), keyd.channel("judge")
    assert new.ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    assert old.sock.recv(100) == b""


@pytest.mark.parametrize("count", [1, 2, 5])
def test_descriptors_that_a_peer_sends_end_its_channel_and_are_closed(keyd, workspace, count):
    if os.geteuid() != 0:
        pytest.skip("looking at another user's process needs root")
    assert keyd.channel("judge").ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    hostile = keyd.channel("api")
    assert hostile.ask(TOKEN_KEY)[0] == OK
    before = open_descriptors(keyd)
    with open("/dev/null") as null:
        hostile.sock.sendmsg([struct.pack(">BBBBI", 1, TOKEN_KEY, 0, 0, 9)],
                             [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null.fileno()] * count))])
        assert hostile.sock.recv(100) == b""
    assert keyd.channel("judge").ask(CONTEXT, workspace + struct.pack(">I", 1))[0] == OK
    wait_until("all that it sent is closed", lambda: open_descriptors(keyd) == before - 1, 20)


def test_keyd_ends_with_its_supervisor(keyd, workspace):
    keyd.supervisor.close()
    assert keyd.process.wait(20) == 0


@pytest.mark.parametrize("packet", [
    struct.pack(">BBBBI", 1, PEER, 0, 0, 0) + bytes([ROLES["api"]]),  # and no descriptor
    struct.pack(">BBBBI", 1, PEER, 0, 0, 0) + bytes([99]),
    struct.pack(">BBBBI", 1, TOKEN_KEY, 0, 0, 0),
    b"short"])
def test_a_supervisor_that_talks_nonsense_is_not_served(keyd, workspace, packet):
    keyd.supervisor.send(packet)
    assert keyd.process.wait(20) == 1


def test_no_role_may_be_given_the_supervisors_or_keyds_own_name(keyd, workspace):
    for role in ("supervisor", "keyd"):
        try:
            channel = keyd.channel(role)
            assert channel.sock.recv(100) == b""
        except BrokenPipeError:
            pass
        assert keyd.process.wait(20) == 1
        keyd.start()


def test_workspaces_that_were_acknowledged_survive_kill_9_at_any_moment(keyd, workspace):
    acknowledged = [workspace]
    for attempt in range(5):
        setup = keyd.channel("setup")
        killer = threading.Timer(0.02 * (attempt + 1), keyd.process.kill)
        try:
            while True:
                w = uuid.uuid4().bytes
                if setup.ask(CREATE, w)[0] == OK:
                    acknowledged.append(w)
                if killer.ident is None:  # at any moment behind the first
                    killer.start()
        except (EOFError, OSError):
            pass
        killer.join()
        keyd.process.wait()
        keyd.start()
    assert len(acknowledged) > 5
    collector = keyd.channel("collector")
    for w in acknowledged:
        assert collector.ask(SEAL, place(w) + text("x"))[0] == OK
    listed = subprocess.run([PROGRAM, "keys", "list", "--dir", str(keyd.folder)], check=True,
                            capture_output=True, text=True).stdout
    assert all(str(uuid.UUID(bytes=w)) in listed for w in acknowledged)


def test_a_refused_bulk_is_logged_once_a_second_and_not_once_each(keyd, workspace):
    judge = keyd.channel("judge")
    bogus = b"\x01" + b"k" * 120
    for _ in range(1200):
        assert judge.ask(UNSEAL, place(workspace) + text(bogus) + text("judging"))[0] == DENIED
    lines = [line for line in (keyd.folder / "stderr").read_text().splitlines() if "keyd_refused" in line]
    assert 1 <= len(lines) < 200
    assert str(uuid.UUID(bytes=workspace)) in lines[0] and 'caller="judge"' in lines[0]


def test_the_context_is_what_the_database_checks(keyd, workspace):
    import hashlib
    import hmac
    import time
    key = keyd.channel("setup").ask(CONTEXT_KEY)[1]
    error, context = keyd.channel("judge").ask(CONTEXT, workspace + struct.pack(">I", 4711))
    head, mac = context.decode().rsplit("|", 1)
    assert error == OK and hmac.new(key, head.encode(), hashlib.sha256).hexdigest() == mac
    named, role, pid, expiry = head.split("|")
    assert (named, role, pid) == (str(uuid.UUID(bytes=workspace)), "rendfly_judge", "4711")
    assert 0 < int(expiry) - time.time() <= 31


def sealed_columns():
    """Every column that the schema calls sealed: a new one is a part of the campaign at once."""
    texts = "".join(path.read_text() for path in sorted((ROOT / "sql/migrations").glob("*.sql")))
    found = re.findall(r"comment on column \w+\.(\w+)\.(\w+) is 'class=sealed", texts)
    assert len(found) >= 5
    return sorted(set(found))


@pytest.fixture
def generous(tmp_path):
    os.chmod(tmp_path, 0o755)
    k = Keyd(tmp_path, "keyd_unseals_per_minute = 1000000\n")
    yield k
    k.stop()


def test_a_record_opens_in_its_column_row_workspace_and_version_and_nowhere_else(generous):
    ours, theirs = uuid.uuid4().bytes, uuid.uuid4().bytes
    setup, collector, judge = generous.channel("setup"), generous.channel("collector"), generous.channel("judge")
    operator = generous.channel("operator")
    assert setup.ask(CREATE, ours)[0] == OK and setup.ask(CREATE, theirs)[0] == OK
    columns = sealed_columns()
    old = {at: collector.ask(SEAL, place(ours, *at) + text("a secret"))[1] for at in columns}
    old_key = next(iter(old.values()))[1:17]
    new_key = operator.ask(ROTATE, ours)[1]
    new = {at: collector.ask(SEAL, place(ours, *at) + text("a secret"))[1] for at in columns}
    refused = 0
    for records, other_key in ((old, new_key), (new, old_key)):
        for at, record in records.items():
            opened = judge.ask(UNSEAL, place(ours, *at) + text(record) + text("drill"))
            assert opened == (OK, b"a secret")
            moved = [(place(ours, *to), record) for to in columns if to != at]
            moved += [(place(ours, *at, row=b"q" * 16), record), (place(theirs, *at), record),
                      (place(ours, *at), record[:1] + other_key + record[17:]),
                      (place(ours, *at), record[:1] + uuid.uuid4().bytes + record[17:])]
            for where, what in moved:
                assert judge.ask(UNSEAL, where + text(what) + text("drill")) == (DENIED, b"")
                refused += 1
    assert refused >= 2 * len(columns) * (len(columns) + 3)


def test_no_flipped_bit_of_a_record_is_accepted_and_all_are_refused_alike(generous):
    w = uuid.uuid4().bytes
    generous.channel("setup").ask(CREATE, w)
    record = generous.channel("collector").ask(SEAL, place(w) + text("x" * 60))[1]
    judge = generous.channel("judge")
    for bit in range(8 * len(record)):
        changed = bytearray(record)
        changed[bit // 8] ^= 1 << bit % 8
        assert judge.ask(UNSEAL, place(w) + text(bytes(changed)) + text("drill")) == (DENIED, b"")
    assert 8 * len(record) > 1100


def test_what_was_sealed_for_a_destroyed_subject_opens_no_more_and_all_else_does(keyd, workspace):
    api, judge, operator = keyd.channel("api"), keyd.channel("judge"), keyd.channel("operator")
    eva, max_ = uuid.uuid4().bytes, uuid.uuid4().bytes
    at = place(workspace, "events", "source")

    def seal(subject):
        error, record = api.ask(SEAL_SUBJECT, at + text("192.0.2.7") + subject)
        assert error == OK
        return record

    def opened(record):
        return judge.ask(UNSEAL, at + text(record) + text("drill"))
    evas, maxs, common = [seal(eva) for _ in range(3)], seal(max_), api.ask(SEAL, at + text("192.0.2.7"))[1]
    assert len({r[1:17] for r in evas}) == 1 and len({evas[0][1:17], maxs[1:17], common[1:17]}) == 3
    # A rotation of the workspace's key leaves the subjects' alone, and so does the steward.
    assert operator.ask(ROTATE, workspace)[0] == OK
    assert keyd.channel("steward").ask(REWRAP, at + text(evas[0]))[0] == CONFLICT
    yesterday = (keyd.folder / "keys/keyring.1").read_bytes()
    assert operator.ask(SUBJECT_DESTROY, workspace + eva) == (OK, b"")
    assert operator.ask(SUBJECT_DESTROY, workspace + eva)[0] == GONE
    assert operator.ask(SUBJECT_DESTROY, workspace + uuid.uuid4().bytes)[0] == NOT_FOUND
    for _ in range(2):
        assert [opened(record) for record in evas] == [(GONE, b"")] * 3
        assert opened(maxs) == opened(common) == (OK, b"192.0.2.7")
        assert api.ask(SEAL_SUBJECT, at + text("x") + eva)[0] == GONE
        assert keyd.channel("steward").ask(REWRAP, at + text(evas[0]))[0] == CONFLICT
        keyd.stop()
        keyd.start()
        api, judge = keyd.channel("api"), keyd.channel("judge")
    keyd.stop()
    (keyd.folder / "keys/keyring").write_bytes(yesterday)
    keyd.start()
    judge = keyd.channel("judge")
    assert [opened(record) for record in evas] == [(DENIED, b"")] * 3
