# SPDX-License-Identifier: Apache-2.0
"""The audit log on the running system: which operations leave which events, and that none is done without."""
import base64
import concurrent.futures
import hashlib
import importlib.util
import json
import os
import pathlib
import pwd
import re
import subprocess
import urllib.parse
import uuid

import pytest

from api_client import Api
from api_fixtures import *  # noqa: F401,F403 (fixtures)
from system import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("RENDFLY", str(ROOT / "build/rendfly"))
ROUTES = [json.loads(line) for line in
          subprocess.run([PROGRAM, "api", "--routes"], check=True, capture_output=True).stdout.splitlines()]

# The operations without an event, each with its reason.
NOT_AUDITED = {
    ("GET", "/me"): "what the session itself says",
    ("GET", "/projects"): "names that every member sees on every page",
    ("GET", "/projects/{project}/scores"): "sums",
    ("POST", "/redaction/try"): "nothing of it is kept",
    ("GET", "/audit/checkpoint"): "the edge serves it to everybody",
    ("GET", "/audit/consistency"): "hashes of the tree",
    ("GET", "/captures"): "counters",
    ("GET", "/healthz"): "no data",
    ("GET", "/readyz"): "no data",
}
SENSITIVE_READ = 71

# The customer's own verifier, which shares no code with what makes the proofs.
_spec = importlib.util.spec_from_file_location("audit_verify", ROOT / "tools/audit-verify.py")
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)


def test_every_operation_declares_its_event_or_stands_here_with_its_reason():
    assert {(r["method"], r["path"]) for r in ROUTES if not r["event"]} == set(NOT_AUDITED)


def events(system, answer):
    """(event, outcome, actor kind, actor, object kind, object id, length of the source) of one request."""
    request = answer.headers["X-Request-Id"]
    return [tuple(line.split("|")) for line in system.sql(
        "select event, outcome, actor_kind, actor, object_kind, object_id, length(source) from audit.events "
        f"where request_id = '{uuid.UUID(request)}'")]


@pytest.fixture
def a_request_on_record(system, owner):
    """The id of a request whose event is under a signed checkpoint."""
    answer = owner.get("/redaction")
    assert answer.status == 200
    request = answer.headers["X-Request-Id"]
    wait_until("its leaf is under a checkpoint", lambda: system.sql(
        "select 1 from audit.events e join audit.leaves l using (workspace_id, event_id) "
        f"where request_id = '{request}' and l.leaf_index < (select max(size) from audit.checkpoints)"))
    return request


@pytest.fixture
def signed_event(system, a_request_on_record):
    return system.sql(f"select event_id from audit.events where request_id = '{a_request_on_record}'")[0]


@pytest.fixture
def a_conversation(system, owner):
    status, _ = system.chat([{"role": "user", "content": "good morning"}])
    assert status == 200
    row = wait_until("it is stored", lambda: system.sql(
        "select day, conversation_id from app.conversations "
        f"where workspace_id = '{system.first_login['workspace']}' order by started_at desc limit 1"))[0]
    return row.split("|")


def test_each_audited_operation_leaves_exactly_one_event(system, owner, project, a_conversation, signed_event):
    day, conversation = a_conversation
    user = system.sql("select user_id from identity.memberships where role = 'owner' order by created_at limit 1")[0]
    made = owner.change("POST", f"/projects/{project}/ingest-keys", {"name": "audited"})
    key = made.json["key"]["key_id"]
    settings = owner.get("/redaction")
    answers = {
        ("POST", "/projects/{project}/ingest-keys"): (made, key),
        ("GET", "/projects/{project}/ingest-keys"): (owner.get(f"/projects/{project}/ingest-keys"), project),
        ("DELETE", "/projects/{project}/ingest-keys/{key}"):
            (owner.change("DELETE", f"/projects/{project}/ingest-keys/{key}"), key),
        ("GET", "/projects/{project}/rules"): (owner.get(f"/projects/{project}/rules"), project),
        ("GET", "/redaction"): (settings, ""),
        ("GET", "/redaction/versions"): (owner.get("/redaction/versions"), ""),
        ("GET", "/conversations"): (owner.get("/conversations"), ""),
        ("GET", "/conversations/{day}/{id}"): (owner.get(f"/conversations/{day}/{conversation}"), conversation),
        ("GET", "/audit/events"): (owner.get("/audit/events"), ""),
        ("GET", "/audit/events/{event}"): (owner.get(f"/audit/events/{signed_event}"), signed_event),
        ("GET", "/audit/events/{event}/proof"): (owner.get(f"/audit/events/{signed_event}/proof"), signed_event),
        ("GET", "/audit/export"): (owner.get("/audit/export"), ""),
    }
    for (method, path), (answer, about) in answers.items():
        assert answer.status < 300, (path, answer.body)
        route = next(r for r in ROUTES if (r["method"], r["path"]) == (method, path))
        found = events(system, answer)
        assert len(found) == 1, (method, path, found)
        event, outcome, actor_kind, actor, _, object_id, source = found[0]
        assert (outcome, actor_kind, actor, object_id) == ("1", "user", user, about), (method, path, found)
        assert int(source) > 89, "the address is there, sealed"
        assert (event == str(SENSITIVE_READ)) == (route["event"] == "sensitive_read")
    out = owner.change("POST", "/logout")
    assert out.status == 204 and [e[0] for e in events(system, out)] == ["84"]


def test_log_ins_leave_an_event_each_good_or_bad(system, browser, first_user):
    bad = browser.log_in(first_user[0], "not the password")
    unknown = browser.log_in(f"{uuid.uuid4().hex}@nobody.example", "not a password")
    good = browser.log_in(*first_user)
    assert [e[:3] for e in events(system, bad)] == [("3", "2", "user")]
    assert [e[:3] for e in events(system, unknown)] == [("3", "2", "nobody")]
    assert [e[:3] for e in events(system, good)] == [("1", "1", "user")]


def test_what_is_refused_leaves_an_event(system, browser, make_member, project):
    browser.log_in(*make_member("viewer"))
    role = browser.get(f"/projects/{project}/ingest-keys")
    csrf = browser.send("POST", "/logout", headers={"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"})
    cors = browser.send("POST", "/logout", headers={"Origin": "https://evil.example", "X-CSRF-Token": browser.csrf})
    assert (role.status, csrf.status, cors.status) == (403, 403, 403)
    assert [e[:2] for e in events(system, role)] == [("20", "2")]
    assert [e[:2] for e in events(system, csrf)] == [("53", "2")]
    assert [e[:2] for e in events(system, cors)] == [("52", "2")]


def test_a_session_that_is_used_after_its_end_leaves_an_event(system, browser, first_user):
    browser.log_in(*first_user)
    stolen = browser.cookie
    assert browser.change("POST", "/logout").status == 204
    answer = browser.get("/conversations", cookie=stolen)
    assert answer.status == 401
    user = system.sql("select user_id from identity.memberships where role = 'owner' order by created_at limit 1")[0]
    assert [e[:4] for e in events(system, answer)] == [("13", "2", "user", user)]
    forged = browser.get("/conversations", cookie=stolen[:-4] + ("AAAA" if stolen[-4:] != "AAAA" else "BBBB"))
    assert forged.status == 401 and events(system, forged) == []


def test_a_record_that_keyd_does_not_open_leaves_an_event(system, owner, project):
    assert system.chat([{"role": "system", "content": f"Be kind. Never quote a price. {uuid.uuid4()}"},
                        {"role": "user", "content": "hello"}])[0] == 200
    wait_until("its rules are stored", lambda: system.sql("select 1 from app.rules where project_id = "
                                                          f"'{project}' limit 1"))
    wait_until("the judge needs them no more", lambda: system.jobs_waiting() == 0 and system.sql(
        f"select 1 from app.verdicts where project_id = '{project}' limit 1"))
    flip = (f"update app.rules set sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) "
            f"where project_id = '{project}'")
    system.sql(flip)
    try:
        answer = owner.get(f"/projects/{project}/rules")
    finally:
        system.sql(flip)
    assert answer.status == 403 and set(answer.json) == {"error"}
    assert sorted(e[:2] for e in events(system, answer)) == [("30", "2"), ("71", "1")]
    assert owner.get(f"/projects/{project}/rules").status == 200


FAULTS = {
    "the right to add is gone": (
        "revoke execute on function audit.add_event(uuid, uuid, integer, integer, text, text, bytea, text, text, "
        "text, text) from rendfly_api",
        "grant execute on function audit.add_event(uuid, uuid, integer, integer, text, text, bytea, text, text, "
        "text, text) to rendfly_api"),
    "the table takes nothing more": (
        "alter table audit.events add constraint full_up check (false) not valid",
        "alter table audit.events drop constraint full_up"),
    "the disk is full": (
        "create function public.full_up() returns trigger language plpgsql as $$ begin raise exception "
        "'could not extend file: No space left on device' using errcode = '53100'; end $$; "
        "create trigger full_up before insert on audit.events for each row execute function public.full_up()",
        "drop trigger full_up on audit.events; drop function public.full_up()"),
    "this month's part is gone": (
        "do $$ begin execute format('alter table audit.events detach partition audit.events_%s', "
        "to_char(now() at time zone 'UTC', 'YYYYMM')); end $$",
        "do $$ begin execute format('alter table audit.events attach partition audit.events_%s for values from (%L) to "
        "(%L)', to_char(now() at time zone 'UTC', 'YYYYMM'), date_trunc('month', now() at time zone 'UTC')::date, "
        "(date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date); end $$"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.replace(" ", "-"))
def test_no_audited_act_is_done_when_its_event_cannot_be_written(system, owner, browser, first_user, project,
                                                                 a_conversation, fault):
    day, conversation = a_conversation
    key = owner.change("POST", f"/projects/{project}/ingest-keys", {"name": "stays"}).json["key"]["key_id"]
    state = "select count(*), count(revoked_at) from app.ingest_keys"
    before = system.sql(state)
    stranger = Api(system.url, system.ca)
    broken, mended = FAULTS[fault]
    system.sql(broken)
    try:
        answers = [
            owner.change("POST", f"/projects/{project}/ingest-keys", {"name": "never"}),
            owner.change("DELETE", f"/projects/{project}/ingest-keys/{key}"),
            owner.get(f"/projects/{project}/ingest-keys"),
            owner.get(f"/projects/{project}/rules"),
            owner.get("/redaction"),
            owner.get("/redaction/versions"),
            owner.get("/conversations"),
            owner.get(f"/conversations/{day}/{conversation}"),
            stranger.log_in(*first_user),
            owner.change("POST", "/logout"),
        ]
        after = system.sql(state)
    finally:
        system.sql(mended)
    assert [a.status >= 400 for a in answers] == [True] * len(answers), [a.status for a in answers]
    assert all(set(a.json) == {"error"} for a in answers)
    assert before == after
    assert stranger.cookie is None
    assert owner.get("/me").status == 200, "the session goes on"
    assert owner.get("/conversations").status == 200


@pytest.fixture
def locked_queue(system):
    """Another session holds what every event must be written to."""
    user = pwd.getpwnam("rendfly-postgres")
    holder = subprocess.Popen(
        ["psql", "-XAtq", "-h", f"{system.dir}/run/pg", "-p", str(system.settings["postgres_port"]), "-U",
         "rendfly-postgres", "rendfly"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
        user=user.pw_uid, group=user.pw_gid)
    holder.stdin.write("begin; lock table audit.events in access exclusive mode; select 'held';\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "held\n"
    yield
    holder.stdin.close()
    holder.wait(20)


def test_no_audited_act_waits_for_good_or_is_done_while_the_storage_stands_still(system, owner, project, request):
    state = "select count(*), count(revoked_at) from app.ingest_keys"
    before = system.sql(state)
    request.getfixturevalue("locked_queue")
    acts = [lambda: owner.change("POST", f"/projects/{project}/ingest-keys", {"name": "never"}),
            lambda: owner.get(f"/projects/{project}/rules"), lambda: owner.get("/redaction"),
            lambda: owner.get("/conversations")]
    with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
        answers = [act.result() for act in [pool.submit(act) for act in acts]]
    assert [a.status for a in answers] == [503] * len(acts)
    assert all(set(a.json) == {"error"} for a in answers) and system.sql(state) == before


def test_nobody_changes_or_removes_what_was_recorded(system):
    """Not with the superuser's rights either, as long as the triggers stand; `rendfly audit verify` is for that."""
    for statement in ("delete from audit.events", "update audit.events set detail = 'x'", "truncate audit.events"):
        with pytest.raises(AssertionError, match="append-only"):
            system.sql(statement)


@pytest.mark.parametrize("broken, mended, fault", [
    ("alter table audit.leaves disable trigger no_change", "alter table audit.leaves enable trigger no_change",
     "no trigger that refuses changes"),
    ("grant update on audit.checkpoints to rendfly_steward", "revoke update on audit.checkpoints from rendfly_steward",
     "rendfly_steward may update audit.checkpoints"),
    ("alter table audit.events no force row level security", "alter table audit.events force row level security",
     "audit.events is not under forced row-level security"),
], ids=["trigger", "grant", "rls"])
def test_the_catalogue_proof_sees_what_opens_the_log(system, broken, mended, fault):
    query = (ROOT / "sql/queries/catalogue/catalogue_audit.sql").read_text()
    assert system.sql(query) == []
    system.sql(broken)
    try:
        assert any(fault in line for line in system.sql(query))
    finally:
        system.sql(mended)


def export(system, file, *more):
    """`rendfly audit export` into the file; the anchors are kept before it is made."""
    anchors = file.with_suffix(".anchors")
    anchors.write_bytes((system.folder / "audit/checkpoints").read_bytes())
    size = max(map(int, re.findall(r"^rendfly/audit\n(\d+)$", anchors.read_text(), re.M)))
    wait_until("the database has it", lambda: system.sql(f"select 1 from audit.checkpoints where size = {size}"))
    system.run("audit", "export", "--dir", system.dir, "--output", file, *more, check=True)
    return file


def verify(system, file, anchors=None):
    anchors = anchors or file.with_suffix(".anchors")
    return [subprocess.run([*command, file, "--key", system.folder / "audit/key", "--anchors", anchors],
                           capture_output=True, text=True)
            for command in ([PROGRAM, "audit", "verify"], ["/usr/bin/python3", ROOT / "tools/audit-verify.py"])]


def test_events_come_under_a_signed_checkpoint_and_what_the_superuser_changes_shows(system, a_request_on_record,
                                                                                    tmp_path):
    request = a_request_on_record
    for done in verify(system, export(system, tmp_path / "sound")):
        assert done.returncode == 0, done.stdout + done.stderr
    index = system.sql("select leaf_index from audit.events e join audit.leaves l using (workspace_id, event_id) "
                       f"where request_id = '{request}'")[0]
    change = ("set session_replication_role = replica; update audit.events set outcome = {} "
              f"where request_id = '{request}'")
    system.sql(change.format(2))
    try:
        for done in verify(system, export(system, tmp_path / "changed")):
            assert done.returncode == 1 and f"BAD at entry {index}:" in done.stdout, done.stdout + done.stderr
    finally:
        system.sql(change.format(1))


def test_a_workspace_gets_its_own_events_each_proved_and_no_other(system, a_request_on_record, tmp_path):
    workspace = system.first_login["workspace"]
    slice_file = export(system, tmp_path / "slice", "--workspace", workspace)
    for done in verify(system, slice_file):
        assert done.returncode == 0, done.stdout + done.stderr
    head, *entries = map(json.loads, slice_file.read_text().splitlines())
    assert head["workspace"] == workspace
    size = int(system.sql("select max(size) from audit.checkpoints")[0])
    mine = system.sql(f"select leaf_index from audit.leaves where workspace_id = '{workspace}' and leaf_index < {size} "
                      "order by 1")
    assert [str(e["leaf_index"]) for e in entries] == mine[:len(entries)] and len(entries) > 0
    assert all(e["proof"] or size == 1 for e in entries)
    lines = slice_file.read_text().splitlines(keepends=True)
    (tmp_path / "short").write_text("".join([lines[0], *lines[2:]]))
    for done in verify(system, tmp_path / "short", slice_file.with_suffix(".anchors")):
        assert done.returncode == 1, "an event that was left out shows by its number"


def test_an_export_is_itself_an_event_and_is_refused_when_it_cannot_be_recorded(system, a_request_on_record, tmp_path):
    count = "select count(*) from audit.events where event = 98 and actor_kind = 'operator'"
    before = int(system.sql(count)[0])
    export(system, tmp_path / "one")
    assert int(system.sql(count)[0]) == before + 1
    broken, mended = FAULTS["the table takes nothing more"]
    system.sql(broken)
    try:
        done = system.run("audit", "export", "--dir", system.dir)
    finally:
        system.sql(mended)
    assert done.returncode == 1 and done.stdout == "" and "not whole" in done.stderr


def b64(text):
    return base64.b64decode(text, validate=True)


def log_key(system):
    return verifier.Key((system.folder / "audit/key").read_text())


def test_the_api_proves_each_event_under_the_signed_checkpoint(system, owner, signed_event):
    proof = owner.get(f"/audit/events/{signed_event}/proof").json
    size, root = log_key(system).checkpoint(proof["checkpoint"].encode())
    leaf, hashed = b64(proof["leaf"]), b64(proof["hash"])
    assert hashlib.sha256(b"\0" + leaf).digest() == hashed and leaf[25:41] == uuid.UUID(signed_event).bytes
    steps = [b64(step) for step in proof["proof"]]
    assert verifier.root_by_proof(size, proof["leaf_index"], hashed, steps) == root
    assert steps == [] or verifier.root_by_proof(size, proof["leaf_index"], hashed, steps[1:]) != root


def goes_on(old, new, proof):
    """RFC 9162, 2.1.4.2."""
    (m, old_root), (n, new_root), proof = old, new, list(proof)
    if m in (0, n):
        return not proof and (m == 0 or old_root == new_root)
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = old_root if m & (m - 1) == 0 else proof.pop(0)
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = verifier.sha256(b"\1", step, fr), verifier.sha256(b"\1", step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = verifier.sha256(b"\1", sr, step)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (old_root, new_root, 0)


def test_each_checkpoint_that_was_kept_is_proved_to_be_a_beginning_of_the_last_one(system, owner, signed_event):
    key = log_key(system)
    notes = system.sql("select encode(convert_to(note, 'UTF8'), 'hex') from audit.checkpoints order by size")
    *olds, new = [key.checkpoint(bytes.fromhex(note)) for note in notes]
    assert olds, "the session's log has been signed more than once by now"
    for old in olds:
        answer = owner.get(f"/audit/consistency?from={old[0]}&to={new[0]}")
        assert answer.status == 200 and goes_on(old, new, map(b64, answer.json["proof"])), old
        assert not goes_on((old[0], bytes(32)), new, map(b64, answer.json["proof"]))
    assert owner.get(f"/audit/consistency?from={new[0]}&to={olds[0][0]}").code == "malformed_parameter"
    assert owner.get("/audit/consistency?to=1000000000").code == "malformed_parameter"


def test_the_checkpoint_is_served_to_everybody_and_is_the_signed_one(system, owner, signed_event):
    status, note = system.curl("/.well-known/rendfly/checkpoint")
    assert status == 200
    size, root = log_key(system).checkpoint(note.encode())
    told = owner.get("/audit/checkpoint").json
    assert log_key(system).checkpoint(told["note"].encode()) == (told["size"], b64(told["root"])) >= (size, b"")
    assert told["key"] == (system.folder / "audit/key").read_text().strip()
    assert system.sql(f"select encode(root, 'hex') from audit.checkpoints where size = {size}") == [root.hex()]
    assert note in (system.folder / "audit/checkpoints").read_text()
    headers = subprocess.run(["curl", "-sI", "--cacert", system.ca, f"{system.url}/.well-known/rendfly/checkpoint"],
                             capture_output=True, text=True, check=True).stdout.lower()
    assert "content-type: text/plain" in headers and "nosniff" in headers and "set-cookie" not in headers


def test_the_list_is_paged_and_filtered_without_losing_or_doubling_an_event(system, owner, signed_event):
    whole = owner.get("/audit/events?limit=200").json
    newest = whole["events"][0]["at"]
    seen, before = [], None
    while True:
        query = {"limit": 7, **({"before": before} if before else {})}
        page = owner.get("/audit/events?" + urllib.parse.urlencode(query)).json
        seen += [e["event_id"] for e in page["events"] if e["at"] <= newest]
        before = page["next"]
        if before is None or len(seen) >= len(whole["events"]):
            break
    assert seen[:len(whole["events"])] == [e["event_id"] for e in whole["events"]]
    user = whole["events"][0]["actor"]
    for query, holds in {"event=sensitive_read": lambda e: e["event"] == "sensitive_read",
                         "outcome=denied": lambda e: e["outcome"] == "denied",
                         f"actor={user}": lambda e: e["actor"] == user,
                         f"object={signed_event}": lambda e: e["object_id"] == signed_event}.items():
        owner.get(f"/audit/events/{signed_event}")
        found = owner.get(f"/audit/events?limit=200&{query}").json["events"]
        assert all(map(holds, found)) and (found or "denied" in query), query
    for query in ("event=nothing", "outcome=maybe", "before=1", "before=x." + str(uuid.uuid4()), "limit=0"):
        assert owner.get(f"/audit/events?{query}").code == "malformed_parameter", query


def test_an_event_shows_its_address_to_its_own_workspace_only(system, owner, signed_event):
    detail = owner.get(f"/audit/events/{signed_event}").json
    assert detail["source"] in ("127.0.0.1", "::1") and detail["actor_email"] == "owner@rendfly.local"
    foreign = system.sql("select event_id from audit.events where workspace_id = "
                         "'00000000-0000-0000-0000-000000000000' limit 1")[0]
    for path in ("", "/proof"):
        assert owner.get(f"/audit/events/{foreign}{path}").status == 404


def test_the_pages_of_an_export_are_a_file_that_both_verifiers_accept(system, owner, signed_event, tmp_path):
    anchors = export(system, tmp_path / "whole").with_suffix(".anchors")
    first = owner.get("/audit/export?limit=5").json
    lines, page = [first["header"], *first["lines"]], first
    while page["next"] is not None:
        page = owner.get(f"/audit/export?limit=500&size={first['size']}&after={page['next']}").json
        assert page["header"] == first["header"]
        lines += page["lines"]
    (tmp_path / "slice").write_text("\n".join(lines) + "\n")
    for done in verify(system, tmp_path / "slice", anchors):
        assert done.returncode == 0 and f"good: {len(lines) - 1} events" in done.stdout, done.stdout + done.stderr
    assert any(uuid.UUID(signed_event).bytes in b64(json.loads(line)["leaf"]) for line in lines[1:])
