# SPDX-License-Identifier: Apache-2.0
"""docs/threat-model.md: each row names a test that is there, and each attacker and wish has a row."""
import re

import pytest

from system import ROOT

TEXT = (ROOT / "docs/threat-model.md").read_text()


def rows(heading):
    """The cells of the table under a heading, without its head."""
    part = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in part.splitlines() if line.startswith("|")][2:]


def attackers():
    part = TEXT.split("\n## Attackers\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^- \*\*([^*]+)\*\*:", part, re.M)


def problems(table, known):
    found = []
    for row in table:
        if len(row) != 5 or not all(row):
            found.append(f"a cell is missing: {row}")
            continue
        if row[0] not in known:
            found.append(f"nobody is called {row[0]}")
        named = re.findall(r"`([\w/]+\.(?:py|c))(?:::(\w+))?`", row[4])
        if not named:
            found.append(f"no test is named: {row[1]}")
        for path, test in named:
            file = ROOT / "tests" / path
            text = file.read_text() if file.exists() else ""
            if not text or (test and not re.search(rf"\b(def )?{test}\(", text)):
                found.append(f"there is no test {path}::{test}")
            elif "pytest.mark.skip(" in text:
                found.append(f"{path} leaves tests out for good")
    return found + [f"{name} has no row" for name in known if name not in {row[0] for row in table}]


def test_every_row_names_a_test_that_is_there():
    assert problems(rows("What each can and cannot get"), attackers()) == []


def test_the_attackers_that_matter_are_all_there():
    for name in ("tenant", "stolen token", "injected SQL", "taken-over collector", "taken-over api",
                 "database superuser", "backup thief", "insider"):
        assert name in attackers()
    assert len(rows("Assets")) >= 7


@pytest.mark.parametrize("row, words", [
    (["insider", "x", "y", "z", "`integration/test_api.py::test_that_nobody_wrote`"], "there is no test"),
    (["insider", "x", "y", "z", "`integration/test_nothing.py`"], "there is no test"),
    (["insider", "x", "y", "z", "trust us"], "no test is named"),
    (["martian", "x", "y", "z", "`integration/test_api.py`"], "nobody is called"),
    (["insider", "x", "", "z", "`integration/test_api.py`"], "a cell is missing")])
def test_a_row_without_a_test_is_found(row, words):
    table = rows("What each can and cannot get")
    assert any(words in problem for problem in problems([*table, row], attackers()))
    assert any("has no row" in problem for problem in problems([], attackers()))
