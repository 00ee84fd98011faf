# SPDX-License-Identifier: Apache-2.0
"""Recorded conversations through the whole system, turn by turn, as their agent sent them."""
import json
import os
import re
import subprocess

import pytest

from system import ROOT, System, wait_until

DATA = ROOT.parent / "shared/data"


@pytest.fixture(scope="module")
def replayed():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    if not list(DATA.glob("*.jsonl")):
        pytest.skip(f"there are no recorded conversations in {DATA}")
    with System(settings={"sample_recordings": DATA}) as s:
        done = s.run("replay", "--data", str(DATA), "--base-url", f"{s.url}/sample/v1", "--key", s.ingest_key,
                     "--ca", s.ca)
        assert done.returncode == 0, done.stderr[-2000:]
        wait_until("all are stored", lambda: s.captures()["in_flight"] == 0)
        wait_until("all are judged", lambda: s.jobs_waiting() == 0, 120)
        yield s


@pytest.fixture(scope="module")
def recordings():
    return [json.loads(line) for path in DATA.glob("*.jsonl") for line in path.read_text().splitlines()]


def test_each_recording_is_one_conversation_with_every_message_once_in_order(replayed, recordings):
    rows = replayed.sql("select string_agg(role, ',' order by position), min(position), max(position), count(*)"
                        " from app.messages group by conversation_id")
    stored = sorted(row.split("|")[0] for row in rows)
    assert stored == sorted(",".join(m["role"] for m in r["messages"]) for r in recordings)
    for row in rows:
        _, first, last, count = row.split("|")
        assert int(first) == 0 and int(last) == int(count) - 1


def test_the_books_balance_and_nothing_is_lost(replayed, recordings):
    sums = replayed.captures()
    turns = sum(m["role"] == "assistant" for r in recordings for m in r["messages"])
    turns += sum(r["messages"][-1]["role"] != "assistant" for r in recordings)  # to which there is no answer
    assert sums["forwarded"] == sums["stored"] == turns
    assert sums["dropped"] == sums["refused"] == sums["in_flight"] == 0


def test_no_address_of_the_input_is_anywhere_on_disk(replayed, tmp_path):
    addresses = {a for path in DATA.glob("*.jsonl")
                 for a in re.findall(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[a-z]{2,}", path.read_text())}
    assert addresses
    (tmp_path / "addresses").write_text("\n".join(addresses) + "\n")
    replayed.sql("checkpoint")
    found = subprocess.run(["grep", "-rlF", "-f", str(tmp_path / "addresses"), replayed.dir + "/"],
                           capture_output=True, text=True)
    assert found.stdout == "" and found.returncode == 1


def test_the_two_checks_of_tool_calls_decide_every_conversation(replayed, recordings):
    """Each rule gives one verdict a conversation; those with a check are never indeterminate."""
    rows = replayed.sql("select r.position, v.verdict, count(*) from app.verdicts v join app.rules r using"
                        " (workspace_id, rule_id) where r.has_check group by 1, 2")
    by_rule = {}
    for position, verdict, count in (row.split("|") for row in rows):
        by_rule.setdefault(position, {})[verdict] = int(count)
    assert len(by_rule) >= 2
    for counts in by_rule.values():
        assert "indeterminate" not in counts and sum(counts.values()) == len(recordings)
