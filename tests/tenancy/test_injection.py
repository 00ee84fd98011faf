# SPDX-License-Identifier: Apache-2.0
"""SQL injected through a handler that takes it gets no row of another workspace.

The handler is in the program rendfly-attack only (tests/attack), in front of the real API with its
real session, pool and role.  The victim's values all hold the word kestrel, our own sparrow.
"""
import http.client
import os
import pathlib
import socket
import subprocess
import uuid

import pytest

from api_client import COOKIE, Api
from payloads import SIGHTS, all_payloads
from plain_door import PlainDoor
from system import PROGRAM, ROOT, System, wait_until

BUILD = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build"))
ATTACK = BUILD / "rendfly-attack"
VICTIM, OWN = "kestrel", "sparrow"
# The victim's word, also as bytes are printed; a password's hash, a file, the key of contexts.
TELLING = (VICTIM, VICTIM.encode().hex(), "$argon2", "hostssl", "root:x:")

INSERT_VICTIM = """
set session_replication_role = replica;
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values ('{victim}', '{w} inc', 60, 10);
insert into app.projects (workspace_id, project_id, name) values ('{victim}', '{project}', '{w} project');
insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four, name)
    values ('{victim}', '{project}', '{project}', sha256('{w}'), 'abcd', '{w}');
insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
    values ('{victim}', '{project}', '{project}', 1, sha256('{w}'), '{w}');
insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
    values ('{victim}', '{project}', '{project}', '{project}', 0, 'tone', false, '{w}');
insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest, provider, started_at,
    updated_at) values ('{victim}', current_date, '{project}', '{project}', sha256('{w}'), '{w}', now(), now());
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status,
    is_stream, end_reason, latency_us, first_byte_us, started_at)
    values ('{victim}', current_date, '{project}', '{project}', 0, '{w}', '{w}', 200, false, '{w}', 1, 1, now());
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    values ('{victim}', current_date, '{project}', 0, '{project}', 'user', '{w} question', now());
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, evidence, why, judge,
    message_count) values ('{victim}', current_date, '{project}', '{project}', '{project}', 'pass', '{w}', '{w}', '{w}', 1);
insert into app.redaction_policies (workspace_id, policy_id, version, sealed, sealed_reason, types_off, changed_by)
    values ('{victim}', '{project}', 1, '{w}', '{w}', '{w}', '{user}');
insert into audit.events values ('{victim}', date_trunc('month', now())::date, '{project}', 1, 1, 1, 'user', '{w}', '',
    '', '', '', '{w}');
insert into identity.users (user_id, email, password_hash) select '{user}', '{email}', password_hash
    from identity.users limit 1;
insert into identity.memberships (user_id, workspace_id, role) values ('{user}', '{victim}', 'owner');
"""


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    subprocess.run(["ninja", "-C", BUILD, ATTACK.name], check=True, stdout=subprocess.DEVNULL)
    with System(program=str(ATTACK)) as s:
        assert s.chat([{"role": "user", "content": f"the {OWN} question"}])[0] == 200
        wait_until("stored", lambda: s.captures()["in_flight"] == 0 and s.captures()["stored"] == 1)
        yield s


@pytest.fixture(scope="module")
def names(own):
    names = {"victim": str(uuid.uuid4()), "user": str(uuid.uuid4()), "project": str(uuid.uuid4()),
             "email": "them@victims.example", "own": own.first_login["workspace"],
             "today": own.sql("select to_char(current_date, 'YYYYMMDD')")[0]}
    own.sql(INSERT_VICTIM.format(w=VICTIM, **names))
    own.sql("analyze")
    return names


@pytest.fixture(scope="module")
def attacker(own, names):
    browser = Api(own.url, own.ca)
    assert browser.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    return browser


class Beside(Api):
    """Past the edge to the API's own socket: without a sender's address, which would be sealed under the key of
    the victim's workspace, and that was never made.
    """

    def __init__(self, system):
        super().__init__(system.url, system.ca)
        self.path = system.folder / "run/api.sock"

    def connect(self):
        connection = http.client.HTTPConnection(self.url.hostname, timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.path))
        return connection


def inject(browser, text):
    return browser.get("/projects", headers={"X-Inject": " ".join(text.split())}).body.decode()


def test_the_hole_is_there_and_not_in_the_real_program(own, attacker, system):
    assert OWN in inject(attacker, "' or true --")
    assert OWN in inject(attacker, "'; select 1; select content from app.messages --")
    assert b"X-Inject" in ATTACK.read_bytes()
    assert b"X-Inject" not in pathlib.Path(PROGRAM).read_bytes()
    browser = Api(system.url, system.ca)
    assert browser.log_in(system.first_login["user"], system.first_login["password"]).status == 200
    assert set(browser.get("/projects", headers={"X-Inject": "' or true --"}).json) == {"projects"}


def test_row_level_security_by_a_plain_setting_would_fall(own, attacker, names):
    """The same hole, the same attack: what is tried below does reach rows that are kept the common way."""
    own.sql(f"""
        create table app.naive (workspace_id uuid, content text);
        insert into app.naive values ('{names["victim"]}', 'the {VICTIM} question');
        alter table app.naive enable row level security; alter table app.naive force row level security;
        create policy p on app.naive using (workspace_id = (select current_setting('app.workspace_id'))::uuid);
        grant select on app.naive to rendfly_api;""")
    try:
        got = inject(attacker, f"' union all select content from app.naive where (select set_config('app.workspace_id', "
                               f"'{names['victim']}', true)) is not null --")
    finally:
        own.sql("drop table app.naive")
    assert VICTIM in got


def test_no_payload_gets_anything_of_the_victims(own, attacker, names):
    payloads = list(all_payloads(**names))
    assert len(payloads) >= 200 and len(SIGHTS) > 40
    key = own.sql("select encode(key, 'hex') from private.context_key")[0]
    before = own.sql("select md5(string_agg(m::text, '')) from app.messages m")
    got_in = []
    for name, text, is_oracle in payloads:
        answer = inject(attacker, text)
        if any(word in answer for word in (*TELLING, key)) or (is_oracle and OWN in answer):
            got_in.append((name, text, answer[:300]))
    assert got_in == [], [name for name, _, _ in got_in]
    assert own.sql("select md5(string_agg(m::text, '')) from app.messages m") == before
    assert OWN in inject(attacker, "' or true --"), "the hole closed on the way: nothing was shown"


PREPARE = ("prepare %s as select project_id, name, created_at, set_config(''app.left'', name, false), "
           "set_config(''app.left_context'', current_setting(''app.context''), false) from app.projects")

HIJACK = f"""'; do $x$
declare q record;
begin
    for q in select name, statement from pg_prepared_statements loop
        if q.statement like '%lower(name), project_id%' then
            execute 'deallocate ' || q.name;
            execute format('{PREPARE}', q.name);
        end if;
    end loop;
end $x$ --"""

GUESS = f"""'; do $x$
begin
    for i in 0..40 loop
        begin
            execute format('deallocate q%s', i);
            execute format('{PREPARE}', 'q' || i);
        exception when others then null;
        end;
    end loop;
end $x$ --"""


@pytest.mark.parametrize("hijack", [HIJACK, GUESS, "'; deallocate all --"], ids=["looked up", "guessed", "all away"])
def test_a_poisoned_connection_tells_the_next_tenant_nothing_and_the_attacker_neither(own, attacker, names, hijack):
    """Statements prepared under names that an attacker may know could be exchanged for others, which then run
    in the next tenant's context and leave its rows in the session.
    """
    victim = Beside(own)
    assert victim.log_in(names["email"], own.first_login["password"]).status == 200
    for _ in range(40):  # all four of the pool's connections
        attacker.get("/projects")
        inject(attacker, hijack)
    for _ in range(40):
        answer = victim.get("/projects")
        assert answer.status == 200 and [p["name"] for p in answer.json["projects"]] == [f"{VICTIM} project"]
    for _ in range(40):
        left = inject(attacker, "' union all select current_setting('app.left', true) || "
                                "current_setting('app.left_context', true) --")
        assert VICTIM not in left and names["victim"] not in left, left


@pytest.mark.skipif(not pathlib.Path("/usr/bin/sqlmap").exists(), reason="sqlmap is not installed")
@pytest.mark.skipif(not os.environ.get("RENDFLY_LONG"), reason="a campaign: RENDFLY_LONG=1")
def test_sqlmap_dumps_nothing_of_the_victims(own, attacker, names, tmp_path):
    """It finds the hole, and what it gets out by it is our own workspace's."""
    master, terminal = os.openpty()  # what else is on its standard input it takes for a list of targets
    door = PlainDoor(own.port, attacker.tls)  # it cannot speak TLS 1.3
    try:
        done = subprocess.run(
            ["sqlmap", "-u", f"http://127.0.0.1:{door.port}/api/v1/projects", f"--host=localhost:{own.port}",
             "--headers=X-Inject: x*", f"--cookie={COOKIE}={attacker.cookie}", "--batch", "--dbms=postgresql", "--level=3",
             "--risk=3", "--technique=BEUSQ", "--time-sec=1", "--threads=4", "--output-dir", str(tmp_path), "--flush-session",
             "--dump", "-D", "app", "--stop=50"],
            capture_output=True, text=True, timeout=1500, stdin=terminal)
    finally:
        door.server_close()
        os.close(master)
        os.close(terminal)
    found = done.stdout + "".join(p.read_text(errors="replace") for p in tmp_path.rglob("*") if p.is_file())
    assert "is vulnerable" in found or "injectable" in found, done.stdout[-2000:]
    assert VICTIM not in found and "$argon2" not in found
    assert OWN in found, done.stdout[-2000:]
