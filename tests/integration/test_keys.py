# SPDX-License-Identifier: Apache-2.0
"""`rendfly keys` on a running system: rotation under reads and kills, retiring, destroying."""
import os
import signal
import threading
import uuid

import pytest

from api_client import Api
from system import System, wait_until

AGENT = [{"role": "system", "content": "You are the assistant of an airline. Be polite. Never promise a refund."},
         {"role": "user", "content": "Hello, what do you do?"}]


@pytest.fixture(scope="module")
def own():
    with System() as s:
        yield s


@pytest.fixture
def member(own):
    api = Api(own.url, own.ca)
    assert api.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    return api


def keys(own, *arguments):
    return own.run("keys", *arguments, "--dir", own.dir)


def listed(own, workspace):
    rows = [line.split() for line in keys(own, "list").stdout.splitlines()[1:]]
    return [(row[1], row[3]) for row in rows if row[0] == workspace]


def rules(own, member):
    answer = member.get(f"/projects/{own.first_login['project']}/rules")
    return answer.status, sorted(r["description"] for r in answer.json.get("rules", []))


def under(own, key):
    return int(own.sql(f"select app.operator_rewrap_left('{own.first_login['workspace']}', '{key}')")[0])


def names_of_events(own, name):
    return int(own.sql(f"select count(*) from audit.events where event = {name}")[0])


@pytest.fixture(scope="module")
def with_rules(own):
    assert own.chat(AGENT)[0] == 200
    wait_until("the rules are stored", lambda: own.sql("select 1 from app.rules limit 1"))
    return own


def test_a_rotation_under_reads_and_kills_fails_no_read_and_rewraps_everything(with_rules, member):
    own, workspace = with_rules, with_rules.first_login["workspace"]
    status, before = rules(own, member)
    assert status == 200 and before
    for n in range(40):
        assert own.chat([{"role": "system", "content": f"Rule {n}: always answer in English. Be short."}, AGENT[1]])[0] == 200
    wait_until("all are stored", lambda: int(own.sql("select count(*) from app.system_messages")[0]) > 40)
    _, before = rules(own, member)
    failures, reads, stop = [], [0], threading.Event()

    def read():
        while not stop.is_set():
            got = rules(own, member)
            reads[0] += 1
            if got != (200, before):
                failures.append(got)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(3):
            done = keys(own, "rotate", workspace)
            assert done.returncode == 0, done.stderr
            key = done.stdout.split()[0]
            for _ in range(2):
                own.kill("steward")
            finished = keys(own, "rewrap")
            assert finished.returncode == 0 and "everything is sealed" in finished.stdout, finished.stderr
            assert under(own, key) == 0
    finally:
        stop.set()
        reader.join()
    assert reads[0] > 20 and not failures, failures[:3]
    assert [state for _, state in listed(own, workspace)] == ["opens", "opens", "opens", "seals"]
    assert names_of_events(own, 33) == 3
    wait_until("the end of the last rewrap is an event", lambda: names_of_events(own, 34) >= 1)


def test_a_key_that_a_record_names_is_not_retired(with_rules, member):
    own, workspace = with_rules, with_rules.first_login["workspace"]
    held = next(key for key, _ in listed(own, workspace)
                if int(own.sql(f"select app.operator_key_records('{key}')")[0]) > 0)
    done = keys(own, "retire", workspace, held)
    assert done.returncode == 1 and "records are still sealed under this key" in done.stderr
    assert held in [key for key, _ in listed(own, workspace)]


def workspace_without_a_key(own):
    """As one is whose creation was cut off, or whose row was put back."""
    fresh = str(uuid.uuid4())
    own.sql(f"insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values ('{fresh}', 'x', 60, 9)")
    return fresh


def test_no_key_is_made_for_an_id_that_no_workspace_has(with_rules):
    own, unknown = with_rules, str(uuid.uuid4())
    before = names_of_events(own, 32)
    done = keys(own, "create", unknown)
    assert done.returncode == 1 and f"there is no workspace {unknown}" in done.stderr
    assert listed(own, unknown) == [] and names_of_events(own, 32) == before


def test_a_key_is_not_retired_before_what_it_sealed_can_have_arrived(with_rules, member):
    own = with_rules
    fresh = workspace_without_a_key(own)
    assert keys(own, "create", fresh).returncode == 0
    assert keys(own, "create", fresh).returncode == 1
    assert keys(own, "rotate", fresh).returncode == 0
    first = listed(own, fresh)[0][0]
    done = keys(own, "retire", fresh, first)
    assert done.returncode == 1 and "too soon" in done.stderr
    assert [state for _, state in listed(own, fresh)] == ["opens", "seals"]


def test_what_cannot_be_recorded_is_not_done(with_rules, member):
    own = with_rules
    fresh = workspace_without_a_key(own)
    own.sql("alter table audit.events add constraint full_disk check (false) not valid")
    try:
        done = keys(own, "create", fresh)
        assert done.returncode == 1 and "audit log" in done.stderr
    finally:
        own.sql("alter table audit.events drop constraint full_disk")
    assert listed(own, fresh) == []


def test_no_rule_is_opened_for_judging_before_its_event_is_committed(with_rules, member):
    own = with_rules

    def opened():
        return int(own.sql("select count(*) from audit.events where event = 71 and actor = 'judge'")[0])

    def judged():
        return int(own.sql("select count(*) from app.verdicts")[0])
    wait_until("all is judged", lambda: own.jobs_waiting() == 0)
    before, verdicts = opened(), judged()
    assert before > 0
    own.sql("alter table audit.events add constraint full_disk check (actor <> 'judge') not valid")
    try:
        assert own.chat([{"role": "system", "content": "Always answer in French. Never mention prices."}, AGENT[1]])[0] == 200
        wait_until("it is stored", lambda: own.jobs_waiting() > 0)
        wait_until("the judge tried", lambda: own.sql("select 1 from app.jobs where attempts > 1"))
        assert (opened(), judged()) == (before, verdicts)
    finally:
        own.sql("alter table audit.events drop constraint full_disk")
    wait_until("it is judged", lambda: own.jobs_waiting() == 0)
    assert judged() > verdicts
    new = own.sql("select rule_id from app.rules order by created_at desc limit 2")
    recorded = own.sql("select object_id from audit.events where event = 71 and actor = 'judge'")
    assert set(new) <= set(recorded)


def test_only_root_reaches_keyd(with_rules, member):
    own = with_rules
    socket = own.folder / "run/keys.sock"
    assert socket.stat().st_mode & 0o777 == 0o600


def test_a_destroyed_workspace_is_gone_for_its_members_and_its_agents(with_rules, member):
    own, workspace = with_rules, with_rules.first_login["workspace"]
    assert keys(own, "destroy", workspace).returncode == 1
    assert rules(own, member)[0] == 200
    before = own.captures()["refused"]
    # Until the edge has heard of it an agent's call is answered; what cannot be kept is counted.
    steward = own.processes()["steward"]["pid"]
    os.kill(steward, signal.SIGSTOP)
    assert keys(own, "destroy", workspace, "--for-good").returncode == 0
    assert own.chat([{"role": "user", "content": "Are you still there?"}])[0] == 200
    wait_until("it was refused", lambda: own.captures()["refused"] > before)
    wait_until("the log says why", lambda: own.sql(
        "select 1 from audit.events where event = 113 and detail like '%after the workspace''s keys were destroyed'"), 90)
    os.kill(steward, signal.SIGCONT)
    wait_until("its ingest keys are not in force any more", lambda: own.chat(AGENT)[0] == 401, 20)
    # Nor are they when the database says what it said before.
    own.sql("update private.keys_version set version = version + 1")
    own.kill("steward")
    published = own.folder / "run/keytable"
    at = published.stat().st_mtime_ns
    wait_until("the table was written again", lambda: published.stat().st_mtime_ns > at, 20)
    assert own.chat(AGENT)[0] == 401
    assert listed(own, workspace) == [("-", "destroyed")]

    def answer():
        got = member.get(f"/projects/{own.first_login['project']}/rules")
        return got if got.status != 200 else None
    got = wait_until("the members' context has run out", answer, 40)
    assert (got.status, got.code) == (410, "workspace_destroyed")
    # What waited for being judged waits no longer.
    own.kill("judge")
    own.sql("insert into app.jobs (workspace_id, day, conversation_id, kind, not_before) select workspace_id, day, "
            "conversation_id, 'judge', now() from app.conversations limit 3 on conflict do nothing")
    wait_until("the jobs have ended", lambda: own.jobs_waiting() == 0)
    assert keys(own, "destroy", workspace, "--for-good").returncode == 1
    assert keys(own, "rotate", workspace).returncode == 1
