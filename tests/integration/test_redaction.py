# SPDX-License-Identifier: Apache-2.0
"""What a workspace sets about redaction: through the API, obeyed by the collector, kept in versions."""
import uuid

import pytest

from api_fixtures import *  # noqa: F401,F403 (fixtures)
from system import wait_until
from test_api import faults, DESCRIPTION

CARD = "4111 1111 1111 1111"


@pytest.fixture
def reset(owner):
    """The default policy again, behind each test."""
    yield
    version = owner.get("/redaction").json["version"]
    if version > 0:
        put(owner, {}, reason="the test is over")


def put(owner, policy, reason="a test", based_on=None):
    if based_on is None:
        based_on = owner.get("/redaction").json["version"]
    whole = {"min_confidence": None, "entities": [], "custom": [], "allow": [], **policy}
    return owner.change("PUT", "/redaction", {"based_on": based_on, "reason": reason, "policy": whole})


def entity(kind, action):
    return {"type": kind, "action": action, "min_confidence": None}


def custom(name, pattern, action="replace"):
    return {"name": name, "pattern": pattern, "literals": [], "ignore_case": False, "action": action}


def stored(system, marker):
    """The content of the one stored message that holds the marker."""
    rows = system.sql(f"select content from app.messages where content like '%{marker}%' and role = 'user'")
    return rows[0] if rows else None


def send(system, text):
    """With a rule to judge by, so that no conversation of these tests waits for a verdict for ever."""
    return system.chat([{"role": "system", "content": "Answer in English only."}, {"role": "user", "content": text}])[0]


def say(system, text):
    """Sends a text through the edge; what was stored of it."""
    marker = f"note {uuid.uuid4().hex[:12].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    assert send(system, f"{marker} {text}") == 200
    return wait_until("the message is stored", lambda: stored(system, marker)).removeprefix(marker + " ")


def test_a_change_counts_for_what_is_stored_next(system, owner, reset):
    assert "[CARD:" in say(system, f"card {CARD}")
    answer = put(owner, {"entities": [entity("CARD", "mask"), entity("IP", "off")],
                         "custom": [custom("ORDER", "\\bORD-\\d{6,10}\\b")],
                         "allow": [{"value": "help@shop.example", "type": "EMAIL"}]})
    assert answer.status == 200, answer.body
    def obeyed():
        text = say(system, f"card {CARD} from 203.0.114.77 about ORD-123456, help@shop.example ana@mail.com")
        return text if ":1111]" in text else None
    text = wait_until("the new policy is obeyed", obeyed)
    assert "203.0.114.77" in text and "[CUSTOM_ORDER:" in text
    assert "help@shop.example" in text and "ana@mail.com" not in text
    version = answer.json["version"]
    assert f"{version}" in system.sql("select distinct policy_version from app.exchanges")
    assert system.sql("select count(*) from app.exchanges where redactor_version = 0") == ["0"]


def test_every_version_stays_with_who_and_why(system, owner, first_user, reset):
    before = owner.get("/redaction").json["version"]
    assert put(owner, {"entities": [entity("IP", "off"), entity("GEO", "off")]}, "our own ranges").status == 200
    newest = owner.get("/redaction/versions").json["versions"][0]
    assert newest["version"] == before + 1
    assert (newest["reason"], newest["changed_by"]) == ("our own ranges", first_user[0])
    assert sorted(newest["off"]) == ["GEO", "IP"]
    status = system.run("status", "--dir", system.dir).stdout
    assert f"policy version {before + 1}" in status and "off:" in status
    for statement in ("update app.redaction_policies set types_off = ''", "delete from app.redaction_policies"):
        for role in ("api", "collector", "judge", "steward", "operator"):
            with pytest.raises(AssertionError, match="permission denied"):
                system.sql(f"set role rendfly_{role}; {statement}")


def test_policy_and_reason_are_sealed(system, owner, reset):
    secret = f"marker{uuid.uuid4().hex}"
    assert put(owner, {"allow": [{"value": secret, "type": None}]}, f"for {secret}").status == 200
    rows = "\n".join(system.sql("select * from app.redaction_policies"))
    assert secret.encode().hex() not in rows and secret not in rows
    assert secret in owner.get("/redaction").body.decode()
    assert secret not in (system.folder / "log/rendfly.log").read_text()


def test_two_people_do_not_overwrite_each_other(owner, reset):
    version = owner.get("/redaction").json["version"]
    assert put(owner, {}, based_on=version).status == 200
    answer = put(owner, {"min_confidence": 0.5}, based_on=version)
    assert (answer.status, answer.code) == (409, "changed_meanwhile")
    assert owner.get("/redaction").json["version"] == version + 1


REFUSED = [
    ({"entities": [entity("SECRET", "off")]}, "entities[0].action"),
    ({"entities": [entity("NOTHING", "drop")]}, "entities[0].type"),
    ({"custom": [custom("A", "(a")]}, "custom[0].pattern, character 3"),
    ({"custom": [custom("A", ".*foo.*")]}, "custom[0].pattern"),
    ({"custom": [custom("a b", "x")]}, "custom[0].name"),
    ({"min_confidence": 1}, "min_confidence"),
    ({"allow": [{"value": "x", "type": "SECRET"}]}, "allow[0].type"),
    ({"more": 1}, ""),
]


@pytest.mark.parametrize("policy,where", REFUSED, ids=range(len(REFUSED)))
def test_a_policy_that_cannot_be_obeyed_is_refused_with_its_place(owner, policy, where):
    version = owner.get("/redaction").json["version"]
    answer = put(owner, policy)
    assert (answer.status, answer.code) == (400, "malformed_policy")
    assert where in answer.json["error"]["message"]
    assert owner.get("/redaction").json["version"] == version


@pytest.mark.parametrize("body", [{}, {"based_on": 0}, {"based_on": "0", "reason": "x", "policy": {}},
                                  {"based_on": 0, "reason": "", "policy": {}}, {"based_on": -1, "reason": "why", "policy": {}}])
def test_a_change_without_its_reason_or_base_is_refused(owner, body):
    assert owner.change("PUT", "/redaction", body).code == "malformed_body"


def test_a_policy_can_be_tried_before_it_is_set(owner):
    policy = {"min_confidence": None, "entities": [entity("CARD", "mask")], "custom": [custom("ORDER", "ORD-\\d+")],
              "allow": []}
    answer = owner.change("POST", "/redaction/try", {"policy": policy, "text": f"ORD-12 paid by {CARD}"})
    assert answer.json["text"] == "[CUSTOM_ORDER:sample] paid by [CARD:sample:1111]"
    assert [(f["type"], f["action"], f["found"]) for f in answer.json["findings"]] == [
        ("CUSTOM_ORDER", "replace", "ORD-12"), ("CARD", "mask", CARD)]
    schema = DESCRIPTION["components"]["schemas"]["RedactionTrial"]
    assert list(faults(answer.json, schema)) == []


def test_a_policy_that_cannot_be_opened_stores_nothing_under_the_default(system, owner, reset):
    """The row is spoiled by the superuser, as a broken disk or a lost key would."""
    assert put(owner, {"entities": [entity("IP", "drop")]}).status == 200
    system.sql("update app.redaction_policies set sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) "
               "where version = (select max(version) from app.redaction_policies)")
    refused, marker = system.captures()["refused"], f"spoiled {uuid.uuid4().hex[:8]}"
    def turned_away():
        assert send(system, f"{marker} mail ana@mail.com") == 200
        wait_until("decided", lambda: system.captures()["in_flight"] == 0)
        return system.captures()["refused"] > refused
    wait_until("the spoiled policy is met", turned_away)
    assert send(system, f"{marker} second") == 200
    wait_until("decided", lambda: system.captures()["in_flight"] == 0)
    assert stored(system, f"{marker} second") is None
    assert "redaction_policy_unusable" in (system.folder / "log/rendfly.log").read_text()
    # A new version is what helps; the spoiled one cannot even be shown.
    newest = system.sql("select max(version) from app.redaction_policies")[0]
    assert put(owner, {}, based_on=int(newest)).status == 200
    assert "[EMAIL:" in wait_until("stored again", lambda: say(system, "mail ana@mail.com"))


def test_of_another_workspace_nothing_is_seen(system, owner, foreign, reset):
    system.sql(f"""set session_replication_role = replica;
        insert into app.redaction_policies (workspace_id, policy_id, version, sealed, sealed_reason, changed_by)
        values ('{foreign["workspace"]}', gen_random_uuid(), 77, 'x', 'x', gen_random_uuid())""")
    assert owner.get("/redaction").json["version"] < 77
    assert all(v["version"] < 77 for v in owner.get("/redaction/versions").json["versions"])
    system.sql("delete from app.redaction_policies where version = 77")
