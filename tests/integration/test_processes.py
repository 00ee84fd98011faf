# SPDX-License-Identifier: Apache-2.0
"""The processes: confined, back when killed, one supervisor for a folder, a clean stop."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest

from system import PROGRAM, ROOT, System, wait_until

ROLES = ("collector", "api", "judge", "steward", "keyd", "edge")


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System() as s:
        yield s


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_each_role_runs_as_a_user_of_its_own_without_rights(own):
    users = {}
    for role in ROLES + ("sample", "postgres"):
        pid = own.processes()[role]["pid"]
        wait_until(f"{role} has a user of its own", lambda: status(pid)["Uid"].split()[0] != "0", 20)
        wait_until(f"{role} has no rights", lambda: int(status(pid)["CapBnd"], 16) == 0, 20)
        fields = status(pid)
        users[role] = fields["Uid"].split()[0]
        assert fields["NoNewPrivs"] == "1", role
        assert int(fields["CapEff"], 16) == 0, role
    assert len(set(users.values())) == len(users)


@pytest.mark.parametrize("role", ["collector", "judge", "keyd"])
def test_a_system_call_filter_is_on(own, role):
    wait_until("the filter is on", lambda: status(own.processes()[role]["pid"])["Seccomp"] == "2", 20)


def test_what_stands_behind_agents_traffic_gives_way_to_it(own):
    behind = ("collector", "postgres", "judge")
    at = {role: os.getpriority(os.PRIO_PROCESS, p["pid"]) for role, p in own.processes().items()}
    assert at["edge"] < 0 < min(at[role] for role in behind)
    session = pathlib.Path(f"/proc/{own.processes()['edge']['pid']}/autogroup")
    if not session.exists():
        return
    for role in ("edge", *behind):
        nice = pathlib.Path(f"/proc/{own.processes()[role]['pid']}/autogroup").read_text().split()[-1]
        assert int(nice) == at[role]


def test_the_share_of_postgresql_in_storing_and_judging_gives_way_as_they_do(own):
    """Each of its processes is a session of its own, which the kernel begins at 0."""
    if not pathlib.Path("/proc/self/autogroup").exists():
        pytest.skip("this kernel shares the processor between processes, not sessions")
    wanted = {role: os.getpriority(os.PRIO_PROCESS, own.processes()[role]["pid"])
              for role in ("collector", "judge", "api")}

    def given():
        server = own.processes()["postgres"]["pid"]
        found = {}
        for pid in pathlib.Path(f"/proc/{server}/task/{server}/children").read_text().split():
            title = pathlib.Path(f"/proc/{pid}/cmdline").read_text()
            session = pathlib.Path(f"/proc/{pid}/autogroup").read_text().split()[-1]
            found.update({role: int(session) for role in wanted if title.startswith(f"postgres: rendfly_{role} ")})
        return found
    wait_until("every session has the niceness of the role that it serves", lambda: given() == wanted, 20)


@pytest.mark.parametrize("role", ROLES)
def test_no_process_can_be_dumped_or_read_by_its_own_user(own, role):
    """A process that is not dumpable has its /proc files owned by root."""
    assert os.stat(f"/proc/{own.processes()[role]['pid']}/mem").st_uid == 0


@pytest.mark.parametrize("role", ROLES)
def test_killed_it_is_back_and_nothing_acknowledged_is_lost(own, role):
    before = int(own.sql("select count(*) from app.exchanges")[0])
    assert own.chat([{"role": "user", "content": f"before {role} ends"}])[0] == 200
    wait_until("stored", lambda: own.captures()["in_flight"] == 0)
    pid = own.kill(role)
    wait_until(f"{role} is back", lambda: own.processes()[role]["pid"] not in (0, pid), 5)
    wait_until("the edge answers", lambda: own.chat([{"role": "user", "content": f"after {role}"}])[0] == 200, 20)
    wait_until("stored", lambda: own.captures()["in_flight"] == 0)
    sums = own.captures()
    assert sums["forwarded"] == sums["stored"] + sums["dropped"] + sums["refused"]
    assert sums["dropped"] == 0
    assert int(own.sql("select count(*) from app.exchanges")[0]) >= before + 2


def family(pid):
    """A process and its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [int(child) for child in children]


@contextlib.contextmanager
def stopped(s, role):
    pids = family(s.processes()[role]["pid"])
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def balance(s):
    sums = s.captures()
    assert sums["forwarded"] == sums["stored"] + sums["dropped"] + sums["refused"] + sums["in_flight"], sums
    return sums


def test_agents_go_on_while_postgresql_is_down_and_their_captures_wait(own):
    before = int(own.sql("select count(*) from app.exchanges")[0])
    with stopped(own, "postgres"):
        for i in range(5):
            assert own.chat([{"role": "user", "content": f"question {i} while the database is away"}])[0] == 200
        assert balance(own)["in_flight"] == 5
    wait_until("all is stored", lambda: int(own.sql("select count(*) from app.exchanges")[0]) == before + 5)
    assert own.captures()["dropped"] == 0


def test_a_killed_postgresql_is_back_and_captures_go_on_by_themselves(own):
    before = balance(own)
    own.kill("postgres")
    assert own.chat([{"role": "user", "content": "while the database is gone"}])[0] == 200
    wait_until("all is stored", lambda: balance(own)["stored"] == before["stored"] + 1)
    assert own.chat([{"role": "user", "content": "afterwards"}])[0] == 200
    wait_until("all is stored", lambda: balance(own)["stored"] == before["stored"] + 2)
    assert own.captures()["dropped"] == before["dropped"]


def test_past_their_memory_captures_are_dropped_and_counted_and_it_all_resumes():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System(settings={"capture_memory_mb": 1, "capture_max_mb": 1}) as s:
        long = "a long question " * 6000
        with stopped(s, "postgres"):
            wait_until("some are dropped", lambda: s.chat(
                [{"role": "user", "content": long}])[0] == 200 and balance(s)["dropped"] > 0)
        wait_until("what waited is stored", lambda: balance(s)["in_flight"] == 0)
        sums = s.captures()
        assert sums["stored"] > 0 and sums["refused"] == 0
        assert s.chat([{"role": "user", "content": "and after it"}])[0] == 200
        wait_until("it is stored", lambda: balance(s)["stored"] == sums["stored"] + 1)
        assert s.captures()["dropped"] == sums["dropped"]


def test_a_stopped_collector_holds_up_no_agent_and_loses_nothing(own):
    before = balance(own)
    with stopped(own, "collector"):
        for i in range(5):
            assert own.chat([{"role": "user", "content": f"question {i} while nobody collects"}])[0] == 200
        assert balance(own)["in_flight"] == 5
        own.kill("collector")
    wait_until("all is stored", lambda: balance(own)["stored"] == before["stored"] + 5)


def test_turns_that_waited_for_the_database_are_put_together_as_ever(own):
    before = set(own.sql("select conversation_id from app.conversations"))
    said = []
    with stopped(own, "postgres"):
        for i in range(12):
            said.append({"role": "user", "content": f"turn {i} of one chat"})
            status, body = own.chat(said)
            assert status == 200
            said.append(json.loads(body)["choices"][0]["message"])
    wait_until("all is stored", lambda: balance(own)["in_flight"] == 0)
    new = set(own.sql("select conversation_id from app.conversations")) - before
    assert len(new) == 1
    assert own.sql(f"select message_count, exchange_count from app.conversations where conversation_id = '{new.pop()}'"
                   ) == ["24|12"]


def test_a_revoked_key_is_refused_and_a_restored_one_taken_without_a_reload(own):
    edge = own.processes()["edge"]["pid"]
    workers = family(edge)
    hello = [{"role": "user", "content": "hello"}]
    assert own.chat(hello)[0] == 200
    own.sql("update app.ingest_keys set revoked_at = now()")
    status, body = wait_until("it is refused", lambda: (got := own.chat(hello))[0] == 401 and got, 5)
    assert "X-Rendfly-Key" in body
    own.sql("update app.ingest_keys set revoked_at = null")
    wait_until("it is taken again", lambda: own.chat(hello)[0] == 200, 5)
    assert own.processes()["edge"]["pid"] == edge and family(edge) == workers


def test_a_second_supervisor_is_refused_with_the_remedy(own):
    done = own.run("supervisor", "--dir", own.dir)
    assert done.returncode == 1
    assert "another supervisor runs" in done.stderr and "--dir" in done.stderr


def test_a_second_make_run_is_refused_and_leaves_the_running_system_alone(own):
    def state():
        return sorted((str(p), p.stat().st_ino, p.stat().st_mtime) for p in own.folder.glob("www/**/*")), own.processes()

    before = state()
    done = subprocess.run([ROOT / "tools/run"], capture_output=True, text=True, env={**os.environ, "VAR": own.dir},
                          stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 1
    assert f"already runs on {own.dir}" in done.stderr and f"kill {own.pid}" in done.stderr
    assert "READY" not in done.stdout
    assert state() == before


def test_a_taken_port_is_named_with_the_remedy():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System(start=False) as s, socket.socket() as taken:
        taken.bind(("127.0.0.1", s.port))
        taken.listen()
        done = s.run("supervisor", "--dir", s.dir, timeout=20)
        assert done.returncode == 1
        assert f"port {s.port} is taken" in done.stderr and "listen_port" in done.stderr


def test_a_schema_that_is_off_stops_the_start():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System() as s:
        s.sql("alter table app.messages no force row level security")
        s.stop()
        done = s.run("supervisor", "--dir", s.dir, timeout=60)
        assert done.returncode == 1
        assert "app.messages is not under forced row-level security" in done.stderr


def test_a_stop_leaves_no_process_and_the_next_start_keeps_the_data():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System() as s:
        assert s.chat([{"role": "user", "content": "keep me"}])[0] == 200
        wait_until("stored", lambda: s.captures()["stored"] == 1)
        pids = [p["pid"] for p in s.processes().values()]
        key = s.ingest_key
        s.stop()
        assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
        s.start()
        assert s.ingest_key == key
        assert s.sql("select count(*) from app.conversations") == ["1"]
        assert s.chat([{"role": "user", "content": "and me"}])[0] == 200


def left(pids):
    """The roles that still run; what has ended and waits for its new parent to notice is gone."""
    def runs(pid):
        try:
            return status(pid)["State"][0] != "Z"
        except OSError:
            return False

    return [role for role, pid in pids.items() if runs(pid)]


def test_a_killed_supervisor_takes_everything_with_it():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System() as s:
        pids = {role: p["pid"] for role, p in s.processes().items()}
        os.kill(s.process.pid, signal.SIGKILL)
        s.process.wait()
        wait_until(lambda: f"all have ended but {left(pids)}", lambda: not left(pids), 60)
        s.start()
        assert s.chat([{"role": "user", "content": "hello again"}])[0] == 200


def test_help_is_there_for_every_command():
    listing = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True)
    assert listing.returncode == 0
    for line in listing.stdout.splitlines():
        if line.startswith("  ") and (name := line.split()[0]) != "version":
            done = subprocess.run([PROGRAM, name, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            assert done.returncode == 0 and "usage: rendfly" in done.stdout, name
