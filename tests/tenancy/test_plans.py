# SPDX-License-Identifier: Apache-2.0
"""How the statements that agents and pages wait for are carried out under row-level security, on a filled
database and with the settings of the serving processes' own connections.
"""
import datetime
import re

import pytest

from database import context
from system import ROOT
from test_pool import FILL

WORKSPACES, MESSAGES = 30, 200
SERVING = ("collector", "api", "judge")
LEAST = 20  # statements


def session_options():
    """Those that every connection of lib/store sets."""
    text = (ROOT / "lib/store/store.c").read_text()
    options = re.search(r"session_options\[\] =\s*((?:\s*\".*?\")+);", text)[1]
    return re.findall(r"-c (\w+)=(\w+)", options)


def hottest():
    """The statements with tables of the serving processes: role, name, text."""
    for role in SERVING:
        for path in sorted((ROOT / "sql/queries" / role).glob("*.sql")):
            body = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
            if re.search(r"\bapp\.(?!ws\b|claim|finish|retry)\w+|\baudit\.(events|leaves)\b", body):
                yield role, path.stem, body


@pytest.fixture(scope="module")
def filled(superuser):
    superuser.rollback()
    with superuser.cursor() as q:
        q.execute("select gen_random_uuid() from generate_series(1, %s)", (WORKSPACES,))
        made = [w for w, in q.fetchall()]
        q.execute(FILL, {"w": made, "rows": MESSAGES})
        q.execute("""insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
                     select workspace_id, project_id, project_id, 1, sha256('x'), 'x' from app.projects
                     where workspace_id = any (%(w)s::uuid[]);
                     insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category,
                     has_check, sealed) select workspace_id, gen_random_uuid(), project_id, project_id, n, 'tone', false, 'x'
                     from app.projects, generate_series(0, 9) n where workspace_id = any (%(w)s::uuid[]);
                     analyze""", {"w": made})
    superuser.commit()  # what a test breaks is rolled back
    yield superuser, made[0]
    superuser.rollback()
    with superuser.cursor() as q:
        q.execute("set session_replication_role = replica")
        for table in ("rules", "system_messages", "messages", "conversations", "projects", "workspaces"):
            q.execute(f"delete from app.{table} where workspace_id = any (%s::uuid[])", (made,))
        q.execute("reset session_replication_role")
    superuser.commit()


def plan_of(q, role, body, more=""):
    n = max([int(n) for n in re.findall(r"\$(\d+)", body)], default=0)
    q.execute("deallocate all")
    for name, value in session_options():
        q.execute(f"set local {name} = {value}")
    q.execute(f"set local session authorization rendfly_{role}")
    q.execute("prepare one as " + body)
    arguments = f"({', '.join(['null'] * n)})" if n else ""
    q.execute(f"explain (format json{more}) execute one{arguments}")
    plan = q.fetchone()[0][0]["Plan"]
    q.execute("reset session authorization")
    return plan


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def faults_of(plan):
    for node in nodes(plan):
        kind, table = node["Node Type"], node.get("Relation Name", "")
        if kind == "Seq Scan":
            yield f"goes through the whole of {table}"
        if "Index" in kind and kind != "BitmapAnd" and "Index Cond" not in node and kind != "Bitmap Heap Scan":
            yield f"goes through the whole index {node.get('Index Name')}"
        for condition in ("Filter", "Index Cond", "Join Filter", "Recheck Cond", "One-Time Filter"):
            if "ws()" in node.get(condition, "") and node.get("Parent Relationship") != "InitPlan":
                yield f"asks app.ws() for each row of {table}: {node[condition]}"


STATEMENTS = list(hottest())


def test_there_are_as_many_as_the_bar_asks_for():
    assert len(STATEMENTS) >= LEAST, [name for _, name, _ in STATEMENTS]
    assert ("enable_seqscan", "off") in session_options()


@pytest.mark.parametrize("role, name, body", STATEMENTS, ids=[f"{role} {name}" for role, name, _ in STATEMENTS])
def test_no_table_is_gone_through_and_the_context_is_asked_once(filled, role, name, body):
    connection, _ = filled
    with connection.cursor() as q:
        plan = plan_of(q, role, body)
    connection.rollback()
    assert list(faults_of(plan)) == [], plan
    if "insert" not in body and "join lateral" not in body:
        assert any(node.get("Parent Relationship") == "InitPlan" for node in nodes(plan)), plan


def test_what_belongs_to_a_conversation_is_found_by_it_on_a_young_day(filled):
    """A plan that is made while a day's tables are new and empty is used while they fill."""
    connection, _ = filled
    text = (ROOT / "sql/queries/api/list_conversations.sql").read_text()
    with connection.cursor() as q:
        q.execute("select app.ensure_partitions(current_date + 40, current_date + 41), to_char(current_date + 40, 'YYYYMMDD')")
        day = q.fetchone()[1]
        plan = plan_of(q, "api", "\n".join(line for line in text.splitlines() if not line.startswith("--")))
    connection.rollback()
    scans = {node["Index Name"]: node["Index Cond"] for node in nodes(plan)
             if re.match(f"(verdicts|messages)_{day}", node.get("Relation Name", ""))}
    assert len(scans) > 1 and all("conversation_id = " in condition for condition in scans.values()), scans


@pytest.mark.parametrize("name, bound", [("list_audit_events", "at_us <="), ("find_checkpoint", "size =")])
def test_the_audit_log_is_entered_where_it_is_asked_for(filled, name, bound):
    """However old what is asked for is, nothing newer is gone through."""
    connection, _ = filled
    text = (ROOT / f"sql/queries/api/{name}.sql").read_text()
    with connection.cursor() as q:
        plan = plan_of(q, "api", "\n".join(line for line in text.splitlines() if not line.startswith("--")))
    connection.rollback()
    conditions = [node["Index Cond"] for node in nodes(plan) if "Index Cond" in node]
    assert any(bound in condition for condition in conditions), conditions


def test_one_event_is_found_by_its_whole_key_in_each_month(filled):
    """Its proof is asked for one by one: it must not cost more the longer a workspace's log is."""
    connection, workspace = filled
    text = (ROOT / "sql/queries/api/find_audit_event.sql").read_text()
    with connection.cursor() as q:
        q.execute("""insert into audit.events select %s, date_trunc('month', now() at time zone 'UTC')::date,
                      gen_random_uuid(), n, 90, 1, '', '', '', '', '', '', '' from generate_series(1, 2000) n;
                      analyze audit.events""", (workspace,))
        plan = plan_of(q, "api", "\n".join(line for line in text.splitlines() if not line.startswith("--")))
    connection.rollback()
    month = datetime.datetime.now(datetime.timezone.utc).strftime("events_%Y%m")
    scans = [node.get("Index Cond", "") for node in nodes(plan) if node.get("Relation Name") == month]
    assert len(scans) == 1 and all(f"({key} = " in scans[0] for key in ("workspace_id", "month", "event_id")), scans


@pytest.mark.parametrize("flaw, words", [
    ("alter table app.projects drop constraint projects_pkey cascade", "whole of projects"),
    ("drop policy in_workspace on app.projects; create policy in_workspace on app.projects to rendfly_api "
     "using (workspace_id = app.ws() or name = app.ws()::text)", "asks app.ws() for each row"),
    ("alter table app.projects drop constraint projects_pkey cascade; create index on app.projects (name) include "
     "(workspace_id)", "whole")])
def test_a_bad_plan_is_found(filled, flaw, words):
    connection, workspace = filled
    try:
        with connection.cursor() as q:
            q.execute(flaw)
            q.execute("select set_config('app.context', %s, true)",
                      (context(workspace, "api", connection.get_backend_pid()),))
            plan = plan_of(q, "api", "select name from app.projects")
    finally:
        connection.rollback()
    assert any(words in fault for fault in faults_of(plan)), plan


def test_another_workspaces_rows_are_not_even_looked_at(filled):
    """Rows that row-level security removes after they were read would show in the time that it takes."""
    connection, workspace = filled
    with connection.cursor() as q:
        q.execute("select set_config('app.context', %s, true)",
                  (context(workspace, "api", connection.get_backend_pid()),))
        plan = plan_of(q, "api", "select content from app.messages", ", analyze")
    connection.rollback()
    assert sum(node.get("Rows Removed by Filter", 0) for node in nodes(plan)) == 0, plan
    assert plan["Actual Rows"] == MESSAGES
