# SPDX-License-Identifier: Apache-2.0
"""A capture that comes a second time, as after a kill between the commit and its receipt, is known to be stored,
also when it went on in a conversation of an earlier day.
"""
import datetime
import re
import uuid

import pytest

from database import context
from system import ROOT

EPOCH = datetime.date(1970, 1, 1)
FILL = """
select app.ensure_partitions(current_date - 7, current_date);
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values (%(w)s, 'w', 1, 1);
insert into app.projects (workspace_id, project_id, name) values (%(w)s, %(p)s, 'p');
insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest, provider, started_at, updated_at)
    values (%(w)s, current_date - %(age)s, %(c)s, %(p)s, sha256('x'), 'openai', now(), now());
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status, is_stream,
    end_reason, latency_us, first_byte_us, started_at)
    values (%(w)s, current_date - %(age)s, %(c)s, %(x)s, 0, 'openai', 'm', 200, false, '', 1, 1, now());
"""
ZERO = str(uuid.UUID(int=0))
ARGUMENTS = {"find_by_tips": lambda i, days: ([i["x"]], [days], [i["p"]], [ZERO], [1], [b"y" * 32]),
             "find_by_names": lambda i, days: ([i["x"]], [days], [i["p"]], [b"y" * 32]),
             "find_by_id": lambda i, days: (i["x"], days, i["c"], days)}


@pytest.mark.parametrize("age", [0, 1, 2, 7])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_capture_of_a_conversation_that_began_days_ago_is_known_to_be_stored(superuser, name, age):
    superuser.rollback()
    ids = {key: str(uuid.uuid4()) for key in "wpcx"}
    text = (ROOT / f"sql/queries/collector/{name}.sql").read_text()
    body = re.sub(r"\$(\d+)", lambda m: f"%({m[1]})s", text.replace("%", "%%"))
    with superuser.cursor() as q:
        q.execute(FILL, {**ids, "age": age})
        q.execute("select current_date")
        days = (q.fetchone()[0] - EPOCH).days
        q.execute("set local session authorization rendfly_collector")
        q.execute("select set_config('app.context', %s, true)",
                  (context(ids["w"], "collector", superuser.get_backend_pid()),))
        q.execute(body, {str(i + 1): value for i, value in enumerate(ARGUMENTS[name](ids, days))})
        (is_stored, *_), = q.fetchall()
        q.execute(body, {**{str(i + 1): v for i, v in enumerate(ARGUMENTS[name]({**ids, "x": ids["c"]}, days))}})
        (is_other_stored, *_), = q.fetchall()
    superuser.rollback()
    assert (is_stored, is_other_stored) == (1, 0)
