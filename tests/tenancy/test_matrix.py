# SPDX-License-Identifier: Apache-2.0
"""Row-level security, by trying everything: see matrix.py."""
import pytest
from psycopg2 import sql

from catalogue import Catalogue
from database import ROLES, context
from matrix import CONTEXTS, OPERATIONS, Case, Matrix, outcome_of
from tenants import Tenants, name_of

FLOOR = 32  # cases a table

# What may be read without being anybody's: the log's public checkpoints.
PUBLIC = {("api", "audit.checkpoints", "SELECT")}


@pytest.fixture(scope="module")
def connection(superuser, tenants):
    superuser.rollback()
    yield superuser
    superuser.rollback()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_its_own_workspace_and_nothing_else(connection, catalogue, tenants, role, operation):
    matrix = Matrix(connection, catalogue, tenants).run_all(roles=[role], operations=[operation])
    assert matrix.faults == []
    assert matrix.cases > 0


def test_every_table_has_its_share_of_cases(connection, catalogue, tenants):
    matrix, counts = Matrix(connection, catalogue, tenants), {}
    for table in catalogue.tenant_tables:
        counts[table.name] = sum(len(matrix.statements(Case(table, role, operation, kind)))
                                 for role in ROLES for operation in OPERATIONS for kind in CONTEXTS)
    print(f"{sum(counts.values())} cases: {counts}")
    assert min(counts.values()) >= FLOOR * len(ROLES), counts


def test_tables_of_no_workspace_are_closed_to_every_role(connection, catalogue):
    with connection.cursor() as q:
        open_ones = {(role, table.name, what) for table in catalogue.tables.values() if not table.has_tenants
                     for role in ROLES for what in ("SELECT", "INSERT", "UPDATE", "DELETE")
                     if Catalogue.may(q, role, table, what)}
    assert open_ones == PUBLIC


def test_no_role_reaches_a_partition_directly(connection, catalogue):
    assert len(catalogue.partitions) > 4
    with connection.cursor() as q:
        q.execute("""select r, p, w from unnest(%s) r, unnest(%s) p, unnest(array['select', 'insert', 'update', 'delete'])
                     w where has_any_column_privilege(r, p, case w when 'delete' then 'select' else w end)
                     or has_table_privilege(r, p, w)""",
                  ([f"rendfly_{role}" for role in ROLES], catalogue.partitions))
        assert q.fetchall() == []


@pytest.mark.parametrize("role", ROLES)
def test_a_real_log_in_sees_what_the_matrix_saw(database, connection, catalogue, tenants, role):
    """The matrix changes the session's user; here the role comes with its certificate and password."""
    connection.commit()
    with database.login(role) as c, c.cursor() as q, connection.cursor() as asked:
        for table in catalogue.tenant_tables:
            columns = Catalogue.may(asked, role, table, "SELECT")
            q.execute("select set_config('app.context', %s, true)",
                      (context(tenants.own, role, c.get_backend_pid()),))
            statement = sql.SQL("select {} from {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns or ["workspace_id"])), name_of(table))
            try:
                q.execute(statement)
                assert columns and q.rowcount == tenants.count(table) and tenants.other not in str(q.fetchall()), table.name
            except Exception as error:  # noqa: BLE001 - told apart below
                assert not columns and outcome_of(error) == "no right", (table.name, error)
            c.rollback()


# ---- the matrix itself: a new table is in it, and what is wrong with one is found

SOUND = """
create table app.probe (workspace_id uuid not null references app.workspaces, probe_id uuid not null,
    project_id uuid not null, kind text not null check (kind in ('one', 'two')), amount integer not null check (amount > 0),
    primary key (workspace_id, probe_id), foreign key (workspace_id, project_id) references app.projects);
alter table app.probe enable row level security;
alter table app.probe force row level security;
create policy in_workspace on app.probe to rendfly_api using (workspace_id = (select app.ws()))
    with check (workspace_id = (select app.ws()));
grant select, insert, update, delete on app.probe to rendfly_api;
"""

FLAWS = {
    "none": ("", None),
    "row-level security is off": ("alter table app.probe disable row level security", "not context refused"),
    "a policy that is always true": ("create policy open on app.probe to rendfly_api using (true)", "rows"),
    "a policy by a plain setting": (
        "drop policy in_workspace on app.probe; create policy in_workspace on app.probe to rendfly_api "
        "using (workspace_id::text = split_part(current_setting('app.context', true), '|', 1))", "not context refused"),
    "an update that may move rows": (
        "drop policy in_workspace on app.probe; create policy in_workspace on app.probe to rendfly_api "
        "using (workspace_id = (select app.ws())) with check (true)", "move"),
    "a key that all share": ("alter table app.probe add unique (probe_id)", "unique app.probe (own): error 23505"),
    "a reference that crosses": (
        "alter table app.projects add unique (project_id); alter table app.probe drop constraint "
        "probe_workspace_id_project_id_fkey; alter table app.probe add foreign key (project_id) "
        "references app.projects (project_id)", "reference app.probe (own): 1 rows"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_new_table_is_in_the_matrix_and_its_flaw_is_found(connection, flaw):
    change, words = FLAWS[flaw]
    try:
        with connection.cursor() as q:
            q.execute("set local role rendfly_owner;" + SOUND + change)
            q.execute("reset role")
            catalogue = Catalogue(q)
            matrix = Matrix(connection, catalogue, Tenants(q, catalogue))
            matrix.run_all(roles=["api"], tables=[catalogue.tables["app.probe"]])
        assert matrix.cases >= len(OPERATIONS) * len(CONTEXTS)
        if words is None:
            assert matrix.faults == []
        else:
            assert any(words in fault for fault in matrix.faults), matrix.faults
    finally:
        connection.rollback()
