#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What row-level security costs: statements of the pages and the collector, with it and without in the same
session, over the same rows.  Bar: p99 at most 1.10 times.

usage: row_security.py [CONVERSATIONS A WORKSPACE]   (50 workspaces, 20 messages a conversation)
"""
import pathlib
import re
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/tenancy")]

from database import Database, context  # noqa: E402

WORKSPACES, MESSAGES, ROUNDS, REPEATS = 50, 20, 6, 300
TABLES = ("workspaces", "projects", "ingest_keys", "system_messages", "rules", "conversations", "exchanges", "messages",
          "verdicts", "redaction_policies")

FILL = """
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst)
    select gen_random_uuid(), 'w', 1, 1 from generate_series(1, {workspaces});
insert into app.projects (workspace_id, project_id, name) select workspace_id, gen_random_uuid(), 'p' from app.workspaces;
insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
    select workspace_id, project_id, project_id, 1, sha256('x'), 'x' from app.projects;
insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
    select workspace_id, gen_random_uuid(), project_id, project_id, n, 'tone', false, 'x' from app.projects, generate_series(0, 4) n;
insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id, tip_digest, provider,
    started_at, updated_at) select workspace_id, current_date, gen_random_uuid(), project_id, project_id,
    sha256(gen_random_uuid()::text::bytea), 'openai', now(), now() from app.projects, generate_series(1, {conversations});
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    select workspace_id, day, conversation_id, n, conversation_id, 'user', 'a question of usual length', now()
    from app.conversations, generate_series(0, {messages} - 1) n;
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status, is_stream,
    end_reason, latency_us, first_byte_us, started_at) select workspace_id, day, conversation_id, conversation_id, 0,
    'openai', 'm', 200, false, 'end', 1, 1, now() from app.conversations;
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, judge, message_count)
    select c.workspace_id, c.day, c.conversation_id, r.rule_id, c.project_id, 'pass', 'model', 1
    from app.conversations c join app.rules r on r.workspace_id = c.workspace_id and r.position = 0;
analyze;
"""

CASES = {  # the parameters of each statement
    "api/find_conversation": "{day}, {conversation}", "api/list_messages": "{day}, {conversation}, 50331648",
    "api/list_exchanges": "{day}, {conversation}, 20000", "api/list_verdicts": "{day}, {conversation}", "api/list_projects": "",
    "api/find_project": "{project}", "api/list_ingest_keys": "{project}", "api/list_rules": "{project}",
    "api/sum_verdicts_by_rule": "{project}, {day}", "api/sum_verdicts_by_day": "{project}, {day}",
    "api/count_conversations": "{project}, {day}", "collector/find_by_id": "{conversation}, {day}, {conversation}, {day}",
    "collector/find_by_names": "array[{conversation}], array[{day}::int8], array[{project}], array[{tip}]",
    "collector/find_system_message": "{project}, sha256('x')", "collector/newest_redaction_version": "",
    "collector/load_redaction_policy": "1",
}


def sample(q):
    """A conversation from the middle, and what belongs to it."""
    q.execute("select workspace_id, conversation_id, project_id, encode(tip_digest, 'hex'), day - date '1970-01-01' from "
              "app.conversations order by conversation_id offset (select count(*) / 2 from app.conversations) limit 1")
    workspace, conversation, project, tip, day = q.fetchone()
    return workspace, {"conversation": f"'{conversation}'::uuid", "project": f"'{project}'::uuid",
                       "tip": f"'\\x{tip}'::bytea", "day": str(day)}


def took_us(q, role, statement, is_on):
    """Of each execution; what is switched off comes back at the savepoint."""
    q.execute("savepoint before")
    if not is_on:
        for table in TABLES:
            q.execute(f"alter table app.{table} disable row level security")
    q.execute(f"set local session authorization rendfly_{role}")
    times = []
    for i in range(REPEATS + 20):
        began = time.perf_counter_ns()
        q.execute(statement)
        if i >= 20:  # after the plan is made
            times.append((time.perf_counter_ns() - began) / 1000)
    q.execute("rollback to savepoint before")
    return times


def measure(c, name, workspace, values):
    """Medians over the rounds: us with row-level security, ratio of p50, ratio of p99."""
    role, arguments = name.split("/")[0], CASES[name].format(**values)
    text = (ROOT / "sql/queries" / f"{name}.sql").read_text()
    rows = []
    with c.cursor() as q:
        for option, value in re.findall(r"-c (\w+)=(\w+)", (ROOT / "lib/store/store.c").read_text()):
            q.execute(f"set local {option} = '{value}'")
        q.execute("select set_config('app.context', %s, true)",
                  (context(workspace, role, c.get_backend_pid(), expiry=int(time.time()) + 3600),))
        q.execute("prepare one as " + "\n".join(line for line in text.splitlines() if not line.startswith("--")))
        for i in range(ROUNDS):
            times = {is_on: took_us(q, role, f"execute one{arguments and f'({arguments})'}", is_on)
                     for is_on in ((True, False) if i % 2 else (False, True))}
            p99 = {is_on: statistics.quantiles(t, n=100)[98] for is_on, t in times.items()}
            rows.append((statistics.median(times[True]), statistics.median(times[True]) / statistics.median(times[False]),
                         p99[True] / p99[False]))
        q.execute("deallocate one")
    c.rollback()
    return [statistics.median(column) for column in zip(*rows)]


def main():
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    database = Database()
    try:
        with database.superuser() as c:
            with c.cursor() as q:
                q.execute(FILL.format(workspaces=WORKSPACES, conversations=conversations, messages=MESSAGES))
                workspace, values = sample(q)
            c.commit()
            print(f"row-level security, {WORKSPACES * conversations * MESSAGES:,} messages of {WORKSPACES} workspaces")
            print(f"{'':38}{'p50 us':>10}{'p50 on/off':>12}{'p99 on/off':>12}   bar <= 1.10")
            ratios = []
            for name in CASES:
                row = measure(c, name, workspace, values)
                ratios.append(row)
                print(f"{name:38}{row[0]:>10.0f}{row[1]:>12.2f}{row[2]:>12.2f}")
            print(f"{'median of all':38}{'':>10}{statistics.median(r[1] for r in ratios):>12.2f}"
                  f"{statistics.median(r[2] for r in ratios):>12.2f}")
    finally:
        database.close()


if __name__ == "__main__":
    main()
