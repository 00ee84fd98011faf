# SPDX-License-Identifier: Apache-2.0
"""Each function that runs with its owner's rights, who may call it, and what it tells of other workspaces.

A new one is missing below, and fails the test until somebody has said what it tells.
"""
import uuid

import psycopg2
import pytest

from database import context

COUNTS = "numbers of the whole installation, no row's contents"
IDS = "ids only"
HASHES = "hashes only"
NOTHING = "nothing"
OWN = "the workspace of its own context"

# function: (roles, what it tells)
FUNCTIONS = {
    "app.claim_jobs": ({"judge"}, IDS), "app.finish_jobs": ({"judge"}, COUNTS), "app.retry_job": ({"judge"}, NOTHING),
    "app.published_keys": ({"steward"}, "ids, limits and peppered hashes of ingest keys, for the edge"),
    "app.keys_version": ({"steward"}, COUNTS),
    "app.ensure_partitions": ({"steward", "setup"}, COUNTS), "app.drop_partitions_before": ({"steward", "setup"}, COUNTS),
    "app.install_context_key": ({"setup"}, NOTHING), "app.workspace_count": ({"setup"}, COUNTS),
    "app.create_workspace": ({"setup"}, NOTHING),
    "app.operator_summary": ({"operator"}, COUNTS),
    "app.operator_scores": ({"operator"}, "names of projects and counts of verdicts, for the person who operates it"),
    "app.operator_redaction": ({"operator"}, "names of workspaces and which types they do not redact"),
    "app.operator_sealed_columns": ({"operator"}, COUNTS), "app.operator_oldest_day": ({"operator"}, COUNTS),
    "app.operator_key_records": ({"operator"}, COUNTS), "app.operator_rewrap_left": ({"operator"}, COUNTS),
    "app.operator_has_workspace": ({"operator"}, "whether there is a workspace of an id"),
    "app.ws": ({"collector", "api", "judge", "steward"}, OWN),
    "identity.find_login": ({"api"}, "the account of an address, in the installation's context only"),
    "identity.find_member": ({"api"}, OWN),
    "identity.end_session": ({"api"}, NOTHING), "identity.session_has_ended": ({"api"}, OWN),
    "audit.add_event": ({"collector", "api", "judge", "steward", "setup", "operator"}, NOTHING),
    "audit.ensure_months": ({"steward", "setup"}, COUNTS), "audit.drop_months_before": ({"steward"}, COUNTS),
    "audit.month_waits": (set(), "whether a month may be dropped, for drop_months_before"),
    "audit.close_batch": ({"steward"}, HASHES), "audit.add_nodes": ({"steward"}, NOTHING),
    "audit.add_checkpoint": ({"steward"}, NOTHING), "audit.tree_size": ({"steward", "api", "operator"}, COUNTS),
    "audit.tree_hashes": ({"steward", "api", "operator"}, HASHES),
    "audit.last_checkpoint": ({"steward", "api", "operator"}, HASHES), "audit.checkpoint_at": ({"api", "operator"}, HASHES),
    "audit.operator_leaves": ({"operator"}, "events, whose personal parts are sealed, for the export"),
    "private.bump_keys_version": (set(), "a trigger"),
}


@pytest.fixture
def q(superuser, tenants):
    superuser.rollback()
    with superuser.cursor() as cursor:
        yield cursor
    superuser.rollback()


def become(q, role, workspace=None):
    q.execute(f"set local session authorization rendfly_{role}")
    if workspace is not None:
        q.execute("select set_config('app.context', %s, true)",
                  (context(workspace, role, q.connection.get_backend_pid()),))


def test_every_function_with_its_owners_rights_is_known_and_called_by_those_who_may(q):
    q.execute("""select n.nspname || '.' || p.proname, coalesce(array_agg(substring(r.rolname from 9)) filter
                 (where has_function_privilege(r.oid, p.oid, 'EXECUTE')), '{}')
                 from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                 cross join (select oid, rolname from pg_roles where rolname ~ '^rendfly_' and rolcanlogin) r
                 where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') group by 1""")
    assert {name: set(roles) for name, roles in q.fetchall()} == {name: roles for name, (roles, _) in FUNCTIONS.items()}


@pytest.mark.parametrize("role", ["judge", "steward", "operator"])
def test_what_works_in_the_background_gets_no_content_by_functions(q, tenants, role):
    """Every function of the role that takes no argument, or a number: no text of a conversation, no sealed record,
    no address is in what comes.
    """
    q.execute("select content from app.messages union all select why from app.verdicts union all "
              "select email from identity.users union all select encode(sealed, 'hex') from app.rules")
    contents = [text for text, in q.fetchall() if len(text) > 3]
    q.execute("select app.create_workspace(gen_random_uuid(), 'w', 1, 1, gen_random_uuid(), 'p', gen_random_uuid(), "
              "sha256('k'), 'abcd', gen_random_uuid(), 'somebody@example.com', '$argon2id$...')")
    q.execute("update app.verdicts v set project_id = p.project_id from app.projects p where p.workspace_id = v.workspace_id")
    contents += ["somebody@example.com", "$argon2id"]
    assert len(contents) > 6
    calls = {"judge": ["app.claim_jobs(100, 1000)"], "steward": ["app.published_keys()", "app.keys_version()",
                                                                 "audit.close_batch(100)", "audit.last_checkpoint()"],
             "operator": ["app.operator_summary()", "app.operator_scores()", "app.operator_redaction()",
                          "app.operator_sealed_columns()"]}[role]
    become(q, role)
    for call in calls:
        q.execute(f"select f::text from {call} f")
        came = q.fetchall()
        assert came or "audit" in call, call
        assert not [text for text in contents if text in str(came)], call


def test_claiming_a_job_tells_ids_only(q):
    q.execute("select pg_get_function_result('app.claim_jobs(integer, integer)'::regprocedure)")
    assert q.fetchone()[0] == ("TABLE(workspace_id uuid, day date, conversation_id uuid, generation bigint, "
                               "attempts integer)")


def refused(q, statement, *values):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege) as told:
        q.execute(statement, values)
    return str(told.value)


ACCOUNT = "select * from identity.find_login('them@example.com')"


def test_an_account_is_found_in_the_installations_context_only(q, tenants):
    become(q, "api", "00000000-0000-0000-0000-000000000000")
    q.execute(ACCOUNT)
    become(q, "api", tenants.own)
    assert "installation" in refused(q, ACCOUNT)


def test_without_a_context_no_account_is_found(q):
    become(q, "api")
    assert "no workspace context" in refused(q, ACCOUNT)


def test_a_member_is_found_in_the_workspaces_own_context_only(q, tenants):
    become(q, "api", tenants.own)
    q.execute("select * from identity.find_member(%s, %s)", (str(uuid.uuid4()), tenants.own))
    assert "another workspace" in refused(q, "select * from identity.find_member(%s, %s)", str(uuid.uuid4()), tenants.other)


def test_a_session_is_ended_in_the_workspaces_own_context_only(q, tenants):
    session = str(uuid.uuid4())
    for workspace, ended in ((tenants.own, False), (tenants.other, False)):
        become(q, "api", workspace)
        q.execute("select identity.session_has_ended(%s)", (session,))
        assert q.fetchone()[0] is ended
    become(q, "api", tenants.own)
    q.execute("select identity.end_session(%s, 960)", (session,))
    for workspace, ended in ((tenants.own, True), (tenants.other, False)):
        become(q, "api", workspace)
        q.execute("select identity.session_has_ended(%s)", (session,))
        assert q.fetchone()[0] is ended


def test_without_a_context_no_session_is_ended(q):
    become(q, "api")
    assert "no workspace context" in refused(q, "select identity.end_session(gen_random_uuid(), 960)")


def test_an_event_is_added_to_no_other_workspace(q, tenants):
    become(q, "api", tenants.own)
    assert "another workspace" in refused(
        q, "select audit.add_event(%s, gen_random_uuid(), 1, 1, '', '', '', '', '', '', '')", tenants.other)


def test_a_steward_cannot_forget_what_is_new(q):
    become(q, "steward")
    assert "for a day" in refused(q, "select app.drop_partitions_before(current_date)")


def test_a_steward_cannot_shorten_the_audit_log(q):
    become(q, "steward")
    with pytest.raises(psycopg2.errors.RaiseException, match="twelve months"):
        q.execute("select audit.drop_months_before(current_date - 300)")
