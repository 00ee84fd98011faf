# SPDX-License-Identifier: Apache-2.0
"""A connection that served one workspace shows nothing of it to the next: see pool.c."""
import json
import os
import pathlib
import subprocess
import uuid

import pytest

from system import ROOT

BUILD = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build"))
TRANSACTIONS = int(os.environ.get("RENDFLY_POOL_TRANSACTIONS", "20000"))
WORKSPACES = 40
ROWS = 5

FILL = """
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) select w, 'w', 1, 1 from unnest(%(w)s::uuid[]) w;
insert into app.projects (workspace_id, project_id, name) select w, gen_random_uuid(), 'p' from unnest(%(w)s::uuid[]) w;
insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest, provider, started_at, updated_at)
    select workspace_id, current_date, project_id, project_id, sha256('x'), 'openai', now(), now() from app.projects
    where workspace_id = any (%(w)s::uuid[]);
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    select c.workspace_id, c.day, c.conversation_id, n, c.conversation_id, 'user', 'x', now()
    from app.conversations c, generate_series(0, %(rows)s - 1) n where c.workspace_id = any (%(w)s::uuid[]);
"""


@pytest.fixture(scope="module")
def workspaces(superuser, database):
    made = [str(uuid.uuid4()) for _ in range(WORKSPACES)]
    superuser.rollback()
    with superuser.cursor() as q:
        q.execute(FILL, {"w": made, "rows": ROWS})
    superuser.commit()
    yield made
    superuser.rollback()
    with superuser.cursor() as q:
        for table in ("messages", "conversations", "projects", "workspaces"):
            q.execute(f"delete from app.{table} where workspace_id = any (%s::uuid[])", (made,))
    superuser.commit()


def soak(database, workspaces, transactions, *options):
    done = subprocess.run([BUILD / "tests/tenancy/tenancy-pool", database.system.dir, str(transactions), "20261126",
                           *options], input="\n".join(workspaces), text=True, capture_output=True, timeout=3000)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_row_of_another_workspace_over_connections_that_are_used_again(database, workspaces):
    told = soak(database, workspaces, TRANSACTIONS)
    print(told)
    assert told["foreign"] == 0 and told["unexpected"] == 0, told
    transactions = sum(n for name, n in told.items() if name not in ("rows", "foreign", "unexpected"))
    assert transactions == TRANSACTIONS
    aborted = told["rolled_back"] + told["failed"]
    assert aborted >= 0.18 * TRANSACTIONS and told["cancelled"] >= 0.04 * TRANSACTIONS, told
    assert told["killed"] >= 0.007 * TRANSACTIONS and told["without_context"] >= 0.02 * TRANSACTIONS, told
    assert told["rows"] >= ROWS * (told["committed"] + told["pipelined"]), told


def test_a_pool_that_mixes_contexts_up_is_noticed(database, workspaces):
    assert soak(database, workspaces, 2000, "confuse")["foreign"] > 0
