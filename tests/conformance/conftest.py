# SPDX-License-Identifier: Apache-2.0
"""One edge for all tests that need no settings of their own; after each test the protocol was kept
and the counters balance."""
import contextlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from edge_fixture import STORED, EdgeFixture, wait_until  # noqa: E402


@pytest.fixture(scope="session")
def shared_edge():
    with EdgeFixture(edge_workers=2, body_max_mb=4) as edge:
        yield edge


@pytest.fixture
def edge(shared_edge):
    """The shared edge with nothing left over from the test before."""
    e = shared_edge
    e.provider.behaviours.clear()
    e.provider.requests.clear()
    e.collector.captures.clear()
    e.collector.answer = STORED
    yield e
    wait_until("all captures have their ACK", lambda: e.counters()["in_flight"] == 0)
    assert e.is_balanced()
    assert e.collector.faults == []


@pytest.fixture
def own_edge():
    """Makes edges with settings of their own."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(EdgeFixture(**settings))
