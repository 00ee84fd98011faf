# SPDX-License-Identifier: Apache-2.0
"""Rows for two workspaces in every table of tenants, invented from the catalogue: keys, references and
checks say what a row must be, so that a new table needs nothing here.
"""
import datetime
import itertools
import os
import re
import uuid

import psycopg2
from psycopg2 import sql

ROWS = 2  # of each workspace in each table
counter = itertools.count(1)


class Tenants:
    def __init__(self, q, catalogue):
        self.own, self.other = str(uuid.uuid4()), str(uuid.uuid4())
        self.catalogue = catalogue
        self.rows = {}  # (table, workspace) -> rows as dicts
        for workspace in (self.own, self.other):
            for table in catalogue.tenant_tables:
                self.rows[table.name, workspace] = [self.insert(q, table, self.make(q, table, workspace, i))
                                                    for i in range(self.count(table))]

    @staticmethod
    def count(table):
        """How many rows of a workspace there are: of the workspace itself there is one."""
        return 1 if ["workspace_id"] in table.keys else ROWS

    # ---- one row

    def make(self, q, table, workspace, n=None):
        """A row of a workspace that points at its n-th rows elsewhere; without n at a mixture of them that
        no row has yet.
        """
        row = {"workspace_id": workspace}
        for column in table.columns.values():
            if column.name not in row and not self.refers(table, column.name):
                row[column.name] = self.value(q, column)
        for i, reference in enumerate(table.references):
            target = self.rows.get((reference.table, workspace))
            if target:  # none: the row names its own workspace
                row.update({own: target[(i if n is None else n) % len(target)][theirs] for own, theirs in zip(reference.columns, reference.targets)})
        return {name: value for name, value in row.items() if value is not None}

    @staticmethod
    def refers(table, name):
        return any(name in r.columns and r.table != table.name for r in table.references)

    def candidates(self, column):
        n, kind = next(counter), column.type
        literals = re.findall(r"'((?:[^']|'')*)'::", " ".join(column.checks))
        if kind == "uuid":
            return [str(uuid.uuid4())]
        if kind in ("integer", "bigint", "smallint"):
            return [n, 1, 0, 2]
        if kind == "xid8":
            return [str(n)]
        if kind == "text":
            return literals + [f"text {n}", f"{n:04}"[-4:], ""]
        if kind == "bytea":
            return [os.urandom(size) for size in (32, 16, 64, 12)] + [b""]
        if kind == "boolean":
            return [True, False]
        if kind == "date":
            return [datetime.datetime.now(datetime.timezone.utc).date()]
        if kind.startswith("timestamp"):
            return [datetime.datetime.now(datetime.timezone.utc)]
        if kind.endswith("[]"):
            return [[]]
        if kind in ("json", "jsonb"):
            return ["{}"]
        raise AssertionError(f"no value is known for {kind}: {column.name}")

    def value(self, q, column):
        for candidate in self.candidates(column):
            if all(self.accepts(q, check, column, candidate) for check in column.checks):
                return candidate
        raise AssertionError(f"no value for {column.name} {column.type} {column.checks}")

    @staticmethod
    def accepts(q, check, column, candidate):
        q.execute(sql.SQL("select {} from (select %s::{} as {}) one").format(
            sql.SQL(check.replace("%", "%%")), sql.SQL(column.type), sql.Identifier(column.name)), (adapt(candidate),))
        return q.fetchone()[0] is not False

    @staticmethod
    def insert(q, table, row):
        statement, values = insert_of(table, row)
        q.execute(statement, values)
        return row


def adapt(value):
    return psycopg2.Binary(value) if isinstance(value, bytes) else value


def name_of(table):
    return sql.SQL(".").join(map(sql.Identifier, table.name.split(".")))


def insert_of(table, row):
    return sql.SQL("insert into {} ({}) values ({})").format(
        name_of(table), sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() for _ in row)), [adapt(v) for v in row.values()]
