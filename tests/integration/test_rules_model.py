# SPDX-License-Identifier: Apache-2.0
"""`rendfly rules extract` with a model that splits the system message, well or badly."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("RENDFLY_BUILD", str(ROOT / "build")) + "/rendfly"
MESSAGE = "You are the agent of a shop.\n\n- Answer in English only.\n- Never quote a price.\n- Be kind to people who complain.\n"


@pytest.fixture(scope="module")
def judge():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rendfly-extract-"))
    process = subprocess.Popen([sys.executable, ROOT / "tests/integration/sample_judge.py", folder],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ports = json.loads(process.stdout.readline())
    yield folder, ports
    process.stdin.close()
    process.wait(10)
    shutil.rmtree(folder)


@pytest.fixture
def extract(judge, tmp_path):
    folder, ports = judge
    (tmp_path / "key").write_text("sample-key\n")
    (tmp_path / "message").write_text(MESSAGE)

    def run(behaviour, *arguments, port="good", message="message", **settings):
        settings = {"judge_base_url": f"https://localhost:{ports[port]}/v1", "judge_model": behaviour,
                    "judge_key_file": tmp_path / "key", "judge_ca_file": folder / "ca.crt", **settings}
        (tmp_path / "rendfly.conf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items() if v is not None))
        return subprocess.run([PROGRAM, "rules", "extract", "--system-message", tmp_path / message, "--dir", tmp_path,
                               *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return run


def rules_of(done):
    assert done.returncode == 0 and done.stderr == "", done
    return json.loads(done.stdout)


def refused(done, reason, status=1):
    """No rule, one line with the reason."""
    assert done.returncode == status and done.stdout == "", done
    assert done.stderr.startswith("rendfly rules: ") and done.stderr.count("\n") == 1, done.stderr
    assert reason in done.stderr, done.stderr


def test_a_model_splits_the_message_and_the_words_make_the_checks(extract):
    rules = rules_of(extract("good:split"))
    assert [rule["name"] for rule in rules] == ["Rule 1", "Rule 2", "Rule 3"]
    assert [rule["check"] and rule["check"]["kind"] for rule in rules] == ["language", "price", None]
    assert rules[2]["description"] == "Be kind to people who complain."


def test_what_a_model_gives_is_a_rule_file(extract, tmp_path):
    (tmp_path / "rules").write_text(extract("good:file").stdout)
    (tmp_path / "talk").write_text(json.dumps({"messages": [{"role": "user", "content": "How much?"},
                                                            {"role": "assistant", "content": "It is $12.00 now."}]}))
    done = subprocess.run([PROGRAM, "judge", "check", "--rules", tmp_path / "rules", "--conversation", tmp_path / "talk"],
                          capture_output=True, text=True)
    assert [v["verdict"] for v in json.loads(done.stdout)][1:] == ["fail", "indeterminate"], done


@pytest.mark.parametrize("behaviour, reason", [
    ("prose", "not one JSON object and nothing else"),
    ("fenced", "not one JSON object and nothing else"),
    ("broken", "not one JSON object and nothing else"),
    ("nonce", "does not carry this prompt's nonce"),
    ("invents", "a source is not in the system message"),
    ("leaks", "gives away the prompt's private marker"),
    ("toolcall", "did not send a chat completion"),
    ("length", "did not send a chat completion"),
    ("empty", "did not send a chat completion"),
    ("notchat", "did not send a chat completion"),
    ("huge", "did not send a chat completion"),
    ("limitedlong", "limit of calls"),
    ("refusing", "refused the request"),
    ("redirect", "refused the request"),
])
def test_a_model_that_misbehaves_gives_no_rule_and_the_reason(extract, behaviour, reason):
    refused(extract(behaviour), reason)


@pytest.mark.parametrize("behaviour, reason", [("never", "did not answer in time"), ("cut", "cut off"),
                                               ("failing", "server failed")])
def test_a_model_that_does_not_answer_is_told_in_time(extract, behaviour, reason):
    done = extract(behaviour, judge_timeout_s=1)
    assert done.returncode == 1 and done.stdout == "" and (reason in done.stderr or "in time" in done.stderr), done


def test_a_long_wait_is_told_while_it_lasts(extract):
    done = extract("never:wait", judge_timeout_s=3)
    assert "waiting for never:wait (2 s)" in done.stderr.splitlines()


def test_a_model_that_was_over_its_limit_or_cut_once_is_asked_again(extract):
    assert len(rules_of(extract("limited:rules"))) == 3
    assert len(rules_of(extract("cutonce:rules"))) == 3


@pytest.mark.parametrize("port", ["tls12", "wrong_name"])
def test_the_message_goes_to_nobody_whose_certificate_does_not_hold(extract, port):
    refused(extract("good", port=port), "certificate could not be verified")


def test_without_a_model_the_remedy_is_told(extract):
    refused(extract("good", judge_base_url=None), "no judging model is configured: set judge_base_url", status=2)


def test_half_a_configuration_is_told(extract):
    refused(extract("good", judge_model=None), "judge_base_url is set, judge_model is not", status=2)


def test_offline_asks_nobody(extract):
    done = extract("good", "--offline", judge_base_url="https://localhost:1/v1")
    assert [rule["check"] and rule["check"]["kind"] for rule in rules_of(done)] == ["language", "price", None]


@pytest.mark.parametrize("arguments", [[], ["--offline"]])
def test_a_message_that_is_not_text_is_told(extract, tmp_path, arguments):
    (tmp_path / "bytes").write_bytes(b"Answer in English\xff only.")
    refused(extract("good", *arguments, message="bytes"), "not UTF-8", status=2)
