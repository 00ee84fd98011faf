# SPDX-License-Identifier: Apache-2.0
"""The npm package stdnum as a second opinion on check digits (make test-long)."""
import json
import os
import random
import subprocess

import pytest

import report
from corpus import numbers

KINDS = ["CPF", "CNPJ", "NINO", "STEUER_ID", "NIR", "DNI", "NIE", "CIF", "CODICE_FISCALE", "NIF", "BSN", "BE_NRN", "PESEL",
         "PERSONNUMMER", "HETU", "CUIT", "CURP", "RFC", "RUT", "SSN", "EIN"]
LABEL = {"STEUER_ID": "Steuer-ID", "CODICE_FISCALE": "codice fiscale", "BE_NRN": "rijksregisternummer"}
EACH = 1500
SURE = 0.85
# Where stdnum is known to be wrong: CPFs of eleven equal digits pass its check.
WRONG_AT_STDNUM = {("CPF", f"{d * 3}.{d * 3}.{d * 3}-{d * 2}") for d in "0123456789"}

pytestmark = pytest.mark.skipif(not os.environ.get("RENDFLY_LONG"), reason="part of make test-long")


def is_of_a_future_birth(kind, text):
    """Belgium's number of somebody born from 2000 on, whom stdnum knows not to be born yet."""
    digits = "".join(c for c in text if c.isdigit())
    return kind == "BE_NRN" and 97 - int("2" + digits[:9]) % 97 == int(digits[9:])


def change(rng, text):
    """One digit becomes another, wherever it stands."""
    at = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
    return text[:at] + rng.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1:]


def candidates(kind):
    rng = random.Random(f"stdnum {kind}")
    for i in range(EACH):
        text = numbers.NUMBERS[kind](rng)[0].upper()
        yield text if i % 2 else change(rng, text)
    if kind == "CPF":
        yield from (text for _, text in sorted(WRONG_AT_STDNUM))


@pytest.fixture(scope="module")
def asked():
    return {kind: list(candidates(kind)) for kind in KINDS}


@pytest.fixture(scope="module")
def theirs(asked):
    folder = report.ROOT / "build/stdnum"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules/stdnum").exists():
        done = subprocess.run(["npm", "install", "--prefix", folder, "--no-save", "--ignore-scripts", "stdnum"],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip(f"npm cannot bring stdnum: {done.stderr.strip().splitlines()[-1:]}")
    done = subprocess.run(["node", report.ROOT / "tests/redact/stdnum.mjs"], capture_output=True, text=True, check=True,
                          input=json.dumps({"package": str(folder), "numbers": asked}), timeout=300)
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_check_digits_are_those_of_stdnum(kind, asked, theirs):
    label = LABEL.get(kind, kind)
    answers = report.find([f"{label}: {text}" for text in asked[kind]])
    missed, too_sure = [], []
    for text, is_valid, answer in zip(asked[kind], theirs[kind], answers, strict=True):
        sure = any(report.is_same(span["type"], kind) and span["score"] >= SURE for span in answer["spans"])
        start = len(label) + 2
        masked = report.is_masked(f"{label}: {text}".encode(), {"start": start, "end": start + len(text)}, answer["spans"])
        if (kind, text) in WRONG_AT_STDNUM:
            is_valid = False
        if is_valid and not masked:
            missed.append(text)
        if not is_valid and sure and not is_of_a_future_birth(kind, text):
            too_sure.append(text)
    assert not missed and not too_sure, \
        f"{kind}: {len(missed)} valid ones missed {missed[:4]}, {len(too_sure)} sure of invalid ones {too_sure[:4]}"
