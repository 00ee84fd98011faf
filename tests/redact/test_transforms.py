# SPDX-License-Identifier: Apache-2.0
"""What is found stays found when it is written otherwise, and what was redacted stays as it is."""
import json

import pytest

import document
import kept
import report
import transforms
from corpus import build


@pytest.mark.parametrize("name", transforms.TRANSFORMS)
def test_what_is_found_is_found_when_written_otherwise(name):
    share, tried, lost = kept.kept(name)
    assert tried > 20
    floor = document.floors()["kept"][name]
    kinds = sorted({kind for kind, _ in lost})
    assert share >= floor, f"{name}: {share:.3f} of {tried} kept, the floor is {floor}; lost: {kinds}, such as {lost[:3]}"


def test_redacting_twice_changes_nothing_more():
    texts = [s["text"] for half in build.HALVES for s in build.generated(half, per_kind=4)] + [s["text"] for s in build.by_hand()]
    once = report.find(texts)
    twice = report.find([answer["text"] for answer in once])
    again = [(a["text"], b["text"], b["spans"]) for a, b in zip(once, twice, strict=True) if a["text"] != b["text"]]
    assert not again, f"{len(again)} texts changed again, such as {again[:3]}"


def test_json_stays_json():
    documents = [s["text"] for half in build.HALVES for s in build.generated(half, per_kind=8) if s["style"] == "json"]
    assert len(documents) > 300
    for text, answer in zip(documents, report.find(documents), strict=True):
        assert json.loads(text).keys() == json.loads(answer["text"]).keys(), text
