# SPDX-License-Identifier: Apache-2.0
"""What docs/openapi.yaml says of errors, held against every answer that a test gets."""
import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DESCRIPTION = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
CODE = DESCRIPTION["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
STATUS_OF = CODE["x-status"]
ANYWHERE = {404, 405, 500}  # no such address, no such method, a fault of ours


def operation_of(method, path):
    """The operation described at the path, without its query; None when there is none."""
    for template, item in DESCRIPTION["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path.split("?")[0]):
            return item.get(method.lower())
    return None


def fault_of(method, path, status, body):
    """How the answer breaks the description; None when it does not.  Bodies of success are test_api's."""
    operation = operation_of(method, path)
    if status < 400:
        if operation is not None and str(status) not in operation["responses"]:
            return f"{method} {path}: {status} is not described"
        return None
    try:
        code = json.loads(body)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return f"{method} {path}: {status} without an error object: {body[:200]!r}"
    if STATUS_OF.get(code) != status:
        return f"{method} {path}: {code} came with {status}; the description says {STATUS_OF.get(code)}"
    if operation is not None and status not in ANYWHERE and str(status) not in operation["responses"]:
        return f"{method} {path}: {status} {code} is not described"
    return None
