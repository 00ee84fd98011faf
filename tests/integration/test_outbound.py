# SPDX-License-Identifier: Apache-2.0
"""Every client of ours against peers whose certificate or protocol is not to be trusted: refused, and not a
byte of what it came to say is told.  Each peer tells what it could read."""
import contextlib
import datetime
import socket
import ssl
import subprocess
import threading

import pytest

from system import PROGRAM, System
from test_keyd import Keyd

BAD = ("expired", "wrong_host", "unknown_ca", "self_signed", "tls_1_2", "revoked")
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


class Authority:
    """A certificate authority that issues what it should not."""

    def __init__(self, folder, name):
        self.folder = folder / name
        self.folder.mkdir()
        self.crt, self.key, self.index = (self.folder / f for f in ("ca.crt", "ca.key", "index"))
        self.index.write_text("")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-keyout", self.key, "-out", self.crt, "-subj", f"/CN={name}", "-addext",
                     "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def ca(self, *arguments):
        conf = self.folder / "conf"
        conf.write_text(f"[ca]\ndefault_ca = here\n[here]\ndatabase = {self.index}\ndefault_md = sha256\n"
                        f"default_crl_days = 30\nunique_subject = no\nrand_serial = yes\npolicy = any\n"
                        f"new_certs_dir = {self.folder}\ncopy_extensions = copy\n[any]\ncommonName = supplied\n")
        self.openssl("ca", "-batch", "-config", conf, "-keyfile", self.key, "-cert", self.crt, *arguments)

    def issue(self, name, host="localhost", days=30, usage="serverAuth"):
        key, csr, crt = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr,
                     "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-addext", f"extendedKeyUsage={usage}")
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        begins = ends - datetime.timedelta(days=60)
        self.ca("-in", csr, "-out", crt, "-notext", "-startdate", f"{begins:%Y%m%d%H%M%SZ}",
                "-enddate", f"{ends:%Y%m%d%H%M%SZ}")
        return crt, key

    def list_of_revoked(self):
        crl = self.folder / "crl"
        self.ca("-gencrl", "-out", crl)
        return crl.read_text()


class Peer:
    """Listens, agrees on TLS as badly as it was told, and counts the bytes that reach the application."""

    def __init__(self, crt, key, newest=ssl.TLSVersion.TLSv1_3, is_postgres=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(crt, key)
        self.context.maximum_version = newest
        self.is_postgres, self.heard, self.visits = is_postgres, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                self.hear(connection)

    def hear(self, connection):
        if self.is_postgres:
            assert connection.recv(8, socket.MSG_WAITALL) == SSL_REQUEST
            connection.sendall(b"S")
        with self.context.wrap_socket(connection, server_side=True) as inside:
            self.heard += len(inside.recv(4096))

    def close(self):
        self.listener.close()


class Peers:
    def __init__(self, folder):
        ours, strange = Authority(folder, "ours"), Authority(folder, "strange")
        self.certificates = {
            "good": ours.issue("good"), "expired": ours.issue("expired", days=-1),
            "wrong_host": ours.issue("wrong_host", host="elsewhere.example"), "unknown_ca": strange.issue("unknown_ca"),
            "self_signed": (strange.crt, strange.key), "tls_1_2": ours.issue("tls_1_2"),
            "revoked": ours.issue("revoked")}
        ours.ca("-revoke", self.certificates["revoked"][0])
        self.crt, self.crl, self.ours = ours.crt.read_text(), ours.list_of_revoked(), ours
        self.authorities = folder / "authorities.pem"
        self.authorities.write_text(self.crt + self.crl)
        folder.chmod(0o755)
        self.authorities.chmod(0o644)
        self.all = []

    def listen(self, kind, **options):
        newest = ssl.TLSVersion.TLSv1_2 if kind == "tls_1_2" else ssl.TLSVersion.TLSv1_3
        peer = Peer(*self.certificates[kind], newest=newest, **options)
        self.all.append(peer)
        return peer


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    made = Peers(tmp_path_factory.mktemp("peers", numbered=True))
    for folder in (made.authorities.parent, made.authorities.parent.parent, made.authorities.parent.parent.parent):
        folder.chmod(0o755)
    yield made
    for peer in made.all:
        peer.close()


@pytest.fixture(scope="module")
def edge(peers):
    """The edge with each peer as a provider."""
    listening = {kind: peers.listen(kind) for kind in ("good", *BAD)}
    with System(start=False, providers={kind.replace("_", ""): f"https://localhost:{peer.port}"
                                        for kind, peer in listening.items()}) as system:
        conf = system.folder / "rendfly.conf"
        lines = conf.read_text().splitlines()
        conf.write_text("\n".join(
            f"provider.{line.split('.')[1]}.ca = {peers.authorities}"
            if ".ca = " in line and not line.startswith("provider.sample") else line for line in lines) + "\n")
        system.start()

        def call(kind):
            system.chat([{"role": "user", "content": "a secret"}], provider=kind.replace("_", ""))
            return listening[kind]
        yield call


def model(peers, folder):
    def call(kind):
        peer = peers.listen(kind)
        key = folder / "key"
        key.write_text("sk-of-the-model\n")
        (folder / "rendfly.conf").write_text(
            f"judge_base_url = https://localhost:{peer.port}/v1\njudge_model = m\njudge_key_file = {key}\n"
            f"judge_ca_file = {peers.authorities}\njudge_timeout_s = 5\n")
        message = folder / "message.txt"
        message.write_text("Never name a price.")
        subprocess.run([PROGRAM, "rules", "extract", "--system-message", message, "--dir", folder], capture_output=True,
                       timeout=60)
        return peer
    return call


def vault(peers, folder):
    def call(kind):
        peer = peers.listen(kind)
        home = folder / kind
        home.mkdir()
        home.chmod(0o755)
        (home / "role-id").write_text("role\n")
        (home / "secret").write_text("s.wrapped\n")
        with contextlib.suppress(subprocess.CalledProcessError):  # the keys are made with Vault's help
            keyd = Keyd(home, f"root_backend = vault\nvault_addr = https://localhost:{peer.port}\n"
                              f"vault_ca_file = {peers.authorities}\nvault_role_id_file = {home}/role-id\n"
                              f"vault_secret_file = {home}/secret\n")
            keyd.process.wait(60)
        return peer
    return call


def database(peers, folder):
    def call(kind):
        peer = peers.listen(kind, is_postgres=True)
        pki = folder / "pki"
        pki.mkdir(exist_ok=True)
        crt, key = peers.ours.issue(f"client-{kind}", host="rendfly_operator", usage="clientAuth")
        for name, text in (("ca.crt", peers.crt), ("ca.crl", peers.crl), ("db-operator.crt", crt.read_text()),
                           ("db-operator.key", key.read_text()), ("db-operator.password", "secret\n")):
            (pki / name).write_text(text)
            (pki / name).chmod(0o600)
        (folder / "rendfly.conf").write_text(f"postgres_port = {peer.port}\npostgres_private = off\n")
        subprocess.run([PROGRAM, "audit", "export", "--dir", folder], capture_output=True, timeout=60)
        return peer
    return call


@pytest.fixture
def client(request, peers, tmp_path):
    if request.param == "edge":
        return request.getfixturevalue("edge")
    tmp_path.chmod(0o755)
    return {"model": model, "vault": vault, "database": database}[request.param](peers, tmp_path)


CLIENTS = ("edge", "model", "vault", "database")


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_a_peer_that_is_not_to_be_trusted_hears_nothing(client, kind):
    peer = client(kind)
    assert peer.visits > 0 and peer.heard == 0


@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_the_same_peer_with_a_good_certificate_hears_what_was_to_be_said(client):
    peer = client("good")
    assert peer.visits > 0 and peer.heard > 0
