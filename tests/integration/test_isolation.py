# SPDX-License-Identifier: Apache-2.0
"""Row-level security against somebody who can run SQL as a serving role."""
import hashlib
import hmac
import os
import subprocess
import time
import uuid

import pytest

from system import ROOT, wait_until

ROLES = ("collector", "api", "judge", "steward", "operator")


class Session:
    """A real connection of a role, with its certificate and password."""

    def __init__(self, system, role):
        folder = system.folder / "pki"
        self.env = {**os.environ, "PGPASSWORD": (folder / f"db-{role}.password").read_text().strip()}
        self.command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=0",
                        f"host=localhost hostaddr=127.0.0.1 port={system.settings['postgres_port']} dbname=rendfly "
                        f"user=rendfly_{role} sslmode=verify-full sslrootcert={folder}/ca.crt "
                        f"sslcert={folder}/db-{role}.crt sslkey={folder}/db-{role}.key"]

    def run(self, sql):
        done = subprocess.run(self.command, input=sql, text=True, capture_output=True, env=self.env)
        return done.stdout.strip(), done.stderr.strip()


@pytest.fixture(scope="session")
def victim(system):
    """A workspace with a conversation in it."""
    assert system.chat([{"role": "system", "content": "Answer in English only."},
                        {"role": "user", "content": "the victim's question"}])[0] == 200
    wait_until("stored", lambda: system.captures()["in_flight"] == 0)
    return system.sql("select workspace_id from app.conversations limit 1")[0]


def mint(system, workspace, role, pid, expiry):
    """What keyd would mint, with the key that only the superuser can read."""
    key = bytes.fromhex(system.sql("select encode(key, 'hex') from private.context_key")[0])
    text = f"{workspace}|rendfly_{role}|{pid}|{expiry}"
    return f"{text}|{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


def test_the_api_cannot_compute_a_context_in_the_database(system):
    out, err = Session(system, "api").run("select extensions.hmac('a'::bytea, 'b'::bytea, 'sha256')")
    assert "permission denied" in err and out == ""


def run_with_minted(system, role, workspace, pid_offset=0, expiry_offset=20, mac_role=None,
                    query="select count(*) || ' rows' from app.messages"):
    """Runs a query in a session whose context is minted for it while it waits."""
    session = Session(system, role)
    process = subprocess.Popen(session.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=session.env)
    process.stdin.write("select pg_backend_pid();\n")
    process.stdin.flush()
    pid = int(process.stdout.readline())
    context = mint(system, workspace, mac_role or role, pid + pid_offset, int(time.time()) + expiry_offset)
    out, err = process.communicate(f"begin; select set_config('app.context', '{context}', true); {query}; commit;\n")
    lines = [line for line in out.splitlines() if "|rendfly_" not in line]
    return "\n".join(lines).strip(), err.strip()


def test_a_minted_context_opens_the_workspace(system, victim):
    out, err = run_with_minted(system, "api", victim)
    assert err == "" and int(out.split()[0]) >= 2


@pytest.mark.parametrize("case", [
    dict(pid_offset=1), dict(expiry_offset=-1), dict(mac_role="judge"), dict(mac_role="collector")],
    ids=["another backend's", "expired", "another role's", "a third role's"])
def test_a_context_that_is_not_this_sessions_is_refused(system, victim, case):
    out, err = run_with_minted(system, "api", victim, **case)
    assert "workspace context refused" in err and "rows" not in out


def test_another_workspace_sees_nothing_of_the_victims(system, victim):
    out, err = run_with_minted(system, "api", str(uuid.uuid4()))
    assert err == "" and out == "0 rows"


FORGED = "'{victim}|rendfly_api|' || pg_backend_pid() || '|4102444800|' || repeat('0', 64)"

INJECTIONS = [
    "select content from app.messages",
    "select content from app.messages where (select set_config('app.context', {forged}, true)) is not null",
    "select content from app.messages where (select set_config('app.workspace_id', '{victim}', true)) is not null",
    "select content from app.messages where (select set_config('app.context', '', true)) is not null",
    "select content from app.messages where (select set_config('app.context', '||||', true)) is not null",
    "select content from app.messages where (select set_config('row_security', 'off', true)) is not null",
    "set row_security = off; select content from app.messages",
    "set role rendfly_owner; select content from app.messages",
    "set role rendfly_definer; select content from app.messages",
    "set session authorization rendfly_setup; select content from app.messages",
    "reset all; select content from app.messages",
    "copy app.messages to stdout",
    "table app.messages",
    "select * from app.messages tablesample system (100)",
    "select pg_read_file('pg_hba.conf')",
    "select lo_import('/etc/passwd')",
    "copy (select 1) to program 'id'",
    "select key from private.context_key",
    "select password_hash from identity.users",
    "select app.install_context_key(decode(repeat('00', 32), 'hex'))",
    "select * from app.published_keys()",
    "select * from app.claim_jobs(10, 1000)",
    "create function app.ws2() returns uuid language sql as 'select null::uuid'",
    "create or replace function app.ws() returns uuid language sql as $$ select '{victim}'::uuid $$",
    "alter table app.messages disable row level security",
    "drop policy in_workspace on app.messages",
    "create policy open on app.messages using (true)",
    "create table app.mine as select * from app.messages",
    "create temp table mine as select * from app.messages; table mine",
    "explain analyze select * from app.messages",
]


@pytest.mark.parametrize("injected", INJECTIONS)
def test_injected_sql_gets_no_row_of_another_workspace(system, victim, injected):
    sql = injected.format(victim=victim, forged=FORGED.format(victim=victim))
    out, err = Session(system, "api").run(f"begin; {sql};")
    # COPY of a partitioned table reads the parent only, which holds no row: nothing came, and no error.
    assert "ERROR" in err or (injected.startswith("copy") and out == ""), (out, err)
    assert "victim's question" not in out and "$argon2" not in out


def test_partitions_cannot_be_read_directly_by_any_role(system, victim):
    partitions = system.sql("select c.oid::regclass from pg_class c where c.relispartition and c.relkind = 'r'"
                            " and c.relname like 'messages%'")
    assert partitions
    for role in ROLES:
        for name in partitions[:3]:
            out, err = Session(system, role).run(f"select * from {name}")
            assert "permission denied" in err, (role, name, out)


@pytest.mark.parametrize("role", ROLES)
def test_no_serving_role_reads_people_or_keys(system, role):
    for table in ("identity.users", "identity.memberships", "private.context_key"):
        assert "permission denied" in Session(system, role).run(f"select * from {table}")[1]


def test_the_judge_and_the_steward_have_no_all_seeing_way(system, victim):
    assert "no workspace context" in Session(system, "judge").run("select * from app.messages")[1]
    assert "permission denied" in Session(system, "steward").run("select * from app.messages")[1]
    assert "permission denied" in Session(system, "operator").run("select * from app.messages")[1]


def test_connections_need_tls_1_3_a_certificate_and_the_password(system):
    folder = system.folder / "pki"
    port = system.settings["postgres_port"]
    good = (f"host=localhost hostaddr=127.0.0.1 port={port} dbname=rendfly user=rendfly_api "
            f"sslrootcert={folder}/ca.crt sslmode=verify-full ")
    certificate = f"sslcert={folder}/db-api.crt sslkey={folder}/db-api.key "
    other = f"sslcert={folder}/db-judge.crt sslkey={folder}/db-judge.key "
    password = (folder / "db-api.password").read_text().strip()
    cases = {
        good + certificate: (password, ""),
        good + certificate + "ssl_max_protocol_version=TLSv1.2": (password, "error"),
        good.replace("verify-full", "disable"): (password, "error"),
        good + "sslcert=/nonexistent sslkey=/nonexistent": (password, "error"),
        good + other: (password, "error"),
        good + certificate + " ": ("wrong", "error"),
    }
    for connection, (secret, wanted) in cases.items():
        done = subprocess.run(["psql", "-XAtq", "-c", "select 1", connection], capture_output=True, text=True,
                              env={**os.environ, "PGPASSWORD": secret, "HOME": "/nonexistent"})
        assert (done.returncode != 0) == (wanted == "error"), (connection, done.stderr)


def test_every_query_is_accepted_by_the_database_as_its_role(system):
    seen = 0
    for path in sorted((ROOT / "sql/queries").rglob("*.sql")):
        text = path.read_text()
        role = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("-- role:")), None)
        assert role is not None, f"{path} does not say its role"
        body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        if role == "any of ours; must be refused":
            for each in ROLES:
                with pytest.raises(AssertionError, match="permission denied|must be owner|no workspace context"):
                    system.sql(f"set role rendfly_{each}; {body};")
        elif path.name == "attack_context_key.sql":
            with pytest.raises(AssertionError, match="permission denied"):
                system.sql(f"set role rendfly_{role}; prepare q as {body};")
        else:
            for each in role.split(", "):
                system.sql(f"set role rendfly_{each}; prepare q as {body};")
        seen += 1
    assert seen > 40


def test_row_level_security_is_asked_once_a_statement(system, victim):
    """The policy's function must be an InitPlan, or it would run for every row."""
    out, err = run_with_minted(system, "api", victim, query="explain (costs off) select content from app.messages")
    assert err == "" and "InitPlan" in out
    assert "SubPlan" not in out


def test_two_tenants_cannot_reach_each_others_rows_by_keys(system, victim):
    """A foreign key or a unique constraint must not tell whether another tenant's row exists."""
    other = str(uuid.uuid4())
    project = system.sql(f"select project_id from app.projects where workspace_id = '{victim}'")[0]
    message = ("insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed) "
               f"values ('{other}', gen_random_uuid(), '{project}', 1, decode(repeat('00', 32), 'hex'), 'x')")
    existing = run_with_minted(system, "collector", other, query=message)[1]
    missing = run_with_minted(system, "collector", other, query=message.replace(project, str(uuid.uuid4())))[1]
    assert "violates foreign key constraint" in existing
    assert existing.replace(project, "P").split("DETAIL")[0] == missing.split("DETAIL")[0]
    moved = run_with_minted(system, "collector", other, query=message.replace(f"'{other}'", f"'{victim}'"))[1]
    assert "row-level security" in moved
