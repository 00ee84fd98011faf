# SPDX-License-Identifier: Apache-2.0
"""A superuser changes the audit log in the database itself, with the triggers off: every change is found, by
both verifiers; a log that was put back to yesterday gets no signature any more."""
import os
import random
import re
import subprocess

import pytest

from system import ALL_PLACED, PROGRAM, ROOT, System, wait_until

ROUNDS = int(os.environ.get("RENDFLY_TAMPER_ROUNDS", "40"))
AS_SUPERUSER = "set session_replication_role = replica;"
TABLES = ("events", "leaves", "nodes", "checkpoints")


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System() as s:
        s.sql(f"""{AS_SUPERUSER}
            insert into audit.events select ws, date_trunc('month', now() at time zone 'UTC')::date, gen_random_uuid(),
                (extract(epoch from clock_timestamp()) * 1000000)::bigint + n, 71, 1, 'user', md5(n::text), '', '',
                'conversation', md5(n::text), '' from generate_series(1, 150) n
                cross join (values ('{s.first_login["workspace"]}'::uuid), (gen_random_uuid())) w (ws)""")
        size = wait_until("all are signed", lambda: s.sql(
            "select size from audit.checkpoints where size > 300 and size = (select count(*) from audit.leaves) and " + ALL_PLACED))
        s.kept_size = int(size[0])
        s.sql("create schema kept;" + "".join(f"create table kept.{t} as select * from audit.{t};" for t in TABLES))
        (s.folder / "anchors").write_bytes((s.folder / "audit/checkpoints").read_bytes())
        yield s


def put_back(system):
    system.sql(AS_SUPERUSER + "begin;" + "".join(
        f"truncate audit.{t}; insert into audit.{t} select * from kept.{t};" for t in TABLES) + "commit")


def verdicts(system):
    file = system.folder / "export"
    file.unlink(missing_ok=True)
    done = system.run("audit", "export", "--dir", system.dir, "--output", file)
    if done.returncode != 0:
        return [(done.returncode, done.stderr)] * 2
    return [(d.returncode, d.stdout) for d in (
        subprocess.run([*command, file, "--key", system.folder / "audit/key", "--anchors", system.folder / "anchors"],
                       capture_output=True, text=True)
        for command in ([PROGRAM, "audit", "verify"], ["/usr/bin/python3", ROOT / "tools/audit-verify.py"]))]


def pick(seed, size):
    """Two places of the log, the first before the second."""
    return sorted(random.Random(seed).sample(range(size), 2))


def event_at(index):
    return f"event_id = (select event_id from audit.leaves where leaf_index = {index})"


REHASHED = ("update audit.leaves l set leaf_hash = sha256('\\x00'::bytea || audit.leaf(e, l.ws_seq)) from audit.events e "
            "where e.workspace_id = l.workspace_id and e.event_id = l.event_id")
CHANGES = {
    "flip": lambda a, b: f"update audit.events set outcome = 1 + outcome % 3 where {event_at(a)}",
    "rename": lambda a, b: f"update audit.events set actor = reverse(actor) || 'x' where {event_at(a)}",
    "backdate": lambda a, b: f"update audit.events set at_us = at_us - 60000000 where {event_at(a)}",
    "delete": lambda a, b: f"delete from audit.events where {event_at(a)}",
    "delete-with-leaf": lambda a, b: f"delete from audit.leaves where leaf_index = {a}",
    "insert": lambda a, b: f"update audit.leaves set leaf_index = leaf_index + 1000000 where leaf_index >= {b}; update "
                           f"audit.leaves set leaf_index = leaf_index - 999999 where leaf_index >= 1000000; insert into "
                           f"audit.leaves select workspace_id, 100000, {b}, month, event_id, leaf_hash from audit.leaves "
                           f"where leaf_index = {a}",
    "swap": lambda a, b: f"update audit.leaves set leaf_index = 1000000 where leaf_index = {a}; update audit.leaves set "
                         f"leaf_index = {a} where leaf_index = {b}; update audit.leaves set leaf_index = {b} where "
                         "leaf_index = 1000000",
    "truncate": lambda a, b: f"delete from audit.leaves where leaf_index >= {b}",
    "reorder": lambda a, b: f"update audit.leaves set leaf_index = {2000000 + a + b} - leaf_index where leaf_index "
                            f"between {a} and {b}; update audit.leaves set leaf_index = leaf_index - 2000000 where "
                            "leaf_index >= 1000000",
    "rewrite-with-hashes": lambda a, b: f"update audit.events set object_id = 'another' where {event_at(a)}; {REHASHED}",
    "forget-checkpoints": lambda a, b: f"delete from audit.checkpoints where size > {a}; delete from audit.leaves where "
                                       "leaf_index >= coalesce((select max(size) from audit.checkpoints), 0)",
    "forge-checkpoint": lambda a, b: f"update audit.events set detail = 'x' where {event_at(a)}; {REHASHED}; update "
                                     "audit.checkpoints set note = replace(note, 'rendfly/audit', 'rendfly/other')",
}


@pytest.fixture
def quiet(own):
    """Nothing else writes meanwhile: the steward stands still."""
    pid = own.processes()["steward"]["pid"]
    os.kill(pid, 19)
    yield own
    put_back(own)
    os.kill(pid, 18)


def test_every_change_of_a_superuser_is_found_and_what_is_sound_is_not_blamed(quiet):
    assert [code for code, _ in verdicts(quiet)] == [0, 0]
    found, names = 0, list(CHANGES)
    for n in range(ROUNDS):
        name, (a, b) = names[n % len(names)], pick(n, quiet.kept_size)
        quiet.sql(f"{AS_SUPERUSER} begin; {CHANGES[name](a, b)}; commit")
        said = verdicts(quiet)
        put_back(quiet)
        assert [code != 0 for code, _ in said] == [True, True], (n, name, a, b, said)
        if name in ("flip", "rename", "backdate", "delete"):
            assert all(re.search(rf"BAD at entry {a}:", text) for _, text in said), (n, name, a, said)
        found += 1
    assert found == ROUNDS
    assert [code for code, _ in verdicts(quiet)] == [0, 0]


def test_a_log_put_back_to_yesterday_gets_no_signature_and_contradicts_what_was_kept(own):
    """The whole audit schema is restored from a copy; then life goes on."""
    log = own.folder / "log/rendfly.log"
    today = own.kept_size
    own.curl("/api/v1/login", "-H", "Content-Type: application/json", "-d", '{"email":"a@b.example","password":"x"}')
    size = int(wait_until("today is signed", lambda: own.sql(f"select max(size) from audit.checkpoints having "
                                                             f"max(size) > {today}"))[0])
    (own.folder / "anchors").write_bytes((own.folder / "audit/checkpoints").read_bytes())
    public = own.curl("/.well-known/rendfly/checkpoint")
    put_back(own)
    own.kill("steward")
    for n in range(size - today + 1):
        own.curl("/api/v1/login", "-H", "Content-Type: application/json", "-d",
                 '{"email":"a%d@b.example","password":"x"}' % n)
    wait_until("keyd refuses", lambda: "audit_log_was_rolled_back" in log.read_text())
    assert own.sql("select max(size) from audit.checkpoints") == [str(today)]
    assert own.curl("/.well-known/rendfly/checkpoint") == public
    for code, said in verdicts(own):
        assert code == 1 and "kept elsewhere" in said, said
