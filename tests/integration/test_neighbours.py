# SPDX-License-Identifier: Apache-2.0
"""What one workspace sends keeps no other back, and leaves no endless log."""
import subprocess
import uuid

import pytest

from api_client import Api
from system import System, wait_until

BUDGET = 4096  # the least that can be set; a minute
VALUES = 300   # of a message of the greedy one


@pytest.fixture(scope="module")
def own():
    with System({"keyd_pseudonyms_per_minute": BUDGET, "rate_per_minute": 100000, "rate_burst": 100000}) as s:
        yield s


@pytest.fixture(scope="module")
def neighbour(own):
    """The ingest key of a second workspace, which has keys at keyd."""
    member = Api(own.url, own.ca)
    assert member.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    made = member.change("POST", f"/projects/{own.first_login['project']}/ingest-keys", {"name": "moves"})
    assert made.status == 201, made.body
    workspace, project = uuid.uuid4(), uuid.uuid4()
    assert own.run("keys", "create", str(workspace), "--dir", own.dir).returncode == 0
    own.sql(f"""
        set session_replication_role = replica;
        insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst)
            values ('{workspace}', 'Neighbour', 100000, 100000);
        insert into app.projects (workspace_id, project_id, name) values ('{workspace}', '{project}', 'Next door');
        update app.ingest_keys set workspace_id = '{workspace}', project_id = '{project}'
            where key_id = '{made.json["key"]["key_id"]}';
        update private.keys_version set version = version + 1;""")
    key = made.json["secret"]
    # Its key goes to the edge under the other workspace.
    wait_until("a call of the neighbour's is stored", lambda: own.chat(
        [{"role": "user", "content": f"Hello {uuid.uuid4()}"}], key=key)[0] == 200 and conversations(own, workspace))
    return str(workspace), key


def conversations(own, workspace):
    return int(own.sql(f"select count(*) from app.conversations where workspace_id = '{workspace}'")[0])


def spend(own, calls):
    """More values than the first workspace has a budget for."""
    for n in range(calls):
        said = " ".join(f"mail{n}x{i}@shop{i}.example" for i in range(VALUES))
        assert own.chat([{"role": "user", "content": said}])[0] == 200


def log(own):
    return (own.folder / "log/rendfly.log").read_text()


def test_a_workspace_over_its_budget_stands_aside_and_the_neighbours_captures_are_stored(own, neighbour):
    workspace, key = neighbour
    ours = own.first_login["workspace"]
    calls = 3 * BUDGET // VALUES
    spend(own, calls)
    wait_until("the first stands aside", lambda: "captures_stand_aside" in log(own))
    kept = conversations(own, workspace)
    for n in range(5):
        assert own.chat([{"role": "user", "content": f"What do you sell? {n} {uuid.uuid4()}"}], key=key)[0] == 200
        wait_until("the neighbour's is stored", lambda n=n: conversations(own, workspace) == kept + n + 1, 10)
    # The first one still waits, and is told of.
    behind = own.captures()
    assert behind["in_flight"] > 0 and behind["refused"] == 0
    assert conversations(own, ours) < calls
    assert "its budget at keyd is spent" in log(own)
    # What its budget gives by and by is stored: it was put off, not lost.
    before = conversations(own, ours)
    wait_until("it goes on", lambda: conversations(own, ours) > before, 90)


def refusals(own):
    return own.sql("select detail from audit.events where event = 113 order by at_us")


def test_captures_that_are_refused_leave_one_event_a_minute_and_the_count_of_all(own, neighbour):
    workspace, key = neighbour
    already = own.captures()["unparsed"]
    for n in range(30):
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "--cacert", own.ca, "-H", f"X-Rendfly-Key: {key}",
                               "-H", "Content-Type: application/json", "-d", f'{{"messages": {n}',
                               f"{own.url}/sample/v1/chat/completions"])
        assert done.returncode == 0
        if n == 0:
            wait_until("the first is recorded", lambda: own.captures()["unparsed"] == already + 1 and refusals(own))
    wait_until("all are decided", lambda: own.captures()["unparsed"] == already + 30)
    assert refusals(own) == ["1 not parsed"]
    wait_until("the rest is one event", lambda: len(refusals(own)) > 1, 90)
    assert refusals(own) == ["1 not parsed", "29 not parsed"]
    assert set(own.sql("select workspace_id from audit.events where event = 113")) == {workspace}
