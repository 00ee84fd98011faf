# SPDX-License-Identifier: Apache-2.0
"""Instances of each kind of key for the tests, and texts that are nearly one: made from the shapes."""
import math
import random
import re

from secret_shapes import Shape, sample, to_regex

LONG_RUN, WINDOW, MIN_FOR_ENTROPY = 8, 96, 16
WORDS_OF_FORMS = re.compile(r"x{5}|your", re.I)


def entropy_share(text, size):
    """Of what text of this length and so large an alphabet could have at most."""
    text = text[:WINDOW]
    n = len(text)
    bits = -sum(c / n * math.log2(c / n) for c in (text.count(b) for b in set(text)))
    return bits / min(math.log2(n), math.log2(size))


def lead_of(shape, chance):
    if shape.lead is None:
        return ""
    return (sample([shape.lead.run], chance) if shape.lead.run else "") + shape.lead.text


def changes(text):
    """Between small letters, capitals and digits; a capitalised word is one."""
    kinds = ["d" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else "" for c in text]
    return sum(1 for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1] and kinds[i] and kinds[i - 1] and
               not (kinds[i - 1:i + 1] == ["A", "a"] and (i < 2 or kinds[i - 2] != "A")))


def is_natural(lexeme, tail, text, size):
    if lexeme.body.get("digit") and not re.search(r"\d", tail or text):
        return False
    if lexeme.body.get("mixed") and not all(re.search(c, tail or text) for c in (r"\d", "[a-z]", "[A-Z]")):
        return False
    if lexeme.body.get("random") and not (re.search(r"\d", tail) and changes(tail) * 4 >= len(tail)):
        return False
    if WORDS_OF_FORMS.search(text):
        return False
    return len(tail) < MIN_FOR_ENTROPY or entropy_share(tail, size) * 100 > lexeme.body.get("entropy", 60) + 2


def instance(lexeme, shape, chance, is_shortest):
    """(lead, head, tail)"""
    head, run = shape.split(LONG_RUN)
    while True:
        lead, begin, tail = lead_of(shape, chance), sample(head, chance, is_shortest), ""
        if run is not None:
            count = run.low if is_shortest else chance.randint(run.low, run.high or run.low + 20)
            tail = "".join(chance.choice(sorted(map(chr, run.members))) for _ in range(count))
            tail = tail[:-1] + chance.choice([chr(b) for b in sorted(run.members) if chr(b).isalnum()])
        if is_natural(lexeme, tail, begin + tail, len(lexeme.tail.members) if lexeme.tail else 2):
            return lead, begin, tail


def wrong_letter(lexeme, shape, chance):
    """A letter of the head is another one, so that the head is none any more; None: there is none."""
    lead, head, tail = instance(lexeme, shape, chance, False)
    folded = re.compile(to_regex(lexeme.head), re.S)
    for at in chance.sample(range(len(head)), len(head)):
        letter = chance.choice("bcdfhjqvwxz")
        text = head[:at] + letter + head[at + 1:]
        if head[at].isalpha() and not folded.match(text):
            return lead + text + tail
    return None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") + '"'


def samples(lexemes, classes, n, seed):
    out = ["/* Made by tools/embed-secrets.py; do not edit. */",
           "static const struct key_sample key_samples[] = {"]
    for lexeme in lexemes:
        chance = random.Random(f"{seed} {lexeme.name}")
        shape = Shape(lexeme.body["shape"], classes, True)
        for _ in range(n):
            whole = "".join(instance(lexeme, shape, chance, False))
            short = "".join(instance(lexeme, shape, chance, True))[:-1]
            wrong = wrong_letter(lexeme, shape, chance)
            out.append(f'\t{{ "{lexeme.name}", {quoted(whole)}, {quoted(short)}, '
                       f'{quoted(wrong) if wrong else "NULL"} }},')
    return "\n".join([*out, "};", ""])
