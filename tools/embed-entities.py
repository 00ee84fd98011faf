#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns lib/redact/entities/*.toml into the tables of lib/redact/lexicon.c and entity.c.

usage: embed-entities.py OUTPUT FILE.toml [FILE.toml ...]
       embed-entities.py --samples OUTPUT FILE.toml [FILE.toml ...]     what the tests try

A table of a file is one entity (a name of REDACT_TYPES), a mark (a name of WORD_MARKS in words.h)
or, below `role`, a role (a name of LEXICON_ROLES in lexicon.h):

  title, format, check, masked, countries   what the documentation says of the entity
  words.LANGUAGE = [...]                    words and phrases that say in prose what stands near
  keys = [...]                              keys of JSON that say what their value is
  samples, negatives = [...]                texts; <<...>> marks what must be found

Words are folded as lexicon.c folds text: small letters, no accents, one space between words.
"""
import pathlib
import re
import sys
import tomllib
import unicodedata

MAX_WORDS = 4
MAX_BYTES = 63
# What these words name may be too short or plain to be found without them (label.c).
LABELS = ["CARD_CODE", "EXPIRY", "BANK_CODE", "BANK_ACCOUNT", "SEED"]
SECOND_BITS, SECOND_FACTOR = 14, 0xC2B2AE3D27D4EB4F  # as in lexicon.h
LABEL_BITS, FIRST_BITS, LABEL_BYTES, LABEL_FACTOR = 14, 16, 8, 0x9E3779B97F4A7C15  # as in lexicon.h
SPECIAL = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def fold(text: str) -> str:
    text = "".join(SPECIAL.get(c, " " if c in "ºª°" else c) for c in text.lower())
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalpha() else " " for c in text).split())


def mix(h: int) -> int:
    h = h * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    return h ^ h >> 32


def hash_of_word(word: str) -> int:
    data, h = word.encode(), 0
    for at in range(0, len(data), 8):
        h = mix(h ^ int.from_bytes(data[at:at + 8], "little"))
    return h


def hash_of(phrase: str) -> int:
    """The same as lexicon_hash and lexicon_join."""
    first, *others = phrase.split()
    h = hash_of_word(first)
    for word in others:
        h = mix(h * 31 + hash_of_word(word) & (1 << 64) - 1)
    return h


class Entry:
    def __init__(self):
        self.prose, self.key, self.roles, self.begins = set(), set(), set(), False
        self.spelled = set()  # how it begins where it begins with accents: "gru\x80"


def entry(table, text, where):
    if not text or len(text.split()) > MAX_WORDS or len(text.encode()) > MAX_BYTES:
        sys.exit(f"{where}: {text!r} is no phrase of 1 to {MAX_WORDS} words and {MAX_BYTES} bytes")
    words = text.split()
    for n in range(1, len(words)):
        table.setdefault(" ".join(words[:n]), Entry()).begins = True
    return table.setdefault(text, Entry())


def read(paths):
    entities, table = {}, {}
    for path in paths:
        for name, body in tomllib.loads(pathlib.Path(path).read_text()).items():
            if name == "role":
                for role, languages in body.items():
                    for texts in languages.values():
                        for text in texts:
                            e = entry(table, fold(text), path)
                            e.roles.add(f"LEXICON_ROLE({role})")
                            accent = re.match("[a-z]{0,7}(?=[^\x00-\x7F])", text.lower())
                            if accent:
                                e.spelled.add(accent[0].encode() + b"\x80")
                continue
            if name in entities:
                sys.exit(f"{path}: {name} stands in two files")
            entities[name] = body
            for texts in body.get("words", {}).values():
                for text in texts:
                    entry(table, fold(text), path).prose.add(f"W({name})")
            for text in body.get("keys", []):
                entry(table, fold(text), path).key.add(f"W({name})")
                entry(table, fold(text).replace(" ", ""), path).key.add(f"W({name})")
    return entities, table


def speaks(e):
    """It says something of a value nearby, or of the value of a key."""
    return e.prose or e.key or "LEXICON_ROLE(BLAND)" in e.roles


def bloom(name, n_bits, begins):
    """A Bloom filter of one hash over the first eight bytes of words."""
    keys = (sum((b | 0x20) << 8 * i for i, b in enumerate(raw[:LABEL_BYTES])) for raw in begins)
    return bit_set(name, n_bits, ((key * LABEL_FACTOR & (1 << 64) - 1) >> (64 - n_bits) for key in keys))


def bit_set(name, n_bits, slots):
    found = set(slots)
    yield f"const uint64_t {name}[{(1 << n_bits) // 64}] = {{"
    for at in range(0, 1 << n_bits, 64):
        yield f"\t0x{sum(1 << bit for bit in range(64) if at + bit in found):016x},"
    yield "};"


def labels(entities):
    """The words that label short values."""
    begins, keys = set(), set()
    for name in LABELS:
        for texts in entities[name].get("words", {}).values():
            for text in texts:
                word = text.lower().split()[0]
                for form in {word, fold(word).split()[0]}:
                    raw = form.encode()[:LABEL_BYTES]
                    begins.add(raw)
                    keys.add(up_to_accent(raw))
    yield from bloom("lexicon_labels", LABEL_BITS, begins)
    yield from key_list("label", keys)


def up_to_accent(raw: bytes) -> bytes:
    """The letters of ASCII, and 0x80 for what is not, in eight bytes."""
    letters = re.match(b"[a-z]*", raw)[0][:LABEL_BYTES]
    return letters + b"\x80" if len(letters) < min(len(raw), LABEL_BYTES) else letters


def key_list(name, begins):
    """Beginnings of words, eight letters each."""
    yield f"const uint64_t lexicon_{name}_keys[] = {{"
    ordered = sorted({int.from_bytes(raw[:LABEL_BYTES], "little") for raw in begins})
    for at in range(0, len(ordered), 8):
        yield "\t" + " ".join(f"0x{key:x}," for key in ordered[at:at + 8])
    yield "};"
    yield f"const size_t lexicon_n_{name}_keys = {len(ordered)};"


def bits(names):
    return " | ".join(sorted(names)) or "0"


def lexicon(table):
    size = 256
    while size < 2 * len(table):
        size *= 2
    slots = [None] * size
    for text in sorted(table):
        at = hash_of(text) % size
        while slots[at] is not None:
            at = (at + 1) % size
        slots[at] = text
    texts = sorted(table)
    if len({hash_of(text) for text in texts} | {0}) <= len(texts):
        sys.exit("two phrases have one hash: choose another factor")
    number = {text: i + 1 for i, text in enumerate(texts)}
    yield f"#define LEXICON_SLOTS {size}"
    yield "static const uint16_t lexicon_slots[LEXICON_SLOTS] = {"
    for at in range(0, size, 12):
        yield "\t" + " ".join(f"{number.get(t, 0)}," for t in slots[at:at + 12])
    yield "};"
    yield "static const struct lexicon_entry lexicon_entries[] = {"
    yield "\t{ 0, 0, 0, 0, false }, /* slot 0: nothing */"
    for text in texts:
        e = table[text]
        yield (f"\t{{ 0x{hash_of(text):016x}, {bits(e.prose)}, {bits(e.key)}, {bits(e.roles)}, "
               f"{'true' if e.begins else 'false'} }}, /* {text} */")
    yield "};"


def cue_filter(table):
    """A bit for each beginning of a word that is a cue; the keys are the first eight letters, see cue_may_begin."""
    bits, keys, phrases, seconds = [0] * 1024, set(), set(), set()
    alone = {text for text, e in table.items() if " " not in text and any("(CUE_" in role for role in e.roles)}
    for text, e in table.items():
        if not any(role.startswith("LEXICON_ROLE(CUE_") for role in e.roles):
            continue
        first = text.split()[0].encode()[:8]
        if text.split()[0] in alone:
            keys.add(up_to_accent(first))
        else:
            phrases.add(up_to_accent(first))
            seconds.add((first, text.split()[1].encode()[:2]))
        # The end of a string of JSON (LAYER_BREAK) looks like an accent: {"religion":"Hindu"}.
        ends = {first + b"\x80"} if len(first) < 8 and text == first.decode(errors="replace") else set()
        keys |= ends | {key[:LABEL_BYTES] for key in e.spelled}
        for key in {first} | ends | e.spelled:
            low, high = (int.from_bytes(key.ljust(8, b"\0")[at:at + 4], "little") for at in (0, 4))
            slot = (low * 0x9E3779B1 + high * 0x85EBCA6B & 0xFFFFFFFF) >> 16
            bits[slot // 64] |= 1 << slot % 64
    yield "const uint64_t lexicon_cue_filter[1024] = {"
    for at in range(0, 1024, 8):
        yield "\t" + " ".join(f"0x{v:x}," for v in bits[at:at + 8])
    yield "};"
    yield from key_list("cue", keys)
    yield from key_list("phrase", phrases)
    yield from bit_set("lexicon_seconds", SECOND_BITS, map(second_slot, seconds))


def second_slot(pair):
    """As in cue_may_go_on."""
    first, second = (int.from_bytes(part, "little") for part in pair)
    return ((first * LABEL_FACTOR ^ second * SECOND_FACTOR) & (1 << 64) - 1) >> 64 - SECOND_BITS


def samples(entities):
    """The texts of `samples` and `negatives`, one row each, marks left in."""
    yield "static const struct { enum redact_type type; bool is_negative; const char *text; } samples[] = {"
    for name, body in entities.items():
        for key in ("samples", "negatives"):
            for text in body.get(key, []):
                quoted = "".join(chr(b) if 0x20 <= b < 0x7f and b not in b'"\\\\?' else f"\\{b:03o}" for b in text.encode())
                yield f'\t{{ REDACT_{name}, {"true" if key == "negatives" else "false"}, "{quoted}" }},'
    yield "};"


def main() -> None:
    wants_samples = sys.argv[1] == "--samples"
    output, *files = sys.argv[2 if wants_samples else 1:]
    entities, table = read(files)
    if len(table) > 65000:
        sys.exit("more entries than a slot can number")
    out = ["/* Made by tools/embed-entities.py; do not edit. */"]
    if wants_samples:
        out += samples(entities)
    else:
        out += lexicon(table)
        out += bloom("lexicon_firsts", FIRST_BITS, {text.split()[0].encode() for text, e in table.items() if speaks(e)})
        out += cue_filter(table)
        out += labels(entities)
        out += key_list("street_end", {text.split()[0].encode() for text, e in table.items()
                                       if any(role.startswith("LEXICON_ROLE(STREET_END") for role in e.roles)})
    pathlib.Path(output).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
