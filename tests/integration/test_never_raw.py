# SPDX-License-Identifier: Apache-2.0
"""No original reaches a disk, also not when processes die in the middle of it (bars X8 and X9).

Conversations full of canaries, in both directions, plain, streamed and in tool calls, run while
collector, edge and PostgreSQL are killed at random points; then every file is searched for them.
RENDFLY_KILLS says how many kills (6; `make test-long`: 100), RENDFLY_SEED which ones.
"""
import json
import os
import pathlib
import random
import subprocess
import threading

import pytest

from system import System, wait_until

KILLS = int(os.environ.get("RENDFLY_KILLS", "6"))
SEED = int(os.environ.get("RENDFLY_SEED", "20261126"))
VICTIMS = ("collector", "edge", "postgres")
MARKER = "harmless-marker"


def luhn(prefix, length, r):
    digits = prefix + [r.randrange(10) for _ in range(length - len(prefix) - 1)]
    total = sum((2 * d - 9 if d > 4 else 2 * d) if i % 2 == 0 else d for i, d in enumerate(reversed(digits)))
    return "".join(map(str, digits + [-total % 10]))


def cpf(r):
    d = [r.randrange(10) for _ in range(9)]
    for n in (10, 11):
        rest = sum((n - i) * d[i] for i in range(n - 1)) % 11
        d.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, d))


def iban_de(r):
    account = "".join(str(r.randrange(10)) for _ in range(18))
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def word(r, n, letters="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"):
    return "".join(r.choice(letters) for _ in range(n))


def canaries(r):
    """One of every kind: text to say, and the strings that must not be found."""
    mail = f"{word(r, 9, 'abcdefghijklm')}.{r.randrange(10**6)}@{word(r, 8, 'nopqrstuvw')}.com.br"
    card, number, bank = luhn([4], 16, r), cpf(r), iban_de(r)
    phone = f"+55 11 9{r.randrange(10**4):04d}-{r.randrange(10**4):04d}"
    key, password = "sk-proj-" + word(r, 48) + "7", "Pw" + word(r, 14) + "9"
    ssn = f"{r.randrange(100, 600)}-{r.randrange(10, 99)}-{r.randrange(1000, 9999)}"
    text = (f"{MARKER} I am {mail}, card {card[:4]} {card[4:8]} {card[8:12]} {card[12:]}, CPF {number}, call {phone},"
            f" IBAN {bank}, SSN {ssn}, key {key}, see https://ann:{password}@host.example/x")
    return text, [mail, f"{card[:4]} {card[4:8]} {card[8:12]} {card[12:]}", number, phone, bank, ssn, key, password]


def conversation(r):
    """A recording with a tool call, and all that must not be found of it."""
    texts, secret = zip(*(canaries(r) for _ in range(4)))
    arguments = json.dumps({"note": texts[2]})
    call = {"id": f"call_{word(r, 12)}", "type": "function", "function": {"name": "save", "arguments": arguments}}
    messages = [{"role": "user", "content": texts[0]}, {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": call["id"], "content": json.dumps({"row": texts[3]})},
                {"role": "assistant", "content": texts[1]}]
    return messages, [s for list_ in secret for s in list_]


class Load(threading.Thread):
    """Sends conversations turn by turn until it is told to stop; what fails while a process is gone is the
    agent's to repeat and is not repeated here."""

    def __init__(self, system, conversations, is_stream):
        super().__init__(daemon=True)
        self.system, self.conversations, self.is_stream = system, conversations, is_stream
        self.stopping, self.answered = threading.Event(), 0

    def run(self):
        while not self.stopping.is_set():
            for messages in self.conversations:
                for n, message in enumerate(messages):
                    if message["role"] != "assistant":
                        continue
                    status, _ = self.system.chat(messages[:n], stream=self.is_stream)
                    self.answered += status == 200
                    if self.stopping.is_set():
                        return

    def stop(self):
        self.stopping.set()
        self.join(60)
        assert not self.is_alive()


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory):
    """The folder of a system that was killed again and again and then stopped, and the canaries."""
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    r = random.Random(SEED)
    conversations = [conversation(r) for _ in range(40)]
    recordings = tmp_path_factory.mktemp("recordings")
    recordings.chmod(0o755)
    (recordings / "canaries.jsonl").write_text("".join(
        json.dumps({"id": f"c{i}", "messages": messages}) + "\n" for i, (messages, _) in enumerate(conversations)))
    for parent in recordings.parents[:2]:
        parent.chmod(0o755)
    with System(settings={"sample_recordings": str(recordings), "rate_per_minute": 1000000,
                          "rate_burst": 100000}) as s:
        loads = [Load(s, [m for m, _ in conversations[i::4]], i % 2 == 1) for i in range(4)]
        for load in loads:
            load.start()
        for _ in range(KILLS):
            wait_until("the load goes on", lambda n=sum(l.answered for l in loads) + r.randrange(1, 25):
                       sum(l.answered for l in loads) >= n, 120)
            victim = r.choice(VICTIMS)
            pid = s.kill(victim)
            wait_until(f"{victim} is back", lambda: s.processes()[victim]["pid"] not in (0, pid), 60)
        for load in loads:
            load.stop()
        wait_until("all is settled", lambda: s.captures()["in_flight"] == 0, 120)
        books = s.captures()
        dump = subprocess.run(["pg_dump", "-h", f"{s.dir}/run/pg", "-p", str(s.settings["postgres_port"]), "-U",
                               "rendfly-postgres", "--data-only", "rendfly"], capture_output=True, check=True, cwd="/",
                              user="rendfly-postgres").stdout
        s.sql("checkpoint")
        s.stop()
        yield s, books, dump, [c for _, found in conversations for c in found]


def files_with(folder, strings, tmp_path):
    (tmp_path / "strings").write_text("\n".join(strings) + "\n")
    return subprocess.run(["grep", "-rlaF", "-f", str(tmp_path / "strings"), str(folder)], capture_output=True,
                          text=True).stdout.split()


def test_no_original_is_in_any_file_of_the_system(aftermath, tmp_path):
    s, books, _, secrets = aftermath
    assert books["stored"] > 0
    assert any("/pg/" in path for path in files_with(s.folder, [MARKER], tmp_path)), "the search sees nothing"
    assert files_with(s.folder, secrets, tmp_path) == []


def test_no_original_is_in_the_database_as_it_reads_itself(aftermath):
    """Large values are compressed on disk, so the database is asked too."""
    _, _, dump, secrets = aftermath
    assert MARKER.encode() in dump
    assert [c for c in secrets if c.encode() in dump] == []


def test_no_process_left_a_core_file(aftermath):
    s, _, _, _ = aftermath
    places = [s.folder, pathlib.Path("/var/lib/systemd/coredump"), pathlib.Path.cwd()]
    assert [str(p) for place in places if place.is_dir() for p in place.rglob("core*")
            if p.is_file() and p.read_bytes()[:4] == b"\x7fELF"] == []


def test_the_books_balance_after_all_kills(aftermath):
    """An edge that is killed takes the captures in its memory along; it says how many when it is back."""
    _, books, _, _ = aftermath
    assert books["forwarded"] == books["stored"] + books["dropped"] + books["refused"]
