# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the API's and the pages' tests, on the one running `system` (tests/conftest.py).

People and a second workspace are put into its database by the cluster's superuser, who is the only
one that could.
"""
import pathlib
import subprocess
import uuid

import pytest

from api_client import Api
from system import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def first_user(system):
    return system.first_login["user"], system.first_login["password"]


@pytest.fixture
def browser(system):
    return Api(system.url, system.ca)


@pytest.fixture
def owner(browser, first_user):
    answer = browser.log_in(*first_user)
    assert answer.status == 200, answer.body
    return browser


@pytest.fixture
def project(system):
    return system.first_login["project"]


@pytest.fixture(scope="session")
def make_member(system, first_user):
    """Another person of the first workspace, with the first one's password."""
    def make(role):
        user, email = uuid.uuid4(), f"{role}-{uuid.uuid4().hex[:10]}@members.example"
        system.sql(f"""
            insert into identity.users (user_id, email, password_hash)
                select '{user}', '{email}', password_hash from identity.users
                where email = '{first_user[0]}';
            insert into identity.memberships (user_id, workspace_id, role)
                select '{user}', m.workspace_id, '{role}' from identity.memberships m
                join identity.users u using (user_id) where u.email = '{first_user[0]}';""")
        return email, first_user[1]
    return make


@pytest.fixture(scope="session")
def foreign(system):
    """Ids of a second workspace's project, key and conversation, which really exist."""
    ids = {name: str(uuid.uuid4()) for name in ("workspace", "project", "key", "conversation")}
    ids["day"] = system.sql("select current_date")[0]
    system.sql("""
        set session_replication_role = replica;
        insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst)
            values ('{workspace}', 'Another', 60, 10);
        insert into app.projects (workspace_id, project_id, name)
            values ('{workspace}', '{project}', 'Another project');
        insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four)
            values ('{workspace}', '{key}', '{project}', sha256('{key}'), 'abcd');
        insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest,
            provider, started_at, updated_at)
            values ('{workspace}', '{day}', '{conversation}', '{project}', sha256('{key}'), 'openai',
                now(), now());
        """.format(**ids))
    return ids


@pytest.fixture(scope="session")
def samples(system):
    """The sample conversations went through the edge and were judged."""
    done = subprocess.run([ROOT / "tools/demo", "--dir", system.dir], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def judged_conversations(samples, owner):
    def judged():
        found = owner.get("/conversations?limit=100").json["conversations"]
        return found if all(sum(c["verdicts"].values()) > 0 for c in found) else None
    return wait_until("a verdict for every conversation", judged)
