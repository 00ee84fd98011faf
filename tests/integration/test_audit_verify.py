# SPDX-License-Identifier: Apache-2.0
"""`rendfly audit verify` and tools/audit-verify.py, which share no code, judge the same exports alike: one
as it must be, and 120 that somebody changed.  The exports are made here, by a third hand.
"""
import base64
import hashlib
import os
import pathlib
import random
import struct
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RENDFLY = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build")) / "rendfly"
ORIGIN = "log.example"
BATCH = 8
LEAVES = 40
WORKSPACES = 3


def b64(data):
    return base64.b64encode(data).decode()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(hashes):
    """RFC 6962, 2.1, to the letter."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\1", root(hashes[:k]), root(hashes[k:]))


def proof(hashes, index):
    if len(hashes) < 2:
        return b""
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if index < k:
        return proof(hashes[:k], index) + root(hashes[k:])
    return proof(hashes[k:], index - k) + root(hashes[:k])


def workspace_of(index):
    return bytes([index % WORKSPACES]) + bytes(15)


def leaf(index, actor=b"somebody", at=None):
    fields = [b"user", actor, b"", b"", b"conversation", b"c1", b""]
    return (b"\1" + workspace_of(index) + struct.pack(">Q", index // WORKSPACES + 1)
            + hashlib.md5(bytes([index])).digest() + struct.pack(">QHB", at or 1800000000000000 + index, 71, 1)
            + b"".join(struct.pack(">H", len(f)) + f for f in fields))


class Log:
    def __init__(self, folder, at=lambda index: None):
        self.leaf = lambda index: leaf(index, at=at(index))
        self.pem = folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.pem], check=True)
        public = subprocess.run(["openssl", "pkey", "-in", self.pem, "-pubout", "-outform", "DER"], check=True,
                                capture_output=True).stdout[-32:]
        self.id = sha256(ORIGIN.encode(), b"\n\1", public)[:4]
        self.key = folder / "key"
        self.key.write_text(f"{ORIGIN}+{self.id.hex()}+{b64(bytes([1]) + public)}\n")
        self.folder = folder
        self.notes = {}
        self.hashes = [sha256(b"\0", self.leaf(i)) for i in range(LEAVES)]

    def note(self, size):
        if size not in self.notes:
            text = f"{ORIGIN}\n{size}\n{b64(root(self.hashes[:size]))}\n"
            (self.folder / "text").write_text(text)
            signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.pem, "-in",
                                        self.folder / "text"], check=True, capture_output=True).stdout
            self.notes[size] = f"{text}\n\u2014 {ORIGIN} {b64(self.id + signature)}\n"
        return self.notes[size]

    def header(self, size, workspace="all"):
        return (f'{{"format":"rendfly-audit-1","origin":"{ORIGIN}","workspace":"{workspace}",'
                f'"note":"{b64(self.note(size).encode())}"}}\n')

    def entry(self, index, data=None, proved=False):
        data = data or self.leaf(index)
        tail = f',"proof":"{b64(proof(self.hashes, index))}"' if proved else ""
        return (f'{{"leaf_index":{index},"ws_seq":{index // WORKSPACES + 1},"hash":"{b64(sha256(bytes(1), data))}",'
                f'"leaf":"{b64(data)}"{tail}}}\n')

    def lines(self, size=LEAVES):
        lines = [self.header(size)]
        for i in range(size):
            lines.append(self.entry(i))
            if (i + 1) % BATCH == 0:
                lines.append(f'{{"note":"{b64(self.note(i + 1).encode())}"}}\n')
        return lines

    def slice(self, which):
        workspace = f"0{which}000000-0000-0000-0000-000000000000"
        return [self.header(LEAVES, workspace)] + [self.entry(i, proved=True) for i in range(which, LEAVES, WORKSPACES)]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return Log(tmp_path_factory.mktemp("log"))


def both(log, lines, *options):
    """(good?, what it said) of each verifier."""
    file = log.folder / "export"
    file.write_bytes("".join(lines).encode("utf-8", "surrogateescape"))
    answers = []
    for command in ([RENDFLY, "audit", "verify"], [sys.executable, ROOT / "tools/audit-verify.py"]):
        done = subprocess.run([*command, file, "--key", log.key, *options], capture_output=True, text=True)
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        answers.append((done.returncode == 0, done.stdout))
    return answers


def test_both_find_good_what_is_good(log):
    anchors = log.folder / "anchors"
    anchors.write_text(log.note(BATCH) + log.note(3 * BATCH) + log.note(LEAVES))
    for lines, n in ((log.lines(), LEAVES), (log.slice(1), 13)):
        for good, said in both(log, lines, "--anchors", anchors):
            assert good and said.startswith(f"good: {n} events under a checkpoint of {LEAVES} entries"), said


def test_every_proof_of_inclusion_of_every_small_tree_is_accepted_and_none_with_a_changed_step(log):
    """RFC 6962's definition in this file makes 820 proofs; each is judged by the program."""
    proved = 0
    for size in range(1, LEAVES + 1):
        for which in range(WORKSPACES):
            head = log.header(size, f"0{which}000000-0000-0000-0000-000000000000")
            lines = [head]
            for i in range(which, size, WORKSPACES):
                steps = proof(log.hashes[:size], i)
                lines.append(log.entry(i).replace('"}\n', f'","proof":"{b64(steps)}"}}\n'))
                proved += 1
            file = log.folder / "export"
            file.write_text("".join(lines))
            command = [RENDFLY, "audit", "verify", file, "--key", log.key]
            assert subprocess.run(command, capture_output=True).returncode == 0, (size, which)
            if size > 1 and len(lines) > 1:
                last = len(lines) * WORKSPACES - 2 * WORKSPACES + which
                steps = bytearray(proof(log.hashes[:size], last))
                steps[(7 * size) % len(steps)] ^= 1
                lines[-1] = log.entry(last).replace('"}\n', f'","proof":"{b64(bytes(steps))}"}}\n')
                file.write_text("".join(lines))
                said = subprocess.run(command, capture_output=True, text=True)
                assert said.returncode == 1 and f"BAD at entry {last}:" in said.stdout, (size, which, said.stdout)
    assert proved == LEAVES * (LEAVES + 1) // 2


def pruned(log, lines, indexes):
    """The same without the bodies of some events."""
    gone = {f'{{"leaf_index":{i},': f'{{"leaf_index":{i},"hash":"{b64(log.hashes[i])}"}}\n' for i in indexes}
    return [next((short for begin, short in gone.items() if line.startswith(begin)), line) for line in lines]


def test_both_let_an_old_months_events_be_gone_also_where_they_stand_behind_the_new_months_first_ones(tmp_path):
    month = 1_798_761_600  # 2027-01-01 00:00 UTC
    log = Log(tmp_path, lambda i: (month + (-9 if i in (0, 1, 2, 5, 7) else 30 if i < 10 else 60 + i)) * 10 ** 6)
    old = pruned(log, log.lines(), (0, 1, 2, 5, 7))
    assert [good for good, _ in both(log, old, "--pruned")] == [True, True]
    assert [good for good, _ in both(log, old)] == [False, False]
    for later in (11, 12, LEAVES - 1):
        for good, said in both(log, pruned(log, old, [later]), "--pruned"):
            assert not good and f"BAD at entry {later}:" in said, said
    part = log.slice(2)
    kept = [part[0], *part[3:]]
    assert [good for good, _ in both(log, kept, "--pruned")] == [True, True]
    for good, said in both(log, [*kept[:6], *kept[7:]], "--pruned"):
        assert not good and "a gap in the numbers" in said, said


def test_both_find_an_older_log_bad_when_a_newer_checkpoint_was_kept(log):
    anchors = log.folder / "anchors"
    anchors.write_text(log.note(BATCH) + log.note(LEAVES))
    assert [good for good, _ in both(log, log.lines(2 * BATCH))] == [True, True]
    assert [good for good, _ in both(log, log.lines(2 * BATCH), "--anchors", anchors)] == [False, False]


def test_both_take_pruned_events_only_when_they_are_told_to(log):
    lines = log.lines()
    for i in range(BATCH):
        lines[1 + i] = f'{{"leaf_index":{i},"hash":"{b64(log.hashes[i])}"}}\n'
    assert [good for good, _ in both(log, lines)] == [False, False]
    assert [good for good, _ in both(log, lines, "--pruned")] == [True, True]


def flip(rng, lines, log):
    i = rng.randrange(len(lines))
    data = bytearray(lines[i].encode())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    lines[i] = data.decode("utf-8", "surrogateescape")


def delete(rng, lines, log):
    del lines[rng.randrange(len(lines))]


def double(rng, lines, log):
    lines.insert(rng.randrange(len(lines)), lines[rng.randrange(len(lines))])


def swap(rng, lines, log):
    a, b = rng.sample(range(len(lines)), 2)
    lines[a], lines[b] = lines[b], lines[a]


def truncate(rng, lines, log):
    del lines[rng.randrange(len(lines)):]


def rewrite(rng, lines, log):
    index = rng.randrange(LEAVES)
    at = next(i for i, line in enumerate(lines) if line.startswith(f'{{"leaf_index":{index},'))
    lines[at] = log.entry(index, leaf(index, b"somebody else"))


# Lines may be deleted or doubled that say nothing new: a checkpoint between entries.
def means_the_same(log, lines):
    entries = [line for line in lines if not line.startswith('{"note"')]
    return entries == [line for line in log.lines() if not line.startswith('{"note"')]


@pytest.mark.parametrize("change", [flip, delete, double, swap, truncate, rewrite], ids=lambda c: c.__name__)
def test_both_find_every_change_and_name_the_same_entry(log, change):
    rng = random.Random(change.__name__)
    for _ in range(20):
        lines = log.lines()
        change(rng, lines, log)
        ours, theirs = both(log, lines)
        if means_the_same(log, lines):
            assert ours[0] == theirs[0], (ours, theirs)
            continue
        assert not ours[0] and not theirs[0], (ours, theirs)
        assert ours[1].split(":")[0] == theirs[1].split(":")[0], (ours, theirs)


def test_both_find_a_slice_bad_that_lacks_an_event_or_holds_another(log):
    for line in (3, 7):
        lines = log.slice(1)
        del lines[line]
        assert [good for good, _ in both(log, lines)] == [False, False]
        lines = log.slice(1)
        lines[line] = log.slice(2)[line]
        assert [good for good, _ in both(log, lines)] == [False, False]


def test_the_customers_verifier_is_short_enough_to_read():
    text = (ROOT / "tools/audit-verify.py").read_text().splitlines()
    assert len(text) <= 200
