#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What row-level security costs: the statements that agents, the judge and pages wait for, by the role that runs them
and by one that row-level security does not hold, with the workspace written into the statement and no context asked
for.  Two connections take turns, statement by statement, so that whatever else the machine does strikes both alike;
the time of the server's processor says what is left of it.  Bars: p99 at most 1.10 times; no table gone through; the
context asked once a table.

usage: row_security.py [CONVERSATIONS A WORKSPACE [PAIRS A ROUND]]   (50 workspaces, 20 messages a conversation)
"""
import pathlib
import re
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/tenancy")]

from database import Database, context  # noqa: E402
from test_plans import faults_of, nodes, session_options  # noqa: E402

WORKSPACES, MESSAGES, ROUNDS, WARM = 50, 20, 9, 30
ROLES = ("collector", "judge", "api")
GROUPED = ("group by c.workspace_id, c.day, c.conversation_id, c.project_id, c.provider, c.model, c.started_at, c.updated_at, "
           "c.message_count, c.exchange_count")
BAR = 1.10

FILL = """
set local session_replication_role = replica; -- the keys fit: nothing need look them up
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst)
    select gen_random_uuid(), 'w', 1, 1 from generate_series(1, {workspaces});
insert into app.projects (workspace_id, project_id, name) select workspace_id, gen_random_uuid(), 'p' from app.workspaces;
insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
    select workspace_id, project_id, project_id, 1, sha256('x'), 'x' from app.projects;
insert into app.redaction_policies (workspace_id, policy_id, version, sealed, sealed_reason, changed_by)
    select workspace_id, gen_random_uuid(), n, 'x', 'x', gen_random_uuid() from app.workspaces, generate_series(1, 3) n;
insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four)
    select workspace_id, gen_random_uuid(), project_id, sha256(n::text::bytea), 'aaaa' from app.projects, generate_series(1, 3) n;
insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
    select workspace_id, gen_random_uuid(), project_id, project_id, n, 'tone', false, 'x' from app.projects, generate_series(0, 4) n;
insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id, header_digest, tip_digest,
    message_count, exchange_count, provider, started_at, updated_at) select workspace_id, current_date, gen_random_uuid(),
    project_id, project_id, case when n % 2 = 0 then sha256(gen_random_uuid()::text::bytea) end,
    sha256(gen_random_uuid()::text::bytea), {messages}, 1, 'openai', now(), now()
    from app.projects, generate_series(1, {conversations}) n;
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    select workspace_id, day, conversation_id, n, conversation_id, 'user', 'a question of usual length', now()
    from app.conversations, generate_series(0, {messages} - 1) n;
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status, is_stream,
    end_reason, latency_us, first_byte_us, started_at) select workspace_id, day, conversation_id, conversation_id, 0,
    'openai', 'm', 200, false, 'end', 1, 1, now() from app.conversations;
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, judge, message_count)
    select c.workspace_id, c.day, c.conversation_id, r.rule_id, c.project_id, 'pass', 'model', 1
    from app.conversations c join app.rules r on r.workspace_id = c.workspace_id and r.position = 0;
insert into audit.events select workspace_id, date_trunc('month', now() at time zone 'UTC')::date, gen_random_uuid(), n,
    71, 1, 'process', 'api', '', '', 'conversations', '', '' from app.workspaces, generate_series(1, 2000) n;
"""

HEADS = ("array[{conversation}], array[{day}::int8], array[{project}], array[{project}], array[{header}], array[{next}], "
         "array[{next}], array[0::int8], array['openai'], array['m'], array[{now_us}], array[gen_random_uuid()], array['m'], "
         "array[200::int8], array[1::int8], array['end'], array['stop'], array[''], array[''], array[9::int8], array[9::int8], "
         "array[9::int8], array[9::int8], array[2::int8], array[1, 1]::int8[], array[0, 1]::int8[], array['user', 'assistant'], "
         "array['a question', 'an answer'], array['', ''], array['', ''], array['', ''], 1000, 1, 1")

CASES = {  # by what they are run for: the parameters of each statement
    # each capture
    "collector/find_by_id": "{conversation}, {day}, {conversation}, {day}",
    "collector/find_by_names": "array[{conversation}], array[{day}::int8], array[{project}], array[{header}]",
    "collector/find_by_tips": "array[{conversation}], array[{day}::int8], array[{project}], array[{project}], "
                              "array[1, 1]::int8[], array[{next}, {tip}]",
    "collector/find_system_message": "{project}, sha256('x')", "collector/newest_redaction_version": "",
    "collector/load_redaction_policy": "1",
    "collector/start_conversations": HEADS.replace("{conversation}", "gen_random_uuid()"),
    "collector/grow_conversations": HEADS + ", array[{tip}], array[1::int8]",
    # each conversation that is judged
    "judge/load_conversations": "array[{day}::int8], array[{conversation}]",
    "judge/load_messages": "array[{day}::int8], array[{conversation}], 50331648, 50331648",
    "judge/load_rules": "array[{day}::int8], array[{conversation}]",
    "judge/upsert_verdicts": "array[{day}::int8], array[{conversation}], array[{project}], array[20::int8], array[{rule}], "
                             "array['fail'], array['[]'], array['because'], array['model']",
    # each page
    "api/list_conversations": "{project}, null, null, null, null, 51",
    "api/find_conversation": "{day}, {conversation}", "api/list_messages": "{day}, {conversation}, 50331648",
    "api/list_exchanges": "{day}, {conversation}, 20000", "api/list_verdicts": "{day}, {conversation}", "api/list_projects": "",
    "api/find_project": "{project}", "api/list_ingest_keys": "{project}", "api/list_rules": "{project}",
    "api/sum_verdicts": "{project}, {day}",
    "api/count_conversations": "{project}, {day}",
    "api/list_audit_events": "null, null, null, null, null, null, 51",
}


def sample(q):
    """A conversation from the middle, and what belongs to it."""
    q.execute("select c.workspace_id, c.conversation_id, c.project_id, encode(c.tip_digest, 'hex'), "
              "encode(c.header_digest, 'hex'), c.day - date '1970-01-01', r.rule_id, "
              "(extract(epoch from now()) * 1000000)::int8 from app.conversations c join app.rules r on "
              "r.workspace_id = c.workspace_id and r.position = 0 where c.header_digest is not null "
              "order by c.conversation_id offset (select count(*) / 4 from app.conversations) limit 1")
    workspace, conversation, project, tip, header, day, rule, now_us = q.fetchone()
    return workspace, {"conversation": f"'{conversation}'::uuid", "project": f"'{project}'::uuid", "rule": f"'{rule}'::uuid",
                       "tip": f"'\\x{tip}'::bytea", "header": f"'\\x{header}'::bytea", "next": "sha256('next')",
                       "day": str(day), "now_us": f"{now_us}::int8"}


class Turn:
    """A connection as a process of that role has it, or (passes) as one that row-level security does not hold, with
    the workspace written into the statement: what somebody would write who trusts every statement that there is."""

    def __init__(self, database, workspace, role, passes):
        self.connection = database.superuser()
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.pid = self.connection.get_backend_pid()
        self.passes = passes
        login = f"passing_{role}" if passes else role
        for option, value in session_options():
            self.cursor.execute(f"set {option} = '{value}'")
        self.cursor.execute("select set_config('app.context', %s, false)",
                            (context(workspace, login, self.pid, expiry=int(time.time()) + 7200),))
        self.cursor.execute(f"set session authorization rendfly_{login}")

    def prepare(self, text):
        if self.passes:
            text = re.sub(r"(from|join|update) (app|audit)\.(\w+)(?!\w*\()", r"\1 plain.\3", text).replace(
                "(select app.ws())", "plain.workspace()").replace(
                "group by c.workspace_id, c.day, c.conversation_id", GROUPED)  # a view's columns follow from no key
        self.cursor.execute("deallocate all")
        self.cursor.execute("prepare one as " + text)

    def cpu_us(self):
        """Of the server's process, once it sleeps again."""
        while pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "S":
            pass
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1000

    def took_us(self, statement):
        """By the clock, and of the processor's time; in a transaction that asked for its context once already, as the
        processes' have mostly, and that is undone."""
        self.cursor.execute("begin; select app.ws()")
        cpu = self.cpu_us()
        began = time.perf_counter_ns()
        self.cursor.execute(statement)
        ended = time.perf_counter_ns()
        cpu = self.cpu_us() - cpu
        self.cursor.execute("rollback")
        return (ended - began) / 1000, cpu


def plan_faults(turn, statement):
    turn.cursor.execute("explain (format json) " + statement)
    plan = turn.cursor.fetchone()[0][0]["Plan"]
    yield from faults_of(plan)
    if not any(node.get("Parent Relationship") == "InitPlan" for node in nodes(plan)):
        yield "does not ask for the context"


def measure(on, off, statement, pairs):
    """Medians over the rounds: us by the role itself, then of the clock and of the processor's time the ratios of the
    medians and of the 99 %."""
    for turn in (on, off):
        for _ in range(WARM):
            turn.took_us(statement)
    rows = []
    for _ in range(ROUNDS):
        took = {on: [], off: []}
        for i in range(pairs):
            for turn in ((on, off) if i % 2 else (off, on)):
                took[turn].append(turn.took_us(statement))
        row = []
        for which in range(2):
            (p50, p99), (plain_p50, plain_p99) = (
                (statistics.median(t[which] for t in took[turn]), statistics.quantiles((t[which] for t in took[turn]), n=100)[98])
                for turn in (on, off))
            row += [p50, p50 / plain_p50, p99 / plain_p99]
        rows.append(row)
    return [statistics.median(column) for column in zip(*rows)]


def fill(database, conversations):
    with database.superuser() as c, c.cursor() as q:
        q.execute(FILL.format(workspaces=WORKSPACES, conversations=conversations, messages=MESSAGES))
        for role in ROLES:
            q.execute(f"create role rendfly_passing_{role} bypassrls in role rendfly_{role}")
    c.autocommit = True
    with c.cursor() as q:
        q.execute("vacuum analyze")
    c.close()


def make_plain(q, workspace):
    """The tables under another name, as far as they are one workspace's."""
    q.execute("create schema plain")
    q.execute(f"create function plain.workspace() returns uuid language sql immutable as $$ select '{workspace}'::uuid $$")
    q.execute("select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in "
              "('app', 'audit') and c.relkind in ('r', 'p') and not c.relispartition and c.relrowsecurity")
    for schema, table in q.fetchall():
        q.execute(f"create view plain.{table} as select * from {schema}.{table} where workspace_id = '{workspace}'")
    for role in ROLES:
        q.execute(f"grant usage on schema plain to rendfly_passing_{role}; "
                  f"grant select, update on all tables in schema plain to rendfly_passing_{role}")


def report(database, pairs, names=tuple(CASES)):
    with database.superuser() as c, c.cursor() as q:
        workspace, values = sample(q)
        q.execute("drop schema if exists plain cascade")
        make_plain(q, workspace)
    print(f"{'':38}{'clock':>8}{'p50':>8}{'p99':>8}{'processor':>12}{'p50':>8}{'p99':>8}   bar: p99 <= {BAR:.2f}")
    print(f"{'':38}{'us':>8}{'ratio':>8}{'ratio':>8}{'us':>12}{'ratio':>8}{'ratio':>8}")
    ratios = []
    for role in ROLES:
        on, off = (Turn(database, workspace, role, passes) for passes in (False, True))
        for name in (n for n in names if n.startswith(role + "/")):
            text = re.sub(r"^--.*\n", "", (ROOT / "sql/queries" / f"{name}.sql").read_text(), flags=re.M)
            arguments = CASES[name].format(**values)
            statement = f"execute one{arguments and f'({arguments})'}"
            for turn in (on, off):
                turn.prepare(text)
            faults = "; ".join(plan_faults(on, statement))
            row = measure(on, off, statement, pairs)
            ratios.append(row)
            print(f"{name:38}{row[0]:>8.0f}{row[1]:>8.2f}{row[2]:>8.2f}{row[3]:>12.0f}{row[4]:>8.2f}{row[5]:>8.2f}"
                  f"   {'over' if row[5] > BAR else ''} {faults}", flush=True)
        for turn in (on, off):
            turn.connection.close()
    of_all = [statistics.median(column) for column in zip(*ratios)]
    print(f"{'median of all':38}{'':8}{of_all[1]:>8.2f}{of_all[2]:>8.2f}{'':12}{of_all[4]:>8.2f}{of_all[5]:>8.2f}   "
          f"{sum(row[5] > BAR for row in ratios)} of {len(ratios)} over")


def main():
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    database = Database()
    try:
        fill(database, conversations)
        print(f"row-level security, {WORKSPACES * conversations * MESSAGES:,} messages of {WORKSPACES} workspaces")
        report(database, pairs)
    finally:
        database.close()


if __name__ == "__main__":
    main()
