#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns lib/redact/entities/secrets.toml into what finds keys, and what tests it.

usage: embed-secrets.py SECRETS.toml LEXER.re TABLE.inc
       embed-secrets.py SECRETS.toml --samples SAMPLES.inc

The lexer (for re2c) knows how each key begins: all of its shape but a long run at the end, which
the table describes by class and length, so that the automaton stays small.  Where a key that began
alike fails, the table names the next one to try.
"""
import itertools
import math
import pathlib
import random
import sys
import tomllib

from secret_shapes import Shape, longest_first, sample_head


PREFILTER_BITS = 17  # as in keys.h
PREFILTER_FACTOR = 0x9E3779B1
LONG_RUN = 8
BEGINNING, MAX_BEGINNINGS = 4, 8192
SAMPLES, SEED = 20, 20261126
WINDOW = 96  # of a run whose entropy is looked at


class Lexeme:
    def __init__(self, role, name, shape, body=None):
        self.role, self.name, self.shape, self.body = role, name, shape, body or {}
        self.head, self.tail = shape.split(LONG_RUN)
        self.fallback = -1


def read(path):
    table = tomllib.loads(pathlib.Path(path).read_text())
    classes = table["class"]
    lexemes = [Lexeme("KEY", name, Shape(body["shape"], classes, body.get("case", False)), body)
               for name, body in table["key"].items()]
    for name, texts in table["start"].items():
        case = name in ("token", "block")
        lexemes += [Lexeme(name.upper(), name, Shape(Shape.quote(text), classes, case)) for text in texts]
    for name, body in table["named"].items():
        lexemes += [Lexeme("NAMED", name, Shape(Shape.quote(word), classes, False), body) for word in body["words"]]
    return lexemes, classes


def set_fallbacks(lexemes):
    """The next one to try begins, with a fixed length, as every sample of this one does."""
    fixed = longest_first(lexemes)
    for number, lexeme in enumerate(lexemes):
        heads = [sample_head(lexeme, random.Random(SEED + i)) for i in range(40)]
        least = min(map(len, heads))
        following = [n for n in fixed if n != number and lexemes[n].head_len <= least and
                     (lexemes[n].head_len, -n) < (least, -number) and
                     all(lexemes[n].regex.match(head) for head in heads)]
        lexeme.fallback = following[0] if following else -1


def beginnings(lexeme, n):
    """The first n bytes that it may have, folded as the prefilters fold them."""
    firsts = lexeme.shape.firsts(n)
    if sum(math.prod(map(len, sets)) for sets in firsts) > MAX_BEGINNINGS:
        sys.exit(f"{lexeme.name}: too many ways to begin")
    for sets in firsts:
        for way in itertools.product(*sets):
            yield int.from_bytes(way, "little") | int.from_bytes(b" " * n, "little")


def prefilter(lexemes):
    bits = [0] * (1 << PREFILTER_BITS)
    for lexeme in lexemes:
        for begin in [] if lexeme.body.get("behind_sign") else beginnings(lexeme, BEGINNING):
            bits[(begin * PREFILTER_FACTOR & 0xFFFFFFFF) >> 32 - PREFILTER_BITS] = 1
    words = [sum(bit << i for i, bit in enumerate(bits[at:at + 64])) for at in range(0, len(bits), 64)]
    return ["const uint64_t key_prefilter[] = {",
            *("\t" + ", ".join(f"UINT64_C(0x{w:016x})" for w in words[i:i + 4]) + "," for i in range(0, len(words), 4)),
            "};", ""]


def lexer(lexemes):
    out = ["/* Made by tools/embed-secrets.py; do not edit. */", "static int",
           "key_lex(const uint8_t *p, const uint8_t **ret_end)", "{", "\tconst uint8_t *m = p;", "/*!re2c",
           '\tre2c:define:YYCTYPE = "uint8_t";', "\tre2c:define:YYCURSOR = p;", "\tre2c:define:YYMARKER = m;",
           "\tre2c:yyfill:enable = 0;"]
    for number, lexeme in enumerate(lexemes):
        out.append(f"\t{lexeme.re2c} {{ *ret_end = p; (void)m; return {number}; }}")
    return "\n".join([*out, "\t* { return -1; }", "*/", "}", ""])


class ClassTable:
    """One bit for each class that a run or a lead is of."""

    def __init__(self):
        self.numbers = {}

    def number(self, members):
        return self.numbers.setdefault(frozenset(members), len(self.numbers))

    def lines(self):
        if len(self.numbers) > 32:
            sys.exit("more than 32 classes of bytes")
        words = [sum(1 << n for members, n in self.numbers.items() if byte in members) for byte in range(256)]
        rows = ("\t" + ", ".join(f"0x{w:08x}u" for w in words[i:i + 8]) + "," for i in range(0, 256, 8))
        sizes = ", ".join(str(len(members)) for members in self.numbers)
        return ["static const uint32_t key_classes[256] = {", *rows, "};", "",
                f"static const uint8_t key_class_sizes[] = {{ {sizes} }};", ""]


def run_fields(classes, run):
    if run is None:
        return "0, 0, 0"
    return f"{classes.number(run.members)}, {run.low}, {run.high or 0}"


def kinds(lexemes, classes):
    out = ["static const struct key_kind key_kinds[] = {"]
    for lexeme in lexemes:
        body, lead = lexeme.body, lexeme.shape.lead
        flags = " | ".join(name for name, is_set in (
            ("KEY_DIGIT", body.get("digit")), ("KEY_MIXED", body.get("mixed")), ("KEY_RANDOM", body.get("random")),
            ("KEY_CRC", body.get("check") == "crc32-base62"), ("KEY_LEAD_OPTIONAL", lead and lead.optional)) if is_set) or "0"
        lead_fields = f'"{lead.text}", {{ {run_fields(classes, lead.run)} }}' if lead else '"", { 0, 0, 0 }'
        out.append(f'\t{{ "{lexeme.name}", {{ {run_fields(classes, lexeme.tail)} }}, {{ {lead_fields} }}, '
                   f'{lexeme.fallback}, {lexeme.head_len or 0}, {body.get("score", 980)}, '
                   f'{body.get("entropy", 45)}, KEY_ROLE_{lexeme.role}, {flags} }},')
    return [*out, "};", ""]


def named(lexemes, classes, aliases):
    out, first = ["static const struct key_run key_named[] = {"], {}
    for lexeme in lexemes:
        if lexeme.role != "NAMED" or lexeme.name in first:
            continue
        first[lexeme.name] = len(out) - 1
        for text in lexeme.body["shapes"]:
            if text == "<uuid>":
                out.append("\t{ 0, 0, 0 },")
                continue
            head, tail = Shape(text, aliases, False).split(0)
            if head or tail is None:
                sys.exit(f"{lexeme.name}: {text} is not one class and its length")
            out.append(f"\t{{ {run_fields(classes, tail)} }},")
    out += ["};", "", "static const struct key_name key_names[] = {"]
    for number, lexeme in enumerate(lexemes):
        if lexeme.role == "NAMED":
            out.append(f"\t{{ {number}, {first[lexeme.name]}, {len(lexeme.body['shapes'])} }},")
    return [*out, "};", ""]


def entropy_table():
    """n * log2(n) and log2(n), in 256ths."""
    rows = [("key_n_log_n", [round(n * math.log2(n) * 256) if n else 0 for n in range(WINDOW + 1)]),
            ("key_log", [round(math.log2(n) * 256) if n else 0 for n in range(WINDOW + 1)])]
    return [line for name, values in rows
            for line in (f"static const uint32_t {name}[] = {{ {', '.join(map(str, values))} }};", "")]


def main() -> None:
    lexemes, aliases = read(sys.argv[1])
    if sys.argv[2] == "--samples":
        from secret_samples import samples
        longest_first(lexemes)
        pathlib.Path(sys.argv[3]).write_text(samples([x for x in lexemes if x.role == "KEY"], aliases, SAMPLES, SEED))
        return
    set_fallbacks(lexemes)
    pathlib.Path(sys.argv[2]).write_text(lexer(lexemes))
    classes = ClassTable()
    body = kinds(lexemes, classes) + named(lexemes, classes, aliases)
    out = ["/* Made by tools/embed-secrets.py; do not edit. */", *classes.lines(), *body, *prefilter(lexemes),
           *entropy_table()]
    pathlib.Path(sys.argv[3]).write_text("\n".join(out))


if __name__ == "__main__":
    main()
