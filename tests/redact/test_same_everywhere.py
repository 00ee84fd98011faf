# SPDX-License-Identifier: Apache-2.0
"""Every way to compute the masks gives the same spans, scores and canonical values."""
import os
import subprocess

import pytest

from report import RENDFLY

DIGEST = RENDFLY.parent / "tests/redact/redact_digest"
BYTES = os.environ.get("RENDFLY_DIGEST_BYTES", "2000000")
KINDS = ["plain", "sse2", "avx2"]
NOT_HERE = 3


def digest(kind):
    done = subprocess.run([DIGEST, kind, BYTES], capture_output=True, text=True, timeout=3000)
    if done.returncode == NOT_HERE:
        pytest.skip(f"this processor or this build has no {kind}")
    assert done.returncode == 0
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def best():
    return digest("best")


@pytest.mark.parametrize("kind", KINDS)
def test_the_findings_are_the_same_with(kind, best):
    lines = digest(kind)
    assert len(lines) > 20
    first = next((line for line, other in zip(lines, best) if line != other), None)
    assert lines == best, f"they part within the hundred texts that end with {first}"
