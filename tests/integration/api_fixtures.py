# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the API's and the pages' tests, all from the running system's data folder.

`system` (tests/conftest.py) gives the folder; people and a second workspace are put into its
database by the cluster's superuser, who is the only one that could.
"""
import os
import pathlib
import pwd
import subprocess
import time
import uuid

import pytest

from api_client import Api

POSTGRES_USER = "rendfly-postgres"


def wait_until(what, condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"did not come within {seconds} s: {what}"
        time.sleep(0.05)
    return value


class Database:
    """SQL as the superuser, over the unix socket that only he may use."""

    def __init__(self, folder: pathlib.Path):
        self.socket = str(folder / "run/pg")
        settings = (folder / "pg/rendfly.conf").read_text()
        self.port = next(line.split("=")[1].strip() for line in settings.splitlines()
                         if line.startswith("port"))

    def run(self, statements: str) -> list[str]:
        user = pwd.getpwnam(POSTGRES_USER) if os.geteuid() == 0 else None
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-p", self.port, "rendfly"],
            input=statements, text=True, capture_output=True, cwd="/",
            user=user and user.pw_uid, group=user and user.pw_gid)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@pytest.fixture(scope="session")
def data_folder(system) -> pathlib.Path:
    return pathlib.Path(system.dir)


@pytest.fixture(scope="session")
def first_login(data_folder) -> dict:
    lines = (data_folder / "first-login").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.fixture(scope="session")
def api_url(first_login):
    return first_login["url"]


@pytest.fixture(scope="session")
def api_ca(data_folder):
    return str(data_folder / "pki/ca.crt")


@pytest.fixture(scope="session")
def first_user(first_login):
    return first_login["user"], first_login["password"]


@pytest.fixture(scope="session")
def database(data_folder):
    return Database(data_folder)


@pytest.fixture
def browser(api_url, api_ca):
    return Api(api_url, api_ca)


@pytest.fixture
def owner(browser, first_user):
    answer = browser.log_in(*first_user)
    assert answer.status == 200, answer.body
    return browser


@pytest.fixture
def project(owner):
    return owner.get("/projects").json["projects"][0]["project_id"]


@pytest.fixture(scope="session")
def make_member(database, first_user):
    """Another person of the first workspace, with the first one's password."""
    def make(role):
        user, email = uuid.uuid4(), f"{role}-{uuid.uuid4().hex[:10]}@members.example"
        database.run(f"""
            insert into identity.users (user_id, email, password_hash)
                select '{user}', '{email}', password_hash from identity.users
                where email = '{first_user[0]}';
            insert into identity.memberships (user_id, workspace_id, role)
                select '{user}', m.workspace_id, '{role}' from identity.memberships m
                join identity.users u using (user_id) where u.email = '{first_user[0]}';""")
        return email, first_user[1]
    return make


@pytest.fixture(scope="session")
def foreign(database):
    """Ids of a second workspace's project, key and conversation, which really exist."""
    ids = {name: str(uuid.uuid4()) for name in ("workspace", "project", "key", "conversation")}
    ids["day"] = database.run("select current_date")[0]
    database.run("""
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


@pytest.fixture
def judged_conversations(owner):
    """The samples' conversations, once each has its verdicts."""
    def judged():
        found = owner.get("/conversations?limit=100").json["conversations"]
        done = all(sum(c["verdicts"].values()) > 0 for c in found)
        return found if len(found) >= 3 and done else None
    return wait_until("three judged conversations", judged)
