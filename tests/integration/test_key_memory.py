# SPDX-License-Identifier: Apache-2.0
"""No key in readable memory, no secret in arguments, environments or logs: every process is searched for
more than a hundred keys and secrets of a running system that has used them."""
import os
import pathlib
import re
import subprocess
import uuid

import pytest

from api_client import Api
from system import ROOT, System, wait_until

BUILD = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build"))
CANARIES = BUILD / "tests/memory/key_canaries"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="reading other processes' memory needs root")


@pytest.fixture(scope="module")
def used():
    """A system after some of everything: rotated keys, logins, conversations, verdicts, audit batches."""
    with System(settings={"audit_interval_s": 1}) as s:
        workspace = s.first_login["workspace"]
        others = [str(uuid.uuid4()) for _ in range(18)]
        s.sql("insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values "
              + ", ".join(f"('{other}', 'another', 60, 9)" for other in others))
        for other in others:
            assert s.run("keys", "create", other, "--dir", s.dir).returncode == 0
        assert s.run("keys", "rotate", workspace, "--dir", s.dir).returncode == 0
        for n in range(20):
            messages = [{"role": "system", "content": f"You are shop {n}. Always be polite. Never promise a refund."},
                        {"role": "user", "content": f"I am eva.muster{n}@example.com, hello"}]
            assert s.chat(messages)[0] == 200
        api = Api(s.url, s.ca)
        for _ in range(3):
            assert api.log_in(s.first_login["user"], s.first_login["password"]).status == 200
            assert api.get(f"/projects/{s.first_login['project']}/rules").status == 200
        wait_until("all is judged", lambda: s.jobs_waiting() == 0 and s.sql("select 1 from app.verdicts limit 1"))
        wait_until("a checkpoint is signed", lambda: s.sql("select 1 from audit.checkpoints limit 1"))
        assert s.run("keys", "rewrap", "--dir", s.dir).returncode == 0
        yield s


@pytest.fixture(scope="module")
def keys(used):
    printed = subprocess.run([CANARIES, used.dir], check=True, capture_output=True, text=True).stdout
    found = [(what, bytes.fromhex(key)) for what, key in map(str.split, printed.splitlines())]
    assert len({key for _, key in found}) > 100 and {"root", "wrapping", "token-seed"} <= {what for what, _ in found}
    return found


def pids_of(system):
    """Every process of the system, with the ones that nginx and PostgreSQL made."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    family, grows = {system.pid}, True
    while grows:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family, grows = family | more, bool(more)
    return sorted(family)


def memory_of(pid, seen):
    """Everything that root can read of it, region by region; what processes share is read once."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if "r" not in line.split()[1] or "[v" in line:
                continue
            shared = tuple(line.split()[2:5])
            if line.split()[1].endswith("s"):
                if (shared, end - start) in seen:
                    continue
                seen.add((shared, end - start))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue


def hits(pid, canaries, seen):
    return [what for region in memory_of(pid, seen) for what, key in canaries if key in region]


def name_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:60]


def test_no_key_stands_in_the_readable_memory_of_any_process(used, keys):
    searched, seen = 0, set()
    for pid in pids_of(used):
        try:
            assert hits(pid, keys, seen) == [], name_of(pid)
            searched += 1
        except (FileNotFoundError, ProcessLookupError):
            continue
    assert searched >= 9


def test_the_search_finds_what_is_there(used, keys):
    """The program that prints the keys, stopped while it holds them in ordinary memory."""
    holder = subprocess.Popen(["/usr/bin/python3", "-c", "import sys; k = sys.stdin.buffer.read(); print(len(k), flush=True); "
                               "import signal; signal.pause()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdin.write(b"".join(key for _, key in keys))
        holder.stdin.close()
        holder.stdout.readline()
        assert "root" in hits(holder.pid, keys, set())
    finally:
        holder.kill()
        holder.wait()


def test_no_key_stands_in_a_core_image_of_keyd_and_none_is_written_on_a_crash(used, keys, tmp_path):
    pid = used.processes()["keyd"]["pid"]
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0", limits)
    subprocess.run(["gcore", "-o", str(tmp_path / "core"), str(pid)], check=True, capture_output=True)
    image = (tmp_path / f"core.{pid}").read_bytes()
    assert len(image) > 1 << 20
    assert [what for what, key in keys if key in image] == []


def secrets_of(system):
    found = {"passphrase": (system.folder / "keys/root.passphrase").read_text().strip(),
             "password": system.first_login["password"], "ingest key": system.ingest_key}
    for path in (system.folder / "pki").glob("*.password"):
        found[path.name] = path.read_text().strip()
    assert len(found) >= 8 and all(len(value) > 12 for value in found.values())
    return found


def test_no_secret_stands_in_arguments_environments_or_logs(used, keys):
    secrets = {what: value.encode() for what, value in secrets_of(used).items()}
    for what, key in keys:
        secrets[f"{what} {key.hex()[:8]} bytes"] = key
        secrets[f"{what} {key.hex()[:8]} hex"] = key.hex().encode()
    assert len(secrets) > 100
    places = [used.folder / "log/rendfly.log", used.folder / "output", used.folder / "run/status.json"]
    for pid in pids_of(used):
        places += [pathlib.Path(f"/proc/{pid}/{name}") for name in ("cmdline", "environ")]
    for place in places:
        try:
            text = place.read_bytes()
        except OSError:
            continue
        assert [what for what, value in secrets.items() if value in text] == [], place
