# SPDX-License-Identifier: Apache-2.0
"""The settings of a judge model on the whole running system: from a chat through the edge to scores."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from api_client import Api
from system import PROGRAM, ROOT, System, wait_until

SYSTEM_MESSAGE = "Answer in English only. Be kind to everybody."


@pytest.fixture(scope="module")
def judged():
    """A system with a model, a key for it and one judged conversation."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rf-model-"))
    folder.chmod(0o755)
    model = subprocess.Popen([sys.executable, str(ROOT / "tests/integration/sample_judge.py"), str(folder)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = json.loads(model.stdout.readline())["good"]
    (folder / "key").write_text("sample-key\n")
    settings = {"judge_base_url": f"https://localhost:{port}/v1", "judge_ca_file": folder / "ca.crt",
                "judge_model": "good", "judge_key_file": folder / "key"}
    with System(settings) as system:
        assert system.chat([{"role": "system", "content": SYSTEM_MESSAGE},
                            {"role": "user", "content": "Where is my parcel?"}])[0] == 200
        wait_until("judged", lambda: system.jobs_waiting() == 0
                   and system.sql("select count(*) from app.verdicts") == ["2"])
        yield system
    model.stdin.close()
    model.wait(20)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def api(judged):
    api = Api(judged.url, judged.ca)
    login = judged.first_login
    assert api.log_in(login["user"], login["password"]).status == 200
    return api


def test_the_configured_model_judges_what_no_check_decides(judged, api):
    conversation = api.get("/conversations").json["conversations"][0]
    verdicts = api.get(f"/conversations/{conversation['day']}/{conversation['conversation_id']}").json["verdicts"]
    by_judge = {v["judge"]: v for v in verdicts}
    assert set(by_judge) == {"deterministic", "good"}
    assert by_judge["good"]["verdict"] == "pass"
    assert by_judge["good"]["evidence"]


def test_scores_of_rule_and_project_count_both_judges(judged, api):
    project = api.get("/projects").json["projects"][0]["project_id"]
    scores = api.get(f"/projects/{project}/scores").json
    assert {rule["name"] for rule in scores["rules"]} == {"Answer in English only", "Be kind to everybody"}
    assert (scores["conversations"], scores["judged"], sum(scores["verdicts"].values())) == (1, 1, 2)


def test_status_says_where_the_names_of_the_rules_are(judged):
    done = subprocess.run([PROGRAM, "status", "--dir", judged.dir], capture_output=True, text=True, check=True)
    rules = judged.sql("select rule_id from app.rules order by position")
    assert "sealed" in done.stdout
    for number, rule in enumerate(rules, 1):
        assert any(line.split()[-1] == rule and f"rule {number} " in line for line in done.stdout.splitlines()), done.stdout
    assert "kind" not in done.stdout
