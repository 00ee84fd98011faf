# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from system import System  # noqa: E402


@pytest.fixture(scope="session")
def system():
    """One running system for all tests that leave it as they found it."""
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System() as s:
        yield s
