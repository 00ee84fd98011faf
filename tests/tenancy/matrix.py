# SPDX-License-Identifier: Apache-2.0
"""Every table × every role × eight operations × every kind of context, and what must come of it.

What a role may do at all is asked of the catalogue; what must then happen is here: with its own
context exactly its own rows, with any other context nothing and an error, and never a change or a
sight of the other workspace's rows, nor an answer that depends on whether they exist.
"""
import uuid
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from database import ROLES, context
from tenants import adapt, insert_of, name_of

OPERATIONS = ("select", "insert", "update", "delete", "move", "reference", "unique", "conflict")
NEEDS = {"select": ("SELECT",), "insert": ("INSERT",), "update": ("UPDATE",), "delete": ("DELETE",),
         "move": ("UPDATE",), "reference": ("INSERT",), "unique": ("INSERT",), "conflict": ("INSERT", "UPDATE")}

# own: the workspace's own context, at its own rows; other: the same context, at the other's rows.
CONTEXTS = ("own", "other", "none", "forged", "expired", "another backend's", "another role's", "malformed",
            "left over")
FORBIDDEN, REFUSED, SHUT_OUT, DANGLING, EMPTY = "no right", "context refused", "row security", "no such row", "0 rows"


def context_of(kind, tenants, role, pid):
    victim = tenants.other
    return {"own": lambda: context(tenants.own, role, pid),
            "other": lambda: context(tenants.own, role, pid),
            "none": lambda: None,
            "forged": lambda: context(victim, role, pid, key=bytes(32)),
            "expired": lambda: context(victim, role, pid, expiry=1),
            "another backend's": lambda: context(victim, role, pid + 1),
            "another role's": lambda: context(victim, ROLES[(ROLES.index(role) + 1) % len(ROLES)], pid),
            "malformed": lambda: f"{victim}|rendfly_{role}|{pid}",
            "left over": lambda: ""}[kind]()


@dataclass
class Case:
    table: object
    role: str
    operation: str
    kind: str

    def __str__(self):
        return f"{self.role} {self.operation} {self.table.name} ({self.kind})"


class Matrix:
    def __init__(self, connection, catalogue, tenants):
        self.connection, self.catalogue, self.tenants = connection, catalogue, tenants
        self.q = connection.cursor()
        self.pid = connection.get_backend_pid()
        self.cases, self.faults = 0, []
        self.rights = {}

    # ---- what must come of it

    def may(self, role, table, what):
        key = role, table.name, what
        if key not in self.rights:
            self.rights[key] = self.catalogue.may(self.q, role, table, what)
        return self.rights[key]

    def is_allowed(self, case):
        for what in NEEDS[case.operation]:
            columns = self.may(case.role, case.table, what)
            if not columns or (what == "INSERT" and set(columns) != set(case.table.columns)):
                return False
        if case.operation == "move":
            return "workspace_id" in self.may(case.role, case.table, "UPDATE")
        if case.operation == "conflict":
            return bool(self.may(case.role, case.table, "SELECT"))
        return True

    def expected(self, case):
        if not self.is_allowed(case):
            return (FORBIDDEN,)
        if case.kind not in ("own", "other"):
            return (REFUSED,)
        if case.operation == "move":
            return (SHUT_OUT,)
        if case.operation == "reference":
            return (DANGLING,)
        if case.kind == "other":
            return (SHUT_OUT,) if case.operation in ("insert", "unique", "conflict") else (EMPTY,)
        if case.operation == "delete":
            return self.whole(case), DANGLING  # others may point at them
        return (self.whole(case),) if case.operation in ("select", "update") else ("1 rows",)

    def whole(self, case):
        return f"{self.tenants.count(case.table)} rows"

    # ---- statements

    def statements(self, case):
        """One or more (statement, values) that must all come to the same."""
        return getattr(self, f"{case.operation}_of")(case, self.tenants.other if case.kind == "other" else self.tenants.own)

    def where(self, case, workspace):
        """Who may not even name the column asks for all there is, which must come to the same."""
        readable = "workspace_id" in self.may(case.role, case.table, "SELECT")
        if case.kind == "other" and readable:
            return sql.SQL(" where workspace_id = {}").format(sql.Literal(workspace))
        return sql.SQL("")

    def select_of(self, case, workspace):
        columns = self.may(case.role, case.table, "SELECT") or ["workspace_id"]
        return [(sql.SQL("select {} from {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)),
                                                     name_of(case.table)) + self.where(case, workspace), None)]

    def insert_of(self, case, workspace):
        return [insert_of(case.table, self.tenants.make(self.q, case.table, workspace))]

    def update_of(self, case, workspace):
        table, allowed = case.table, self.may(case.role, case.table, "UPDATE")
        bound = {c for key in table.keys for c in key} | {c for r in table.references for c in r.columns}
        name = next((c for c in allowed if c not in bound), next(iter(table.columns)))
        value = self.tenants.make(self.q, table, self.tenants.own).get(name)
        return [(sql.SQL("update {} set {} = %s").format(name_of(table), sql.Identifier(name))
                 + self.where(case, workspace), [adapt(value)])]

    def delete_of(self, case, workspace):
        return [(sql.SQL("delete from {}").format(name_of(case.table)) + self.where(case, workspace), None)]

    def move_of(self, case, _):
        return [(sql.SQL("update {} set workspace_id = %s").format(name_of(case.table)), [self.tenants.other])]

    def reference_of(self, case, _):
        """Rows of one's own that point at the other's, and at none: the answers must not differ."""
        found = []
        for reference in case.table.references:
            mine = [c for c in reference.columns if c != "workspace_id"]
            victim = self.tenants.rows[case.table.name, self.tenants.other][0]
            if not mine:
                continue
            row = self.tenants.make(self.q, case.table, self.tenants.own)
            missing = {c: str(uuid.uuid4()) if case.table.columns[c].type == "uuid" else victim[c] for c in mine}
            found += [insert_of(case.table, {**row, **{c: victim[c] for c in mine}}),
                      insert_of(case.table, {**row, **missing})]
        return found

    def unique_of(self, case, workspace):
        """The other's values of each key: to us they are free."""
        found = []
        for key in case.table.keys:
            row = self.tenants.make(self.q, case.table, workspace)
            victim = self.tenants.rows[case.table.name, self.tenants.other][0]
            free = [c for c in key if c != "workspace_id" and not self.tenants.refers(case.table, c)]
            if free:
                found.append(insert_of(case.table, {**row, **{c: victim[c] for c in free}}))
        return found

    def conflict_of(self, case, workspace):
        name = next(iter(self.may(case.role, case.table, "UPDATE")), "workspace_id")
        return [(statement + sql.SQL(" on conflict ({}) do update set {} = excluded.{}").format(
            sql.SQL(", ").join(map(sql.Identifier, case.table.keys[0])), sql.Identifier(name), sql.Identifier(name)),
            values) for statement, values in self.unique_of(case, workspace)]

    # ---- trying

    def fingerprint(self, table):
        self.q.execute(sql.SQL("select md5(string_agg(t::text, '|' order by t::text)) from {} t "
                               "where t.workspace_id = %s").format(name_of(table)), (self.tenants.other,))
        return self.q.fetchone()[0]

    def try_one(self, case, statement, values):
        """What came of it, and the words of the error."""
        q = self.q
        before = self.fingerprint(case.table)
        q.execute("savepoint one")
        try:
            q.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(f"rendfly_{case.role}")))
            made = context_of(case.kind, self.tenants, case.role, self.pid)
            if made is not None:
                q.execute("select set_config('app.context', %s, true)", (made,))
            q.execute(statement, values)
            came = f"{q.rowcount} rows"
            seen = str(q.fetchall()) if q.description else ""
            if self.tenants.other in seen:
                came = f"the other's rows: {seen[:200]}"
            q.execute("reset session authorization")
            if self.fingerprint(case.table) != before:
                came = "the other's rows changed"
            return came, ""
        except psycopg2.Error as error:
            return outcome_of(error), error.diag.message_primary
        finally:
            q.execute("rollback to savepoint one")
            q.execute("release savepoint one")

    def run(self, case):
        answers = [self.try_one(case, *one) for one in self.statements(case)]
        self.cases += len(answers)
        expected = self.expected(case)
        self.faults += [f"{case}: {came} ({words}), not {' or '.join(expected)}"
                        for came, words in answers if came not in expected]
        if case.operation == "reference" and len({words for _, words in answers}) > len(case.table.references):
            self.faults.append(f"{case}: the error tells whether the other's row exists")
        return answers

    def run_all(self, roles=ROLES, tables=None, operations=OPERATIONS, kinds=CONTEXTS):
        for table in self.catalogue.tenant_tables if tables is None else tables:
            for role in roles:
                for operation in operations:
                    for kind in kinds:
                        self.run(Case(table, role, operation, kind))
        return self


def outcome_of(error):
    words = error.diag.message_primary or str(error)
    if error.pgcode == "23503":
        return DANGLING
    if error.pgcode == "42501" and "permission denied" in words:
        return FORBIDDEN
    if error.pgcode == "42501" and "workspace context" in words:
        return REFUSED
    if error.pgcode == "42501" and "row-level security" in words:
        return SHUT_OUT
    return f"error {error.pgcode}"
