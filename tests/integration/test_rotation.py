# SPDX-License-Identifier: Apache-2.0
"""Each class of secret is replaced while agents and people go on, and the old value opens nothing."""
import base64
import contextlib
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import threading

import pytest

from api_client import Api
from system import ROOT, System, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the files belong to several users: root only")
ROLES = ("collector", "api", "judge", "steward", "setup", "operator")


@pytest.fixture
def own():
    with System() as system:
        yield system


def rotate(system, what):
    return subprocess.run([ROOT / "tools/rotate", system.dir, what], capture_output=True, text=True, check=True,
                          env={**os.environ, "RENDFLY": system.program}).stdout


@contextlib.contextmanager
def traffic(system):
    """Agents' requests and a person's, one after the other until the end; yields what was answered."""
    answers, is_over = [], threading.Event()

    def go_on():
        while not is_over.is_set():
            # As the providers' own clients: nginx closes an HTTP/2 connection that opens in the moment of a reload.
            answers.append(system.chat([{"role": "user", "content": f"message {len(answers)}"}], "--http1.1")[0])
            answers.append(system.curl("/api/v1/readyz", "--http1.1")[0])
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        thread.join()


def goes_on(system, answers):
    """Ten answers more, all of them good, and everything is stored."""
    n = len(answers)
    wait_until("answers go on", lambda: len(answers) >= n + 10)
    assert set(answers) == {200}
    wait_until("it is stored", lambda: system.captures()["stored"] > 0)


def restart_all_that_connect(system):
    for role in ("collector", "api", "judge", "steward"):
        pid = system.kill(role)
        wait_until(f"{role} is back", lambda: system.processes()[role]["pid"] not in (0, pid), 10)


def keep(system, folder, name):
    """A thief's copy of the credentials of the database's roles."""
    copy = folder / name
    copy.mkdir()
    for file in pathlib.Path(system.dir, "pki").glob("db-*"):
        shutil.copy(file, copy)
    return copy


def connects_with(system, credentials, role):
    environment = {**os.environ, "PGPASSWORD": (credentials / f"db-{role}.password").read_text().strip()}
    url = (f"host=localhost port={system.settings['postgres_port']} dbname=rendfly user=rendfly_{role} "
           f"sslmode=verify-full sslrootcert={system.dir}/pki/ca.crt sslcert={credentials}/db-{role}.crt "
           f"sslkey={credentials}/db-{role}.key")
    return subprocess.run(["psql", "-X", "-c", "select 1", url], capture_output=True, text=True, env=environment)


def stored_since(system, n):
    return system.captures()["stored"] > n


def test_the_databases_passwords_are_rotated_under_traffic_and_the_old_ones_open_nothing(own, tmp_path):
    stolen = keep(own, tmp_path, "stolen")
    assert connects_with(own, stolen, "api").returncode == 0
    with traffic(own) as answers:
        rotate(own, "passwords")
        goes_on(own, answers)
    for role in ROLES:
        refused = connects_with(own, stolen, role)
        assert refused.returncode != 0 and "password authentication failed" in refused.stderr, role
    restart_all_that_connect(own)
    stored = own.captures()["stored"]
    wait_until("the edge answers", lambda: own.chat([{"role": "user", "content": "later"}])[0] == 200, 20)
    wait_until("it is stored with the new password", lambda: stored_since(own, stored))


def test_the_certificates_are_rotated_under_traffic_and_the_old_ones_open_nothing(own, tmp_path):
    stolen = keep(own, tmp_path, "stolen")

    def serial():
        pem = ssl.get_server_certificate(("127.0.0.1", own.port))
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True).stdout
    before = serial()
    with traffic(own) as answers:
        rotate(own, "certificates")
        wait_until("the edge shows the new certificate", lambda: serial() != before)
        goes_on(own, answers)
    wait_until("the old certificate is refused", lambda: connects_with(own, stolen, "api").returncode != 0)
    for role in ROLES:
        refused = connects_with(own, stolen, role)
        assert refused.returncode != 0 and "revoked" in refused.stderr, refused.stderr
    assert connects_with(own, keep(own, tmp_path, "new"), "api").returncode == 0
    restart_all_that_connect(own)
    stored = own.captures()["stored"]
    wait_until("the edge answers", lambda: own.chat([{"role": "user", "content": "later"}])[0] == 200, 20)
    wait_until("it is stored over the new certificate", lambda: stored_since(own, stored))


def test_a_rotation_that_was_killed_half_way_is_mended_by_the_next_start(own):
    """The database has the new passwords, the files the old ones."""
    kept = {file: file.read_bytes() for file in pathlib.Path(own.dir, "pki").glob("db-*.password")}
    rotate(own, "passwords")
    for file, text in kept.items():
        file.write_bytes(text)
    pathlib.Path(own.dir, "pg/rendfly.roles").unlink()
    own.stop()
    subprocess.run([ROOT / "tools/setup/init", own.dir], check=True, capture_output=True,
                   env={**os.environ, "RENDFLY": own.program})
    own.start()
    assert own.chat([{"role": "user", "content": "good morning"}])[0] == 200
    wait_until("it is stored", lambda: own.captures()["stored"] > 0)


def test_no_password_is_an_argument_of_a_program(own):
    """Whatever runs while the passwords are set, its arguments hold none of them."""
    seen, is_over = set(), threading.Event()

    def watch():
        while not is_over.is_set():
            for entry in pathlib.Path("/proc").iterdir():
                if entry.name.isdigit():
                    with contextlib.suppress(OSError):
                        seen.add((entry / "cmdline").read_bytes())
    thread = threading.Thread(target=watch)
    thread.start()
    for _ in range(5):
        rotate(own, "passwords")
    is_over.set()
    thread.join()
    passwords = [file.read_bytes().strip() for file in pathlib.Path(own.dir, "pki").glob("db-*.password")]
    assert any(b"setup/psql" in line or b"bin/psql" in line for line in seen)
    assert [line for line in seen if any(p in line for p in passwords)] == []


# ---- the key that signs log-ins

TOKEN_KEY_ROTATED = 39


def logged_in(system):
    api = Api(system.url, system.ca)
    assert api.log_in(system.first_login["user"], system.first_login["password"]).status == 200
    return api


def key_of(cookie):
    """The id of the key that signed it."""
    header = cookie.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


@contextlib.contextmanager
def people(system):
    """One who stays and reads, one who logs in again and again; yields what was answered and by which keys."""
    staying, seen, is_over = logged_in(system), {"answers": [], "stays": [], "enters": []}, threading.Event()

    def stay():
        while not is_over.is_set():
            seen["answers"].append(staying.get("/me").status)
            seen["stays"].append(key_of(staying.cookie))

    def enter():
        while not is_over.is_set():
            api = Api(system.url, system.ca)
            answer = api.log_in(system.first_login["user"], system.first_login["password"])
            seen["answers"] += [answer.status, api.get("/me").status if api.cookie else 0]
            seen["enters"].append(key_of(api.cookie) if api.cookie else None)
    threads = [threading.Thread(target=stay), threading.Thread(target=enter)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def rotate_tokens(system, *more):
    return system.run("keys", "rotate-tokens", *more, "--dir", system.dir)


def test_the_key_of_log_ins_is_rotated_under_traffic_and_what_the_old_one_signed_ends(own):
    before = logged_in(own)
    old, sent = key_of(before.cookie), before.cookie
    with people(own) as seen:
        wait_until("people are there", lambda: len(seen["enters"]) > 1)
        done = rotate_tokens(own)
        assert done.returncode == 0, done.stderr
        wait_until("who logs in gets the new key", lambda: seen["enters"][-1] != old)
        wait_until("who stays gets it, too", lambda: seen["stays"][-1] != old)
        new = seen["stays"][-1]
        # keyd that was killed has both keys again.
        own.kill("keyd")
        n = len(seen["enters"])
        wait_until("people go on", lambda: len(seen["enters"]) > n + 2)
    assert set(seen["answers"]) == {200}
    assert set(seen["stays"]) | set(seen["enters"]) == {old, new}
    # Idle for a while, and the next request brings another cookie.
    assert before.get("/me", cookie=sent).status == 200
    assert key_of(before.cookie) == new
    assert "15 minutes" in rotate_tokens(own).stderr
    # A key that was seen counts no more, though its tokens would live for minutes.
    stolen = before.cookie
    assert rotate_tokens(own, "--at-once").returncode == 0
    for cookie in (sent, stolen):
        wait_until("it is refused", lambda: before.get("/me", cookie=cookie).status == 401, 10)
    assert key_of(logged_in(own).cookie) not in (old, new)
    assert own.sql(f"select outcome, object_kind, count(*) from audit.events where event = {TOKEN_KEY_ROTATED} "
                   "group by 1, 2 order by 1") == ["1|token_key|3", "3|token_key|1"]


# ---- the key of the judging model

@pytest.fixture
def provider(tmp_path):
    """A judging model that takes the keys that stand in its folder; the settings of a system that asks it."""
    tmp_path.chmod(0o755)
    (tmp_path / "keys").write_text("first-key\n")
    (tmp_path / "key").write_text("first-key\n")
    model = subprocess.Popen([sys.executable, ROOT / "tests/integration/sample_judge.py", tmp_path],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = json.loads(model.stdout.readline())["good"]
    yield tmp_path, {"judge_base_url": f"https://localhost:{port}/v1", "judge_ca_file": tmp_path / "ca.crt",
                     "judge_model": "good", "judge_key_file": tmp_path / "key"}
    model.stdin.close()
    model.wait(20)


def test_the_key_of_the_judging_model_is_rotated_under_traffic_and_every_conversation_is_judged(provider):
    folder, settings = provider

    def rotate_model_key(system, key):
        return subprocess.run([ROOT / "tools/rotate", system.dir, "model-key"], input=key, capture_output=True, text=True,
                              env={**os.environ, "RENDFLY": system.program})

    def told():
        return system.sql("select verdict || ' ' || judge from app.verdicts where judge <> 'deterministic'")

    def ask(n):
        for i in range(n):
            assert system.chat([{"role": "system", "content": "Be kind to everybody."},
                                {"role": "user", "content": f"Where is parcel {len(told())}-{i}?"}])[0] == 200
    with System(settings) as system:
        ask(3)
        assert "nothing was changed" in rotate_model_key(system, " \n").stderr
        # The provider takes both for a while.
        (folder / "keys").write_text("first-key second-key\n")
        with traffic(system) as answers:
            ask(3)
            done = rotate_model_key(system, "second-key\n")
            assert done.returncode == 0, done.stderr
            (folder / "keys").write_text("second-key\n")
            ask(3)
            goes_on(system, answers)
        wait_until("all is judged", lambda: system.captures()["in_flight"] == 0 and system.jobs_waiting() == 0)
        assert len(told()) >= 9 and set(told()) == {"pass good"}
        assert (folder / "key").read_text() == "second-key\n"
