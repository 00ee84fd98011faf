#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges an export of rendfly's audit log, off line, with nothing but this file and Python.

usage: audit-verify.py FILE --key FILE [--anchors FILE] [--pruned]

It shares no code with rendfly; read it.  It checks that every entry is the one that was hashed (SHA-256,
RFC 6962), that none is missing, that each workspace's numbers have no gaps, and that the root at every
checkpoint is signed by the key (Ed25519, RFC 8032; C2SP signed-note).  --anchors names checkpoints that
you kept: the log must still hold them.  --pruned lets old events be gone; their hashes are not.
Ends with 0 when all holds, with 1 and the first bad entry when not.
"""
import argparse, base64, hashlib, json, sys, time

P = 2 ** 255 - 19
Q = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

class Bad(Exception): """Made with the first and the last entry among which the fault is, and why."""

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

# ---- Ed25519, RFC 8032, section 6, in extended coordinates
def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * ROOT_OF_MINUS_1 % P
    if y >= P or (x * x - x2) % P != 0 or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x

def decompress(data):
    y = int.from_bytes(data, "little") & (1 << 255) - 1
    x = recover_x(y, data[31] >> 7)
    return None if x is None else (x, y, 1, x * y % P)

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P

def multiply(n, point):
    result = (0, 1, 1, 0)
    while n > 0:
        result, point, n = add(result, point) if n & 1 else result, add(point, point), n >> 1
    return result

BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(public_key, message, signature):
    a, r = decompress(public_key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= Q: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0

# ---- signed notes and checkpoints
class Key:
    def __init__(self, text):
        self.name, key_id, blob = text.strip().split("+", 2)
        blob = decode(blob)
        self.id, self.public = bytes.fromhex(key_id), blob[1:]
        if blob[0] != 1 or len(blob) != 33 or sha256(self.name.encode(), b"\n", blob)[:4] != self.id:
            raise ValueError("this is no key of an audit log")
    def checkpoint(self, note):
        """(size, root) of a note that this key signed; ValueError when it did not."""
        text, _, lines = note.rpartition(b"\n\n")
        text += b"\n"
        for line in lines.decode().splitlines():
            dash, name, blob = line.split(" ")
            blob = decode(blob)
            if (dash, name, blob[:4]) == ("\u2014", self.name, self.id):
                origin, size, root = text.decode().splitlines()
                if not is_signed(self.public, text, blob[4:]) or origin != self.name:
                    raise ValueError("the signature does not hold")
                return int(size), decode(root)
        raise ValueError("not signed by this key")

# ---- the tree
def root_of(frontier):
    """frontier: (number of leaves, hash) of the complete subtrees, largest first."""
    root = frontier[-1][1] if frontier else sha256()
    for _, left in reversed(frontier[:-1]):
        root = sha256(b"\1", left, root)
    return root

def append(frontier, leaf_hash):
    frontier.append((1, leaf_hash))
    while len(frontier) > 1 and frontier[-1][0] == frontier[-2][0]:
        (n, right), (_, left) = frontier.pop(), frontier.pop()
        frontier.append((2 * n, sha256(b"\1", left, right)))

def root_by_proof(size, index, root, proof):
    """RFC 9162, 2.1.3.2; None when the proof has not the right length."""
    fn, sn = index, size - 1
    for step in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = sha256(b"\1", step, root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha256(b"\1", root, step)
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 and index < size else None

def decode(text):
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() == text:
        return value
    raise ValueError("a second spelling")

def verify(lines, key, anchors, pruned):
    def held(condition, why):
        if not condition:
            raise Bad(at, at, why)
    def signed(note):
        try:
            return key.checkpoint(decode(note))
        except (ValueError, TypeError, AttributeError) as e:
            raise Bad(at, at, f"checkpoint: {e}") from e
    def same_root(root, why):
        if root_of(frontier) != root:
            raise Bad(good_until, at - 1, why)
    at = good_until = n_entries = 0
    frontier, numbers, head, may_lack = [], {}, None, pruned
    for raw in lines:
        try:
            line = json.loads(raw)
            held(raw == json.dumps(line, separators=(",", ":")) + "\n", "another spelling")
            hashed, leaf, proof = (decode(line.get(name, "")) for name in ("hash", "leaf", "proof"))
        except (ValueError, AttributeError, TypeError, RecursionError) as e:
            raise Bad(at, at, f"a line that is none of an export: {e}") from e
        held((head is None) == ("format" in line), "a line at the wrong place")
        if "format" in line:
            head, (size, root) = line, signed(line.get("note"))
            held(line["format"] == "rendfly-audit-1" and line.get("origin") == key.name, "no header of this log")
            is_all, slice_of = line.get("workspace") == "all", line.get("workspace", "").replace("-", "")
        elif "note" in line:
            signed_size, signed_root = signed(line["note"])
            held(signed_size == at and is_all, "a checkpoint at the wrong place")
            same_root(signed_root, "the root is not the signed one")
            good_until = at
        else:
            held(isinstance(index := line.get("leaf_index"), int) and (index == at if is_all else index >= at), "an entry is missing or doubled")
            at = index
            if "leaf" in line:
                held(sha256(b"\0", leaf) == hashed and len(leaf) > 52, "the leaf is not that of its hash")
                workspace, number = leaf[1:17], int.from_bytes(leaf[17:25], "big")
                last = numbers.get(workspace, number - 1 if pruned else 0)
                held(number == line.get("ws_seq") and (number == last + 1 or may_lack and number > last), "a gap in the numbers of the workspace")
                may_lack &= time.gmtime(int.from_bytes(leaf[41:49], "big") // 10 ** 6)[2:5] == (1, 0, 0)  # one of the old month may come late
                numbers[workspace], n_entries = number, n_entries + 1
            else:
                held(is_all and may_lack, "the event is missing")
            if is_all:
                append(frontier, hashed)
            else:
                steps = [proof[i:i + 32] for i in range(0, len(proof), 32)]
                held("leaf" in line and workspace.hex() == slice_of, "an event of another workspace")
                held(root_by_proof(size, index, hashed, steps) == root, "the proof does not lead to the signed root")
            at += 1
        for anchor in anchors if is_all else []:
            if anchor[0] == at:
                same_root(anchor[1], "the root is not that of a checkpoint kept elsewhere")
    held(head is not None and (not is_all or at == size), "the entries do not end at the checkpoint")
    if is_all:
        same_root(root, "the root is not the signed one")
    for anchor in anchors:
        held(anchor[0] <= size, "the log was rolled back behind a checkpoint kept elsewhere")
        held(anchor[0] != size or anchor[1] == root, "the header is not the checkpoint kept elsewhere")
    return n_entries, size

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, more in (("file", {}), ("--key", {"required": True}), ("--anchors", {}), ("--pruned", {"action": "store_true"})):
        parser.add_argument(name, **more)
    options = parser.parse_args()
    try:
        key = Key(open(options.key, encoding="ascii").read())
        notes = open(options.anchors, encoding="utf-8").read().splitlines() if options.anchors else []
        starts = [i for i, line in enumerate(notes) if line == key.name]
        anchors = [key.checkpoint("\n".join(notes[a:b] + [""]).encode())
                   for a, b in zip(starts, starts[1:] + [len(notes)])]
        file = open(options.file, encoding="utf-8", errors="surrogateescape", newline="\n")
    except (OSError, ValueError) as e:
        sys.exit(f"audit-verify: {e}")
    try:
        print("good: {} events under a checkpoint of {} entries".format(*verify(file, key, anchors, options.pruned)))
    except Bad as bad:
        first, last, why = bad.args
        sys.exit(print(f"BAD at entry {first}: {why}" if first >= last else f"BAD from entry {first} to {last}: {why}") or 1)

if __name__ == "__main__":
    main()
