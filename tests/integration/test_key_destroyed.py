# SPDX-License-Identifier: Apache-2.0
"""A destroyed workspace stays unreadable: yesterday's base backup of the database, with all of the log replayed,
beside today's keys, and beside today's keys with yesterday's keyring in their place."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import uuid

import pytest

from system import System, free_port, wait_until
from test_keyd import DENIED, GONE, OK, UNSEAL, Keyd, text

BIN = "/usr/lib/postgresql/15/bin"
N_EACH = 25
SEALED = {("system_messages", "sealed"): "system_message_id", ("rules", "sealed"): "rule_id",
          ("redaction_policies", "sealed"): "policy_id", ("redaction_policies", "sealed_reason"): "policy_id"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: each process has a user of its own")


class Restored:
    """A scratch cluster of a base backup and the write-ahead log since."""

    def __init__(self, base, log, socket_folder):
        self.base, self.sockets, self.port = base, socket_folder, free_port()
        self.user = pwd.getpwnam("rendfly-postgres")
        (base / "postmaster.pid").unlink(missing_ok=True)
        (base / "recovery.signal").touch()
        with open(base / "rendfly.conf", "a") as conf:
            conf.write(f"port = {self.port}\nunix_socket_directories = '{socket_folder}'\nlisten_addresses = ''\nssl = off\n"
                       f"restore_command = 'cp {log}/%f %p'\n")
        shutil.chown(base / "recovery.signal", self.user.pw_uid, self.user.pw_gid)
        self.process = subprocess.Popen([f"{BIN}/postgres", "-D", str(base)], cwd="/", stderr=open(base.parent / "restore.log", "ab"),
                                        user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[])
        wait_until(lambda: "the log is replayed: " + (base.parent / "restore.log").read_text()[-500:], lambda: self.run("psql", "-c", "select 1/(not pg_is_in_recovery())::int")[0] == 0, 90)

    def run(self, program, *arguments):
        done = subprocess.run([f"{BIN}/{program}" if program == "pg_dump" else program, *(["-XAtq"] if program == "psql" else []),
                               "-h", str(self.sockets), "-p", str(self.port), "-U", "rendfly-postgres", "rendfly", *arguments],
                              capture_output=True, text=True, cwd="/", user=self.user.pw_uid, group=self.user.pw_gid,
                              extra_groups=[])
        return done.returncode, done.stdout

    def records(self):
        """(where keyd is told that it lives, the record) for each sealed value."""
        found = []
        for (table, column), row in SEALED.items():
            status, out = self.run("psql", "-c", f"select workspace_id, {row}, encode({column}, 'hex') from app.{table}")
            assert status == 0
            for line in out.splitlines():
                workspace, row_id, record = line.split("|")
                found.append((uuid.UUID(workspace).bytes + text(table) + text(column) + uuid.UUID(row_id).bytes,
                              bytes.fromhex(record)))
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def canaries(first):
    return [f"canary{n:02d}zwiebelfisch" for n in range(first, first + N_EACH)]


def send(system, words):
    for word in words:
        messages = [{"role": "system", "content": f"You sell {word}. Always answer in English. Never promise a refund."},
                    {"role": "user", "content": "Hello"}]
        assert system.chat(messages)[0] == 200
    wait_until("all are stored", lambda: system.captures()["in_flight"] == 0 and system.jobs_waiting() == 0)


def keyd_over(folder, keys):
    folder.mkdir()
    folder.chmod(0o755)
    shutil.copytree(keys, folder / "keys")
    return Keyd(folder, "keyd_unseals_per_minute = 100000\n")


def answers(keyd, records):
    judge = keyd.channel("judge")
    return [judge.ask(UNSEAL, where + text(record) + text("drill")) for where, record in records]


@pytest.fixture
def folder():
    """That the database's user reaches, too."""
    with tempfile.TemporaryDirectory(prefix="rf-", dir="/tmp") as made:
        path = pathlib.Path(made)
        path.chmod(0o755)
        yield path


def test_nothing_of_it_opens_from_yesterdays_backup_with_the_log_replayed(folder):
    sockets = folder / "s"
    sockets.mkdir()
    sockets.chmod(0o777)
    words = canaries(0) + canaries(N_EACH)
    with System() as s:
        workspace = s.first_login["workspace"]
        send(s, words[:N_EACH])
        s.stop()
        subprocess.run(["cp", "-a", f"{s.dir}/pg", str(folder / "base")], check=True)
        s.start()
        assert s.run("keys", "rotate", workspace, "--dir", s.dir).returncode == 0
        send(s, words[N_EACH:])
        yesterday = folder / "yesterday"
        shutil.copytree(f"{s.dir}/keys", yesterday)
        s.sql("select pg_switch_wal()")
        subprocess.run(["cp", "-a", f"{s.dir}/pg/pg_wal", str(folder / "log")], check=True)
        assert s.run("keys", "destroy", workspace, "--for-good", "--dir", s.dir).returncode == 0
        today = folder / "today"
        shutil.copytree(f"{s.dir}/keys", today)
    restored = Restored(folder / "base", folder / "log", sockets)
    try:
        records = restored.records()
        status, dump = restored.run("pg_dump")
    finally:
        restored.stop()
    assert len(records) >= 4 * N_EACH
    assert status == 0 and len(dump) > 100000
    assert [word for word in words if word in dump] == []

    # With the keys of before the destroying all of them open: the records are whole.
    before = keyd_over(folder / "a", yesterday)
    opened = answers(before, records)
    before.stop()
    assert {error for error, _ in opened} == {OK}
    assert all(any(word.encode() in plain for _, plain in opened) for word in words)

    after = keyd_over(folder / "b", today)
    assert set(answers(after, records)) == {(GONE, b"")}
    after.stop()

    # Yesterday's records of keys, in either place, beside today's wrapping key.
    for name in ("keyring", "keyring.1"):
        mixed = folder / f"mixed-{name}"
        shutil.copytree(today, mixed)
        old = next(path for path in (yesterday / "keyring.1", yesterday / "keyring") if path.stat().st_size > 0)
        (mixed / name).write_bytes(old.read_bytes())
        resurrected = keyd_over(folder / f"c-{name}", mixed)
        assert set(answers(resurrected, records)) <= {(GONE, b""), (DENIED, b"")}
        resurrected.stop()
