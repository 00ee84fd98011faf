# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))  # the API's client

from catalogue import Catalogue  # noqa: E402
from database import Database  # noqa: E402
from tenants import Tenants  # noqa: E402


@pytest.fixture(scope="session")
def database():
    if os.geteuid() != 0:
        pytest.skip("needs root: the cluster has a user of its own")
    d = Database()
    yield d
    d.close()


@pytest.fixture(scope="session")
def superuser(database):
    with database.superuser() as c:
        yield c
        c.rollback()


@pytest.fixture(scope="session")
def catalogue(superuser):
    with superuser.cursor() as q:
        return Catalogue(q)


@pytest.fixture(scope="session")
def tenants(superuser, catalogue):
    """Rows of two workspaces in every table that has any."""
    with superuser.cursor() as q:
        made = Tenants(q, catalogue)
    superuser.commit()
    return made
