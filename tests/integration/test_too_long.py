# SPDX-License-Identifier: Apache-2.0
"""However long one conversation becomes, it takes no process down with it."""
import json
import uuid

from api_fixtures import *  # noqa: F401,F403 (fixtures)
from system import wait_until

MIB = 1 << 20


def make_longer(system, name, day, conversation, n):
    """As a named conversation becomes by being repeated: n messages of 6 MiB more, to be judged again."""
    system.sql(f"""
        insert into app.messages (workspace_id, day, conversation_id, position, exchange_id, role, content, created_at)
            select c.workspace_id, c.day, c.conversation_id, c.message_count + i, gen_random_uuid(), 'user',
                repeat('long {name} ', {6 * MIB // (6 + len(name))}), now()
            from app.conversations c, generate_series(0, {n - 1}) i
            where c.day = '{day}' and c.conversation_id = '{conversation}';
        update app.conversations set message_count = message_count + {n}
            where day = '{day}' and conversation_id = '{conversation}';
        insert into app.jobs (workspace_id, day, conversation_id, kind, not_before)
            select workspace_id, day, conversation_id, 'judge', now() from app.conversations
            where day = '{day}' and conversation_id = '{conversation}'
        on conflict (workspace_id, day, conversation_id, kind) do update
            set generation = jobs.generation + 1, attempts = 0, not_before = now();""")


def test_a_conversation_that_is_too_long_is_left_open_and_harms_no_process(system, owner):
    name, restarts = f"m{uuid.uuid4().hex[:8]}", {role: p["restarts"] for role, p in system.processes().items()}
    assert system.chat([{"role": "system", "content": "Answer in English only."}, {"role": "user", "content": name}])[0] == 200
    day, conversation = wait_until("it is stored", lambda: system.sql(
        f"select day, conversation_id from app.messages where content = '{name}'"))[0].split("|")

    def verdicts():
        return {tuple(row.split("|")) for row in system.sql(
            f"select verdict, why from app.verdicts where conversation_id = '{conversation}'")}

    wait_until("it is judged", verdicts)
    assert not any("too long" in why for _, why in verdicts())
    assert owner.get(f"/conversations/{day}/{conversation}").status == 200
    make_longer(system, name, day, conversation, 12)
    wait_until("it is left open", lambda: verdicts() == {("indeterminate", "the conversation is too long to be judged")})
    answer = owner.get(f"/conversations/{day}/{conversation}")
    assert (answer.status, answer.code) == (500, "answer_too_large")
    assert {role: p["restarts"] for role, p in system.processes().items()} == restarts
    system.sql(f"delete from app.conversations where day = '{day}' and conversation_id = '{conversation}'")
    wait_until("nothing is left to judge", lambda: system.jobs_waiting() == 0)


def test_the_name_of_a_model_is_cut_however_long_it_is(system):
    marker = f"w{uuid.uuid4().hex[:8]}"
    status, _ = system.chat([{"role": "user", "content": marker}], model="modèle" * 2_000)
    assert status == 200
    name = wait_until("it is stored", lambda: system.sql(
        f"select model from app.exchanges join app.messages using (exchange_id) where content = '{marker}'"))[0]
    assert 200 < len(name.encode()) <= 256 and ("modèle" * 50).startswith(name)
