# SPDX-License-Identifier: Apache-2.0
"""The pages in a real browser, against the running system: one test for each scenario of pages.mjs."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from api_fixtures import *  # noqa: E402,F401,F403 (fixtures)

HERE = pathlib.Path(__file__).resolve().parent
NODE = HERE.parents[1] / "web/tools/node"
SCENARIOS = re.findall(r"^\tasync (\w+)\(page\)", (HERE / "pages.mjs").read_text(), re.M)


@pytest.fixture(scope="session")
def chromium():
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no chromium here: apt-get install chromium (tools/test does)")
    if not (NODE.parents[1] / "node_modules").exists():
        pytest.skip("web/node_modules is missing: make web installs it")
    return found


def test_there_are_scenarios():
    assert len(SCENARIOS) >= 10


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_pages(scenario, chromium, system, first_user, judged_conversations):
    email, password = first_user
    done = subprocess.run(
        [NODE, HERE / "pages.mjs", scenario], capture_output=True, text=True, timeout=120,
        env={**os.environ, "RENDFLY_URL": system.url, "RENDFLY_EMAIL": email,
             "RENDFLY_PASSWORD": password, "CHROMIUM": chromium})
    assert done.returncode == 0, done.stderr
