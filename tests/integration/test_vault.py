# SPDX-License-Identifier: Apache-2.0
"""The root key's half in Vault: keyd and its helper against the wire API, and every way in which it fails."""
import contextlib
import json
import os
import pathlib
import shutil
import ssl
import time
import urllib.error
import urllib.request
import uuid

import pytest

from system import wait_until
from test_keyd import CREATE, OK, SEAL, TOKEN_KEY, UNSEAL, Keyd, place, text
from vault_mock import VaultMock

REAL = os.environ.get("VAULT_ADDR")


def settings_of(mock, folder, more=""):
    return (f"root_backend = vault\nvault_addr = {mock.address}\nvault_ca_file = {folder}/vault.crt\n"
            f"vault_role_id_file = {folder}/role-id\nvault_secret_file = {folder}/secret\n{more}")


@pytest.fixture
def vault(tmp_path):
    os.chmod(tmp_path, 0o755)
    mock = VaultMock(tmp_path)
    (tmp_path / "role-id").write_text(mock.role_id + "\n")
    (tmp_path / "secret").write_text(mock.wrap() + "\n")
    yield mock
    mock.close()


@pytest.fixture
def keyd(vault, tmp_path):
    k = Keyd(tmp_path, settings_of(vault, tmp_path))
    yield k
    k.stop()


def log_of(keyd):
    return (keyd.folder / "stderr").read_text()


def ended(keyd, seconds=8):
    """The exit status, and how long it took."""
    began = time.monotonic()
    status = keyd.process.wait(seconds)
    return status, time.monotonic() - began


def serves(keyd):
    return keyd.channel("api").ask(TOKEN_KEY)[0] == OK


def test_the_keys_are_the_same_after_a_restart_and_the_one_time_token_is_used_once(vault, keyd):
    w = uuid.uuid4().bytes
    assert keyd.channel("setup").ask(CREATE, w)[0] == OK
    record = keyd.channel("collector").ask(SEAL, place(w) + text("be kind"))[1]
    keyd.stop()
    keyd.start()
    assert keyd.channel("judge").ask(UNSEAL, place(w) + text(record) + text("judging")) == (OK, b"be kind")
    assert vault.calls.count("/v1/sys/wrapping/unwrap") == 1
    assert vault.calls.count("/v1/transit/encrypt/rendfly") == 1


def test_a_token_that_a_thief_used_first_stops_the_start_and_says_so(vault, tmp_path):
    vault.unwrap({}, (tmp_path / "secret").read_text().strip())
    k = Keyd(tmp_path, settings_of(vault, tmp_path))
    assert ended(k)[0] == 1
    assert "was used before" in log_of(k)


def test_a_log_in_that_fails_behind_the_one_time_token_does_not_lose_what_it_gave(vault, tmp_path):
    vault.log_in = lambda *_: (503, {"errors": ["not now"]})
    k = Keyd(tmp_path, settings_of(vault, tmp_path))
    try:
        status, seconds = ended(k)
        assert status == 1 and seconds < 5.5
        del vault.log_in
        k.start()
        assert serves(k)
        assert vault.calls.count("/v1/sys/wrapping/unwrap") == 1
    finally:
        k.stop()


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_at_the_start_stops_it(vault, keyd, status):
    assert serves(keyd)
    keyd.stop()
    # Also the second way in, the used token, is refused.
    vault.statuses = [status, status]
    keyd.start()
    assert ended(keyd)[0] == 1


@pytest.mark.parametrize("status", [412, 429, 473, 500, 503])
def test_what_passes_is_tried_again(vault, keyd, status):
    assert serves(keyd)
    keyd.stop()
    vault.statuses = [status, status]
    keyd.start()
    assert serves(keyd)


def test_a_sealed_vault_stops_the_start_and_an_unsealed_one_lets_it_go_on(vault, keyd):
    assert serves(keyd)
    keyd.stop()
    vault.is_sealed = True
    keyd.start()
    status, seconds = ended(keyd)
    assert status == 1 and seconds < 5.5
    vault.is_sealed = False
    keyd.start()
    assert serves(keyd)


def test_without_a_vault_the_start_is_refused_within_five_seconds_and_nothing_stands_in(vault, keyd):
    assert serves(keyd)
    keyd.stop()
    vault.close()
    (keyd.folder / "keys/root.passphrase").write_text("a passphrase that must not be taken")
    keyd.start()
    status, seconds = ended(keyd)
    assert status == 1 and seconds < 5.5


def test_a_certificate_of_another_authority_is_refused(vault, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    VaultMock(other).close()
    shutil.copy(other / "vault.crt", tmp_path / "vault.crt")
    k = Keyd(tmp_path, settings_of(vault, tmp_path))
    assert ended(k)[0] == 1
    assert vault.calls == []


def test_a_changed_share_or_ciphertext_opens_nothing(vault, keyd):
    w = uuid.uuid4().bytes
    assert keyd.channel("setup").ask(CREATE, w)[0] == OK
    keyd.stop()
    for name in ("root.share", "root.vault"):
        path = keyd.folder / "keys" / name
        good = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(good[:12] + bytes([good[12] ^ 1]) + good[13:])
        keyd.start()
        assert ended(keyd)[0] == 1, name
        path.write_bytes(good)
    keyd.start()
    assert serves(keyd)


def test_a_lost_ciphertext_is_never_replaced_by_a_fresh_one(vault, keyd):
    assert serves(keyd)
    keyd.stop()
    (keyd.folder / "keys/root.vault").unlink()
    keyd.start()
    assert ended(keyd)[0] == 1
    assert not (keyd.folder / "keys/root.vault").exists()


def test_the_token_is_renewed_and_a_new_one_is_asked_for_at_its_last_end(tmp_path):
    os.chmod(tmp_path, 0o755)
    mock = VaultMock(tmp_path, lease_s=1, max_renewals=2)
    (tmp_path / "role-id").write_text(mock.role_id)
    (tmp_path / "secret").write_text(mock.wrap())
    k = Keyd(tmp_path, settings_of(mock, tmp_path))
    try:
        assert serves(k)
        wait_until("renewed twice, logged in again", lambda: mock.calls.count("/v1/auth/token/renew-self") >= 4
                   and mock.calls.count("/v1/auth/approle/login") >= 2, 20)
        assert serves(k)
        # Revoked: neither the token nor the secret id is good any more.
        mock.tokens.clear()
        mock.secret_id = "another"
        assert ended(k, 20)[0] == 1
        assert "takes our token no more" in log_of(k)
    finally:
        k.stop()
        mock.close()


def test_a_vault_that_is_away_longer_than_the_lease_ends_keyd(tmp_path):
    os.chmod(tmp_path, 0o755)
    mock = VaultMock(tmp_path, lease_s=2)
    (tmp_path / "role-id").write_text(mock.role_id)
    (tmp_path / "secret").write_text(mock.wrap())
    k = Keyd(tmp_path, settings_of(mock, tmp_path))
    try:
        assert serves(k)
        mock.is_sealed = True
        assert ended(k, 20)[0] == 1
    finally:
        k.stop()
        mock.close()


def helper_of(keyd):
    children = pathlib.Path(f"/proc/{keyd.process.pid}/task/{keyd.process.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def test_the_helper_has_a_user_of_its_own_no_capability_and_dies_with_keyd(vault, keyd):
    assert serves(keyd)
    pid = helper_of(keyd)
    fields = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                  if ":\t" in line)
    assert int(fields["CapEff"], 16) == 0 and fields["NoNewPrivs"] == "1"
    if os.geteuid() == 0:
        own = pathlib.Path(f"/proc/{keyd.process.pid}/status").read_text()
        assert fields["Uid"].split()[0] not in ("0", own.split("Uid:\t")[1].split()[0])
    keyd.stop()
    wait_until("it is gone", lambda: not pathlib.Path(f"/proc/{pid}").exists() or
               "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0], 10)


def test_a_killed_helper_ends_keyd(vault, keyd):
    assert serves(keyd)
    os.kill(helper_of(keyd), 9)
    assert ended(keyd)[0] == 1


def test_no_secret_of_vault_stands_in_arguments_environments_logs_or_in_the_clear_on_disk(vault, keyd):
    assert serves(keyd)
    secrets = [vault.secret_id, *vault.tokens]
    places = [keyd.folder / "stderr", *(keyd.folder / "keys").iterdir()]
    for pid in (keyd.process.pid, helper_of(keyd)):
        places += [pathlib.Path(f"/proc/{pid}/{name}") for name in ("cmdline", "environ")]
    for where in places:
        content = where.read_bytes()
        assert [s for s in secrets if s.encode() in content] == [], where


class RealVault:
    """A Vault or OpenBao that VAULT_ADDR names, over its API; VAULT_TOKEN may do everything there."""

    def __init__(self):
        self.tls = ssl.create_default_context(cafile=os.environ["VAULT_CACERT"])

    def ask(self, method, path, body=None, **headers):
        request = urllib.request.Request(f"{REAL}/v1/{path}", method=method, data=body and json.dumps(body).encode(),
                                         headers={"X-Vault-Token": os.environ["VAULT_TOKEN"], **headers})
        with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def prepare(self, folder, name, token_ttl="1m"):
        """A transit key, a role that may use it and nothing else, and what keyd is given of both."""
        for path, kind in (("sys/mounts/transit", "transit"), ("sys/auth/approle", "approle")):
            with contextlib.suppress(urllib.error.HTTPError):  # it is enabled there already
                self.ask("POST", path, {"type": kind})
        self.ask("POST", f"transit/keys/{name}", {})
        rules = "".join(f'path "transit/{act}/{name}" {{ capabilities = ["update"] }}\n'
                        for act in ("encrypt", "decrypt"))
        self.ask("PUT", f"sys/policies/acl/{name}", {"policy": rules})
        role = f"auth/approle/role/{name}"
        self.ask("POST", role, {"token_policies": name, "token_ttl": token_ttl})
        (folder / "role-id").write_text(self.ask("GET", f"{role}/role-id")["data"]["role_id"])
        wrapped = self.ask("POST", f"{role}/secret-id", {}, **{"X-Vault-Wrap-TTL": "60s"})
        (folder / "secret").write_text(wrapped["wrap_info"]["token"])
        return (f"root_backend = vault\nvault_addr = {REAL}\nvault_ca_file = {os.environ['VAULT_CACERT']}\n"
                f"vault_key = {name}\nvault_role_id_file = {folder}/role-id\nvault_secret_file = {folder}/secret\n")


@pytest.fixture
def real(tmp_path):
    if REAL is None:
        pytest.skip("VAULT_ADDR names no real Vault or OpenBao that VAULT_TOKEN may set up")
    os.chmod(tmp_path, 0o755)
    return RealVault()


def test_a_real_vault_opens_what_it_sealed(real, tmp_path):
    k = Keyd(tmp_path, real.prepare(tmp_path, f"rendfly-{uuid.uuid4().hex[:8]}"))
    try:
        assert serves(k)
        k.stop()
        k.start()
        assert serves(k)
    finally:
        k.stop()


def test_a_real_vault_renews_its_token(real, tmp_path):
    """Its life is 6 s: after three of them the one that it began with would be gone."""
    k = Keyd(tmp_path, real.prepare(tmp_path, f"rendfly-{uuid.uuid4().hex[:8]}", token_ttl="6s"))
    try:
        until = time.monotonic() + 18
        wait_until("three lives of a token have passed", lambda: serves(k) and time.monotonic() > until, 30)
        assert k.process.poll() is None, log_of(k)
    finally:
        k.stop()


def test_a_role_that_a_real_vault_has_taken_away_ends_keyd(real, tmp_path):
    name = f"rendfly-{uuid.uuid4().hex[:8]}"
    k = Keyd(tmp_path, real.prepare(tmp_path, name, token_ttl="6s"))
    try:
        assert serves(k)
        real.ask("DELETE", f"auth/approle/role/{name}")
        assert ended(k, 40)[0] == 1
    finally:
        k.stop()


def test_the_root_key_is_exchanged_for_another_share_and_another_half(vault, keyd):
    w = uuid.uuid4().bytes
    assert keyd.channel("setup").ask(CREATE, w)[0] == OK
    record = keyd.channel("collector").ask(SEAL, place(w) + text("be kind"))[1]
    key = keyd.channel("api").ask(TOKEN_KEY)
    keyd.stop()
    folder = keyd.folder / "keys"
    old = {name: (folder / name).read_bytes() for name in ("root.share", "root.vault", "vault.secret")}
    (folder / "next").mkdir()
    (folder / "next/wanted").write_text("wanted\n")
    # Vault refuses to seal: nothing has changed, and keyd serves.
    vault.encrypt = lambda *_: (403, {"errors": ["permission denied"]})
    keyd.start()
    assert keyd.channel("api").ask(TOKEN_KEY) == key
    assert (folder / "next/failed").exists()
    keyd.stop()
    del vault.encrypt
    (folder / "next").mkdir(exist_ok=True)
    (folder / "next/wanted").write_text("wanted\n")
    for _ in range(2):
        keyd.start()
        assert keyd.channel("api").ask(TOKEN_KEY) == key
        assert keyd.channel("judge").ask(UNSEAL, place(w) + text(record) + text("judging")) == (OK, b"be kind")
        keyd.stop()
    assert all((folder / name).read_bytes() != old[name] for name in old)
    assert vault.calls.count("/v1/sys/wrapping/unwrap") == 1
    for name, content in old.items():
        (folder / name).unlink()
        (folder / name).write_bytes(content)
    keyd.start()
    assert ended(keyd)[0] == 1
