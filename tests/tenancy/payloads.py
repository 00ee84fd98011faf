# SPDX-License-Identifier: Apache-2.0
"""What somebody would inject who knows the schema and the victim's ids: texts for the injectable
handler of tests/attack/injectable.c, behind `select content from app.messages where content = '`.

Each is a way to have an expression evaluated, around an expression that would give the victim's
data; and statements of their own.  The names in braces are filled in by the test.
"""

OPENING = "'{victim}|rendfly_api|' || pg_backend_pid() || '|4102444800|' || repeat('0', 64)"
SWAPPED = "replace(current_setting('app.context'), '{own}', '{victim}')"
ALL = "(select string_agg(content, ',') from app.messages where {how})"


def with_setting(name, value):
    return ALL.format(how=f"(select set_config('{name}', {value}, true)) is not null")


def of_victim(table):
    return f"(select string_agg(t::text, ',') from {table} t where workspace_id = '{{victim}}')"


SIGHTS = [
    # row-level security met with settings in the same statement
    of_victim("app.messages"),
    ALL.format(how="true or workspace_id = '{victim}'"),
    with_setting("app.context", OPENING),
    with_setting("app.context", SWAPPED),
    with_setting("app.context", "''"),
    with_setting("app.context", "'||||'"),
    with_setting("app.context", "upper(current_setting('app.context'))"),
    with_setting("app.workspace_id", "'{victim}'"),
    with_setting("row_security", "'off'"),
    with_setting("role", "'rendfly_definer'"),
    with_setting("role", "'rendfly_owner'"),
    with_setting("session_authorization", "'rendfly_setup'"),
    with_setting("session_replication_role", "'replica'"),
    # every other table
    of_victim("app.workspaces"), of_victim("app.projects"), of_victim("app.ingest_keys"),
    of_victim("app.system_messages"), of_victim("app.rules"), of_victim("app.conversations"),
    of_victim("app.exchanges"), of_victim("app.verdicts"), of_victim("app.jobs"),
    of_victim("app.redaction_policies"), of_victim("audit.events"), of_victim("audit.leaves"),
    of_victim("audit.progress"), of_victim("app.messages_{today}"), of_victim("app.conversations_{today}"),
    "(select string_agg(u::text, ',') from identity.users u)",
    "(select string_agg(m::text, ',') from identity.memberships m)",
    "(select encode(key, 'hex') from private.context_key)",
    # functions that run as somebody else
    "(select f::text from identity.find_login('{email}') f)",
    "(select f::text from identity.find_member('{user}', '{victim}') f)",
    "(select string_agg(f::text, ',') from app.published_keys() f)",
    "(select string_agg(f::text, ',') from app.claim_jobs(100, 1) f)",
    "(select string_agg(f::text, ',') from app.operator_scores() f)",
    "(select string_agg(f::text, ',') from app.operator_redaction() f)",
    "(select string_agg(f::text, ',') from audit.operator_leaves(0, 100, null) f)",
    "private.hmac_sha256('a', 'b')", "extensions.hmac('a'::bytea, 'b'::bytea, 'sha256')",
    # functions that run what they are told
    "query_to_xml('select * from app.messages', true, true, '')",
    "query_to_xml('select * from app.messages_{today}', true, true, '')",
    "table_to_xml('app.projects'::regclass, true, true, '')",
    "schema_to_xml('identity', true, true, '')", "database_to_xml(true, true, '')",
    # beside the tables: files, statistics, others' sessions, large objects
    "pg_read_file('pg_hba.conf')", "pg_read_file('/etc/passwd')", "pg_ls_dir('.')",
    "pg_read_binary_file('global/pg_control')", "lo_import('/etc/passwd')", "lo_get(1)",
    "(select string_agg(most_common_vals::text || histogram_bounds::text, ',') from pg_stats "
    "where schemaname = 'app')",
    "(select string_agg(s::text, ',') from pg_statistic s)",
    "(select string_agg(query, ',') from pg_stat_activity)",
    "(select string_agg(rolpassword, ',') from pg_authid)",
]

# Around an expression.  An oracle answers with our own rows when the victim's word is in it.
WAYS = {
    "union": "' union all select ({e})::text --",
    "error": "' and 1 = (({e})::text)::int --",
    "oracle": "' or strpos(({e})::text, 'kest' || 'rel') > 0 --",
    "stacked": "'; select ({e})::text --",
    "block": "'; do $x$ begin raise exception '%', {e}; end $x$ --",
    "copy": "'; copy (select {e}) to stdout --",
    "prepared": "'; prepare p as select {e}; execute p; deallocate p --",
    "after the end": "'; commit; begin; select ({e})::text --",
}

STATEMENTS = [
    "set role rendfly_owner; table app.messages", "set role rendfly_definer; table app.messages",
    "set session authorization rendfly_setup; table app.messages", "set row_security = off; table app.messages",
    "reset all; table app.messages", "discard all", "set session_replication_role = replica; table app.messages",
    "table app.messages_{today}", "copy app.messages to stdout", "copy app.messages_{today} to stdout",
    "copy (select 1) to program 'id'", "copy app.messages from program 'cat /etc/passwd'",
    "copy app.messages to '/tmp/stolen'", "load 'auto_explain'", "create extension dblink",
    "create extension postgres_fdw", "create server s foreign data wrapper postgres_fdw",
    "create table app.mine as select * from app.messages", "create temp table mine as table app.messages",
    "create view app.mine as select * from app.messages", "create schema mine",
    "create function app.ws2() returns uuid language sql as 'select null::uuid'",
    "create or replace function app.ws() returns uuid language sql as $$ select '{victim}'::uuid $$",
    "create function pg_temp.f() returns text language sql security definer as 'table app.messages'",
    "alter table app.messages disable row level security; table app.messages",
    "alter table app.messages no force row level security; table app.messages",
    "alter role rendfly_api bypassrls; table app.messages", "alter role rendfly_api superuser",
    "drop policy in_workspace on app.messages; table app.messages",
    "create policy open on app.messages using (true); table app.messages",
    "grant rendfly_definer to rendfly_api; set role rendfly_definer; table app.messages",
    "select app.install_context_key(decode(repeat('00', 32), 'hex'))",
    "select app.create_workspace('{victim}', 'x', 1, 1, '{user}', 'x', '{user}', 'x', 'abcd', '{user}', 'x@x', 'x')",
    "select app.drop_partitions_before(current_date + 1)",
    "begin; declare c cursor with hold for select * from app.messages where workspace_id = '{victim}'; commit; "
    "fetch all c; close c",
    "explain (analyze, verbose) select * from app.messages where workspace_id = '{victim}'",
    "update app.projects set name = (select string_agg(content, ',') from app.messages where workspace_id = "
    "'{victim}')", "update app.ingest_keys set revoked_at = now() where workspace_id = '{victim}' returning *",
    "insert into app.ingest_keys (workspace_id, key_id, project_id, key_hash, last_four) values ('{victim}', "
    "'{user}', '{project}', sha256('x'), 'abcd') returning *",
    "delete from app.messages where workspace_id = '{victim}' returning *", "truncate app.messages",
    "lock table app.messages", "listen everything; notify everything", "security label on table app.messages is 'x'",
    "select pg_terminate_backend(pid), query from pg_stat_activity where pid <> pg_backend_pid()",
    "select pg_cancel_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
    "select pg_reload_conf()", "select pg_switch_wal()", "alter system set ssl = off",
    "select pg_advisory_lock(7224661)", "select lo_create(0)",
]


def all_payloads(**names):
    """Name, text, and whether our own rows in the answer would tell something."""
    for way, text in WAYS.items():
        for i, sight in enumerate(SIGHTS):
            yield f"{way} {i}", text.format(e=sight).format(**names), way == "oracle"
    for i, statement in enumerate(STATEMENTS):
        yield f"statement {i}", f"'; {statement} --".format(**names), False
