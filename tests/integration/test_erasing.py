# SPDX-License-Identifier: Apache-2.0
"""A person is erased from the append-only audit log: the address cannot be read any more, by nobody and
from no backup of the database, and every leaf still verifies.
"""
import base64
import hashlib
import json
import struct
import subprocess
import uuid

import pytest

from api_client import Api
from system import ROOT, System, wait_until

ERASED = 75  # sensitive_erased


@pytest.fixture(scope="module")
def own():
    with System() as s:
        yield s


@pytest.fixture(scope="module")
def eva(own):
    """A second member, with the first one's password."""
    user = uuid.uuid4()
    own.sql(f"""
        insert into identity.users (user_id, email, password_hash)
            select '{user}', 'eva@members.example', password_hash from identity.users limit 1;
        insert into identity.memberships (user_id, workspace_id, role)
            values ('{user}', '{own.first_login["workspace"]}', 'owner');""")
    return str(user)


def log_in(own, email):
    api = Api(own.url, own.ca)
    assert api.log_in(email, own.first_login["password"]).status == 200
    return api


def act(own, email):
    """Something that is on record, and its event."""
    api = log_in(own, email)
    request = uuid.UUID(api.get("/redaction").headers["X-Request-Id"])
    return api, own.sql(f"select event_id from audit.events where request_id = '{request}'")[0]


def signed(own, event):
    return wait_until("its leaf is under a checkpoint", lambda: own.sql(
        f"select leaf_index from audit.leaves where event_id = '{event}' "
        "and leaf_index < (select max(size) from audit.checkpoints)"))


def verified(own, folder):
    """The leaves of an export that both verifiers accept."""
    export, anchors = folder / "export", folder / "anchors"
    anchors.write_bytes((own.folder / "audit/checkpoints").read_bytes())
    assert own.run("audit", "export", "--dir", own.dir, "--output", str(export)).returncode == 0
    with_key = ["--key", f"{own.dir}/audit/key", "--anchors", str(anchors)]
    for command in ([own.program, "audit", "verify"], ["python3", str(ROOT / "tools/audit-verify.py")]):
        done = subprocess.run([*command, str(export), *with_key], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    lines = map(json.loads, export.read_text().splitlines())
    return [base64.b64decode(line["leaf"]) for line in lines if "leaf" in line]


def test_an_erased_persons_address_is_gone_and_the_log_verifies(own, eva, tmp_path):
    member, ours = act(own, own.first_login["user"])
    _, evas = act(own, "eva@members.example")
    signed(own, evas)
    before = member.get(f"/audit/events/{evas}/proof").json
    for event in (ours, evas):
        shown = member.get(f"/audit/events/{event}").json
        assert shown["source"] in ("127.0.0.1", "::1") and shown["source_erased"] is False

    workspace = own.first_login["workspace"]
    assert own.run("keys", "erase", workspace, eva, "--dir", own.dir).returncode == 1
    done = own.run("keys", "erase", workspace, eva, "--for-good", "--dir", own.dir)
    assert done.returncode == 0, done.stderr
    assert "keys of 1 persons; of 1 more they were erased" in own.run("keys", "list", "--dir", own.dir).stdout

    shown = member.get(f"/audit/events/{evas}").json
    assert shown["source"] is None and shown["source_erased"] is True
    assert member.get(f"/audit/events/{ours}").json["source"] in ("127.0.0.1", "::1")
    # The leaf is what it was, to the byte, and a part of the same tree.
    after = member.get(f"/audit/events/{evas}/proof").json
    assert after["leaf"] == before["leaf"] and after["hash"] == before["hash"]
    assert hashlib.sha256(b"\0" + base64.b64decode(after["leaf"])).digest() == base64.b64decode(after["hash"])
    # The workspace's own log, and an export of it, says who was erased and when.
    told = own.sql(f"select event_id from audit.events where workspace_id = '{workspace}' and event = {ERASED} "
                   f"and object_kind = 'user' and object_id = '{eva}' and outcome = 1")
    assert len(told) == 1
    signed(own, told[0])
    leaves = verified(own, tmp_path)
    of_eva = [leaf for leaf in leaves if eva.encode() in leaf]
    assert [leaf for leaf in of_eva if struct.unpack(">H", leaf[49:51])[0] == ERASED]
    assert base64.b64decode(before["leaf"]) in of_eva
    assert not [leaf for leaf in leaves if b"127.0.0.1" in leaf or b"members.example" in leaf]


def test_an_erased_person_who_acts_again_leaves_no_address(own, eva):
    api, event = act(own, "eva@members.example")
    shown = api.get(f"/audit/events/{event}").json
    assert shown["source"] is None and shown["source_erased"] is False
    assert own.sql(f"select length(source) from audit.events where event_id = '{event}'") == ["0"]


def test_a_person_is_erased_once_and_one_that_is_not_there_not_at_all(own, eva):
    workspace = own.first_login["workspace"]
    for subject, why in ((eva, "destroyed before"), (str(uuid.uuid4()), "no such key")):
        done = own.run("keys", "erase", workspace, subject, "--for-good", "--dir", own.dir)
        assert done.returncode == 1 and why in done.stderr
        assert own.sql(f"select count(*) from audit.events where event = {ERASED} and object_id = '{subject}' "
                       "and outcome = 3") == ["1"]


def test_a_rotation_of_the_workspaces_key_leaves_the_persons_alone(own, eva):
    member, event = act(own, own.first_login["user"])
    assert own.run("keys", "rotate", own.first_login["workspace"], "--dir", own.dir).returncode == 0
    assert own.run("keys", "rewrap", "--dir", own.dir).returncode == 0
    assert member.get(f"/audit/events/{event}").json["source"] in ("127.0.0.1", "::1")
