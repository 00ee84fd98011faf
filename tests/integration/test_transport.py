# SPDX-License-Identifier: Apache-2.0
"""TLS 1.3 and nothing else on every socket that the system listens on, and between its processes."""
import pathlib
import re
import subprocess
import threading

from api_fixtures import *  # noqa: F401,F403 (fixtures)
from system import wait_until

OLD = ("-tls1", "-tls1_1", "-tls1_2")


def descendants(pid):
    found, children = {pid}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def listening(system):
    """Address and port of each TCP socket of the system's processes, as the kernel says."""
    ours, found = descendants(system.pid), set()
    for line in subprocess.run(["ss", "-lntpH"], capture_output=True, text=True, check=True).stdout.splitlines():
        if ours & {int(pid) for pid in re.findall(r"pid=(\d+)", line)}:
            address, _, port = line.split()[3].rpartition(":")
            found.add((address, int(port)))
    return found


def speaks(system, port, version):
    starttls = ["-starttls", "postgres"] if port == system.settings["postgres_port"] else []
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher", "ALL:@SECLEVEL=0",
                           "-CAfile", system.ca, *starttls], input=b"", capture_output=True, timeout=30)
    return b"New, TLSv1" in done.stdout and b"Cipher is (NONE)" not in done.stdout


def test_every_listening_socket_speaks_tls_1_3_only_but_the_metrics_on_this_machine(system):
    metrics = system.settings["metrics_port"]
    ports = {port for _, port in listening(system)}
    assert {system.port, system.settings["postgres_port"], system.settings["sample_provider_port"], metrics} == ports
    assert [address for address, port in listening(system) if port == metrics] == ["127.0.0.1"]
    for port in ports - {metrics}:
        assert speaks(system, port, "-tls1_3"), port
        assert [version for version in OLD if speaks(system, port, version)] == [], port


def test_all_sessions_of_the_database_are_tls_1_3_with_a_certificate_while_it_works(system):
    sessions = """select coalesce(s.version, 'none'), coalesce(s.client_dn, ''), a.usename from pg_stat_activity a
        left join pg_stat_ssl s using (pid) where a.backend_type = 'client backend' and a.client_addr is not null"""
    stopping = threading.Event()

    def load():
        while not stopping.is_set():
            system.chat([{"role": "user", "content": "hi"}])

    loads = [threading.Thread(target=load) for _ in range(2)]
    for one in loads:
        one.start()
    try:
        wait_until("all roles are there", lambda: {row.split("|")[2] for row in system.sql(sessions)} >= {
            "rendfly_collector", "rendfly_api", "rendfly_judge", "rendfly_steward"})
        seen = [row.split("|") for _ in range(20) for row in system.sql(sessions)]
    finally:
        stopping.set()
        for one in loads:
            one.join(60)
    assert len(seen) >= 80 and {version for version, _, _ in seen} == {"TLSv1.3"}
    assert all(dn == f"/CN={role}" for _, dn, role in seen)


def test_the_database_lets_nobody_in_but_by_certificate_and_password_or_as_its_own_user(system):
    rules = system.sql("select type || ' ' || coalesce(auth_method, '') || ' ' || coalesce(array_to_string(options, ','), '') "
                       "from pg_hba_file_rules where error is null order by 1")
    assert set(rules) == {"hostssl scram-sha-256 clientcert=verify-full", "local peer "}
    assert system.sql("select count(*) from pg_hba_file_rules where error is not null") == ["0"]
    assert system.sql("show ssl_min_protocol_version") == ["TLSv1.3"]
