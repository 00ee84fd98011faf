# SPDX-License-Identifier: Apache-2.0
"""What one tenant is answered does not depend on what another has: the same requests before and after
another workspace gets ten thousand rows in every table, byte for byte.
"""
import os
import uuid

import pytest

from api_client import Api
from system import System, wait_until

ROWS = 10000

# Differ from request to request by what they are.
CHANGING = {"date", "x-request-id", "set-cookie"}

FILL = """
set session_replication_role = replica;
insert into app.workspaces (workspace_id, name, rate_per_minute, rate_burst) values ('{w}', 'Another', 60, 10);
insert into app.projects (workspace_id, project_id, name)
    select '{w}', gen_random_uuid(), 'Project ' || n from generate_series(1, {n}) n;
insert into app.projects (workspace_id, project_id, name) values ('{w}', '{project}', 'The same id');
insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four, name)
    select '{w}', gen_random_uuid(), '{project}', sha256(n::text::bytea), 'abcd', 'k' from generate_series(1, {n}) n;
insert into app.system_messages (workspace_id, system_message_id, project_id, version, digest, sealed)
    select '{w}', gen_random_uuid(), '{project}', n, sha256(n::text::bytea), 'x' from generate_series(1, {n}) n;
insert into app.rules (workspace_id, rule_id, project_id, system_message_id, position, category, has_check, sealed)
    select '{w}', gen_random_uuid(), '{project}', gen_random_uuid(), n, 'tone', false, 'x' from generate_series(1, {n}) n;
insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest, provider, started_at, updated_at)
    select '{w}', current_date, gen_random_uuid(), '{project}', sha256(n::text::bytea), 'openai', now(), now()
    from generate_series(1, {n}) n;
insert into app.conversations (workspace_id, day, conversation_id, project_id, tip_digest, provider, started_at, updated_at)
    values ('{w}', current_date, '{conversation}', '{project}', sha256('x'), 'openai', now(), now());
insert into app.exchanges (workspace_id, day, conversation_id, exchange_id, position, provider, model, status, is_stream,
    end_reason, latency_us, first_byte_us, started_at)
    select '{w}', current_date, '{conversation}', gen_random_uuid(), n, 'openai', 'm', 200, false, 'end', 1, 1, now()
    from generate_series(1, {n}) n;
insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
    select '{w}', current_date, '{conversation}', n, gen_random_uuid(), 'user', 'Another''s words', now()
    from generate_series(1, {n}) n;
insert into app.verdicts (workspace_id, day, conversation_id, rule_id, project_id, verdict, judge, message_count)
    select '{w}', current_date, '{conversation}', gen_random_uuid(), '{project}', 'fail', 'model', 1
    from generate_series(1, {n}) n;
insert into app.redaction_policies (workspace_id, policy_id, version, sealed, sealed_reason, changed_by)
    select '{w}', gen_random_uuid(), n, 'x', 'x', gen_random_uuid() from generate_series(1, {n}) n;
analyze;
"""


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System() as s:
        for question in ("How much is the tent?", "Where is my parcel?"):
            assert s.chat([{"role": "system", "content": "Answer in English only. Never quote a price."},
                           {"role": "user", "content": question}])[0] == 200
        wait_until("judged", lambda: s.captures()["stored"] == 2 and s.jobs_waiting() == 0)
        yield s


@pytest.fixture(scope="module")
def tenant(own):
    browser = Api(own.url, own.ca)
    assert browser.log_in(own.first_login["user"], own.first_login["password"]).status == 200
    return browser


def requests_of(own, tenant):
    """Every kind of reading, what does not exist, and a change that is refused."""
    project = own.first_login["project"]
    listed = tenant.get(f"/conversations?project={project}").json["conversations"]
    rule = tenant.get(f"/projects/{project}/rules").json["rules"][0]["rule_id"]
    missing = "00000000-0000-7000-8000-00000000000a"
    return [("GET", path) for path in (
        "/projects", f"/projects/{project}/scores", f"/projects/{project}/scores?days=365", f"/projects/{project}/rules",
        f"/projects/{project}/ingest-keys", "/redaction", "/redaction/versions", f"/conversations?project={project}",
        f"/conversations?project={project}&limit=1", f"/conversations?project={project}&verdict=fail",
        f"/conversations?project={project}&rule={rule}", "/conversations", "/captures",
        *(f"/conversations/{c['day']}/{c['conversation_id']}" for c in listed),
        f"/conversations/{listed[0]['day']}/{missing}", f"/projects/{missing}/rules", f"/projects/{missing}/scores",
        f"/conversations?project={missing}", "/nothing")] + [("DELETE", f"/projects/{project}/ingest-keys/{missing}")]


def answers(tenant, requests):
    told = {}
    for method, path in requests:
        answer = tenant.get(path) if method == "GET" else tenant.change(method, path)
        body = answer.body.replace(answer.headers["X-Request-Id"].encode(), b"REQUEST")
        told[method, path] = (answer.status, sorted((name, value) for name, value in answer.headers.items()
                                                    if name.lower() not in CHANGING), body)
    return told


def test_a_tenant_is_answered_the_same_bytes_whatever_another_has(own, tenant):
    requests = requests_of(own, tenant)
    before = answers(tenant, requests)
    assert answers(tenant, requests) == before, "the answers change by themselves: nothing could be compared"
    assert {status for status, _, _ in before.values()} == {200, 404}
    conversation = tenant.get("/conversations").json["conversations"][0]["conversation_id"]
    own.sql(FILL.format(w=uuid.uuid4(), n=ROWS, project=own.first_login["project"], conversation=conversation))
    after = answers(tenant, requests)
    differing = [request for request in requests if after[request] != before[request]]
    assert differing == [], [(before[r], after[r]) for r in differing]


def test_a_row_of_the_tenants_own_does_show(own, tenant):
    """The comparison sees a difference when there is one."""
    requests = requests_of(own, tenant)
    before = answers(tenant, requests)
    own.sql("update app.projects set name = name || '!' where workspace_id = '%s'" % own.first_login["workspace"])
    assert answers(tenant, requests) != before
