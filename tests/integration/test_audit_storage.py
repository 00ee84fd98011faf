# SPDX-License-Identifier: Apache-2.0
"""The audit log in PostgreSQL: who may do what to it, which process may say what, and what is left of old months."""
import importlib.machinery
import importlib.util
import os
import pwd
import re
import signal
import subprocess
import uuid

import pytest

from system import ALL_PLACED, PROGRAM, ROOT, System, wait_until

ROLES = ("rendfly_collector", "rendfly_api", "rendfly_judge", "rendfly_steward", "rendfly_setup", "rendfly_operator",
         "rendfly_definer")
BITS = {"EDGE": 1, "COLLECTOR": 2, "API": 4, "JUDGE": 8, "STEWARD": 16, "KEYD": 32, "SETUP": 64, "OPERATOR": 128}
ROLE_BITS = {"rendfly_collector": 2, "rendfly_api": 4, "rendfly_judge": 8, "rendfly_steward": 16 | 32,
             "rendfly_setup": 64, "rendfly_operator": 128}
ZERO = "00000000-0000-0000-0000-000000000000"


def vocabulary():
    loader = importlib.machinery.SourceFileLoader("check_events", str(ROOT / "tools/check-events"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_events", loader))
    loader.exec_module(module)
    table = (ROOT / "lib/audit/event.h").read_text().split("enum audit_name")[0]
    return {int(number): sum(bit for name, bit in BITS.items() if f"AUDIT_BY_{name}" in by)
            for number, _, _, by in module.ROW.findall(table)}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_changes_removes_or_opens_what_is_recorded(system, role):
    """UPDATE, DELETE, TRUNCATE, ALTER, DROP and their like on every table of the log, each refused for want of a
    right; only the functions' owner notes how far the events have their places."""
    system.sql(f"""
        set session authorization {role};
        do $do$
        declare
            t text;
            s text;
            tried integer := 0;
            allowed text := '';
        begin
            for t in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'audit' and c.relkind in ('r', 'p')
            loop
                foreach s in array array['update audit.%I set workspace_id = workspace_id where false',
                    'delete from audit.%I where false', 'truncate audit.%I', 'drop table audit.%I',
                    'alter table audit.%I add column more text', 'alter table audit.%I disable trigger all',
                    'alter table audit.%I disable row level security', 'alter table audit.%I owner to current_user',
                    'create trigger t after insert on audit.%I execute function audit.refuse_change()']
                loop
                    continue when t in ('nodes', 'checkpoints', 'progress') and s like 'update%';
                    tried := tried + 1;
                    begin
                        execute format(s, t);
                        allowed := allowed || ' ' || format(s, t);
                    exception when insufficient_privilege then null;
                    end;
                end loop;
            end loop;
            begin
                update audit.nodes set hash = hash where false;
                allowed := allowed || ' update nodes';
            exception when insufficient_privilege then null;
            end;
            begin
                update audit.checkpoints set note = note where false;
                allowed := allowed || ' update checkpoints';
            exception when insufficient_privilege then null;
            end;
            begin
                update audit.progress set from_xid = from_xid where false;
                allowed := allowed || case when current_user = 'rendfly_definer' then '' else ' update progress' end;
            exception when insufficient_privilege then null;
            end;
            if allowed <> '' or tried < 60 then
                raise exception 'after % tries allowed:%', tried, allowed;
            end if;
        end
        $do$;""")


def test_owner_functions_and_services_are_different_roles_and_the_owner_cannot_log_in(system):
    owners = system.sql("select distinct pg_get_userbyid(relowner) from pg_class c join pg_namespace n on n.oid = "
                        "c.relnamespace where nspname = 'audit' and relkind in ('r', 'p')")
    definers = system.sql("select distinct pg_get_userbyid(proowner) from pg_proc p join pg_namespace n on n.oid = "
                          "p.pronamespace where nspname = 'audit' and proname in ('add_event', 'close_batch')")
    assert owners == ["rendfly_owner"] and definers == ["rendfly_definer"]
    assert system.sql("select rolname from pg_roles where rolname in ('rendfly_owner', 'rendfly_definer') and "
                      "(rolcanlogin or rolsuper or rolbypassrls)") == []


def test_the_database_knows_the_vocabulary_as_the_program_does(system):
    told = dict(line.split("|") for line in system.sql("select n, audit.emitters(n) from generate_series(1, 400) n"))
    wanted = vocabulary()
    assert {int(n): int(bits) for n, bits in told.items()} == {n: wanted.get(n, 0) for n in range(1, 401)}, \
        "a changed row needs a migration with a new audit.emitters()"
    assert system.sql("select distinct l.lanname from pg_proc p join pg_language l on l.oid = p.prolang where p.oid in "
                      "('audit.emitters'::regproc, 'audit.emitter_bits'::regproc)") == ["plpgsql"], \
        "in SQL they are planned anew in each transaction, at a third of an event's cost"


@pytest.mark.parametrize("role", ROLE_BITS)
def test_a_process_can_say_what_its_row_allows_and_nothing_else(system, role):
    said = system.sql(f"""
        begin;
        create temporary table said (event integer);
        grant insert on said to {role};
        set local session authorization {role};
        do $do$
        begin
            for n in 1..130 loop
                begin
                    perform audit.add_event('{ZERO}', gen_random_uuid(), n, 1, 'process', '', '', '', '', '', '');
                    insert into said values (n);
                exception when insufficient_privilege then null;
                end;
            end loop;
        end
        $do$;
        reset session authorization;
        select event from said order by 1;
        rollback;""")
    assert [int(n) for n in said] == [n for n, bits in sorted(vocabulary().items()) if bits & ROLE_BITS[role]]


@pytest.mark.parametrize("wrong", ["outcome => 4", "outcome => 0", "outcome => null", "actor_kind => repeat('x', 65)",
                                   "actor => repeat('x', 129)", "source => decode(repeat('78', 1025), 'hex')",
                                   "request_id => repeat('x', 65)", "object_kind => repeat('x', 65)",
                                   "object_id => repeat('x', 129)", "detail => repeat('x', 513)", "id => null"],
                         ids=lambda w: w.replace(" ", ""))
def test_an_event_that_is_none_is_refused(system, wrong):
    fields = {"ws": f"'{ZERO}'", "id": "gen_random_uuid()", "event": "90", "outcome": "1", "source": "''",
              **{name: "''" for name in ("actor_kind", "actor", "request_id", "object_kind", "object_id", "detail")}}
    name, _, value = wrong.partition(" => ")
    assert name in fields
    said = ", ".join(f"{name} => {value}" for name, value in {**fields, name: value}.items())
    with pytest.raises(AssertionError, match="an event that is none|null value in column"):
        system.sql(f"begin; set local session authorization rendfly_steward; select audit.add_event({said}); rollback")


# ---------------------------------------------------------------- places in the tree

ADD = f"select audit.add_event('{ZERO}', '%s', 90, 1, 'process', 'steward', '', '', 'process', '', 'of a test');"
PLACED = "select 1 from audit.leaves where event_id = '%s'"


def test_an_event_that_is_committed_long_after_later_ones_gets_its_place(system):
    late, soon = uuid.uuid4(), uuid.uuid4()
    user = pwd.getpwnam("rendfly-postgres")
    session = subprocess.Popen(
        ["psql", "-XAtq", "-h", f"{system.dir}/run/pg", "-p", str(system.settings["postgres_port"]), "-U",
         "rendfly-postgres", "rendfly"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
        user=user.pw_uid, group=user.pw_gid)
    session.stdin.write(f"set session authorization rendfly_steward; begin; {ADD % late} select 'added';\n")
    session.stdin.flush()
    while session.stdout.readline() != "added\n":
        pass
    system.sql("set session authorization rendfly_steward;" + ADD % soon)
    wait_until("the one that is committed has its place", lambda: system.sql(PLACED % soon))
    assert system.sql(PLACED % late) == []
    session.communicate("commit;\n", timeout=20)
    wait_until("the late one has its place", lambda: system.sql(PLACED % late))
    wait_until("there is none left", lambda: system.sql("select 1 where " + ALL_PLACED))


def test_a_log_that_comes_from_another_cluster_goes_on(system):
    """There, transactions had numbers that this cluster reaches much later, or never."""
    from_there, here = uuid.uuid4(), uuid.uuid4()
    system.sql(f"""
        begin;
        set local session authorization rendfly_steward; {ADD % from_there}
        reset session authorization;
        set local session_replication_role = replica;
        update audit.events set xid = '4611686018427387904' where event_id = '{from_there}';
        update audit.progress set from_xid = '4611686018427387905';
        commit;""")
    wait_until("what came with it has its place", lambda: system.sql(PLACED % from_there))
    system.sql("set session authorization rendfly_steward;" + ADD % here)
    wait_until("and so has what is new", lambda: system.sql(PLACED % here))
    assert system.sql("select from_xid < '4611686018427387904' from audit.progress") == ["t"]


# ---------------------------------------------------------------- old months
@pytest.fixture(scope="module")
def aged():
    """A system whose log began fifteen months ago."""
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    with System(settings={"audit_retention_months": 120}) as s:
        os.kill(s.processes()["steward"]["pid"], signal.SIGSTOP)  # it remembers the log as it was
        s.sql(f"""
            begin;
            set local session_replication_role = replica;
            select audit.ensure_months((now() - interval '15 months')::date, now()::date);
            truncate audit.events, audit.leaves, audit.nodes, audit.checkpoints;
            insert into audit.events
                select ws, date_trunc('month', at at time zone 'UTC')::date, gen_random_uuid(),
                    (extract(epoch from at) * 1000000)::bigint, 90, 1, 'process', 'setup', '', '', '', '', ''
                from generate_series(now() - interval '15 months', now() - interval '1 day', interval '1 day') at
                cross join (values ('{ZERO}'::uuid), ('{s.first_login["workspace"]}')) w (ws);
            commit;""")
        s.kill("steward")
        wait_until("all have their places", lambda: s.sql("select 1 where " + ALL_PLACED))
        s.stop()
        (s.folder / "audit/checkpoints").write_bytes(b"")
        for signed in ("keys/audit.signed", "run/checkpoint"):  # if it came to that before it was halted
            (s.folder / signed).unlink(missing_ok=True)
        s.start()
        wait_until("the log is signed", lambda: s.sql("select 1 from audit.checkpoints limit 1"))
        yield s


def verified(system, *options):
    """Of the whole log and of a slice, by both; the anchors are kept before the export is made."""
    done, anchors = [], system.folder / "anchors"
    anchors.write_bytes((system.folder / "audit/checkpoints").read_bytes())
    size = max(map(int, re.findall(r"^rendfly/audit\n(\d+)$", anchors.read_text(), re.M)))
    wait_until("the database has it", lambda: system.sql(f"select 1 from audit.checkpoints where size = {size}"))
    for more in ([], ["--workspace", system.first_login["workspace"]]):
        file = system.folder / "export"
        file.unlink(missing_ok=True)
        system.run("audit", "export", "--dir", system.dir, "--output", file, *more, check=True)
        for command in ([PROGRAM, "audit", "verify"], ["/usr/bin/python3", ROOT / "tools/audit-verify.py"]):
            said = subprocess.run([*command, file, "--key", system.folder / "audit/key", "--anchors",
                                   anchors, *options], capture_output=True, text=True)
            done.append((said.returncode, said.stdout))
    return done


def test_months_past_a_year_are_dropped_and_the_tree_still_verifies(aged):
    months = "select count(distinct month), min(month), count(*) from audit.events"
    assert [code for code, _ in verified(aged)] == [0] * 4
    oldest = aged.sql("select (date_trunc('month', now() at time zone 'UTC') - interval '12 months')::date")[0]
    older = int(aged.sql(f"select count(*) from audit.events where month < '{oldest}'")[0])
    assert older > 100 and aged.sql(months)[0].split("|")[1] < oldest
    aged.stop()
    aged.settings["audit_retention_months"] = 12
    aged.write_settings()
    aged.start()
    wait_until("the old months are gone", lambda: aged.sql(months)[0].split("|")[1] == oldest)
    assert aged.sql("select detail, outcome from audit.events where event = 99") == ["3 partitions, 12 kept|1"]
    wait_until("the pruning is signed", lambda: aged.sql(
        "select 1 from audit.events e join audit.leaves l using (workspace_id, event_id) where event = 99 and "
        "leaf_index < (select max(size) from audit.checkpoints)"))
    assert [code for code, _ in verified(aged, "--pruned")] == [0] * 4
    unexpected = verified(aged)
    assert [code for code, _ in unexpected] == [1] * 4 and "BAD at entry 0: the event is missing" in unexpected[0][1]
    told = {line.split("|")[0] for line in aged.sql("select count(*) from audit.leaves")}
    assert int(next(iter(told))) > older


def test_a_year_is_never_dropped_and_neither_is_a_month_whose_events_wait(aged):
    with pytest.raises(AssertionError, match="kept for twelve months"):
        aged.sql("select audit.drop_months_before(current_date - 364)")
    with pytest.raises(AssertionError, match="append-only"):
        aged.sql("delete from audit.leaves")


@pytest.mark.parametrize("zone", ["BEHIND+26", "AHEAD-26"])
def test_a_month_is_one_of_utc_whatever_the_time_zone_of_the_session(system, zone):
    """A whole day behind UTC, today is never the same day as there."""
    set_zone = f"begin; set local timezone = '{zone}';"
    assert system.sql(f"{set_zone} select audit.drop_months_before((now() at time zone 'UTC')::date - 365); rollback") == ["0"]
    with pytest.raises(AssertionError, match="kept for twelve months"):
        system.sql(f"{set_zone} select audit.drop_months_before((now() at time zone 'UTC')::date - 364); rollback")
    made = system.sql(f"""{set_zone}
        select audit.ensure_months('2031-01-01', '2031-03-01');
        select relname || ' ' || pg_get_expr(relpartbound, oid) from pg_class where relname ~ '^events_2031..$' order by 1;
        rollback""")
    assert made == ["3"] + [f"events_2031{m:02} FOR VALUES FROM ('2031-{m:02}-01') TO ('2031-{m + 1:02}-01')"
                            for m in (1, 2, 3)]
