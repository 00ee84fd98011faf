# SPDX-License-Identifier: Apache-2.0
"""What processes do by themselves stands in the audit log, and is not done when it cannot be written there."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

from api_client import Api
from system import ALL_PLACED, ROOT, System, wait_until

ZERO = "00000000-0000-0000-0000-000000000000"
NUMBERS = {name: number for number, name in re.findall(r"X\((\d+), ([A-Z0-9_]+),",
                                                       (ROOT / "lib/audit/event.h").read_text())}


@pytest.fixture(scope="module")
def model():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rf-judge-"))
    folder.chmod(0o755)
    process = subprocess.Popen([sys.executable, ROOT / "tests/integration/sample_judge.py", folder],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = json.loads(process.stdout.readline())["good"]
    yield {"judge_base_url": f"https://localhost:{port}/v1", "judge_ca_file": folder / "ca.crt", "judge_model": "good"}
    process.stdin.close()
    process.wait(20)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def own(model):
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System(settings=model) as s:
        yield s


def events(system, name, more="true"):
    """(actor, workspace, outcome, object kind, object id, detail) of each event of a name."""
    return [tuple(line.split("|")) for line in system.sql(
        "select actor, workspace_id, outcome, object_kind, object_id, detail from audit.events "
        f"where event = {NUMBERS[name]} and actor_kind = 'process' and {more} order by at_us")]


def test_the_first_start_stands_on_record(own):
    first = own.first_login
    made = {name: events(own, name) for name in ("WORKSPACE_CREATED", "PROJECT_CREATED", "USER_CREATED",
                                                 "INGEST_KEY_CREATED", "CRYPT_KEY_CREATED")}
    for name, found in made.items():
        assert len(found) == 1 and found[0][:2] == ("setup", first["workspace"]), (name, found)
    assert made["PROJECT_CREATED"][0][4] == first["project"]
    assert [e[:3] for e in events(own, "SYS_MIGRATED")] == [("setup", ZERO, "1")]
    assert {e[0] for e in events(own, "SYS_STARTUP")} == {"setup", "steward"}
    assert events(own, "INGEST_KEYS_PUBLISHED")[0][:2] == ("steward", ZERO)


def test_a_system_message_a_model_call_and_a_refused_capture_leave_an_event_each(own):
    before = len(events(own, "SENSITIVE_CREATE"))
    assert own.chat([{"role": "system", "content": "Always be kind to the customer. Never quote a price."},
                     {"role": "user", "content": "Hello there, what do you sell?"}])[0] == 200
    wait_until("judged", lambda: own.sql("select 1 from app.verdicts where judge = 'good' limit 1"))
    made = events(own, "SENSITIVE_CREATE")
    assert len(made) == before + 1 and made[-1][0] == "collector" and made[-1][3] == "system_message"
    conversation = own.sql("select conversation_id from app.verdicts where judge = 'good' limit 1")[0]
    assert [e[:5] for e in events(own, "SENSITIVE_EXPORT", f"object_id = '{conversation}'")] == [
        ("judge", own.first_login["workspace"], "1", "conversation", conversation)]
    own.curl("/sample/v1/chat/completions", "-H", "Content-Type: application/json", "-d", '{"messages": 7}',
             key=own.ingest_key)
    refused = wait_until("the refusal stands on record", lambda: events(own, "CAPTURE_REFUSED"))
    assert [e[:4] for e in refused] == [("collector", own.first_login["workspace"], "2", "capture")]


@pytest.mark.parametrize("change, event", [
    ("update app.rules set sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) where "
     "system_message_id = (select system_message_id from app.conversations where conversation_id = '{}')", "CRYPT_DECRYPT_FAIL"),
    ("update app.messages set tool_calls = '{{' where conversation_id = '{}'", "INPUT_VALIDATION_FAIL")],
    ids=["a rule", "a message"])
def test_a_job_whose_records_somebody_changed_has_an_end_with_an_event(own, change, event):
    assert own.chat([{"role": "system", "content": f"Never speak of {event.lower()} to anybody. Always be brief."},
                     {"role": "user", "content": f"Tell me of {event.lower()}"}])[0] == 200
    conversation = wait_until("judged", lambda: own.sql(
        "select v.conversation_id from app.verdicts v join app.messages m using (workspace_id, day, conversation_id) "
        f"where v.judge = 'good' and m.content like '%{event.lower()}%' limit 1"))[0]
    of_it = f"conversation_id = '{conversation}'"
    wait_until("its job is over", lambda: own.jobs_waiting() == 0)
    own.sql(change.format(conversation))
    own.sql("insert into app.jobs (workspace_id, day, conversation_id, kind, not_before) select workspace_id, day, "
            f"conversation_id, 'judge', now() from app.conversations where {of_it}")
    wait_until("it was tried", lambda: own.sql(
        f"select 1 from app.jobs where {of_it} and attempts = 1 and claimed_until is null and not_before > now()"))
    assert events(own, event, f"object_id = '{conversation}'") == []
    own.sql(f"update app.jobs set attempts = 7, not_before = now() where {of_it}")  # as often before, for minutes
    wait_until("there is an end", lambda: own.jobs_waiting() == 0)
    assert [e[:5] for e in events(own, event, f"object_id = '{conversation}'")] == [
        ("judge", own.first_login["workspace"], "3", "conversation", conversation)]
    assert own.sql(f"select distinct verdict, judge, why from app.verdicts where {of_it}") == [
        "indeterminate|none|what is stored of the conversation or its rules was changed"]


def test_days_that_are_forgotten_and_their_event_are_one_act(own):
    own.sql("select app.ensure_partitions(current_date - 400, current_date - 399)")
    own.sql("alter table audit.events add constraint full_up check (false) not valid")
    days = "select count(*) from pg_class where relname ~ to_char(current_date - 400, '\"_\"YYYYMMDD') and relkind = 'r'"
    assert int(own.sql(days)[0]) > 0
    try:
        own.kill("steward")
        wait_until("the steward does not start without the log", lambda: own.sql(days) != ["0"]
                   and "steward_failed" in (own.folder / "log/rendfly.log").read_text())
    finally:
        own.sql("alter table audit.events drop constraint full_up")
    wait_until("the days are forgotten", lambda: own.sql(days) == ["0"])
    assert [e[:4] for e in events(own, "SENSITIVE_EXPIRED")] == [("steward", ZERO, "1", "conversations")]


def test_no_capture_is_let_go_and_no_system_message_kept_without_its_event(own):
    """The first that is refused in a minute has an event of its own: a new collector has not seen any."""
    killed = own.kill("collector")
    wait_until("there is a new collector", lambda: own.processes()["collector"]["pid"] not in (0, killed))
    own.sql("alter table audit.events add constraint full_up check (false) not valid")
    kept = "select count(*) from app.system_messages"
    before, counts = own.sql(kept), own.captures()
    try:
        own.curl("/sample/v1/chat/completions", "-H", "Content-Type: application/json", "-d", '{"messages": 8}',
                 key=own.ingest_key)
        wait_until("the collector tries", lambda: "audit_failed" in (own.folder / "log/rendfly.log").read_text())
        assert own.captures()["refused"] == counts["refused"] and own.sql(kept) == before
    finally:
        own.sql("alter table audit.events drop constraint full_up")
    wait_until("the refusal is counted", lambda: own.captures()["refused"] == counts["refused"] + 1)
    assert len(events(own, "CAPTURE_REFUSED")) == counts["refused"] + 1


def anchored(system):
    return [int(size) for size in re.findall(r"^rendfly/audit\n(\d+)$", (system.folder / "audit/checkpoints").read_text(),
                                             re.M)]


def test_a_checkpoint_that_keyd_signed_and_the_database_refused_does_not_stop_the_log(own):
    """keyd remembers that size; were leaves added behind it first, no proof that it takes could ever be made."""
    stored = "select coalesce(max(size), 0) from audit.checkpoints"
    own.sql("alter table audit.checkpoints add constraint full_up check (false) not valid")
    try:
        before, notes = int(own.sql(stored)[0]), len(anchored(own))
        for _ in range(2):
            own.kill("steward")  # its start is an event
            wait_until("keyd signed what it may", lambda: len(anchored(own)) > notes)
            notes = len(anchored(own))
        assert max(anchored(own)) > before == int(own.sql(stored)[0])
    finally:
        own.sql("alter table audit.checkpoints drop constraint full_up")
    wait_until("the log goes on", lambda: own.sql("select 1 where " + ALL_PLACED)
               and int(own.sql(stored)[0]) == int(own.sql("select max(leaf_index) + 1 from audit.leaves")[0]) > before)
    assert "audit_log_was_rolled_back" not in (own.folder / "log/rendfly.log").read_text()


def test_keys_that_cannot_be_published_stand_on_record_once(own):
    """Writing is tried four times a second; the log says once what is in force."""
    blocked, log = own.folder / "run/keytable.new", own.folder / "log/rendfly.log"
    before, told = len(events(own, "INGEST_KEYS_PUBLISHED")), log.read_text().count("keys_published")
    size = "select coalesce(max(size), 0) from audit.checkpoints"
    blocked.mkdir()
    try:
        own.sql("update app.ingest_keys set name = name || '!'")
        wait_until("writing fails", lambda: "keytable_not_written" in log.read_text())
        for _ in range(2):  # each is a second of the steward's at least
            signed = int(own.sql(size)[0])
            assert Api(own.url, own.ca).log_in("nobody@example.com", "not the password").status == 401
            wait_until("the steward's next turns", lambda: int(own.sql(size)[0]) > signed)
    finally:
        blocked.rmdir()
    wait_until("they are published", lambda: log.read_text().count("keys_published") == told + 1)
    assert len(events(own, "INGEST_KEYS_PUBLISHED")) == before + 1


# ---------------------------------------------------------------- the static check

@pytest.fixture
def copy(tmp_path):
    for part in ("lib/audit", "src", "tools/check-events"):
        source = ROOT / part
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def checked(folder):
    return subprocess.run([sys.executable, folder / "tools/check-events"], capture_output=True, text=True)


def test_the_sources_emit_what_the_vocabulary_says(copy):
    done = checked(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file, old, new, fault", [
    ("src/steward/keys.c", ".name = AUDIT_INGEST_KEYS_PUBLISHED", ".name = 0", "names STEWARD, which never emits it"),
    ("src/judge/worker.c", "AUDIT_SENSITIVE_EXPORT", "AUDIT_SYS_AUDIT_PRUNED", "its row does not name JUDGE"),
    ("src/api/route.h", "ingest-keys/{key}\", keys_delete, INGEST_KEY_REVOKED",
     "ingest-keys/{key}\", keys_delete, NOT_AUDITED", "AUDIT_INGEST_KEY_REVOKED: its row names API"),
    ("src/steward/main.c", "0,\n\t    \"makes empty tables\"", "0,\n\t    NULL", "neither its event nor why"),
], ids=["never-emitted", "by-another", "a-route-without", "a-duty-without"])
def test_an_act_that_loses_its_event_or_a_process_that_emits_anothers_fails_the_build(copy, file, old, new, fault):
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1) if file != "src/steward/keys.c" else text.replace(
        old, new).replace("AUDIT_INGEST_KEYS_PUBLISHED", "0"))
    if file == "src/steward/keys.c":
        main = copy / "src/steward/main.c"
        main.write_text(main.read_text().replace("AUDIT_INGEST_KEYS_PUBLISHED", "AUDIT_SYS_STARTUP"))
    done = checked(copy)
    assert done.returncode == 1 and fault in done.stdout, done.stdout


def test_a_checkpoint_that_cannot_be_served_is_served_later_and_the_log_goes_on(own):
    blocked, log = own.folder / "run/checkpoint.new", own.folder / "log/rendfly.log"
    served = lambda: int((own.folder / "run/checkpoint").read_text().split("\n")[1])  # noqa: E731
    size = "select coalesce(max(size), 0) from audit.checkpoints"
    wait_until("all is signed and served", lambda: own.sql("select 1 where " + ALL_PLACED)
               and int(own.sql(size)[0]) == served())
    before, told = served(), log.read_text().count("checkpoint_not_published")
    blocked.mkdir()
    try:
        for _ in range(2):
            signed = int(own.sql(size)[0])
            assert Api(own.url, own.ca).log_in("nobody@example.com", "not the password").status == 401
            wait_until("it is signed", lambda: int(own.sql(size)[0]) > signed)
        assert served() == before
    finally:
        blocked.rmdir()
    wait_until("it is served without another event", lambda: served() == int(own.sql(size)[0]) > before)
    assert log.read_text().count("checkpoint_not_published") == told + 1
