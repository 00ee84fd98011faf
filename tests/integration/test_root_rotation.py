# SPDX-License-Identifier: Apache-2.0
"""`rendfly keys rotate-root` on a running system: under reads and kills nothing is lost and nobody is logged
out, and what opened the keys before opens nothing any more.
"""
import os
import shutil
import subprocess
import threading
import uuid

import pytest

from api_client import Api
from system import System, wait_until
from test_keyd import CREATE, OK, SEAL, TOKEN_KEY, UNSEAL, Keyd, place, text

AGENT = [{"role": "system", "content": "You are the assistant of an airline. Never promise a refund."},
         {"role": "user", "content": "Hello, what do you do?"}]
ROTATED = 37


@pytest.fixture(scope="module")
def own():
    with System() as s:
        yield s


@pytest.fixture(scope="module")
def member(own):
    """Logged in before the first rotation."""
    api = Api(own.url, own.ca)
    assert api.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    assert own.chat(AGENT)[0] == 200
    wait_until("the rules are stored", lambda: own.sql("select 1 from app.rules limit 1"))
    return api


def rules(own, member):
    answer = member.get(f"/projects/{own.first_login['project']}/rules")
    return answer.status, sorted(r["description"] for r in answer.json.get("rules", []))


def passphrase(own):
    return (own.folder / "keys/root.passphrase").read_bytes()


def rotate(own):
    return own.run("keys", "rotate-root", "--dir", own.dir)


def test_a_rotation_fails_no_read_and_ends_no_log_in_no_ingest_key_and_no_proof(own, member):
    before, old, failures, reads, stop = rules(own, member), passphrase(own), [], [0], threading.Event()
    assert before[0] == 200 and before[1]

    def read():
        while not stop.is_set():
            got = rules(own, member)
            reads[0] += 1
            if got != before:
                failures.append(got)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(2):
            done = rotate(own)
            assert done.returncode == 0, done.stderr
    finally:
        stop.set()
        reader.join()
    assert reads[0] > 5 and not failures, failures[:3]
    assert passphrase(own) != old and not (own.folder / "keys/next").exists()
    stored = own.captures()["stored"]
    assert own.chat([{"role": "user", "content": f"Still there? {uuid.uuid4()}"}])[0] == 200
    wait_until("it is stored", lambda: own.captures()["stored"] > stored)
    again = Api(own.url, own.ca)
    assert again.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    assert own.sql(f"select outcome, object_kind from audit.events where event = {ROTATED}") == ["1|root_key"] * 2
    # The log goes on under the key that its readers have.
    size = int(own.sql("select max(size) from audit.checkpoints")[0])
    assert rules(own, member) == before
    wait_until("the event of this is under another checkpoint",
               lambda: int(own.sql("select max(size) from audit.checkpoints")[0]) > size)
    export, anchors = own.folder / "export", own.folder / "anchors"
    shutil.copy(own.folder / "audit/checkpoints", anchors)
    assert own.run("audit", "export", "--dir", own.dir, "--output", str(export)).returncode == 0
    done = own.run("audit", "verify", str(export), "--key", f"{own.dir}/audit/key", "--anchors", str(anchors))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_rotation_whose_keyd_is_killed_comes_to_its_end(own, member):
    before = rules(own, member)
    for pause in (0.05, 0.3, 0.6):
        old = passphrase(own)
        killer = threading.Timer(pause, own.kill, ["keyd"])
        killer.start()
        done = rotate(own)
        killer.join()
        assert done.returncode == 0, done.stderr
        assert passphrase(own) != old
        wait_until("keyd answers", lambda: rules(own, member) == before)


@pytest.fixture
def keyd(tmp_path):
    os.chmod(tmp_path, 0o755)
    k = Keyd(tmp_path)
    yield k
    k.stop()


def want(folder, words):
    (folder / "keys/next").mkdir()
    (folder / "keys/next/root.passphrase").write_text(words)
    (folder / "keys/next/wanted").write_text("wanted\n")


def test_what_opened_the_keys_before_opens_nothing_afterwards(keyd):
    w = uuid.uuid4().bytes
    assert keyd.channel("setup").ask(CREATE, w)[0] == OK
    record = keyd.channel("collector").ask(SEAL, place(w) + text("be kind"))[1]
    keyd.stop()
    kept = keyd.folder / "kept"
    shutil.copytree(keyd.folder / "keys", kept)
    want(keyd.folder, "another passphrase, of thirty-eight")
    keyd.start()
    assert keyd.channel("judge").ask(UNSEAL, place(w) + text(record) + text("judging")) == (OK, b"be kind")
    keyd.stop()
    # Neither the old passphrase, nor with it the old sealed root, beside today's keyring.
    for names in (["root.passphrase"], ["root.passphrase", "root.sealed"]):
        today = keyd.folder / "today"
        shutil.copytree(keyd.folder / "keys", today)
        for name in names:
            (keyd.folder / "keys" / name).unlink()
            shutil.copy(kept / name, keyd.folder / "keys" / name)
        keyd.start()
        assert keyd.process.wait(20) == 1
        shutil.rmtree(keyd.folder / "keys")
        today.rename(keyd.folder / "keys")
    # No byte of the old root key's file is left in the folder.
    old = (kept / "root.sealed").read_bytes()[40:]
    assert all(old not in path.read_bytes() for path in (keyd.folder / "keys").iterdir())
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY)[0] == OK


def test_a_passphrase_that_is_too_short_changes_nothing_and_says_why(keyd):
    key = keyd.channel("api").ask(TOKEN_KEY)
    keyd.stop()
    before = (keyd.folder / "keys/root.sealed").read_bytes()
    want(keyd.folder, "short")
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY) == key
    assert "shorter than 16" in (keyd.folder / "keys/next/failed").read_text()
    assert (keyd.folder / "keys/root.sealed").read_bytes() == before


def test_with_a_credential_in_force_the_next_one_is_wanted_as_a_credential(keyd, tmp_path, monkeypatch):
    key = keyd.channel("api").ask(TOKEN_KEY)
    keyd.stop()
    given = tmp_path / "credentials"
    given.mkdir()
    shutil.move(keyd.folder / "keys/root.passphrase", given / "rendfly-root")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    (keyd.folder / "keys/next").mkdir()
    for words, is_done in ((None, False), ("the passphrase of the next year", True)):
        (keyd.folder / "keys/next").mkdir(exist_ok=True)
        (keyd.folder / "keys/next/wanted").write_text("wanted\n")
        if words:
            (given / "rendfly-root-next").write_text(words)
        keyd.start()
        assert keyd.channel("api").ask(TOKEN_KEY) == key
        assert (keyd.folder / "keys/next/failed").exists() != is_done
        keyd.stop()
    # It opens under its new name, and when the unit gives it the old one's.
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY) == key
    keyd.stop()
    (given / "rendfly-root-next").rename(given / "rendfly-root")
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY) == key
