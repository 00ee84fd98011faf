# SPDX-License-Identifier: Apache-2.0
"""The judge's process on a real PostgreSQL and a real keyd, with a sample judge that misbehaves."""
import array
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("RENDFLY", str(ROOT / "build/rendfly"))
ROLES = {"judge": 4, "setup": 7, "collector": 2}
PEER, SEAL, CONTEXT_KEY, CREATE = 1, 3, 10, 11
DAY = "2026-11-24"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: processes drop to their users")


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(value)) + value


def wait_until(what, condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"in vain: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class System:
    """A data folder with PostgreSQL and keyd; the test plays the supervisor."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rendfly-judge-"))
        self.folder.chmod(0o755)
        self.dir = self.folder / "data"
        self.dir.mkdir()
        self.port = free_port()
        self.processes = []
        self.settings = [f"postgres_port = {self.port}"]
        self.write_conf()
        subprocess.run([str(ROOT / "tools/setup/init"), str(self.dir)], check=True,
                       env={**os.environ, "RENDFLY": PROGRAM}, stdout=subprocess.DEVNULL)
        self.start_postgres()
        self.supervisor = self.start_role("keyd")
        for migration in sorted((ROOT / "sql/migrations").glob("*.sql")):
            self.sql("begin; set local role rendfly_owner;\n" + migration.read_text() + "\ncommit;")
        self.sql(f"insert into private.context_key values (1, '\\x{self.ask('setup', CONTEXT_KEY).hex()}')")
        self.sql(f"select app.ensure_partitions('{DAY}', '{DAY}')")

    def write_conf(self, *more):
        (self.dir / "rendfly.conf").write_text("\n".join([*self.settings, *more, ""]))

    def start_postgres(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        self.postgres = subprocess.Popen(
            ["setpriv", "--reuid", "rendfly-postgres", "--regid", "rendfly-postgres",
             "--clear-groups", str(found[-1]), "-D", str(self.dir / "pg")],
            cwd="/", stderr=open(self.folder / "postgres.log", "ab"))
        self.processes.append(self.postgres)
        wait_until("PostgreSQL answers", lambda: self.sql("select 1", check=False) == "1")

    def sql(self, statement, check=True):
        done = subprocess.run(
            ["setpriv", "--reuid", "rendfly-postgres", "--regid", "rendfly-postgres", "--clear-groups",
             "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.dir / "run/pg"), "-p",
             str(self.port), "-U", "rendfly-postgres", "-d", "rendfly"],
            input=statement, capture_output=True, text=True, cwd="/")
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start_role(self, command):
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.settimeout(20)
        if command != "keyd":
            self.introduce(command.split("-")[0], mine)
            mine = None
        fd = theirs.fileno()
        process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$0" {command} --dir "$1" 3<&{fd}' + (f" {fd}<&-" if fd != 3 else ""),
             PROGRAM, str(self.dir)], pass_fds=(fd,), stderr=open(self.folder / f"{command}.log", "ab"))
        theirs.close()
        self.processes.append(process)
        return mine or process

    def introduce(self, role, channel):
        """Passes a channel's end to keyd, as the supervisor does."""
        self.supervisor.sendmsg(
            [struct.pack(">BBBBI", 1, PEER, 0, 0, 0) + bytes([ROLES[role]])],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [channel.fileno()]))])

    def ask(self, role, kind, body=b""):
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.settimeout(20)
        self.introduce(role, theirs)
        theirs.close()
        mine.send(struct.pack(">BBBBI", 1, kind, 0, 0, 1) + body)
        answer = mine.recv(200000)
        assert answer[3] == 0, f"keyd answers {answer[3]}"
        return answer[8:]

    def start_judge(self, *settings):
        self.write_conf(*settings)
        self.judge = self.start_role("judge-role")

    def stop_judge(self):
        self.judge.terminate()
        assert self.judge.wait(20) == 0

    def stop(self):
        for process in reversed(self.processes):
            if process is self.postgres:
                process.send_signal(signal.SIGINT)
            elif isinstance(process, subprocess.Popen):
                process.kill()
            process.wait(30)
        os.environ.get("KEEP") or shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def system():
    s = System()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def sample_judge():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rendfly-sample-judge-"))
    process = subprocess.Popen([sys.executable, str(ROOT / "tests/integration/sample_judge.py"), str(folder)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = json.loads(process.stdout.readline())["good"]
    yield [f"judge_base_url = https://localhost:{port}/v1", f"judge_ca_file = {folder}/ca.crt"]
    process.stdin.close()
    process.wait(20)
    shutil.rmtree(folder)


RULES = [
    {"name": "One call", "description": "One tool call at a time.", "category": "other",
     "check": {"kind": "single_tool_call"}},
    {"name": "Be kind", "description": "Be kind.", "category": "tone", "check": None},
    {"name": "Ask first", "description": "Ask before booking.", "category": "other",
     "check": {"kind": "confirm_before_tool", "tools": ["book_*"]}},
]
MESSAGES = [
    ("user", "Book me a flight to Oslo, I am [EMAIL:k7f3qa].", ""),
    ("assistant", "", json.dumps([{"id": "c1", "name": "book_flight", "arguments": "{\"to\":\"OSL\"}"}])),
    ("tool", "booked", ""),
    ("assistant", "Done, your flight is booked.", ""),
]


class Workspace:
    def __init__(self, system):
        self.system, self.id, self.project, self.message = system, uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        system.ask("setup", CREATE, self.id.bytes)
        system.sql(f"""
            insert into app.workspaces values ('{self.id}', 'w', 100, 100);
            insert into app.projects values ('{self.id}', '{self.project}', 'p');
            insert into app.system_messages values ('{self.id}', '{self.message}', '{self.project}', 1,
                '\\x{"00" * 32}', '\\x00')""")
        for position, rule in enumerate(RULES):
            row = uuid.uuid4()
            sealed = system.ask("collector", SEAL, self.id.bytes + text("rules") + text("sealed") + row.bytes +
                                text(json.dumps(rule)))
            system.sql(f"""insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position,
                category, has_check, sealed) values ('{self.id}', '{row}', '{self.project}', '{self.message}',
                {position}, '{rule["category"]}', {rule["check"] is not None}, '\\x{sealed.hex()}')""")

    def add_conversation(self, messages=MESSAGES):
        conversation, exchange = uuid.uuid4(), uuid.uuid4()
        rows = ",".join(
            f"('{self.id}', '{DAY}', '{conversation}', {i}, '{exchange}', '{role}', $t${content}$t$, $t${calls}$t$, now())"
            for i, (role, content, calls) in enumerate(messages))
        self.system.sql(f"""
            begin;
            insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id,
                tip_digest, message_count, provider, started_at, updated_at)
            values ('{self.id}', '{DAY}', '{conversation}', '{self.project}', '{self.message}',
                '\\x{"00" * 32}', {len(messages)}, 'sample', now(), now());
            insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content,
                tool_calls, created_at) values {rows};
            insert into app.jobs values ('{self.id}', '{DAY}', '{conversation}', 'judge', now());
            commit""")
        return conversation

    def verdicts(self, conversation):
        def judged():
            return self.system.sql(f"select count(*) from app.jobs where conversation_id = '{conversation}'") == "0"
        wait_until("the conversation is judged", judged)
        rows = self.system.sql(f"""select json_build_object('verdict', v.verdict, 'evidence', v.evidence::json,
                'why', v.why, 'judge', v.judge)
            from app.verdicts v join app.rules r using (workspace_id, rule_id)
            where v.conversation_id = '{conversation}' order by r.position""")
        return [json.loads(line) for line in rows.splitlines()]


@pytest.fixture(scope="module")
def workspace(system):
    return Workspace(system)


def judged_with(system, workspace, settings, messages=MESSAGES):
    system.start_judge(*settings)
    try:
        return workspace.verdicts(workspace.add_conversation(messages))
    finally:
        system.stop_judge()


def test_checks_decide_without_a_model_and_the_rest_says_that_there_is_none(system, workspace):
    one, kind, ask = judged_with(system, workspace, [])
    assert (one["verdict"], one["judge"]) == ("pass", "deterministic")
    assert ask["verdict"] == "fail"
    assert {"message": 1, "quote": "book_flight"} in ask["evidence"]
    assert {"message": 0, "quote": MESSAGES[0][1]} in ask["evidence"]
    assert kind == {"verdict": "indeterminate", "evidence": [], "why": "no judge model configured",
                    "judge": "none"}


def test_a_model_judges_the_rules_that_have_no_check(system, workspace, sample_judge):
    one, kind, ask = judged_with(system, workspace, [*sample_judge, "judge_model = good"])
    assert (kind["verdict"], kind["judge"]) == ("pass", "good")
    assert kind["evidence"] == [{"message": 0, "quote": MESSAGES[0][1][:40]}]
    assert (one["verdict"], ask["verdict"]) == ("pass", "fail")


@pytest.mark.parametrize("behaviour", ["prose", "fenced", "broken", "nonce", "invents", "leaks", "toolcall", "length",
                                       "empty", "notchat", "huge", "refusing", "cut", "failing", "limitedlong"])
def test_a_model_that_misbehaves_never_passes_anything(system, workspace, sample_judge, behaviour):
    one, kind, ask = judged_with(system, workspace,
                                 [*sample_judge, f"judge_model = {behaviour}", "judge_timeout_s = 20"])
    assert (kind["verdict"], kind["judge"]) == ("indeterminate", behaviour)
    assert kind["why"] and not kind["evidence"]
    assert (one["verdict"], ask["verdict"]) == ("pass", "fail")


def test_a_silent_model_is_indeterminate_in_time(system, workspace, sample_judge):
    _, kind, _ = judged_with(system, workspace, [*sample_judge, "judge_model = never", "judge_timeout_s = 1"])
    assert (kind["verdict"], kind["why"]) == ("indeterminate", "The judge model did not answer in time.")


def test_a_spent_budget_is_indeterminate_and_another_workspace_has_its_own(system, workspace, sample_judge):
    other = Workspace(system)
    system.start_judge(*sample_judge, "judge_model = good", "judge_budget_per_hour = 1")
    try:
        answers = [workspace.verdicts(workspace.add_conversation())[1] for _ in range(2)]
        assert [a["verdict"] for a in answers] == ["pass", "indeterminate"]
        assert "limit" in answers[1]["why"]
        assert other.verdicts(other.add_conversation())[1]["verdict"] == "pass"
    finally:
        system.stop_judge()


def test_an_answer_without_content_is_not_even_asked_about(system, workspace, sample_judge):
    messages = [("user", "Is this allowed?", ""), ("assistant", "Thought process:", "")]
    _, kind, _ = judged_with(system, workspace, [*sample_judge, "judge_model = good"], messages)
    assert (kind["verdict"], kind["why"]) == ("indeterminate", "the agent's messages hold nothing to judge")


def test_a_conversation_that_goes_on_is_judged_again(system, workspace):
    system.start_judge()
    try:
        conversation = workspace.add_conversation()
        assert workspace.verdicts(conversation)[0]["verdict"] == "pass"
        system.sql(f"""
            begin;
            insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content,
                tool_calls, created_at)
            values ('{workspace.id}', '{DAY}', '{conversation}', {len(MESSAGES)}, '{uuid.uuid4()}', 'assistant',
                'I look.', '[{{"id":"c2","name":"look","arguments":"{{}}"}}]', now());
            insert into app.jobs values ('{workspace.id}', '{DAY}', '{conversation}', 'judge', now());
            commit""")
        again = workspace.verdicts(conversation)
        assert len(again) == len(RULES)
        assert again[0]["verdict"] == "fail"
        assert {"message": len(MESSAGES), "quote": "I look."} in again[0]["evidence"]
    finally:
        system.stop_judge()


def test_a_killed_judge_loses_no_job(system, workspace, sample_judge):
    system.start_judge(*sample_judge, "judge_model = never", "judge_timeout_s = 600")
    conversation = workspace.add_conversation()
    wait_until("the job is claimed", lambda: system.sql(
        f"select claimed_until is not null from app.jobs where conversation_id = '{conversation}'") == "t")
    system.judge.kill()
    system.judge.wait()
    # The lease runs out; here the clock is the test's.
    system.sql(f"update app.jobs set claimed_until = now() where conversation_id = '{conversation}'")
    system.start_judge(*sample_judge, "judge_model = good")
    try:
        assert workspace.verdicts(conversation)[1]["verdict"] == "pass"
    finally:
        system.stop_judge()


def test_conversations_that_are_written_together_do_not_fail_together(system, workspace):
    other = Workspace(system)
    bad = workspace.add_conversation()
    good = [owner.add_conversation() for _ in range(3) for owner in (workspace, other)]
    system.sql(f"alter table app.verdicts add constraint refused check (conversation_id <> '{bad}')")
    system.start_judge()
    try:
        for conversation in good:
            assert [v["verdict"] for v in workspace.verdicts(conversation)] == ["pass", "indeterminate", "fail"]
        wait_until("the other is given back", lambda: system.sql(
            f"select claimed_until is null and attempts > 0 from app.jobs where conversation_id = '{bad}'") == "t")
        assert system.sql("""select count(*) from app.verdicts v join app.conversations c using (day, conversation_id)
            where (v.workspace_id, v.project_id) <> (c.workspace_id, c.project_id)""") == "0"
        system.sql(f"""alter table app.verdicts drop constraint refused;
            update app.jobs set not_before = now() where conversation_id = '{bad}'""")
        assert len(workspace.verdicts(bad)) == len(RULES)
    finally:
        system.sql("alter table app.verdicts drop constraint if exists refused")
        system.stop_judge()


def test_the_judge_goes_on_after_its_connection_was_lost(system, workspace):
    system.start_judge()
    try:
        workspace.verdicts(workspace.add_conversation())
        system.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rendfly_judge'")
        assert len(workspace.verdicts(workspace.add_conversation())) == len(RULES)
        assert system.judge.poll() is None
    finally:
        system.stop_judge()


def test_the_judges_role_reaches_nothing_else(system, workspace):
    """Its grants, as PostgreSQL sees them."""
    allowed = system.sql("""select string_agg(distinct table_schema || '.' || table_name || ' ' || privilege_type, ', ')
        from information_schema.role_table_grants where grantee = 'rendfly_judge'
            and table_name !~ '_[0-9]{8}$'""")
    assert set(allowed.split(", ")) == {
        "app.conversations SELECT", "app.messages SELECT", "app.rules SELECT", "app.verdicts SELECT",
        "app.verdicts INSERT", "app.verdicts UPDATE"}
