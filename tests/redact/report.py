# SPDX-License-Identifier: Apache-2.0
"""How well the scanner does on a labelled corpus: recall, precision and F1 by entity and language.

A value is *masked* when every letter and digit of it lies in some finding, whatever its type: nothing
of it would be stored; a value of a special category when it is flagged.  It is *typed* when one of these findings has its type, so that the placeholder
says what stood there.  A finding is right when it overlaps a value of its type.
"""
import collections
import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RENDFLY = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build")) / "rendfly"

# Pairs that say the same to whoever reads the placeholder.
SAME = [{"ADDRESS", "POSTAL_CODE"}, {"IMEI", "DEVICE_ID"}, {"NIF", "CIF", "DNI", "NIE"}, {"BANK_ACCOUNT", "IBAN"}]


def find(texts, *options):
    """The answer of `rendfly redact --jsonl` for each text."""
    with tempfile.TemporaryFile() as lines:
        lines.write("".join(json.dumps(text) + "\n" for text in texts).encode())
        lines.seek(0)
        done = subprocess.run([RENDFLY, "redact", "--jsonl", *options], stdin=lines, capture_output=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_same(a, b):
    return a == b or any({a, b} <= group for group in SAME)


def overlaps(a, b):
    return a["start"] < b["end"] and b["start"] < a["end"]


def is_masked(text, gold, found):
    covered = bytearray(len(text))
    for span in found:
        covered[span["start"]:span["end"]] = b"\1" * (span["end"] - span["start"])
    return all(covered[i] or not (text[i:i + 1].isalnum() or text[i] >= 0x80) for i in range(gold["start"], gold["end"]))


class Score:
    def __init__(self):
        self.values = self.masked = self.typed = self.found = self.right = 0

    def recall(self):
        return self.masked / self.values if self.values else 1.0

    def typed_share(self):
        return self.typed / self.values if self.values else 1.0

    def precision(self):
        return self.right / self.found if self.found else 1.0

    def f1(self):
        r, p = self.recall(), self.precision()
        return 2 * r * p / (r + p) if r + p else 0.0


class Report:
    def __init__(self):
        self.by = collections.defaultdict(Score)  # (type, language or "" for all, form or "")
        self.missed, self.wrong = [], []

    def add(self, sentence, found):
        text, gold, lang = sentence["text"].encode(), sentence["spans"], sentence["lang"]
        for g in gold:
            near = [f for f in found if overlaps(f, g) and (f.get("action") != "flag" or f["type"] == g["type"])]
            masked = is_masked(text, g, near)
            typed = masked and any(is_same(f["type"], g["type"]) for f in near)
            if not typed:
                self.missed.append((g, text[g["start"]:g["end"]].decode(), sentence, masked))
            for key in [(g["type"], "", ""), (g["type"], lang, ""), (g["type"], "", g["form"]), ("", lang, ""), ("", "", "")]:
                self.by[key].values += 1
                self.by[key].masked += masked
                self.by[key].typed += typed
        for f in found:
            right = any(overlaps(f, g) and is_same(f["type"], g["type"]) for g in gold)
            if not right:
                self.wrong.append((f, text[f["start"]:f["end"]].decode(), sentence))
            for key in [(f["type"], "", ""), (f["type"], lang, ""), ("", lang, ""), ("", "", "")]:
                self.by[key].found += 1
                self.by[key].right += right

    def types(self):
        return sorted({kind for kind, lang, form in self.by if kind and not lang and not form})


def make(sentences):
    sentences = list(sentences)
    report = Report()
    for sentence, answer in zip(sentences, find([s["text"] for s in sentences], "--flags"), strict=True):
        report.add(sentence, answer["spans"])
    return report


LANGUAGES = ["en", "pt-BR", "pt-PT", "es", "de", "fr", "it", "nl"]


def table(report):
    """Markdown: a row for each entity, recall by language in the columns."""
    lines = ["| Entity | Values | Masked | Formatted | Bare | Typed | Precision | F1 | " + " | ".join(LANGUAGES) + " |",
             "|---|" + "--:|" * (7 + len(LANGUAGES))]
    for kind in [*report.types(), ""]:
        score = report.by[kind, "", ""]
        if not score.values:
            continue
        cells = [kind or "**all**", str(score.values), f"{score.recall():.3f}"]
        cells += [f"{report.by[kind, '', form].recall():.3f}" if kind and (kind, "", form) in report.by else ""
                  for form in ("formatted", "bare")]
        cells += [f"{score.typed_share():.3f}", f"{score.precision():.3f}", f"{score.f1():.3f}"]
        cells += [f"{report.by[kind, lang, ''].recall():.2f}" if report.by[kind, lang, ""].values else "" for lang in LANGUAGES]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
