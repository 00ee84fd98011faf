# SPDX-License-Identifier: Apache-2.0
"""Every call of Vault's API that we make: the mock answers as the real one does, and each answer that Vault may
give, to each of the calls, is tried again, is refused, or ends what needs it.
"""
import base64
import json
import os
import pathlib
import ssl
import urllib.error
import urllib.request
import uuid

import pytest

from system import wait_until
from test_keyd import Keyd
from test_vault import REAL, RealVault, ended, log_of, serves, settings_of
from vault_mock import VaultMock

PREFIX = "/v1/"
LOGIN, UNWRAP, RENEW, REVOKE = ("auth/approle/login", "sys/wrapping/unwrap", "auth/token/renew-self",
                                "auth/token/revoke-self")
ENCRYPT, DECRYPT = "transit/encrypt/rendfly", "transit/decrypt/rendfly"
PASSES, STAYS = [412, 429, 472, 473, 500, 502, 503, 504], [400, 403, 404, 405, 302, 418]


@pytest.fixture
def folder(tmp_path):
    os.chmod(tmp_path, 0o755)
    return tmp_path


@pytest.fixture
def vault(folder):
    mock = VaultMock(folder)
    (folder / "role-id").write_text(mock.role_id + "\n")
    (folder / "secret").write_text(mock.wrap() + "\n")
    yield mock
    mock.close()
    assert mock.faults == []


@pytest.fixture
def keyd(vault, folder):
    """That was started once and has stopped: its next start logs in and decrypts."""
    k = Keyd(folder, settings_of(vault, folder))
    try:
        assert serves(k)
        k.stop()
        yield k
    finally:
        k.stop()


# ---- the mock is like the real one

def shape(value):
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value[:1]]
    return type(value).__name__


def conversation(address, tls, role_id, wrapped):
    """What each of our calls is answered, good and bad: the name, the status, the members and their types."""
    told = []

    def ask(name, path, token=None, **body):
        headers = {"X-Vault-Token": token} if token else {}
        request = urllib.request.Request(f"{address}/v1/{path}", method="POST", data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, context=tls, timeout=20) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as e:
            status, content = e.code, e.read()
        members = json.loads(content) if content.strip() else None
        if isinstance(members, dict):
            members.pop("mount_type", None)  # newer versions have it
        told.append((name, status, shape(members)))
        return members
    secret = ask("unwrap", UNWRAP, wrapped)["data"]["secret_id"]
    ask("unwrap again", UNWRAP, wrapped)
    ask("log in with another role", LOGIN, role_id=str(uuid.uuid4()), secret_id=secret)
    ask("log in with another secret", LOGIN, role_id=role_id, secret_id=str(uuid.uuid4()))
    token = ask("log in", LOGIN, role_id=role_id, secret_id=secret)["auth"]["client_token"]
    plain, bound, other = (base64.b64encode(word).decode() for word in (b"half of a key", b"bound to", b"elsewhere"))
    text = ask("encrypt", ENCRYPT, token, plaintext=plain, associated_data=bound)["data"]["ciphertext"]
    opened = ask("decrypt", DECRYPT, token, ciphertext=text, associated_data=bound)
    assert opened["data"]["plaintext"] == plain and text.startswith("vault:v1:")
    ask("decrypt elsewhere", DECRYPT, token, ciphertext=text, associated_data=other)
    ask("decrypt with no token of theirs", DECRYPT, "hvs.nobody", ciphertext=text, associated_data=bound)
    ask("renew", RENEW, token)
    ask("revoke", REVOKE, token)
    ask("renew what was revoked", RENEW, token)
    ask("decrypt with what was revoked", DECRYPT, token, ciphertext=text, associated_data=bound)
    ask("revoke again", REVOKE, token)
    return told


STATUSES = [200, 400, 400, 400, 200, 200, 200, 400, 403, 200, 204, 403, 403, 403]


def with_the_mock(folder):
    mock = VaultMock(folder)
    try:
        return conversation(mock.address, ssl.create_default_context(cafile=folder / "vault.crt"), mock.role_id, mock.wrap())
    finally:
        mock.close()


def test_the_mock_refuses_what_is_wrong_and_answers_what_is_right(folder):
    told = with_the_mock(folder)
    assert [status for _, status, _ in told] == STATUSES
    assert all(members == {"errors": ["str"]} for _, status, members in told if status >= 400)


@pytest.mark.skipif(REAL is None, reason="VAULT_ADDR names no real Vault or OpenBao that VAULT_TOKEN may set up")
def test_a_real_vault_answers_each_of_our_calls_as_the_mock_does(folder):
    real = RealVault()
    real.prepare(folder, "rendfly")
    told = conversation(REAL, real.tls, (folder / "role-id").read_text(), (folder / "secret").read_text())
    assert told == with_the_mock(folder)


# ---- each answer to each call

@pytest.mark.parametrize("status", PASSES)
@pytest.mark.parametrize("path", [LOGIN, DECRYPT])
def test_what_passes_at_a_start_is_tried_again(vault, keyd, path, status):
    n = vault.calls.count(PREFIX + path)
    vault.statuses_at[PREFIX + path] = [status, status]
    keyd.start()
    assert serves(keyd)
    assert vault.calls.count(PREFIX + path) == n + 3


@pytest.mark.parametrize("status", STAYS)
@pytest.mark.parametrize("path", [LOGIN, DECRYPT])
def test_what_does_not_pass_stops_the_start_and_is_not_tried_again(vault, keyd, path, status):
    n = vault.calls.count(PREFIX + path)
    vault.statuses_at[PREFIX + path] = [status] * 9
    keyd.start()
    assert ended(keyd)[0] == 1
    assert vault.calls.count(PREFIX + path) == n + 1
    assert f"status {status}" in log_of(keyd)


@pytest.mark.parametrize("path", [UNWRAP, ENCRYPT])
@pytest.mark.parametrize("status", [429, 503, 400, 403, 404])
def test_at_the_first_start_too(vault, folder, path, status):
    vault.statuses_at[PREFIX + path] = [status] * (2 if status in PASSES else 9)
    k = Keyd(folder, settings_of(vault, folder))
    try:
        if status in PASSES:
            assert serves(k)
        else:
            assert ended(k)[0] == 1
            assert not (folder / "keys/root.vault").exists()
        assert vault.calls.count(PREFIX + path) == (3 if status in PASSES else 1)
    finally:
        k.stop()


@pytest.mark.parametrize("path", [LOGIN, DECRYPT])
@pytest.mark.parametrize("content", [
    b"", b"{", b"<html>sign in to the network first</html>", b"[]", b'{"data":null,"auth":null}',
    b'{"data":{"plaintext":7},"auth":{"client_token":7,"lease_duration":60}}',
    b'{"data":{"plaintext":"not base64"},"auth":{"client_token":"two\\r\\nlines","lease_duration":60}}',
    b'{"data":{"plaintext":"AAAA"},"auth":{"client_token":"hvs.x","lease_duration":-1}}',
    b'{"data":{"plaintext":"' + b"A" * 70000 + b'"}}'])
def test_an_answer_that_is_not_vaults_opens_nothing(vault, keyd, path, content):
    vault.raw_at[PREFIX + path] = content
    keyd.start()
    assert ended(keyd)[0] == 1
    del vault.raw_at[PREFIX + path]
    keyd.start()
    assert serves(keyd)


@pytest.fixture
def short(folder):
    """A lease of two seconds: it is renewed each second."""
    mock = VaultMock(folder, lease_s=2)
    (folder / "role-id").write_text(mock.role_id)
    (folder / "secret").write_text(mock.wrap())
    k = Keyd(folder, settings_of(mock, folder))
    yield mock, k
    k.stop()
    mock.close()
    assert mock.faults == []


@pytest.mark.parametrize("status", [412, 429, 503])
def test_a_renewal_that_is_put_off_is_tried_again_within_the_lease(short, status):
    mock, k = short
    assert serves(k)
    mock.statuses_at[PREFIX + RENEW] = [status, status]
    n = mock.calls.count(PREFIX + RENEW)
    wait_until("it was renewed in the end", lambda: mock.calls.count(PREFIX + RENEW) >= n + 4, 20)
    assert serves(k) and mock.calls.count(PREFIX + LOGIN) == 1


def test_a_token_that_is_not_renewed_is_asked_for_anew_and_without_one_keyd_ends(short):
    mock, k = short
    assert serves(k)
    mock.statuses_at[PREFIX + RENEW] = [403]
    wait_until("it logged in again", lambda: mock.calls.count(PREFIX + LOGIN) == 2, 20)
    assert serves(k)
    mock.statuses_at = {PREFIX + RENEW: [403] * 99, PREFIX + LOGIN: [400] * 99}
    assert ended(k, 20)[0] == 1


# ---- the end

def test_the_token_is_good_for_nothing_once_keyd_has_ended(vault, folder):
    k = Keyd(folder, settings_of(vault, folder))
    assert serves(k)
    assert len(vault.tokens) == 1
    k.stop()
    wait_until("it is revoked", lambda: vault.tokens == {} and vault.calls[-1] == PREFIX + REVOKE, 10)


def test_a_vault_that_is_away_at_the_end_keeps_nobody(vault, folder):
    k = Keyd(folder, settings_of(vault, folder))
    assert serves(k)
    children = pathlib.Path(f"/proc/{k.process.pid}/task/{k.process.pid}/children").read_text().split()
    vault.is_sealed = True
    k.stop()
    wait_until("the helper is gone", lambda: not pathlib.Path(f"/proc/{children[0]}").exists() or
               pathlib.Path(f"/proc/{children[0]}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z", 10)
    assert "vault_token_not_revoked" in log_of(k)
