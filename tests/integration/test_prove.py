# SPDX-License-Identifier: Apache-2.0
"""`rendfly prove`: each row that holds turns false when what it promises is broken, one at a time."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from lying_edge import LyingEdge
from system import PROGRAM, ROOT, System, wait_until

HOLD = {"server_decides", "least_privilege", "fail_closed", "data_minimization", "tls", "aes", "rls", "cookies_csrf",
        "redaction", "prompt_injection", "rate_limit", "threat_informed", "auditability", "audit_log"}


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    # A bucket that fills slowly, so that the count goes down on a slow machine, too.
    with System(settings={"rate_per_minute": 60, "rate_burst": 5000}) as s:
        assert s.chat([{"role": "system", "content": "Answer in English only."},
                       {"role": "user", "content": "Hello"}])[0] == 200
        wait_until("stored", lambda: s.captures()["stored"] == 1)
        yield s


def prove(system):
    done = system.run("prove", "--json", "--dir", system.dir, timeout=120)
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert done.returncode == (0 if all(row["holds"] for row in rows.values()) else 1)
    return rows


@contextlib.contextmanager
def asked_through(system, spoil):
    """prove finds the lying edge where the real one should be."""
    with LyingEdge(system, spoil) as edge:
        real = system.settings["listen_port"]
        system.settings["listen_port"] = edge.port
        system.write_settings()
        try:
            yield
        finally:
            system.settings["listen_port"] = real
            system.write_settings()


def promised_lines():
    text = (ROOT / "src/cli/prove/promises.inc").read_text()
    return text.count("\n{ \"") + text.startswith("{ \"")


def test_the_rows_that_are_built_hold_on_a_sound_system_and_the_others_say_why_not(own):
    rows = prove(own)
    assert len(rows) == promised_lines()
    assert {name for name, row in rows.items() if row["holds"]} - {"scanning"} == HOLD, rows
    for row in rows.values():
        assert set(row) == {"id", "promise", "holds", "evidence", "how"} and len(row["evidence"]) > 8


def test_proving_leaves_the_agents_rules_as_they_are(own):
    rules = "select count(*), max(created_at) from app.system_messages union all select count(*), max(created_at) from app.rules"
    before = own.sql(rules)
    assert prove(own)["redaction"]["holds"]
    assert own.sql(rules) == before


def test_an_honest_edge_between_changes_nothing(own):
    with asked_through(own, lambda request, answer: None):
        rows = prove(own)
    assert {name for name, row in rows.items() if row["holds"]} - {"scanning"} == HOLD, rows


def let_strangers_in(request, answer):
    if "/scores" in request.path:
        answer.status = 200


def let_unknown_keys_in(request, answer):
    if "X-Rendfly-Key" in request.headers and answer.status == 401:
        answer.status = 200


def hide_the_limit(_, answer):
    answer.headers = [(name, value) for name, value in answer.headers if not name.lower().startswith("ratelimit")]


def never_count_down(_, answer):
    answer.headers = [(name, "600" if name.lower() == "ratelimit-remaining" else value)
                      for name, value in answer.headers]


def spoil_the_cookie(part):
    def spoil(_, answer):
        answer.headers = [(name, value.replace(part, "") if name.lower() == "set-cookie" else value)
                          for name, value in answer.headers]
    return spoil


def forget_csrf(request, answer):
    if request.command == "POST" and request.path.endswith("/ingest-keys") and "X-CSRF-Token" not in request.headers:
        answer.status = 201


def take_any_csrf_token(request, answer):
    if request.headers.get("X-CSRF-Token") == "forged":
        answer.status = 201


def show_the_card(request, answer):
    if request.path.startswith("/api/v1/conversations?"):
        answer.body = answer.body.replace(b"[CARD:", b"4111 1111 1111 1111 [CARD:")


def hide_an_event(request, answer):
    if request.path.startswith("/api/v1/audit/events?limit=200"):
        told = json.loads(answer.body)
        told["events"] = [e for e in told["events"] if e["event"] != "malicious_csrf"]
        answer.body = json.dumps(told).encode()


def spoil_the_proof(request, answer):
    if request.path.endswith("/proof") and answer.status == 200:
        told = json.loads(answer.body)
        told["proof"][0] = told["proof"][0][:-4] + ("AAA=" if not told["proof"][0].endswith("AAA=") else "AAE=")
        answer.body = json.dumps(told).encode()


def serve_another_checkpoint(request, answer):
    if request.path == "/.well-known/rendfly/checkpoint":
        answer.body = answer.body.replace(b"\n", b"1\n", 2)


@pytest.mark.parametrize("promise, spoil", [
    ("auditability", hide_an_event), ("auditability", spoil_the_proof), ("audit_log", spoil_the_proof),
    ("audit_log", serve_another_checkpoint),
    ("server_decides", let_strangers_in), ("fail_closed", let_unknown_keys_in), ("rate_limit", hide_the_limit),
    ("rate_limit", never_count_down), ("cookies_csrf", spoil_the_cookie("HttpOnly")),
    ("cookies_csrf", spoil_the_cookie("SameSite=Lax")), ("cookies_csrf", spoil_the_cookie("Secure")),
    ("cookies_csrf", forget_csrf), ("cookies_csrf", take_any_csrf_token), ("redaction", show_the_card)])
def test_an_edge_that_lets_it_through_is_found_out(own, promise, spoil):
    with asked_through(own, spoil):
        rows = prove(own)
    assert not rows[promise]["holds"], rows[promise]


def test_a_body_that_reaches_a_disk_is_found_wherever_it_lies(own):
    leak = own.folder / "log/leak"

    def keep(request, _):
        if b"canary-" in request.body:
            leak.write_bytes(request.body)

    with asked_through(own, keep):
        rows = prove(own)
    leak.unlink()
    assert not rows["redaction"]["holds"] and str(leak) in rows["redaction"]["evidence"]


def test_a_database_that_speaks_tls_1_2_is_found(own):
    own.sql("alter system set ssl_min_protocol_version = 'TLSv1.2';\nselect pg_reload_conf();")
    try:
        wait_until("the setting is in force", lambda: own.sql("show ssl_min_protocol_version") == ["TLSv1.2"])
        row = prove(own)["tls"]
        assert not row["holds"] and f"port {own.settings['postgres_port']} (postgres) speaks TLS 1.2" in row["evidence"]
    finally:
        own.sql("alter system reset ssl_min_protocol_version;\nselect pg_reload_conf();")
        wait_until("the setting is back", lambda: own.sql("show ssl_min_protocol_version") == ["TLSv1.3"])


@pytest.mark.parametrize("promise, breaks, mends", [
    ("rls", "alter table app.messages no force row level security", "alter table app.messages force row level security"),
    ("rls", "grant select on app.conversations to public", "revoke select on app.conversations from public"),
    ("rls", "grant usage on schema private to rendfly_api; grant select on private.context_key to rendfly_api",
     "revoke select on private.context_key from rendfly_api; revoke usage on schema private from rendfly_api"),
    ("auditability", "create table public.kept as select pg_get_functiondef(oid) as text from pg_proc where proname = "
     "'add_event'; create or replace function audit.add_event(ws uuid, id uuid, event integer, outcome integer, "
     "actor_kind text, actor text, source bytea, request_id text, object_kind text, object_id text, detail text) "
     "returns void language sql as ''",
     "do $$ begin execute (select text from public.kept); end $$; drop table public.kept"),
    ("audit_log", "grant delete on audit.events to rendfly_judge", "revoke delete on audit.events from rendfly_judge"),
    ("audit_log", "alter table audit.leaves disable trigger no_change",
     "alter table audit.leaves enable trigger no_change"),
    ("audit_log", "set session_replication_role = replica; update audit.events set outcome = 4 - outcome where "
     "event_id = (select event_id from audit.events order by event_id limit 1)",
     "set session_replication_role = replica; update audit.events set outcome = 4 - outcome where "
     "event_id = (select event_id from audit.events order by event_id limit 1)"),
    ("audit_log", "set session_replication_role = replica; create table public.kept as select * from audit.leaves where "
     "leaf_index = 0; delete from audit.leaves where leaf_index = 0",
     "set session_replication_role = replica; insert into audit.leaves select * from public.kept; drop table public.kept"),
    ("threat_informed", "grant usage on schema identity to rendfly_judge; grant select on identity.users to rendfly_judge",
     "revoke select on identity.users from rendfly_judge; revoke usage on schema identity from rendfly_judge"),
    ("threat_informed", "grant execute on function pg_prepared_statement() to rendfly_collector",
     "revoke execute on function pg_prepared_statement() from rendfly_collector"),
    ("rls", "alter role rendfly_steward bypassrls", "alter role rendfly_steward nobypassrls"),
    ("rls", "create policy open on app.rules to rendfly_judge using (true)", "drop policy open on app.rules"),
    ("data_minimization", "alter table app.messages add column original text",
     "alter table app.messages drop column original"),
    ("aes", "create table public.kept as select * from app.system_messages;"
            "update app.system_messages set sealed = 'Answer in English only.'",
     "update app.system_messages s set sealed = k.sealed from public.kept k where k.system_message_id = "
     "s.system_message_id; drop table public.kept")])
def test_a_database_that_breaks_the_promise_is_found(own, promise, breaks, mends):
    own.sql(breaks)
    try:
        row = prove(own)[promise]
    finally:
        own.sql(mends)
    assert not row["holds"], row


def test_a_process_of_ours_that_is_root_is_found(own):
    path = own.folder / "run/status.json"
    kept = path.read_text()
    with subprocess.Popen(["sleep", "600"]) as impostor:
        try:
            told = json.loads(kept)
            next(p for p in told["processes"] if p["role"] == "judge")["pid"] = impostor.pid
            path.write_text(json.dumps(told))
            row = prove(own)["least_privilege"]
        finally:
            path.write_text(kept)
            impostor.kill()
    assert not row["holds"]
    for fault in ("judge runs as root", "judge has CapEff", "judge has NoNewPrivs 0", "judge has no seccomp filter"):
        assert fault in row["evidence"], row


def test_a_keyd_whose_keys_root_could_read_is_found(own):
    """In its place stands a process without secret memory."""
    path = own.folder / "run/status.json"
    kept = path.read_text()
    with subprocess.Popen(["sleep", "600"]) as impostor:
        try:
            told = json.loads(kept)
            next(p for p in told["processes"] if p["role"] == "keyd")["pid"] = impostor.pid
            path.write_text(json.dumps(told))
            row = prove(own)["aes"]
        finally:
            path.write_text(kept)
            impostor.kill()
    assert not row["holds"] and "0 KiB of memfd_secret" in row["evidence"], row


def test_a_key_that_has_sealed_for_too_long_is_found(own):
    path = max((own.folder / "keys/keyring", own.folder / "keys/keyring.1"), key=lambda p: p.stat().st_size)
    kept = path.read_bytes()
    at = kept.index(b"RK\x02\x01")
    made = int.from_bytes(kept[at + 56:at + 64], "big")
    try:
        with open(path, "r+b") as file:
            file.seek(at + 56)
            file.write((made - 500 * 24 * 3600 * 1000).to_bytes(8, "big"))
        row = prove(own)["aes"]
    finally:
        with open(path, "r+b") as file:
            file.seek(at + 56)
            file.write(kept[at + 56:at + 64])
    assert not row["holds"] and "the oldest for 500 days" in row["evidence"], row
    assert prove(own)["aes"]["holds"]


def test_a_key_of_log_ins_that_has_signed_for_too_long_is_found(own):
    path = own.folder / "keys/tokens"
    kept = path.read_bytes()
    at, size = kept.index(b"RT\x01\x00"), len(kept) // 2
    slot = bytearray(kept[at:at + size])
    made = int.from_bytes(slot[12:20], "big")
    slot[12:20] = (made - 500 * 24 * 3600 * 1000).to_bytes(8, "big")
    slot[-32:] = hashlib.sha256(slot[:-32]).digest()
    try:
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(slot)
        row = prove(own)["aes"]
    finally:
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(kept[at:at + size])
    assert not row["holds"] and "log-ins signs for 500 days" in row["evidence"], row
    assert prove(own)["aes"]["holds"]


def test_a_system_that_does_not_run_keeps_no_promise_about_running():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with System(start=False) as s:
        rows = prove(s)
        assert {name for name, row in rows.items() if row["holds"]} - {"scanning"} <= {"prompt_injection"}, rows


@pytest.mark.parametrize("change, holds, words", [
    ({}, True, "secrets in tree and history: clean"),
    ({"secrets": "found"}, False, "secrets in tree and history: found"),
    ({"dependencies": "security updates wait"}, False, "security updates wait"),
    ({"dependencies": "not looked at"}, False, "not looked at"),
    ({"program_sha256": "0" * 64}, False, "another build"),
    ({"at": -8 * 86400}, False, "8 days old"),
    ({"at": 3600}, False, "days old"),
    (None, False, "no record of a scan")])
def test_a_scan_counts_for_this_very_program_for_a_week_and_only_when_clean(tmp_path, change, holds, words):
    program = shutil.copy(PROGRAM, tmp_path / "rendfly")
    (tmp_path / "rendfly.conf").write_text("")
    if change is not None:
        record = {"at": 0, "commit": "c0ffee", "is_changed": False, "secrets": "clean", "dependencies": "clean",
                  "program_sha256": hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest(), **change}
        record["at"] += int(time.time())
        (tmp_path / "scan.json").write_text(json.dumps(record))
    done = subprocess.run([program, "prove", "--json", "--dir", str(tmp_path)], capture_output=True, text=True)
    row = next(row for row in json.loads(done.stdout) if row["id"] == "scanning")
    assert row["holds"] is holds and words in row["evidence"], row


def test_an_anchor_outside_the_database_that_the_log_contradicts_is_found(own):
    anchors = own.folder / "audit/checkpoints"
    kept = anchors.read_bytes()
    signature = kept.rindex(b" ") + 10
    spoilt = kept[:signature] + (b"A" if kept[signature:signature + 1] != b"A" else b"B") + kept[signature + 1:]
    anchors.write_bytes(spoilt)
    try:
        row = prove(own)["audit_log"]
    finally:
        whole = anchors.read_bytes()
        anchors.write_bytes(kept + whole[len(spoilt):])
    assert not row["holds"] and "holds what the key did not sign" in row["evidence"], row
