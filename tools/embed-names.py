#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns lib/redact/data/names.txt and not-names.txt into the hashed set of lib/redact/names.c.

usage: embed-names.py OUTPUT names.txt not-names.txt

A slot holds the classes of a word in its low bits and bits of its hash above them; the words
themselves are not kept.  names_filter has a bit for the beginning of each first name: most words
are dismissed by it.
"""
import pathlib
import re
import sys

SLOTS = 1 << 17
FILTER_BITS = 1 << 15
CLASSES = {"first": 1, "last": 2, "word": 4, "stop": 8, "head": 16, "particle": 32, "thing": 64, "common": 128}
LETTERS = {"f": "first", "l": "last", "w": "word"}


def hash_of(text: str) -> int:
    """As lexicon_hash_folded."""
    data, h = text.encode(), 0
    for at in range(0, len(data), 8):
        h = (h ^ int.from_bytes(data[at:at + 8], "little")) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        h ^= h >> 32
    return h


def filter_slots(word: str):
    """The keys of word_key in names.h that a word in any spelling can have."""
    keys = [word.encode()[:4]] + [word.encode()[:n] + b"\x80" for n in range(1, min(4, len(word)))]
    for key in keys:
        number = int.from_bytes(key.ljust(4, b"\0"), "little")
        yield (number * 0x9E3779B1 & 0xFFFFFFFF) >> 17


def read(names, not_names):
    classes, section = {}, None
    for line in pathlib.Path(names).read_text().splitlines():
        if line and not line.startswith("#"):
            name, letters = line.split()
            for letter in letters:
                classes[name] = classes.get(name, 0) | CLASSES[LETTERS[letter]]
    for line in pathlib.Path(not_names).read_text().splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            section = match[1]
        elif not line.startswith("#"):
            for word in line.split():
                classes[word] = classes.get(word, 0) | CLASSES[section]
    return classes


def main() -> None:
    classes = read(*sys.argv[2:4])
    slots, bits = [0] * SLOTS, [0] * (FILTER_BITS // 64)
    for word, kind in sorted(classes.items()):
        h = hash_of(word)
        at = h % SLOTS
        while slots[at]:
            if slots[at] >> 8 == h >> 40:
                sys.exit(f"{word} cannot be told from another word")
            at = (at + 1) % SLOTS
        slots[at] = h >> 40 << 8 | kind
        if kind & CLASSES["first"]:
            for slot in filter_slots(word):
                bits[slot // 64] |= 1 << slot % 64
    if len(classes) * 10 > SLOTS * 7:
        sys.exit("too many words for the slots")
    out = ["/* Made by tools/embed-names.py; do not edit. */", f"#define NAMES_SLOTS {SLOTS}u",
           "static const uint32_t names_slots[NAMES_SLOTS] = {"]
    out += [" ".join(f"{v}," for v in slots[i:i + 16]) for i in range(0, SLOTS, 16)]
    out += ["};", f"const uint64_t names_filter[{FILTER_BITS // 64}] = {{"]
    out += [" ".join(f"0x{v:x}," for v in bits[i:i + 8]) for i in range(0, len(bits), 8)]
    keys = sorted({int.from_bytes(word.encode()[:8], "little") for word, kind in classes.items() if kind & CLASSES["first"]})
    out += ["};", "const uint64_t names_first_keys[] = {"]
    out += [" ".join(f"0x{v:x}," for v in keys[i:i + 8]) for i in range(0, len(keys), 8)]
    out += ["};", f"const size_t names_n_first_keys = {len(keys)};"]
    pathlib.Path(sys.argv[1]).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
