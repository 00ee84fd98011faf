# SPDX-License-Identifier: Apache-2.0
"""The catalogue proof: each thing that it looks for is made, and found.

A start is refused when any of its queries has a row (lib/store/catalogue.c); the breakages here are
made and rolled back in one transaction by the cluster's superuser, and looked for as the operator.
"""
import re

import pytest

from system import ROOT

QUERIES = sorted((ROOT / "sql/queries/catalogue").glob("*.sql"))
OWNER = "set local role rendfly_owner; "

# What is done: how the fault begins.
BREAKS = {
    # catalogue_tables
    "alter table app.rules disable row level security": "app.rules is not under forced row-level security",
    "alter table app.rules no force row level security": "app.rules is not under forced row-level security",
    "drop policy in_workspace on app.rules": "app.rules has no policy in_workspace",
    OWNER + "create table app.loose (id int)": "app.loose has no workspace_id",
    # catalogue_strangers
    OWNER + "create table identity.loose (id int)": "identity.loose is a table without a tenant",
    "create table public.loose as select * from app.rules": "public.loose is a table without a tenant",
    OWNER + "create view app.leak as select * from app.rules": "app.leak is a materialized view, a foreign",
    OWNER + "create materialized view app.kept as select * from app.rules": "app.kept is a materialized view",
    # catalogue_policies
    "create policy open on app.rules to rendfly_api using (true)": "policy open on app.rules does not ask app.ws()",
    "create policy open on app.rules to public using (true)": "policy open on app.rules does not ask app.ws()",
    # catalogue_keys
    "alter table app.projects add constraint x unique (name)": "key x of app.projects does not begin",
    "create unique index x on app.projects (lower(name))": "unique index x of app.projects does not begin",
    # catalogue_roles
    "alter role rendfly_judge bypassrls": "role rendfly_judge is a superuser or bypasses",
    "create role spare login superuser": "spare may log in and is a superuser",
    "create role spare login bypassrls": "spare may log in and is a superuser",
    "grant rendfly_owner to rendfly_api": "role rendfly_api may become rendfly_owner",
    "create role spare; grant rendfly_definer to spare": "role spare may become rendfly_definer",
    "grant pg_read_all_data to rendfly_api": "role rendfly_api may become pg_read_all_data",
    "alter table app.projects owner to rendfly_api": "login role rendfly_api owns table app.projects",
    "alter function app.keys_version() owner to rendfly_api": "login role rendfly_api owns function app.keys_version()",
    "alter role rendfly_api set row_security = off": "rendfly_api sets row_security=off",
    # catalogue_grants
    "grant select on app.messages_{today} to rendfly_api": "rendfly_api has SELECT on app.messages_",
    "grant select (content) on app.messages_{today} to rendfly_api": "rendfly_api has SELECT on app.messages_",
    "grant truncate on app.jobs to rendfly_api": "rendfly_api has TRUNCATE on app.jobs",
    "grant references (workspace_id) on app.jobs to rendfly_api": "rendfly_api has REFERENCES on app.jobs.workspace_id",
    "grant select on app.jobs to public": "public has SELECT on app.jobs",
    "grant select on app.jobs to rendfly_api with grant option": "rendfly_api has SELECT on app.jobs",
    "create role spare; grant select on app.jobs to spare": "spare has SELECT on app.jobs",
    "grant select on identity.users to rendfly_api": "rendfly_api reads identity.users directly",
    "grant select (email) on identity.users to rendfly_api": "rendfly_api reads identity.users.email directly",
    "grant usage on schema private to rendfly_api": "rendfly_api may use or fill schema private",
    "grant create on schema app to rendfly_api": "rendfly_api may use or fill schema app",
    "grant usage on schema extensions to public": "public may use or fill schema extensions",
    "grant temporary on database rendfly to rendfly_api": "rendfly_api has TEMPORARY on the database",
    "grant connect on database rendfly to public": "public has CONNECT on the database",
    # catalogue_functions
    "create function app.f() returns int language sql security definer as 'select 1'":
        "app.f runs with its owner's rights without a fixed search_path",
    "grant execute on function app.published_keys() to public": "app.published_keys may be called by everybody",
    "grant execute on function pg_prepared_statement() to rendfly_api":
        "rendfly_api may call pg_prepared_statement(), which reaches",
    "grant execute on function pg_terminate_backend(int, bigint) to public":
        "rendfly_api may call pg_terminate_backend(integer,bigint), which reaches",
    # catalogue_columns
    "alter table app.projects add column x int": "column app.projects.x is not classified",
    "comment on column app.projects.name is 'the name'": "column app.projects.name is not classified",
    # catalogue_audit
    "grant update on audit.events to rendfly_api": "rendfly_api may update audit.events",
    "grant update (detail) on audit.events to rendfly_api": "rendfly_api may update a column of audit.events",
    "drop trigger no_change on audit.leaves": "audit.leaves has no trigger that refuses changes",
    "alter table audit.leaves disable trigger no_truncate": "audit.leaves has no trigger that refuses truncation",
    "alter table audit.leaves no force row level security": "audit.leaves is not under forced row-level security",
    "grant select on audit.progress to rendfly_api": "rendfly_api reads audit.progress or audit.nodes directly",
    # catalogue_context
    "create or replace function app.ws() returns uuid language sql stable security definer "
    "set search_path = pg_catalog, pg_temp as 'select null::uuid'": "app.ws() is not the function of this program",
    "alter function app.ws() owner to rendfly_definer": "app.ws() is not the function of this program",
    "alter function app.ws() security invoker": "app.ws() is not the function of this program",
    "create function identity.ws() returns uuid language sql as 'select null::uuid'": "there is another function identity.ws()",
    # catalogue_lints
    "create function app.f() returns int language sql as 'select 1'": "app.f has no fixed search_path",
    "create policy wide on app.rules to rendfly_definer using (position > 0)": "policy wide on app.rules asks more",
    "create policy twice on app.rules for select to rendfly_definer using (true)":
        "policies definer_reads, twice on app.rules add up for rendfly_definer",
    "create table public.loose (id int); create policy p on public.loose using (true)":
        "public.loose has policies but no row-level security",
    "alter table app.rules drop constraint rules_pkey cascade": "app.rules has no primary key",
    "create rule other as on insert to app.jobs do also select 1": "app.jobs has a rule that rewrites",
    "create sequence app.counter": "app.counter is a sequence",
    "create index again on app.jobs (not_before)": "indexes app.jobs_due, app.again of app.jobs are the same",
    "create extension dblink schema public": "extension dblink in schema public is not on the list",
    "create schema spare": "schema spare is not on the list",
    "create publication everything for all tables": "there is the publication everything",
    "select lo_create(4711)": "there is the large object 4711",
    "alter default privileges for role rendfly_owner in schema app grant select on tables to rendfly_api":
        "there is the default privilege of rendfly_owner",
    "create function public.f() returns event_trigger language plpgsql as 'begin end'; "
    "create event trigger watch on ddl_command_end execute function public.f()": "there is the event trigger watch",
    "create function app.g() returns int language internal as 'pg_backend_pid'": "app.g is written in internal",
}

# Cannot be made here: the server's own version.
UNBREAKABLE = {"PostgreSQL %s is older than 15.14, 16.10 or 17.6"}


def statement_of(path):
    return "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--")).rstrip().rstrip(";")


def faults(q):
    found = []
    for path in QUERIES:
        q.execute(statement_of(path))
        found += [row[0] for row in q.fetchall()]
    return found


@pytest.fixture(scope="module")
def found(superuser):
    """What the proof finds in a sound database (under None) and after each breakage."""
    superuser.rollback()
    found = {}
    with superuser.cursor() as q:
        q.execute("select to_char(current_date, 'YYYYMMDD')")
        today = q.fetchone()[0]
        for broken in (None, *BREAKS):
            q.execute((broken or "select 1").format(today=today))
            q.execute("reset role; set local session authorization rendfly_operator")
            found[broken] = faults(q)
            superuser.rollback()
    return found


def test_every_query_of_the_proof_is_asked_at_the_start():
    asked = (ROOT / "lib/store/catalogue.c").read_text()
    for path in QUERIES:
        assert f"SQL_{path.stem.upper()}" in asked, path


def test_a_sound_database_has_no_fault(found):
    assert found[None] == []


@pytest.mark.parametrize("broken", list(BREAKS))
def test_what_is_broken_is_found(found, broken):
    assert any(fault.startswith(BREAKS[broken]) for fault in found[broken]), found[broken]


def test_every_fault_that_the_proof_knows_is_made_above(found):
    """A check that nothing here makes fail might be one that cannot."""
    known = [text.replace("''", "'") for path in QUERIES
             for text in re.findall(r"(?<=format\(')(?:[^']|'')+(?=',)|(?<=select ')[^']+(?=' as fault)", statement_of(path))]
    assert len(known) > 30
    made = [fault for faults_of in found.values() for fault in faults_of]
    missing = [text for text in known if text not in UNBREAKABLE
               and not any(re.fullmatch(".+".join(map(re.escape, text.split("%s"))), fault) for fault in made)]
    assert missing == []
