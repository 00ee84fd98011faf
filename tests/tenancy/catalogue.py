# SPDX-License-Identifier: Apache-2.0
"""The tables as the database itself describes them: columns, keys, checks, and what each role may do."""
import re
from dataclasses import dataclass, field

SCHEMAS = ("app", "audit", "identity", "private", "migrations")


@dataclass
class Column:
    name: str
    type: str
    is_required: bool
    checks: list = field(default_factory=list)  # expressions over this column alone


@dataclass
class Reference:
    columns: list
    table: str
    targets: list


@dataclass
class Table:
    oid: int
    name: str  # with its schema
    columns: dict = field(default_factory=dict)
    keys: list = field(default_factory=list)  # lists of columns: primary key, unique constraints and indexes
    references: list = field(default_factory=list)

    @property
    def has_tenants(self):
        return "workspace_id" in self.columns and not self.name.startswith("identity.")


class Catalogue:
    def __init__(self, q):
        self.tables = {}
        q.execute("""select c.oid, n.nspname || '.' || c.relname from pg_class c
                     join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = any (%s) and c.relkind in ('r', 'p') and not c.relispartition order by 2""",
                  (list(SCHEMAS),))
        for oid, name in q.fetchall():
            self.tables[name] = self.read(q, Table(oid, name))
        q.execute("""select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = any (%s) and c.relispartition and c.relkind = 'r' order by 1""", (list(SCHEMAS),))
        self.partitions = [name for name, in q.fetchall()]

    @property
    def tenant_tables(self):
        """Those that others point at first."""
        done, left = [], [t for t in self.tables.values() if t.has_tenants]
        while left:
            ready = [t for t in left if all(r.table == t.name or r.table not in [x.name for x in left]
                                            for r in t.references)]
            assert ready, [t.name for t in left]
            done += ready
            left = [t for t in left if t not in ready]
        return done

    @staticmethod
    def read(q, t):
        q.execute("""select attname, format_type(atttypid, atttypmod), attnotnull and not atthasdef, attnum
                     from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attnum""", (t.oid,))
        numbers = {}
        for name, kind, required, number in q.fetchall():
            t.columns[name] = Column(name, kind, required)
            numbers[number] = name
        q.execute("""select contype, conkey, confrelid::regclass::text, confkey, confrelid, pg_get_constraintdef(oid)
                     from pg_constraint where conrelid = %s and conparentid = 0""", (t.oid,))
        for kind, own, target, theirs, oid, text in q.fetchall():
            columns = [numbers[n] for n in own or ()]
            if kind == "c" and len(columns) == 1:
                t.columns[columns[0]].checks.append(re.sub(r"^CHECK ", "", text))
            elif kind == "f":
                q.execute("select attnum, attname from pg_attribute where attrelid = %s", (oid,))
                names = dict(q.fetchall())
                t.references.append(Reference(columns, target, [names[n] for n in theirs]))
        q.execute("""select indkey::int2[] from pg_index where indrelid = %s and indisunique and indpred is null
                     and indexprs is null order by not indisprimary, indexrelid""", (t.oid,))
        t.keys = [[numbers[n] for n in key] for key, in q.fetchall()]
        return t

    @staticmethod
    def may(q, role, table, what):
        """The columns that a role may `what` (DELETE: all or none)."""
        if what == "DELETE":
            q.execute("select has_table_privilege(%s, %s::oid, 'DELETE')", (f"rendfly_{role}", table.oid))
            return list(table.columns) if q.fetchone()[0] else []
        q.execute("""select attname from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped
                     and has_column_privilege(%s, attrelid, attnum, %s) order by attnum""",
                  (table.oid, f"rendfly_{role}", what))
        return [name for name, in q.fetchall()]
