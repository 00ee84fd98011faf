# SPDX-License-Identifier: Apache-2.0
"""/api/v1 on the running system, through the edge."""
import base64
import datetime
import itertools
import json
import os
import pathlib
import subprocess
import urllib.request
import uuid

import pytest
import yaml

from api_client import COOKIE, Api
from api_fixtures import *  # noqa: F401,F403 (fixtures)
from system import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("RENDFLY", str(ROOT / "build/rendfly"))
DESCRIPTION = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
]


def filled(path: str) -> str:
    return (path.replace("{day}", "2026-11-24").replace("{project}", str(uuid.uuid4()))
            .replace("{key}", str(uuid.uuid4())).replace("{id}", str(uuid.uuid4()))
            .replace("{event}", str(uuid.uuid4())))


# ---------------------------------------------------------------- the description


def test_every_operation_described_is_in_the_route_table_and_the_other_way_round():
    printed = subprocess.run([PROGRAM, "api", "--routes"], check=True, capture_output=True)
    table = {(row["method"], row["path"]): row
             for row in map(json.loads, printed.stdout.splitlines())}
    described = {}
    for method, path, operation in OPERATIONS:
        parameters = operation.get("parameters", [])
        described[method, path] = {
            "method": method, "path": path, "csrf": operation["x-csrf"],
            "body": "requestBody" in operation, "roles": operation["x-roles"],
            "event": operation.get("x-event", ""),
            "query": [p["name"] for p in parameters if p.get("in") == "query"]}
    for row in [*table.values(), *described.values()]:
        row["query"], row["roles"] = sorted(row["query"]), sorted(row["roles"])
    assert table == described


def faults(value, schema, where="answer"):
    """What of the value the schema does not describe: just as much of JSON Schema as we use."""
    if "$ref" in schema:
        schema = DESCRIPTION["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
             "integer": int, "number": (int, float)}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, types[t]) and isinstance(value, bool) == (t == "boolean") for t in wanted):
        yield f"{where} is no {wanted}: {value!r}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}, none of {schema['enum']}"
    elif schema.get("format") == "uuid" and str(uuid.UUID(value)) != value:
        yield f"{where} is no UUID: {value!r}"
    elif schema.get("format") in ("date", "date-time") and value is not None:
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    elif isinstance(value, dict):
        for name in set(schema["required"]) ^ set(value):
            yield f"{where}.{name} is only in {'the answer' if name in value else 'the description'}"
        for name in set(schema["properties"]) & set(value):
            yield from faults(value[name], schema["properties"][name], f"{where}.{name}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from faults(item, schema["items"], f"{where}[{i}]")


def test_every_answer_is_as_described_and_holds_nothing_else(owner, project, judged_conversations):
    newest = judged_conversations[0]
    signed = wait_until("a signed event", lambda: owner.get("/audit/export?limit=1").json.get("lines"))
    leaf = base64.b64decode(json.loads(signed[0])["leaf"])
    real = {"{project}": project, "{day}": newest["day"], "{id}": newest["conversation_id"],
            "{event}": str(uuid.UUID(bytes=leaf[25:41]))}
    checked = 0
    for method, path, operation in OPERATIONS:
        if method != "GET":
            continue
        for name, value in real.items():
            path = path.replace(name, value)
        answer = owner.get(path)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer.status == 200, path
        assert list(faults(answer.json, schema)) == [], path
        checked += 1
    assert checked >= 9
    refused = owner.get("/nothing").json
    assert list(faults(refused, {"$ref": "#/components/schemas/Error"})) == []


# ---------------------------------------------------------------- logging in


def test_the_right_password_sets_a_cookie_that_scripts_and_other_sites_cannot_use(browser, first_user):
    answer = browser.log_in(*first_user)
    assert answer.status == 200
    (line,) = answer.headers.get_all("Set-Cookie")
    first, *flags = [part.strip() for part in line.split(";")]
    assert first.startswith(COOKIE + "=")
    assert {flag.lower() for flag in flags} == {
        "path=/", "httponly", "secure", "samesite=lax", "max-age=900"}
    assert answer.json["user"]["email"] == first_user[0]
    assert "password" not in answer.body.decode().lower()


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(browser, first_user):
    known = browser.log_in(first_user[0], "not the password of anyone")
    unknown = browser.log_in(f"{uuid.uuid4().hex[:8]}@nobody.example", "not the password of anyone")
    assert known.status == unknown.status == 401
    strip = lambda a: {k: v for k, v in a.json["error"].items() if k != "request_id"}
    assert strip(known) == strip(unknown)
    assert len(known.body) == len(unknown.body)
    unsteady = {"Date", "X-Request-Id"}
    assert [h for h in known.headers.items() if h[0] not in unsteady] == \
        [h for h in unknown.headers.items() if h[0] not in unsteady]


def test_an_unknown_address_is_hashed_for_just_as_long(system, browser, first_user):
    """What the api works for it is the tell, whatever the clock says: without a hash next to nothing."""
    def worked(email, password):
        stat = pathlib.Path(f"/proc/{system.processes()['api']['pid']}/stat")

        def ticks():
            return sum(int(n) for n in stat.read_text().rsplit(")", 1)[1].split()[11:13])
        before = ticks()
        assert browser.log_in(email, password).status in (200, 401)
        return ticks() - before
    unknown = sum(worked(f"{uuid.uuid4().hex[:8]}@a.example", "not the password of anyone") for _ in range(3))
    known = sum(worked(*first_user) for _ in range(3))
    assert unknown > known / 2, (unknown, known)


def test_guessing_is_slowed_down_and_says_for_how_long(browser):
    email = f"{uuid.uuid4().hex[:8]}@guessed.example"
    statuses = [browser.log_in(email, f"guess {i}") for i in range(7)]
    assert [a.status for a in statuses[:5]] == [401] * 5
    limited = [a for a in statuses[5:] if a.status == 429]
    assert limited, [a.status for a in statuses]
    assert limited[0].code == "too_many_attempts"
    assert int(limited[0].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("body", [
    {}, {"email": "a@b.example"}, {"email": "a@b.example", "password": 5},
    {"email": ["a@b.example"], "password": "x"}, {"email": "a@b.example", "password": ""},
    {"email": "a@b.example", "password": "x" * 1025}, [], "text", None,
])
def test_a_login_of_another_shape_is_refused(browser, body):
    answer = browser.send("POST", "/login", raw=json.dumps(body).encode())
    assert answer.status == 400
    assert answer.code == "malformed_body"


@pytest.mark.parametrize("raw", [
    b"", b"{", b'{"email":"a@b.example","email":"c@d.example","password":"x"}', b"\xff\xfe",
    b"[" * 5000,
])
def test_a_body_that_is_not_one_json_object_is_refused(browser, raw):
    answer = browser.send("POST", "/login", raw=raw)
    assert answer.status == 400
    assert answer.code == "malformed_body"


def test_a_form_of_another_site_cannot_log_anyone_in(browser, first_user):
    body = json.dumps(dict(zip(("email", "password"), first_user))).encode()
    for headers in ({"Content-Type": "text/plain"}, {"Origin": "https://evil.example"},
                    {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = browser.send("POST", "/login", raw=body, headers=headers)
        assert answer.status in (400, 403), headers
        assert answer.headers["Set-Cookie"] is None


# ---------------------------------------------------------------- sessions


@pytest.mark.parametrize("method,path", [(m, p) for m, p, o in OPERATIONS if o["x-roles"]])
def test_every_operation_that_needs_a_session_refuses_without_one(browser, method, path):
    answer = browser.send(method, filled(path), headers={
        "Origin": browser.origin, "X-CSRF-Token": "x"})
    assert answer.status == 401
    assert answer.code == "no_session"


def altered(token: str):
    header, payload, signature = token.split(".")
    flip = lambda text, i: text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1:]
    yield "signature", f"{header}.{payload}.{flip(signature, 5)}"
    yield "payload", f"{header}.{flip(payload, 10)}.{signature}"
    yield "header", f"{flip(header, 3)}.{payload}.{signature}"
    yield "no signature", f"{header}.{payload}."
    yield "two parts", f"{header}.{payload}"
    yield "none", f"eyJhbGciOiJub25lIn0.{payload}."
    yield "more", f"{token}.x"
    yield "trailing", f"{token}="
    yield "long", token + "A" * 8000
    yield "empty", "."


def test_an_altered_token_is_no_session(owner):
    token = owner.cookie
    assert owner.get("/me").status == 200
    for name, bad in altered(token):
        answer = owner.get("/me", cookie=bad)
        assert answer.status in (401, 400), name  # 400: the edge refuses the header's size


def test_logging_out_ends_the_token_itself(owner):
    token = owner.cookie
    answer = owner.change("POST", "/logout")
    assert answer.status == 204
    assert "max-age=0" in answer.headers["Set-Cookie"].lower()
    assert owner.get("/me", cookie=token).status == 401


def test_a_session_that_was_ended_stays_so_when_the_api_starts_anew(system, browser, first_user):
    browser.log_in(*first_user)
    other = Api(system.url, system.ca)
    other.log_in(*first_user)
    token = browser.cookie
    assert browser.change("POST", "/logout").status == 204
    system.kill("api")
    wait_until("the api is back", system.is_ready)
    assert other.get("/me").status == 200
    assert browser.get("/me", cookie=token).status == 401


def test_ended_sessions_are_forgotten_once_no_token_of_theirs_is_left(system, browser, first_user):
    browser.log_in(*first_user)
    assert browser.change("POST", "/logout").status == 204
    assert int(system.sql("select count(*) from identity.ended_sessions where forget_at between now() + '15 minutes' "
                          "and now() + '17 minutes'")[0]) > 0
    system.sql("update identity.ended_sessions set forget_at = now() - interval '1 second'")
    browser.log_in(*first_user)
    assert browser.change("POST", "/logout").status == 204
    assert system.sql("select count(*) from identity.ended_sessions") == ["1"]


def test_two_cookies_of_the_name_are_no_session(owner):
    answer = owner.get("/me", headers={"Cookie": f"{COOKIE}={owner.cookie}; {COOKIE}=x"})
    assert answer.status == 401


SITES = [None, "same-origin", "same-site", "cross-site", "none"]
ORIGINS = [None, "ours", "https://evil.example", "null"]
TOKENS = ["right", "missing", "empty", "altered", "of another session"]
METHODS = ["POST", "DELETE", "PUT", "PATCH"]


def test_a_state_change_needs_our_origin_and_the_sessions_token(owner, project, first_user, system):
    """400 cases; DELETE of a key that is not there answers 404 when it is let through."""
    other = Api(system.url, system.ca)
    other.log_in(*first_user)
    tokens = {"right": owner.csrf, "missing": None, "empty": "", "altered": owner.csrf[:-2] + "xx",
              "of another session": other.csrf}
    path = f"/projects/{project}/ingest-keys"
    keys_before = owner.get(path).json
    wrong = []
    for method, site, origin, token in itertools.product(METHODS, SITES, ORIGINS, TOKENS):
        where = f"{path}/{uuid.uuid4()}" if method == "DELETE" else path
        answer = owner.send(method, where, headers={
            "Sec-Fetch-Site": site, "X-CSRF-Token": tokens[token],
            "Origin": owner.origin if origin == "ours" else origin,
            "Content-Type": "application/json"}, raw=b"{}" if method == "POST" else None)
        is_ours = site in (None, "same-origin") and origin in (None, "ours") and token == "right"
        expected = {"DELETE": 404, "POST": 400}.get(method, 405) if is_ours else 403
        if method in ("PUT", "PATCH"):
            expected = 405
        if answer.status != expected:
            wrong.append((method, site, origin, token, answer.status, expected))
    assert wrong == []
    assert owner.get(path).json == keys_before


ROLES = ["owner", "admin", "member", "viewer"]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_description_says_and_no_more(role, make_member, system):
    member = Api(system.url, system.ca)
    assert member.log_in(*make_member(role)).status == 200
    assert member.get("/me").json["role"] == role
    project = member.get("/projects").json["projects"][0]["project_id"]
    wrong = []
    for method, path, operation in OPERATIONS:
        if not operation["x-roles"] or path == "/logout":
            continue
        answer = member.send(method, filled(path.replace("{project}", project)), headers={
            "Origin": member.origin, "X-CSRF-Token": member.csrf})
        if (answer.status == 403) != (role not in operation["x-roles"]):
            wrong.append((method, path, answer.status))
    assert wrong == []


def test_a_changed_role_and_a_disabled_account_count_at_once(make_member, system):
    email, password = make_member("admin")
    member = Api(system.url, system.ca)
    assert member.log_in(email, password).status == 200
    path = f"/projects/{member.get('/projects').json['projects'][0]['project_id']}/ingest-keys"
    assert member.get(path).status == 200
    system.sql(f"""update identity.memberships m set role = 'viewer' from identity.users u
        where u.user_id = m.user_id and u.email = '{email}'""")
    assert member.get(path).code == "role"
    assert member.get("/me").json["role"] == "viewer"
    system.sql(f"update identity.users set disabled_at = now() where email = '{email}'")
    assert member.get("/me").code == "no_session"
    assert Api(system.url, system.ca).log_in(email, password).code == "wrong_credentials"


# ---------------------------------------------------------------- inputs


@pytest.mark.parametrize("method,path", [(m, p) for m, p, _ in OPERATIONS])
def test_an_unknown_parameter_is_refused_by_every_operation(owner, method, path):
    answer = owner.send(method, filled(path) + "?colour=red", headers={
        "Origin": owner.origin, "X-CSRF-Token": owner.csrf})
    assert answer.status == 400
    assert answer.code == "unknown_parameter"


@pytest.mark.parametrize("query", [
    "limit=0", "limit=101", "limit=-1", "limit=1e3", "limit=", "limit=9999999999", "verdict=maybe",
    "verdict=", "project=1", "rule=x", "before=yesterday", "before=2026-02-30." + "0" * 36,
    "before=2026-11-24." + "z" * 36,
])
def test_a_parameter_of_another_shape_is_refused(owner, query):
    answer = owner.get("/conversations?" + query)
    assert answer.status == 400
    assert answer.code == "malformed_parameter"


def test_a_parameter_given_twice_is_refused(owner):
    assert owner.get("/conversations?limit=1&limit=2").code == "repeated_parameter"


def test_an_unknown_body_key_is_refused(owner, project):
    answer = owner.change("POST", f"/projects/{project}/ingest-keys", {"name": "x", "role": "owner"})
    assert answer.status == 400
    assert answer.code == "unknown_key"


def test_a_body_over_64_kib_is_refused(browser):
    answer = browser.send("POST", "/login", raw=b'{"email":"' + b"a" * 70000 + b'"}')
    assert answer.status == 413


def test_a_wrong_method_says_which_ones_there_are(owner):
    answer = owner.send("PUT", "/me")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/nothing", "/me/", "/projects//rules", "/%2e%2e/etc/passwd", ""])
def test_an_address_that_is_none_is_404(owner, path):
    assert owner.get(path).status == 404


def test_every_answer_may_not_be_stored_or_sniffed(owner):
    for path in ("/me", "/nothing", "/conversations?colour=red", "/healthz"):
        headers = owner.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        uuid.UUID(headers["X-Request-Id"])


# ---------------------------------------------------------------- tenants


def test_what_is_of_another_workspace_is_as_if_it_were_not_there(owner, foreign):
    """`foreign`: ids of a second workspace that really exist."""
    absent = str(uuid.uuid4())
    for template in ("/projects/{project}/scores", "/projects/{project}/rules",
                     "/projects/{project}/ingest-keys"):
        theirs = owner.get(template.format(project=foreign["project"]))
        nobodys = owner.get(template.format(project=absent))
        assert theirs.status == nobodys.status == 404
        assert len(theirs.body) == len(nobodys.body)
    assert owner.get(f"/conversations/{foreign['day']}/{foreign['conversation']}").status == 404
    assert owner.get(f"/conversations?project={foreign['project']}").json["conversations"] == []
    ids = [p["project_id"] for p in owner.get("/projects").json["projects"]]
    assert foreign["project"] not in ids
    made = owner.change("POST", f"/projects/{foreign['project']}/ingest-keys", {"name": "x"})
    assert made.status == 404
    revoked = owner.change("DELETE", f"/projects/{foreign['project']}/ingest-keys/{foreign['key']}")
    assert revoked.status == 404


# ---------------------------------------------------------------- ingest keys


def test_an_ingest_key_is_shown_once_and_can_be_revoked(owner, project):
    path = f"/projects/{project}/ingest-keys"
    made = owner.change("POST", path, {"name": "of a test"})
    assert made.status == 201
    secret, key = made.json["secret"], made.json["key"]
    assert secret.startswith("pk_live_") and secret.endswith(key["last_four"])
    listed = owner.get(path)
    assert secret not in listed.body.decode()
    assert key["key_id"] in [k["key_id"] for k in listed.json["keys"]]
    assert owner.change("DELETE", f"{path}/{key['key_id']}").status == 204
    (after,) = [k for k in owner.get(path).json["keys"] if k["key_id"] == key["key_id"]]
    assert after["revoked_at"] is not None
    assert owner.change("DELETE", f"{path}/{key['key_id']}").status == 204
    assert [k for k in owner.get(path).json["keys"] if k["key_id"] == key["key_id"]] == [after]


# ---------------------------------------------------------------- conversations


def all_pages(owner, query=""):
    found, before, pages = [], "", 0
    while before is not None:
        page = owner.get(f"/conversations?limit=2{query}" + (f"&before={before}" if before else "")).json
        assert len(page["conversations"]) <= 2
        found += page["conversations"]
        before = page["next"]
        pages += 1
        assert pages < 1000
    return found


def test_pages_together_hold_every_conversation_once_newest_first(owner, judged_conversations):
    whole = owner.get("/conversations?limit=100").json["conversations"]
    paged = all_pages(owner)[:100]
    assert len(whole) >= 3, "the samples give at least three"
    assert [c["conversation_id"] for c in paged] == [c["conversation_id"] for c in whole]
    keys = [(c["day"], c["conversation_id"]) for c in paged]
    assert keys == sorted(set(keys), reverse=True)


def test_a_verdict_filter_gives_just_those_that_have_it(owner, judged_conversations):
    whole = all_pages(owner)
    for verdict in ("pass", "fail", "not_applicable", "indeterminate"):
        filtered = {c["conversation_id"] for c in all_pages(owner, f"&verdict={verdict}")}
        assert filtered == {c["conversation_id"] for c in whole if c["verdicts"][verdict] > 0}


def test_a_conversation_shows_rule_names_and_evidence_that_its_messages_hold(owner, judged_conversations):
    quotes = 0
    for summary in judged_conversations:
        detail = owner.get(f"/conversations/{summary['day']}/{summary['conversation_id']}").json
        messages = detail["messages"]
        assert [m["position"] for m in messages] == list(range(len(messages)))
        assert len(messages) == summary["message_count"]
        assert len(detail["exchanges"]) == summary["exchange_count"]
        assert sum(summary["verdicts"].values()) == len(detail["verdicts"])
        for verdict in detail["verdicts"]:
            assert verdict["rule"] and verdict["description"]
            for evidence in verdict["evidence"]:
                message = messages[evidence["message"]]
                words = [message["content"], *(c["arguments"] for c in message["tool_calls"]),
                         *(c["name"] for c in message["tool_calls"])]
                assert any(evidence["quote"] in text for text in words)
                quotes += 1
    assert quotes > 0


def test_the_request_that_make_run_offers_keeps_the_projects_rules(owner, project, system, judged_conversations):
    before = owner.get(f"/projects/{project}/rules").json
    assert len(before["rules"]) == 5
    request = subprocess.run([ROOT / "tools/demo", "--request"], capture_output=True, text=True, check=True).stdout
    status, body = system.curl("/sample/v1/chat/completions", "-H", "Content-Type: application/json", "-d", request,
                               "-H", "X-Rendfly-Conversation: the-request-of-make-run", key=system.ingest_key)
    assert status == 200, body
    wait_until("the conversation is stored", lambda: len(
        owner.get("/conversations?limit=100").json["conversations"]) > len(judged_conversations))
    assert owner.get(f"/projects/{project}/rules").json == before


def test_scores_are_the_sum_of_the_conversations_verdicts(owner, project, judged_conversations):
    scores = owner.get(f"/projects/{project}/scores?days=365").json
    conversations = all_pages(owner, f"&project={project}")
    for kind, n in scores["verdicts"].items():
        assert n == sum(c["verdicts"][kind] for c in conversations)
        assert n == sum(rule["verdicts"][kind] for rule in scores["rules"])
        assert n == sum(day["verdicts"][kind] for day in scores["by_day"])
    decided = scores["verdicts"]["pass"] + scores["verdicts"]["fail"]
    assert scores["score"] == pytest.approx(scores["verdicts"]["pass"] / decided, abs=1e-6)
    assert scores["conversations"] == len(conversations)
    names = {rule["rule_id"]: rule["name"] for rule in scores["rules"]}
    for rule in owner.get(f"/projects/{project}/rules").json["rules"]:
        assert names.get(rule["rule_id"], rule["name"]) == rule["name"]


def test_captures_balance_and_no_member_reads_how_much_all_workspaces_send(owner, judged_conversations):
    assert owner.get("/captures").json == {"balanced": True, "complete": True}


def test_the_health_pages_answer_without_a_session(browser):
    assert browser.get("/healthz").json == {"status": "ok"}
    assert browser.get("/readyz").json == {"status": "ok"}


def test_the_metrics_say_what_the_counters_say_and_only_on_loopback(system, samples, owner):
    page = urllib.request.urlopen(f"http://127.0.0.1:{system.settings['metrics_port']}/metrics").read().decode()
    found = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    counters = system.captures()
    for name in ("forwarded", "stored", "dropped", "refused"):
        assert int(found[f'rendfly_captures_total{{state="{name}"}}']) == counters[name]
    assert int(found['rendfly_api_requests_total{status="2xx"}']) > 0
    listening = subprocess.run(["ss", "-lntH"], check=True, capture_output=True, text=True).stdout
    (address,) = {line.split()[3] for line in listening.splitlines()
                  if line.split()[3].endswith(f":{system.settings['metrics_port']}")}
    assert address.startswith("127.0.0.1:")


def test_nothing_that_people_wrote_or_sent_is_in_the_log(system, owner, first_user, judged_conversations):
    for path in ("/conversations?limit=3", f"/conversations?project={uuid.uuid4()}", "/secret-looking-path"):
        owner.get(path)
    owner.log_in("someone-else@mail.example", "a password in clear")
    log = (system.folder / "log/rendfly.log").read_text()
    assert " request " in log
    for secret in ("someone-else@mail.example", first_user[0], first_user[1], "a password in clear",
                   owner.cookie, owner.csrf, "secret-looking-path", judged_conversations[0]["conversation_id"],
                   judged_conversations[0]["preview"][:40]):
        assert secret not in log
