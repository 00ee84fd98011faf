# SPDX-License-Identifier: Apache-2.0
"""A rotated workspace of many sealed rows is sealed anew while members read it at 200 requests a second and
the steward is killed again and again.  `make test` takes a few rows; RENDFLY_REWRAP_ROWS and _KILLS are those of
`make test-long`, which prints the latencies, too.
"""
import base64
import http.client
import json
import os
import random
import struct
import subprocess
import threading
import time
import uuid

import pytest

from api_client import COOKIE, Api
from system import System, wait_until
from test_keyd import OK, SEAL, UNSEAL, Keyd, place, text

ROWS = int(os.environ.get("RENDFLY_REWRAP_ROWS", "3200"))
KILLS = int(os.environ.get("RENDFLY_REWRAP_KILLS", "3"))
BASELINE_S = float(os.environ.get("RENDFLY_REWRAP_BASELINE_S", "5"))
RULES_A_PROJECT = 3
PROJECTS = ROWS // (RULES_A_PROJECT + 1)
READS_A_SECOND, READERS = 200, 4
REWRAPPED = 34

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="plays keyd's supervisor on a system's folder: root only")


def id_of(kind, n):
    """The n-th project (1), system message (2) or rule (3)."""
    return uuid.UUID(bytes=struct.pack(">QQ", 0x7000 + kind, 0x8000000000000000 + n))


def rule_of(n):
    return json.dumps({"name": f"rule {n}", "description": f"This is rule {n}.", "category": "other", "check": None},
                      separators=(",", ":"))


def sealed_rows(workspace):
    """Table, row, what stands in it; every one of them."""
    for p in range(PROJECTS):
        yield "system_messages", id_of(2, p), f"system message {p}"
        for n in range(p * RULES_A_PROJECT, (p + 1) * RULES_A_PROJECT):
            yield "rules", id_of(3, n), rule_of(n)


class KeydOf(Keyd):
    """keyd over the folder of a system that is stopped."""

    def __init__(self, system):  # pylint: disable=super-init-not-called
        self.folder = system.folder
        self.start()


def fill(system, workspace):
    """Projects with a system message and three rules each, sealed by keyd where they stand."""
    system.stop()
    keyd = KeydOf(system)
    collector, n = keyd.channel("collector"), 0
    w = uuid.UUID(workspace)
    folder = system.folder
    with open(folder / "messages.csv", "w") as messages, open(folder / "rules.csv", "w") as rules:
        for table, row, content in sealed_rows(workspace):
            error, record = collector.ask(SEAL, place(w.bytes, table, row=row.bytes) + text(content))
            assert error == OK
            if table == "system_messages":
                project = row.int - id_of(2, 0).int
                messages.write(f"{w},{row},{id_of(1, project)},1,\\x{row.bytes.hex() * 2},\\x{record.hex()}\n")
                n = 0
            else:
                rules.write(f"{w},{row},{id_of(1, project)},{id_of(2, project)},{n},other,f,\\x{record.hex()}\n")
                n += 1
    keyd.stop()
    for name in ("messages.csv", "rules.csv"):
        (folder / name).chmod(0o644)
    system.start()
    system.sql(f"""
        set session_replication_role = replica;
        insert into app.projects (workspace_id, project_id, name)
            select '{w}', ('00000000-0000-7001-8000-' || lpad(to_hex(p), 12, '0'))::uuid, 'project ' || p
            from generate_series(0, {PROJECTS - 1}) p;
        copy app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
            from '{folder}/messages.csv' (format csv);
        copy app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
            from '{folder}/rules.csv' (format csv);
        vacuum analyze app.projects, app.system_messages, app.rules;""".replace("vacuum", "reset all; vacuum"))


class Readers:
    """Members who read rules at a fixed rate, each request timed from when it was due."""

    def __init__(self, system, api):
        self.api, self.url, self.tls = api, api.url, api.tls
        self.latencies, self.failures, self.is_over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(i,)) for i in range(READERS)]
        for thread in self.threads:
            thread.start()

    def one(self, connection, project):
        connection.request("GET", f"/api/v1/projects/{id_of(1, project)}/rules",
                           headers={"Cookie": f"{COOKIE}={self.api.cookie}"})
        answer = connection.getresponse()
        body = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.api.cookie = line.split("=", 1)[1].split(";")[0]
        names = [r["name"] for r in json.loads(body).get("rules", [])] if answer.status == 200 else body
        first = project * RULES_A_PROJECT
        if names != [f"rule {n}" for n in range(first, first + RULES_A_PROJECT)]:
            self.failures.append((answer.status, names))

    def read(self, i):
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.tls, timeout=20)
        chosen, due, pause = random.Random(i), time.monotonic(), READERS / READS_A_SECOND
        while not self.is_over.wait(max(0, due - time.monotonic())):
            try:
                self.one(connection, chosen.randrange(PROJECTS))
            except (OSError, http.client.HTTPException, ValueError) as e:
                self.failures.append(repr(e))
                connection.close()
            self.latencies.append(time.monotonic() - due)
            due += pause

    def taken(self):
        """The latencies since the last call."""
        taken, self.latencies = self.latencies, []
        return taken

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def told(what, latencies, seconds):
    ordered = sorted(latencies)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    print(f"\n{what}: {len(ordered)} reads in {seconds:.0f} s, p50 {p50:.1f} ms, p99 {p99:.1f} ms", flush=True)
    return p99


@pytest.fixture(scope="module")
def filled():
    with System({"keyd_seals_per_minute": 100000000, "keyd_unseals_per_minute": 1000000}) as system:
        fill(system, system.first_login["workspace"])
        yield system


def all_records(system):
    for table, column in (("system_messages", "system_message_id"), ("rules", "rule_id")):
        user = "rendfly-postgres"
        lines = subprocess.Popen(
            ["runuser", "-u", user, "--", "psql", "-XAtq", "-h", f"{system.dir}/run/pg", "-p",
             str(system.settings["postgres_port"]), "rendfly", "-c",
             f"copy (select {column}, encode(sealed, 'base64') from app.{table} where project_id <> "
             f"'{system.first_login['project']}') to stdout (format csv, force_quote *)"],
            stdout=subprocess.PIPE, text=True, cwd="/")
        rest = lines.stdout.read().replace("\n", "").strip('"').split('""')
        assert lines.wait() == 0
        for line in rest:
            row, _, record = line.partition('","')
            yield table, uuid.UUID(row), base64.b64decode(record)


def test_many_rows_are_sealed_anew_under_reads_and_kills_and_none_is_lost_or_sealed_twice(filled):
    workspace = filled.first_login["workspace"]
    api = Api(filled.url, filled.ca)
    assert api.log_in(filled.first_login["user"], filled.first_login["password"]).status == 200
    readers = Readers(filled, api)
    try:
        began = time.monotonic()
        wait_until("the baseline", lambda: time.monotonic() > began + BASELINE_S, BASELINE_S + 60)
        before = told("before", readers.taken(), time.monotonic() - began)
        rotated = filled.run("keys", "rotate", workspace, "--dir", filled.dir)
        assert rotated.returncode == 0, rotated.stderr
        key, began, chosen, killed = rotated.stdout.split()[0], time.monotonic(), random.Random(1), 0
        while killed < KILLS:
            readers.is_over.wait(chosen.uniform(0.3, 1 + ROWS / (KILLS + 1) / 1000))
            filled.kill("steward")
            killed += 1
        wait_until("the steward has done all", lambda: readers.is_over.wait(1) or filled.sql(
            f"select 1 from audit.events where event = {REWRAPPED} and object_id = '{key}'"), 3600)
        after = told(f"while {ROWS} rows were sealed anew, with {KILLS} kills", readers.taken(), time.monotonic() - began)
    finally:
        readers.stop()
    assert not readers.failures, (len(readers.failures), readers.failures[:3])
    assert filled.run("keys", "rewrap", "--dir", filled.dir).returncode == 0
    records = list(all_records(filled))
    filled.stop()
    keyd = KeydOf(filled)
    try:
        judge, seen = keyd.channel("judge"), set()
        expected = {(table, row): content for table, row, content in sealed_rows(workspace)}
        for table, row, record in records:
            assert record[1:17].hex() == key.replace("-", ""), "it is sealed under the newest key"
            at = place(uuid.UUID(workspace).bytes, table, row=row.bytes)
            assert judge.ask(UNSEAL, at + text(record) + text("drill")) == (OK, expected[table, row].encode())
            seen.add((table, row))
        assert len(records) == len(seen) == len(expected)
    finally:
        keyd.stop()
    if "RENDFLY_REWRAP_ROWS" in os.environ:
        print(f"p99 is {after / before:.2f} times what it was")
