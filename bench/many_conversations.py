#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long each reading operation of the API takes in a workspace with many conversations: all of the day, which the
API's connections knew empty, with the verdicts of every rule.  Bar: 100 ms; /me, which reads one row, is the floor.

usage: many_conversations.py [CONVERSATIONS [TIMES [EVENTS]]]
"""
import http.client
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/integration")]

from api_client import COOKIE, Api  # noqa: E402
from system import ALL_PLACED, System, wait_until  # noqa: E402

BAR_MS, MESSAGES, CONNECTIONS = 100, 20, 12
RULES = ("Always answer in English. Never quote a price. Never promise a delivery date. Always ask for the order's number. "
         "Do not speak of other customers. Refuse to discuss politics.")

FILL = """
set session_replication_role = replica; -- the keys fit: nothing need look them up
insert into app.conversations (workspace_id, day, conversation_id, project_id, system_message_id, tip_digest, message_count,
    exchange_count, provider, started_at, updated_at) select r.workspace_id, current_date, gen_random_uuid(), r.project_id,
    r.system_message_id, sha256(gen_random_uuid()::text::bytea), {messages}, 1, 'openai', now(), now()
    from (select distinct workspace_id, project_id, system_message_id from app.rules) r, generate_series(1, {n});
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    select workspace_id, day, conversation_id, p, conversation_id, 'user', 'a question of usual length', now()
    from app.conversations, generate_series(0, {messages} - 1) p where message_count = {messages};
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status, is_stream,
    end_reason, latency_us, first_byte_us, started_at) select workspace_id, day, conversation_id, conversation_id, 0,
    'openai', 'm', 200, false, 'end', 1, 1, now() from app.conversations where message_count = {messages};
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, judge, message_count)
    select c.workspace_id, c.day, c.conversation_id, r.rule_id, c.project_id,
        case when r.position = 1 and get_byte(uuid_send(c.conversation_id), 7) = 0 then 'fail' else 'pass' end, 'model', 1
    from app.conversations c join app.rules r using (workspace_id, system_message_id) where c.message_count = {messages};
insert into audit.events select distinct on (n) workspace_id, date_trunc('month', now() at time zone 'UTC')::date,
    gen_random_uuid(), 1000000::int8 * n, 71, 1, 'process', 'judge', ''::bytea, '', 'rule', '', '' from app.rules,
    generate_series(1, {events}) n;
"""


def operations(system, day):
    """(name, path) of each; what they name is there."""
    one = system.sql("select conversation_id from app.conversations order by message_count desc, conversation_id limit 1")[0]
    middle = system.sql("select conversation_id from app.conversations order by conversation_id offset (select count(*) / 2 "
                        "from app.conversations) limit 1")[0]
    project, rule = system.sql("select project_id, rule_id from app.rules where position = 1 limit 1")[0].split("|")
    event = system.sql("select event_id from audit.events where workspace_id = (select workspace_id from app.workspaces) order by at_us limit 1")[0]
    size = system.sql("select max(size) from audit.checkpoints")[0]
    yield from (("/me", "/me"), ("/projects", "/projects"), ("/redaction", "/redaction"), ("/captures", "/captures"),
                ("/redaction/versions", "/redaction/versions"), ("/healthz", "/healthz"), ("/readyz", "/readyz"))
    for noun in ("scores", "rules", "ingest-keys"):
        yield f"/projects/{{project}}/{noun}", f"/projects/{project}/{noun}"
    yield "/conversations", "/conversations?limit=100"
    for what in (f"project={project}", "verdict=fail", "verdict=indeterminate", f"rule={rule}", f"rule={rule}&verdict=fail",
                 f"before={day}.{middle}", f"project={project}&verdict=indeterminate"):
        yield "/conversations?" + what.replace(project, "…").replace(rule, "…").replace(middle, "…"), "/conversations?" + what
    yield "/conversations/{day}/{id}", f"/conversations/{day}/{one}"
    yield "/audit/events", "/audit/events?limit=100"
    for what in ("event=authz_fail", "outcome=denied", f"object={one}"):
        yield f"/audit/events?{what.replace(one, '…')}", f"/audit/events?{what}"
    yield "/audit/events/{event}", f"/audit/events/{event}"
    yield "/audit/events/{event}/proof", f"/audit/events/{event}/proof"
    yield "/audit/export", "/audit/export"
    yield "/audit/checkpoint", "/audit/checkpoint"
    yield "/audit/consistency", f"/audit/consistency?from=1&to={size}"


class Caller:
    """Connections of several, for the API has several threads, each with statements of its own."""

    def __init__(self, system, api):
        self.headers = {"Cookie": f"{COOKIE}={api.cookie}"}
        self.connections = [http.client.HTTPSConnection("localhost", system.port, context=api.tls, timeout=120)
                            for _ in range(CONNECTIONS)]

    def took_ms(self, path, number):
        connection = self.connections[number % CONNECTIONS]
        began = time.perf_counter()
        connection.request("GET", "/api/v1" + path, headers=self.headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {body[:300]}")
        return 1000 * (time.perf_counter() - began)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    events = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    with System() as system:
        api = Api(system.url, system.ca)
        assert api.log_in(system.first_login["user"], system.first_login["password"]).status == 200
        assert system.chat([{"role": "system", "content": RULES}, {"role": "user", "content": "Hello, who are you?"}])[0] == 200
        wait_until("it is judged", lambda: system.sql("select 1 from app.verdicts limit 1") and system.jobs_waiting() == 0)
        day = system.sql("select day from app.conversations")[0]
        caller = Caller(system, api)
        wait_until("a checkpoint is signed", lambda: system.sql("select 1 from audit.checkpoints where size > 1"))
        for _, path in operations(system, day):
            for i in range(CONNECTIONS):
                caller.took_ms(path, i)
        system.sql(FILL.format(n=n, messages=MESSAGES, events=events))
        wait_until("all events have their leaf", lambda: system.sql("select 1 where " + ALL_PLACED), 1200)
        print(f"{n:,} conversations of one workspace and one day, {n * MESSAGES:,} messages, "
              f"{int(system.sql('select count(*) from app.verdicts')[0]):,} verdicts, {events:,} events; ms of {times}\n"
              f"{'':55}{'least':>8}{'median':>8}{'most':>8}   bar: median <= {BAR_MS}")
        slow = 0
        for name, path in operations(system, day):
            took = sorted(caller.took_ms(path, i) for i in range(times))
            slow += statistics.median(took) > BAR_MS
            print(f"{name:55}{took[0]:>8.1f}{statistics.median(took):>8.1f}{took[-1]:>8.1f}"
                  f"{'   over' if statistics.median(took) > BAR_MS else ''}", flush=True)
        print(f"{slow} over the bar")


if __name__ == "__main__":
    main()
