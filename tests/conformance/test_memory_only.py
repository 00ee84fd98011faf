# SPDX-License-Identifier: Apache-2.0
"""No body on any disk: by the settings, by what a provider may say, and by a folder that is none."""
import json
import os
import pathlib
import re
import subprocess
import time

import pytest

from edge_fixture import answer, wait_until

BIG = 20_000_000


def head(edge, path, body):
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: {edge.key['text']}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body


def files_of_workers(edge):
    """Regular files that the edge holds open for writing, deleted ones too."""
    found = set()
    for pid in [edge.process.pid, *edge.workers()]:
        for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(fd)
            except OSError:
                continue
            if target.startswith("/") and not target.startswith("/dev/"):
                found.add(target)
    return found


@pytest.mark.parametrize("extra", [[], ["X-Accel-Buffering: yes"]])
def test_a_large_answer_to_a_slow_client_stays_in_memory_and_arrives_whole(edge, extra):
    big = os.urandom(1_000_000) * (BIG // 1_000_000)
    edge.provider.behaviours["/large"] = lambda request, peer: answer(peer, big, headers=extra)
    with edge.connect() as client:
        client.sendall(head(edge, "/openai/large", b"{}"))
        got = client.recv(1000)
        wait_until("the provider is held back", lambda: edge.provider.requests)
        open_files = files_of_workers(edge)
        while part := client.recv(65536):
            got += part
    assert got.split(b"\r\n\r\n", 1)[1] == big
    assert not any("deleted" in name or "temporary" in name for name in open_files), open_files
    # 20 MB are more than one capture may hold.
    wait_until("its capture is dropped", lambda: edge.counters()["in_flight"] == 0)


def test_a_large_request_is_not_spilled(edge):
    body = os.urandom(3_000_000)
    assert edge.post("/openai/large", body).status == 200
    assert edge.provider.requests[-1].body == body
    assert "no-temporary-files" not in edge.log()


@pytest.mark.parametrize("name", ["X-Accel-Redirect: /healthz", "X-Accel-Redirect: @x",
                                  "X-Accel-Limit-Rate: 1", "X-Accel-Expires: 60",
                                  "X-Accel-Charset: koi8-r", "X-Accel-Buffering: yes"])
def test_a_provider_cannot_steer_the_edge_by_x_accel_headers(edge, name):
    edge.provider.behaviours["/accel"] = lambda request, peer: answer(
        peer, b"theirs", headers=[name, "Content-Type: text/plain"])
    got = edge.post("/openai/accel", b"{}")
    assert got.content == b"theirs"
    assert got.headers["Content-Type"] == "text/plain"
    assert not any(n.lower().startswith("x-accel") for n in got.headers)


def test_the_folder_for_temporary_files_is_a_file(edge):
    path = edge.folder / "run/edge/no-temporary-files"
    assert path.is_file()
    configuration = (edge.folder / "run/edge/nginx.conf").read_text()
    assert configuration.count(f'_temp_path "{path}"') == 5


# The module's own check

NEEDED = ["proxy_buffering off", "proxy_request_buffering off", "proxy_ssl_verify on",
          "proxy_ssl_server_name on", "proxy_max_temp_file_size 0", "proxy_ignore_headers"]


@pytest.mark.parametrize("line", NEEDED)
def test_the_edge_does_not_start_without(edge, line, tmp_path):
    run = edge.folder / "run/edge"
    text = re.sub(rf"^\s*{line}[^;]*;", "", (run / "nginx.conf").read_text(), flags=re.M)
    changed = tmp_path / "nginx.conf"
    changed.write_text(text)
    got = subprocess.run(["/usr/sbin/nginx", "-t", "-e", "stderr", "-p", run, "-c", changed],
                         capture_output=True, text=True, timeout=20)
    assert got.returncode != 0
    assert f"rendfly: this location needs `{line.split()[0]}" in got.stderr \
        or f"; {line}`" in got.stderr or f"`{line}; " in got.stderr, got.stderr


@pytest.mark.parametrize("added", ["proxy_store on", "proxy_intercept_errors on",
                                   "proxy_ignore_client_abort on", "client_body_in_file_only on"])
def test_the_edge_does_not_start_with(edge, added, tmp_path):
    run = edge.folder / "run/edge"
    text = (run / "nginx.conf").read_text().replace(
        "rendfly_provider openai;", f"rendfly_provider openai; {added};")
    changed = tmp_path / "nginx.conf"
    changed.write_text(text)
    got = subprocess.run(["/usr/sbin/nginx", "-t", "-e", "stderr", "-p", run, "-c", changed],
                         capture_output=True, text=True, timeout=20)
    assert got.returncode != 0 and "rendfly: this location needs" in got.stderr


# Logs, time, start

def test_no_uri_no_key_and_no_address_of_a_client_is_in_the_error_log(own_edge):
    edge = own_edge(edge_workers=1)
    edge.stop()
    edge.providers["nowhere"] = 443
    edge.hosts["nowhere"] = "nowhere.invalid"
    edge.start()
    secret = "SECRETSECRET"
    edge.provider.behaviours["/cut"] = lambda request, peer: False
    edge.provider.behaviours["/odd"] = lambda request, peer: peer.sendall(
        f"HTTP/1.1 200 OK\r\nX: {secret}\0\r\n\r\n".encode())
    for path in ("/openai/cut", "/openai/odd", "/dead/x", "/nowhere/x", f"/{secret}", f"/openai/{secret}/cut"):
        edge.post(f"{path}?key={secret}", secret.encode(), headers={"Authorization": secret})
    edge.raw(f"GET /openai/x?key={secret} HTTP/1.1\r\nHost: {secret}\r\nX-A: \0\r\n\r\n".encode())
    # A folder that cannot be read is logged by nginx as crit, with the request by default.
    (edge.folder / "www/closed").mkdir(mode=0o000)
    edge.get(f"/closed/{secret}?key={secret}")
    edge.get(f"/api/{secret}?key={secret}")
    edge.collector.stop()
    edge.post(f"/openai/x?key={secret}", b"{}")
    edge.stop()
    log = edge.log()
    assert "while connecting to upstream, provider: nowhere\n" in log
    assert secret not in log and edge.key["text"] not in log
    assert "request:" not in log and "client:" not in log


def is_over_after_one_more_byte(client):
    try:
        client.sendall(b"x")
        return client.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_body_that_drips_is_ended_at_the_total_deadline(own_edge):
    edge = own_edge(edge_workers=1, body_deadline_s=1)
    with edge.connect() as client:
        client.sendall(f"POST /openai/drip HTTP/1.1\r\nHost: localhost\r\nX-Rendfly-Key: "
                       f"{edge.key['text']}\r\nContent-Length: 100000\r\n\r\n".encode())
        client.settimeout(0.05)
        wait_until("the edge ends it", lambda: is_over_after_one_more_byte(client))
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "client_aborted"
    assert 0 < len(capture.request) < 100000


def test_a_body_that_drips_over_http_2_is_ended_too(own_edge):
    edge = own_edge(edge_workers=1, body_deadline_s=1)
    got = curl(edge, "--http2", "--limit-rate", "2000", "-H",
               f"X-Rendfly-Key: {edge.key['text']}", "--data-binary", "@-",
               f"https://localhost:{edge.port}/openai/drip", data=os.urandom(300_000))
    assert got.returncode != 0
    capture = edge.collector.wait_for(1)[0]
    assert capture.end["reason"] == "client_aborted"
    assert len(capture.request) < 300_000


def test_a_fast_body_and_a_slow_answer_are_not_touched_by_the_deadline(own_edge):
    edge = own_edge(edge_workers=1, body_deadline_s=1)

    def slow(request, peer):
        time.sleep(2.5)
        answer(peer, b"late")

    edge.provider.behaviours["/slow"] = slow
    assert edge.post("/openai/slow", os.urandom(300_000)).content == b"late"


def test_a_port_that_is_taken_is_named_with_the_remedy(edge):
    command, who = edge.command()
    got = subprocess.run(command, capture_output=True, text=True, timeout=20, **who)
    assert got.returncode == 1
    assert "port_taken" in got.stderr and "listen_port" in got.stderr
    assert edge.get("/healthz").status == 200


def test_a_wrong_configuration_is_named(edge, tmp_path):
    (tmp_path / "rendfly.conf").write_text("no_such_setting = 1\n")
    command, who = edge.command()
    got = subprocess.run([command[0], "edge", "--dir", str(tmp_path)], capture_output=True,
                         text=True, timeout=20)
    assert got.returncode == 1 and "no_such_setting" in got.stderr


def test_workers_have_no_rights_and_no_core_dumps(edge):
    for pid in edge.workers():
        status = dict(line.split(":", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0", limits)


@pytest.fixture
def no_new_privileges(edge):
    return [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in edge.workers()]


def test_workers_can_gain_no_rights(no_new_privileges):
    assert no_new_privileges
    assert all("NoNewPrivs:\t1" in status for status in no_new_privileges)


def test_the_edge_cannot_change_what_it_is_told(edge):
    owner = pathlib.Path(f"/proc/{edge.process.pid}").stat().st_uid
    if os.geteuid() != 0 or owner == 0 or (edge.folder / "rendfly").exists():
        pytest.skip("only when root starts the edge and it becomes another user")
    run = edge.folder / "run/edge"
    for path in [run, *run.iterdir()]:
        if path.name != "state":
            assert path.stat().st_uid != owner, path


def test_an_edge_that_was_killed_can_start_again_at_once(own_edge):
    edge = own_edge(edge_workers=2)
    orphans = edge.workers()
    edge.process.kill()
    edge.process.wait()
    edge.start()
    wait_until("its own workers serve", lambda: len(edge.workers()) == 2)
    wait_until("those of the killed one are gone", lambda: not any(
        pathlib.Path(f"/proc/{pid}").exists() for pid in orphans))
    assert edge.process.poll() is None
    assert edge.post("/openai/x", b"{}").status == 200
    assert edge.is_balanced()


def test_reload_takes_a_changed_configuration_without_a_refused_connection(own_edge):
    edge = own_edge(edge_workers=1)
    assert edge.post("/second/v1/x", b"{}").status == 404
    edge.providers["second"] = edge.provider.port
    edge.write_configuration()
    command, who = edge.command()
    edge.reload(lambda: subprocess.run([*command, "--reload"], check=True, **who))
    assert edge.post("/second/v1/x", b"{}").status == 200


# HTTP/2

def curl(edge, *args, data=None):
    return subprocess.run(
        ["curl", "-sS", "--cacert", edge.folder / "pki/ca.crt", *args], input=data,
        capture_output=True, timeout=30)


def test_http_2_works_with_capture_on_provider_routes(edge):
    body = os.urandom(300_000)
    got = curl(edge, "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
               "-H", f"X-Rendfly-Key: {edge.key['text']}", "--data-binary", "@-",
               f"https://localhost:{edge.port}/openai/h2", data=body)
    assert got.stdout == b"2 200", got.stderr
    assert edge.provider.requests[-1].body == body
    assert edge.provider.requests[-1].version == "HTTP/1.1"
    assert edge.collector.wait_for(1)[0].request == body


def test_http_2_refusals_keep_their_form(edge):
    got = curl(edge, "--http2", "-w", "\n%{http_code}", "-d", "{}",
               f"https://localhost:{edge.port}/openai/h2")
    body, status = got.stdout.rsplit(b"\n", 1)
    assert status == b"401" and json.loads(body)["error"]["code"] == "missing_rendfly_key"


def test_a_client_that_resets_an_http_2_stream_says_client_aborted(edge):
    edge.provider.behaviours["/stuck"] = lambda request, peer: peer.recv(1) and False
    got = curl(edge, "--http2", "-m", "1", "-H", f"X-Rendfly-Key: {edge.key['text']}", "-d", "{}",
               f"https://localhost:{edge.port}/openai/stuck")
    assert got.returncode == 28
    assert edge.collector.wait_for(1)[0].end["reason"] == "client_aborted"


def test_http_2_can_be_turned_off_and_clients_then_agree_on_http_1(own_edge):
    edge = own_edge(edge_workers=1, edge_http2=0)
    got = curl(edge, "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
               f"https://localhost:{edge.port}/healthz")
    assert got.stdout == b"1.1 200"
