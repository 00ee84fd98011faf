# SPDX-License-Identifier: Apache-2.0
"""Sentences from templates: which template, which way of writing, which noise; and the spans."""
import collections
import json
import pathlib
import random
import re
import tomllib

from . import numbers, people, things

DATA = pathlib.Path(__file__).resolve().parents[2] / "data/redact"
LANGUAGES = ["en", "pt-BR", "pt-PT", "es", "de", "fr", "it", "nl"]
HALVES = ["development", "held-out"]
# Kinds of the templates that the scanner has no type of its own for.
TYPE_OF = {"PASSWORD": "SECRET"}
# The form of a name, a number or a plate survives lower case, a token's does not.
CASE_FREE = {"EMAIL", "PHONE", "PERSON", "ADDRESS", "IBAN", "CPF", "NINO", "DNI", "NIE", "CODICE_FISCALE", "CURP", "RFC", "RUT",
             "DATE_OF_BIRTH", "PLATE"}


class Text:
    """A text that grows by pieces and knows where its values stand, in bytes."""

    def __init__(self):
        self.pieces = []

    def add(self, text, span=None):
        self.pieces.append((text, span))
        return self

    def around(self, before, after):
        self.pieces = [(before, None), *self.pieces, (after, None)]

    def each(self, change, values=False):
        self.pieces = [(change(text) if span is None or values else text, span) for text, span in self.pieces]

    def finish(self):
        text, spans = "", []
        for piece, span in self.pieces:
            start = len(text.encode())
            text += piece
            if span:
                spans.append({**span, "start": start, "end": len(text.encode())})
        return text, spans


def half_of(items, half):
    """By template, never by sentence: every second one."""
    return items[HALVES.index(half)::2]


def load(lang):
    return tomllib.loads((DATA / "templates" / f"{lang}.toml").read_text())


def sentences_of(t, kind, half):
    """A kind that has labels only is told with its label."""
    if kind in t["sentences"]:
        return half_of(t["sentences"][kind], half)
    return [form.replace("{label}", label) for label in half_of(t["labels"][kind], half) for form in half_of(t["told"], half)]


def make_value(rng, kind, lang):
    text, form = things.MAKERS[kind](rng, lang)
    return text, {"type": TYPE_OF.get(kind, kind), "form": form}


def words_of(label):
    return re.findall(r"[a-z0-9]+", people.fold(label).lower().replace("'", ""))


def key_of(rng, label):
    words = words_of(label)
    return rng.choice(["_".join(words), words[0] + "".join(w.title() for w in words[1:]), "_".join(words).upper()])


def in_sentence(rng, t, half, kind, lang):
    form = rng.choice(sentences_of(t, kind, half))
    before, after = form.split("{}")
    text = Text().add(before).add(*make_value(rng, kind, lang)).add(after)
    roll = rng.random()
    if roll < 0.7:
        text.add(rng.choice([".", ".", "!", "", ","]) if not after else ".")
    if roll < 0.5:
        text.around(rng.choice(half_of(t["greetings"], half)), rng.choice(half_of(t["closings"], half)))
    return text


def in_lines(rng, t, half, kind, lang):
    text = Text()
    others = [k for k in t["labels"] if k != kind]
    for i, k in enumerate(rng.sample([kind, *rng.sample(others, 2)], 3)):
        label = rng.choice(half_of(t["labels"][k], half))
        text.add(("\n" if i else "") + label + rng.choice([": ", ": ", ":", " - ", ":\n", " = "])).add(*make_value(rng, k, lang))
    return text


def in_table(rng, t, half, kind, lang):
    text = Text().add(t["head"])
    for k in [kind, rng.choice(list(t["labels"]))]:
        value, span = make_value(rng, k, lang)
        before, after = t["row"].replace("{label}", rng.choice(half_of(t["labels"][k], half))).split("{value}")
        text.add(before).add(value.replace("\n", " "), span).add(after + "\n")
    return text


def json_string(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_json(rng, t, half, kind, lang):
    """A tool call's arguments: the document is the text, offsets count in it as it stands."""
    text = Text().add('{"' + rng.choice(["id", "request", "action"]) + '": "' + rng.choice(["update", "A17", "lookup"]) + '"')
    for k in [kind, rng.choice(list(t["labels"]))]:
        value, span = make_value(rng, k, lang)
        text.add(', "' + key_of(rng, rng.choice(half_of(t["labels"][k], half))) + '": "').add(json_string(value), span).add('"')
    return text.add("}")


def in_chat(rng, t, half, kind, lang):
    text = in_sentence(rng, t, half, kind, lang)
    text.each(str.lower, values=kind in CASE_FREE)
    text.around(rng.choice(["user: ", "", "> "]), rng.choice(["\nassistant: ok", ""]))
    return text


STYLES = [(in_sentence, 40), (in_lines, 20), (in_table, 8), (in_json, 17), (in_chat, 15)]


def drop_accents(text):
    return people.fold(text)


def make_typo(rng, text):
    """Swaps two letters of a long word: behind the value, where it says nothing about it."""
    words = [m for m in re.finditer(r"[a-zà-ÿ]{6,}", text)]
    if not words:
        return text
    i = rng.choice(words).start() + 2
    return text[:i] + text[i + 1] + text[i] + text[i + 2:]


def add_noise(rng, text):
    roll = rng.random()
    if roll < 0.1:
        text.each(drop_accents)
    elif roll < 0.15:
        last, span = text.pieces[-1]
        text.pieces[-1] = (last if span or "{" in text.pieces[0][0] else make_typo(rng, last), span)
    elif roll < 0.2:
        text.each(lambda piece: piece.replace(" ", "  "))
    return text


def make_sentence(rng, t, half, kind, lang):
    style = rng.choices([s for s, _ in STYLES], [w for _, w in STYLES])[0]
    text, spans = add_noise(rng, style(rng, t, half, kind, lang)).finish()
    return {"lang": lang, "half": half, "style": style.__name__[3:], "text": text, "spans": spans}


def make_negative(rng, t, half, lang):
    text = rng.choice(half_of(t["negatives"]["all"], half))
    text = re.sub(r"\{([a-z0-9]+)\}", lambda m: things.HARMLESS[m[1]](rng, lang) if m[1] in things.HARMLESS else m[0], text)
    return {"lang": lang, "half": half, "style": "negative", "text": text, "spans": []}


def generated(half, seed=20261124, per_kind=10, negatives=40):
    """Every sentence of one half, the same in every run."""
    templates = {lang: load(lang) for lang in LANGUAGES}
    spoken = collections.Counter(kind for t in templates.values() for kind in t["labels"])
    for lang, t in templates.items():
        rng = random.Random(f"{seed} {half} {lang}")
        for kind in t["labels"]:
            for _ in range(per_kind if spoken[kind] > 2 else 4 * per_kind):
                yield make_sentence(rng, t, half, kind, lang)
        for _ in range(negatives):
            yield make_negative(rng, t, half, lang)
    lines = list(marked_lines("special.txt"))
    yield from (marked_sentence(lang, line, half, "special", random.Random(1)) for lang, line in half_of(lines, half))


def unmark(line, rng, lang):
    """[[TYPE|value]] marks a value, [[TYPE|@]] one that is made; {x36} and the like are filled."""
    text = Text()
    for i, part in enumerate(re.split(r"\[\[([A-Z_]+\|.*?)\]\]", line.replace("\\n", "\n"), flags=re.S)):
        if i % 2:
            kind, value = part.split("|", 1)
            value = make_value(rng, kind, lang)[0] if value == "@" else things.fill(rng, value)
            text.add(value, {"type": kind, "form": "by hand"})
        else:
            text.add(things.fill(rng, part))
    return text.finish()


def marked_lines(name):
    """(language, line) of a file of marked sentences."""
    lang = "en"
    for line in (DATA / name).read_text().splitlines():
        if line.startswith("== "):
            lang = line[3:]
        elif line and not line.startswith("#"):
            yield lang, line


def marked_sentence(lang, line, half, style, rng):
    text, spans = unmark(line, rng, lang)
    return {"lang": lang, "half": half, "style": style, "text": text, "spans": spans}


def by_hand():
    rng = random.Random(1)
    for lang, line in marked_lines("by-hand.txt"):
        yield marked_sentence(lang, line, "by hand", "by hand", rng)
