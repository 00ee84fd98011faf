# SPDX-License-Identifier: Apache-2.0
"""The labelled corpus: what the scanner must reach, and what docs/redaction.md says that it does."""
import subprocess

import pytest

import document
import report
from corpus import build

FIGURES = ("masked", "typed", "precision")


def figures(score):
    return {"masked": score.recall(), "typed": score.typed_share(), "precision": score.precision()}


def test_the_corpus_is_large_and_the_same_in_every_run():
    command = [document.ROOT / "tools/redact-corpus"]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert len(first.splitlines()) >= 3000


def test_every_type_has_values_in_both_halves():
    for half in build.HALVES:
        seen = {span["type"] for sentence in build.generated(half) for span in sentence["spans"]}
        assert seen == set(document.types())


def test_no_template_is_in_both_halves():
    development, held_out = ({s["text"] for s in build.generated(half) if not s["spans"]} for half in build.HALVES)
    assert not development & held_out


@pytest.mark.parametrize("kind", document.types())
def test_no_entity_is_below_its_floor(held_out, kind):
    floor, reached = document.floors()[kind], figures(held_out.by[kind, "", ""])
    below = [f"{name} {reached[name]:.3f}, the floor is {floor[name]:.3f}" for name in FIGURES if reached[name] < floor[name]]
    examples = [(value, sentence["text"]) for gold, value, sentence, _ in held_out.missed if gold["type"] == kind]
    assert not below, f"{kind}: {below}; {len(examples)} missed"


def test_a_scanner_that_finds_less_falls_below(held_out):
    """The floors are not so low that nothing could fail them."""
    blind = report.Report()
    for sentence in build.generated("held-out"):
        blind.add(sentence, [])
    assert any(document.floors()[kind]["masked"] > blind.by[kind, "", ""].recall() for kind in document.types())


def test_docs_redaction_md_tells_todays_figures(held_out):
    text = document.DOCUMENT.read_text()
    assert text == document.with_parts(text, document.generated_parts(held_out)), \
        "docs/redaction.md is out of date: tools/redact-report --write"


def test_what_is_flagged_is_listed_only_when_asked_for_and_stays():
    text = "I am pregnant, write to ana@example.com"
    [plain], [listed] = report.find([text]), report.find([text], "--flags")
    assert [span["type"] for span in plain["spans"]] == ["EMAIL"]
    assert [(span["type"], span.get("action")) for span in listed["spans"]] == [("HEALTH", "flag"), ("EMAIL", None)]
    assert all(answer["text"].startswith("I am pregnant, write to [EMAIL:") for answer in (plain, listed))
