# SPDX-License-Identifier: Apache-2.0
"""The errors of docs/openapi.yaml and those of the sources are the same, and answers are held against them."""
import json
import re
from http import HTTPStatus

import pytest

import api_contract
from api_contract import CODE, DESCRIPTION, ROOT, STATUS_OF

SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "src/api").glob("*.c")))
OPERATIONS = [(method, path, operation) for path, item in DESCRIPTION["paths"].items()
              for method, operation in item.items()]


def in_the_sources():
    """code -> status of every refusal."""
    pairs = re.findall(r'refuse\(r, MHD_HTTP_(\w+),\s*"(\w+)"', SOURCES)
    pairs += re.findall(r'\{ ERR_\w+, MHD_HTTP_(\w+), \d+, "(\w+)"', SOURCES)
    pairs += [("BAD_REQUEST", code) for code in re.findall(r'request_refuse_body\(r,\s*"(\w+)"', SOURCES)]
    named = {**HTTPStatus.__members__, "CONTENT_TOO_LARGE": HTTPStatus(413)}
    return {code: int(named[status]) for status, code in pairs}


def test_every_error_of_the_sources_is_described_with_its_status_and_no_other():
    assert in_the_sources() == STATUS_OF
    assert sorted(STATUS_OF) == CODE["enum"]


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_every_operation_describes_the_errors_that_any_request_may_meet(method, path, operation):
    described = set(operation["responses"])
    parameters = operation.get("parameters", [])
    assert {"400", "503"} <= described or operation["x-roles"] == [] and "400" in described
    if operation["x-roles"]:
        assert {"401", "410"} <= described
    if operation["x-roles"] and set(operation["x-roles"]) != {"owner", "admin", "member", "viewer"} or operation["x-csrf"]:
        assert "403" in described
    if "requestBody" in operation:
        assert "413" in described
    if "{" in path or any("$ref" in p for p in parameters):
        assert "404" in described


@pytest.mark.parametrize("status, code, told", [
    (200, None, None), (201, None, "201 is not described"), (401, "no_session", None), (403, "no_session", "came with 403"),
    (400, "made_up", "came with 400"), (429, "too_many_attempts", "is not described"), (405, "method_not_allowed", None),
])
def test_an_answer_that_is_not_described_is_seen(status, code, told):
    body = json.dumps({"error": {"code": code}}).encode()
    fault = api_contract.fault_of("GET", "/conversations?limit=1", status, body)
    assert fault is None if told is None else told in fault


def test_an_error_without_its_object_is_seen():
    assert "without an error object" in api_contract.fault_of("GET", "/me", 502, b"<html>")
