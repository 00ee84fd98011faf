# SPDX-License-Identifier: Apache-2.0
import pytest

import document


@pytest.fixture(scope="session")
def held_out():
    return document.held_out()
