# SPDX-License-Identifier: Apache-2.0
"""A whole running system of its own, in a temporary folder, on free ports."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("RENDFLY", str(ROOT / "build/rendfly"))
COUNTERS = ("forwarded", "stored", "dropped", "refused", "unparsed", "in_flight", "unauthorized", "limited")
SLOT_BYTES = 128
ALL_PLACED = ("not exists (select from audit.events e where not exists (select from audit.leaves l where "
              "l.workspace_id = e.workspace_id and l.event_id = e.event_id))")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds=60.0):
    """The first true value of condition; never a sleep that hopes."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"did not come within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)
    return value


class System:
    def __init__(self, settings=None, providers=None, start=True, within="/tmp", before=(), program=PROGRAM):
        """within: where its folder lies; before: what the supervisor's command is run by."""
        self.before, self.program = before, program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rf-", dir=within))
        self.dir = str(self.folder)
        self.folder.chmod(0o755)
        self.port, sample_port = free_port(), free_port()
        self.settings = {"listen_port": self.port, "metrics_port": free_port(), "postgres_port": free_port(),
                         "sample_provider_port": sample_port, "judge_settle_ms": 200, "audit_interval_s": 1,
                         "public_url": f"https://localhost:{self.port}", **(settings or {})}
        self.providers = {"sample": f"https://localhost:{sample_port}", **(providers or {})}
        self.process = None
        self.write_settings()
        self.output = open(self.folder / "output", "ab")
        subprocess.run([str(ROOT / "tools/setup/init"), self.dir], check=True, stdout=self.output,
                       stderr=subprocess.STDOUT, env={**os.environ, "RENDFLY": program})
        if (ROOT / "web/build").is_dir():
            shutil.copytree(ROOT / "web/build", self.folder / "www", dirs_exist_ok=True)
        if start:
            self.start()

    def write_settings(self):
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        for name, url in self.providers.items():
            lines += [f"provider.{name} = {url}", f"provider.{name}.ca = {self.dir}/pki/ca.crt"]
        (self.folder / "rendfly.conf").write_text("\n".join(lines) + "\n")

    # ---- life

    def start(self, seconds=90):
        self.process = subprocess.Popen([*self.before, self.program, "supervisor", "--dir", self.dir], stdout=self.output,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            wait_until("the system is ready", self.is_ready, seconds)
        except AssertionError:
            tail = (self.folder / "output").read_text()[-3000:]
            log = (self.folder / "log/rendfly.log")
            raise AssertionError(f"{tail}\n{log.read_text()[-4000:] if log.exists() else ''}") from None

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("the supervisor ended")
        done = subprocess.run(["curl", "-sf", "--cacert", self.ca, f"{self.url}/api/v1/readyz"], capture_output=True)
        return done.returncode == 0 and (self.folder / "run/keytable").exists()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None

    def close(self):
        self.stop()
        self.output.close()
        forbidden = self.ended_by_their_filter()
        if os.environ.get("RENDFLY_KEEP") is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        assert forbidden == [], f"a system call that is in no list: {forbidden}"

    def ended_by_their_filter(self):
        log = self.folder / "log/rendfly.log"
        text = log.read_text(errors="replace") if log.exists() else ""
        return [line for line in text.splitlines() if any(mark in line for mark in ("Bad system call", "Aborted", "addresses_not_watched"))]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- what it is

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def ca(self):
        return f"{self.dir}/pki/ca.crt"

    @property
    def first_login(self):
        return dict(line.split(": ", 1) for line in (self.folder / "first-login").read_text().splitlines())

    @property
    def ingest_key(self):
        return self.first_login["ingest_key"]

    def processes(self):
        """Role to { pid, restarts, … } as the supervisor says."""
        return {p["role"]: p for p in json.loads((self.folder / "run/status.json").read_text())["processes"]}

    def captures(self):
        sums = dict.fromkeys(COUNTERS, 0)
        data = (self.folder / "run/edge.counters").read_bytes()
        for at in range(0, len(data) - SLOT_BYTES + 1, SLOT_BYTES):
            for name, value in zip(COUNTERS, struct.unpack_from("<8Q", data, at + 8)):
                sums[name] += value
        return sums

    def sql(self, statement):
        """As the cluster's superuser over its unix socket: one line for each row."""
        user = pwd.getpwnam("rendfly-postgres") if os.geteuid() == 0 else None
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", f"{self.dir}/run/pg", "-p",
             str(self.settings["postgres_port"]), "-U", "rendfly-postgres", "rendfly"], input=statement, text=True,
            capture_output=True, cwd="/", user=user and user.pw_uid, group=user and user.pw_gid)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    def jobs_waiting(self):
        return int(self.sql("select count(*) from app.jobs")[0])

    # ---- speaking to it

    def curl(self, path, *arguments, key=None):
        """Status and body of one request through the edge."""
        command = ["curl", "-s", "--cacert", self.ca, "-o", "-", "-w", "\n%{http_code}", f"{self.url}{path}",
                   *arguments]
        if key is not None:
            command += ["-H", f"X-Rendfly-Key: {key}"]
        body, _, status = subprocess.run(command, capture_output=True, text=True).stdout.rpartition("\n")
        return int(status), body

    def chat(self, messages, *arguments, provider="sample", key=None, **fields):
        return self.curl(f"/{provider}/v1/chat/completions", "-H", "Content-Type: application/json", *arguments,
                         "-d", json.dumps({"model": "sample", "messages": messages, **fields}),
                         key=self.ingest_key if key is None else key)

    def kill(self, role):
        """kill -9; returns the pid that is gone."""
        return wait_until(f"{role} runs", lambda: self.killed(self.processes()[role]["pid"]))

    @staticmethod
    def killed(pid):
        """The pid, or None when it is gone already; 0 (not running) would mean our own process group."""
        if pid == 0:
            return None
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        return pid

    def run(self, *arguments, check=False, **options):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, check=check, **options)
