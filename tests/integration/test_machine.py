# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with the machine: the disk fills, the clock steps, a certificate ends, PostgreSQL dies.

Each is named with its remedy, agents' traffic goes on, and nothing that was acknowledged is lost.
"""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile

import pytest

from api_client import Api
from system import System, wait_until

HERE = pathlib.Path(__file__).resolve().parent
DAY = 86400

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: users, mounts and namespaces")


def troubles(system):
    return json.loads((system.folder / "run/status.json").read_text())["troubles"]


def ask(system, text):
    status, body = system.chat([{"role": "user", "content": text}])
    assert status == 200, (status, body)


def all_stored(system):
    sums = system.captures()
    return sums["in_flight"] == 0 and sums["forwarded"] == sums["stored"] and sums["dropped"] == 0


# ---- the clock

class Clock:
    """Steps the wall clock of the processes that have the library preloaded, and of no others."""

    def __init__(self, folder):
        self.file = folder / "offset"
        self.shared_object = folder / "clock_step.so"
        self.step(0)
        self.file.chmod(0o644)
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", f'-DOFFSET_PATH="{self.file}"', "-o", self.shared_object,
                        HERE / "clock_step.c"], check=True)
        # A copy of /etc, seen by the system alone, preloads the library into all that it starts.
        shutil.copytree("/etc", folder / "etc", symlinks=True)
        (folder / "etc/ld.so.preload").write_text(f"{self.shared_object}\n")
        self.before = ["unshare", "-m", "sh", "-c", f'mount --bind "{folder}/etc" /etc && exec "$@"', "sh"]

    def step(self, seconds):
        """By so much in all; in place, because it is mapped."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as f:
            f.write(struct.pack("<q", seconds))


@pytest.fixture(scope="module")
def clock():
    with tempfile.TemporaryDirectory(prefix="rf-clock-", dir="/tmp") as folder:
        pathlib.Path(folder).chmod(0o755)
        yield Clock(pathlib.Path(folder))


@pytest.fixture(scope="module")
def stepped(clock):
    with System(before=clock.before) as s:
        yield s


@pytest.mark.parametrize("seconds, words", [(3 * 3600, "forward by 10800 s"), (-2 * 3600, "back by 18000 s"),
                                            (20 * DAY, "forward by 1735200 s"), (-20 * DAY, "back by 3456000 s"),
                                            (0, "forward by 1728000 s")])
def test_the_clock_steps_and_agents_go_on_and_nothing_is_lost(stepped, clock, seconds, words):
    before = stepped.captures()["stored"]
    ask(stepped, "before the step")
    wait_until("stored", lambda: stepped.captures()["stored"] == before + 1)
    clock.step(seconds)
    wait_until("the step is named", lambda: any(words in t and "chrony" in t for t in troubles(stepped)), 10)
    for i in range(5):
        ask(stepped, f"after the step, {i}")
    wait_until("stored", lambda: stepped.captures()["stored"] == before + 6)
    assert all_stored(stepped)
    assert words in stepped.run("status", "--dir", stepped.dir).stdout


def test_the_old_key_of_log_ins_ends_when_its_fifteen_minutes_are_over_by_the_clock(stepped, clock):
    def rotate():
        return stepped.run("keys", "rotate-tokens", "--dir", stepped.dir)
    assert rotate().returncode == 0
    api = Api(stepped.url, stepped.ca)
    assert api.log_in(stepped.first_login["user"], stepped.first_login["password"]).status == 200
    clock.step(901)
    assert api.get("/me").status == 401
    assert rotate().returncode == 0, "the overlap of the first rotation is over"
    assert "15 minutes" in rotate().stderr
    clock.step(0)


def test_certificates_that_end_while_it_runs_are_named_with_the_remedy(stepped, clock):
    clock.step(360 * DAY)
    wait_until("the end is near", lambda: any("ca.crt" not in t and "expires in " in t and "make run" in t
                                              for t in troubles(stepped)), 10)
    clock.step(370 * DAY)
    wait_until("the end is there", lambda: any("has expired" in t and "make run" in t for t in troubles(stepped)), 10)
    clock.step(0)
    wait_until("it is over", lambda: not any("certificate" in t for t in troubles(stepped)), 10)


def test_an_expired_certificate_stops_the_start_with_the_remedy(clock):
    with System(start=False, before=clock.before) as s:
        clock.step(370 * DAY)
        try:
            done = subprocess.run([*clock.before, os.environ.get("RENDFLY", "build/rendfly"), "supervisor", "--dir",
                                   s.dir], capture_output=True, text=True, timeout=30, cwd=HERE.parents[1])
        finally:
            clock.step(0)
        assert done.returncode == 1
        assert "edge.crt has expired" in done.stderr and "make run" in done.stderr, done.stderr


def test_a_clock_that_was_never_set_stops_the_start(clock):
    with System(start=False, before=clock.before) as s:
        clock.step(-40 * 365 * DAY)
        try:
            done = subprocess.run([*clock.before, os.environ.get("RENDFLY", "build/rendfly"), "supervisor", "--dir",
                                   s.dir], capture_output=True, text=True, timeout=30, cwd=HERE.parents[1])
        finally:
            clock.step(0)
        assert done.returncode == 1 and "system clock is wrong" in done.stderr and "timedatectl" in done.stderr


# ---- the disk

@pytest.fixture
def small_disk():
    folder = tempfile.mkdtemp(prefix="rf-disk-", dir="/tmp")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=755", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
    os.rmdir(folder)


def fill(path):
    with open(path, "wb", buffering=0) as f:
        try:
            while f.write(b"x" * 65536):
                pass
        except OSError:
            pass


def test_a_full_disk_is_named_agents_go_on_and_all_is_stored_once_there_is_room(small_disk):
    with System(within=small_disk) as s:
        ask(s, "while there is room")
        wait_until("stored", lambda: s.captures()["stored"] == 1)
        fill(s.folder / "filler")
        os.truncate(s.folder / "filler", os.path.getsize(s.folder / "filler") - (20 << 20))
        wait_until("it is named before the end", lambda: any(f"the disk of {s.dir} is full" in t for t in troubles(s)), 10)
        assert f"the disk of {s.dir} is full" in (s.folder / "output").read_text()
        assert "make room" in s.run("status", "--dir", s.dir).stdout
        fill(s.folder / "rest")
        for i in range(30):
            ask(s, f"{i}: " + os.urandom(20000).hex())
        assert s.captures()["in_flight"] > 0
        (s.folder / "rest").unlink()
        (s.folder / "filler").unlink()
        wait_until("all is stored", lambda: s.captures()["stored"] == 31)
        assert all_stored(s)
        assert s.sql("select count(*) from app.conversations") == ["31"]
        wait_until("it is over", lambda: not troubles(s), 10)


def test_a_disk_too_small_stops_the_start_with_the_remedy(small_disk):
    with System(within=small_disk, start=False) as s:
        fill(s.folder / "filler")
        done = s.run("supervisor", "--dir", s.dir, timeout=20)
        assert done.returncode == 1
        assert f"the disk of {s.dir} is full" in done.stderr and "make room" in done.stderr


# ---- PostgreSQL

def test_postgresql_is_killed_and_comes_back_and_nothing_is_lost():
    with System() as s:
        for i in range(3):
            ask(s, f"before, {i}")
        os.kill(s.processes()["postgres"]["pid"], signal.SIGKILL)
        for i in range(20):
            ask(s, f"while it is away, {i}")
        wait_until("all is stored", lambda: s.captures()["stored"] == 23)
        assert all_stored(s)
        assert s.sql("select count(*) from app.conversations") == ["23"]
        output = (s.folder / "output").read_text()
        assert "child_ended" in output and 'child="postgres"' in output and "signal 9" in output
