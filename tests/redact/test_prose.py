# SPDX-License-Identifier: Apache-2.0
"""Ordinary text stays as it is."""
import random

import prose
import report
from corpus import things

FOR_EACH_MB = 1.0


def test_prose_has_at_most_one_finding_a_megabyte():
    size, wrong = prose.findings()
    assert size > 1e6, "this machine has no prose to measure with"
    assert len(wrong) <= FOR_EACH_MB * size / 1e6, f"{len(wrong)} in {size / 1e6:.1f} MB, such as {wrong[:10]}"


def test_millisecond_timestamps_are_no_cards():
    rng = random.Random(7)
    stamps = [things.ms_timestamp(rng) for _ in range(100000)]
    texts = [" ".join(f"ts={stamp}" if i % 2 else stamp for i, stamp in enumerate(stamps[at:at + 50])) for at in range(0, len(stamps), 50)]
    texts += ["\n".join(f'{{"at": {stamp}, "n": {i}}}' for i, stamp in enumerate(stamps[at:at + 50])) for at in range(0, len(stamps), 50)]
    cards = [(text[s["start"]:s["end"]]) for text, answer in zip(texts, report.find(texts), strict=True)
             for s in answer["spans"] if s["type"] == "CARD"]
    assert not cards, f"{len(cards)}, such as {cards[:5]}"


def test_ids_hashes_and_versions_are_left_alone():
    rng, wrong = random.Random(8), []
    kinds = ["uuid", "sha1", "sha256", "short", "version", "decimal", "seconds", "ms", "big", "number", "percent", "time", "date", "isbn"]
    for kind in kinds:
        texts = [f"{before}{things.HARMLESS[kind](rng, 'en')}{after}" for before, after in
                 [("", ""), ("see ", "."), ("(", ")"), ("value=", " ok"), ("got ", ", then stopped")] for _ in range(200)]
        found = [(kind, text) for text, answer in zip(texts, report.find(texts), strict=True) if answer["spans"]]
        wrong += found[:2] if len(found) > 0.01 * len(texts) else []
    assert not wrong, f"more than one of a hundred: {wrong}"
