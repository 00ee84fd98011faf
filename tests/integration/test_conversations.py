# SPDX-License-Identifier: Apache-2.0
"""Single requests become conversations: whole, once, in order, whatever the agent's habits are."""
import collections
import concurrent.futures
import contextlib
import gzip
import http.client
import json
import os
import random
import signal
import ssl
import uuid

import pytest

from scripted_provider import (ScriptedProvider, anthropic_answer, anthropic_blocks, anthropic_stream, openai_answer,
                               openai_message, openai_stream)
from system import System, free_port, wait_until

CHAT, MESSAGES = "/scripted/v1/chat/completions", "/scripted/v1/messages"


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    port = free_port()
    with System(providers={"scripted": f"https://localhost:{port}"}, settings={"rate_per_minute": 1000000,
                                                                               "rate_burst": 100000}) as s:
        s.provider = ScriptedProvider(port, f"{s.dir}/pki/sample.crt", f"{s.dir}/pki/sample.key")
        s.tls = ssl.create_default_context(cafile=s.ca)
        yield s
        s.provider.close()


@pytest.fixture
def empty(own):
    """The system without the conversations of the tests before."""
    wait_until("nothing is judged", lambda: own.jobs_waiting() == 0)
    own.sql("delete from app.conversations")
    own.before = own.captures()
    return own


def post(system, path, body, **headers):
    """Status and body; each call on a connection of its own, so on any worker of the edge."""
    client = http.client.HTTPSConnection("localhost", system.port, context=system.tls, timeout=30)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client.request("POST", path, data, {"Content-Type": "application/json", "X-Rendfly-Key": system.ingest_key,
                                        **headers})
    try:
        answer = client.getresponse()
        return answer.status, answer.read()
    except (http.client.IncompleteRead, ConnectionError) as cut:
        return None, getattr(cut, "partial", b"")
    finally:
        client.close()


def say(text, calls=()):
    return {"text": text, "calls": list(calls)}


def chat(system, messages, turn, answer=None, headers=None, **fields):
    body = {"model": "m", "messages": messages, "x_answer": answer or {"body": openai_answer(turn)}, **fields}
    return post(system, CHAT, body, **(headers or {}))


def user(text):
    return {"role": "user", "content": text}


def settle(system):
    wait_until("all is stored", lambda: system.captures()["in_flight"] == 0, 30)


def stored(system):
    """Each conversation as a list of (role, content, calls, answered call)."""
    settle(system)
    rows = system.sql("select json_agg(json_build_array(role, content, tool_calls, tool_call_id) order by position)"
                      " from app.messages group by conversation_id")
    return [[(role, content, tuple((c["id"], c["name"], canonical(c["arguments"])) for c in json.loads(calls or "[]")),
              call) for role, content, calls, call in json.loads(row)] for row in rows]


def shortest(number):
    """1.0 and 1 are the same number; an SDK that parsed it writes either."""
    return int(float(number)) if float(number).is_integer() else float(number)


def canonical(arguments):
    try:
        return json.dumps(json.loads(arguments, parse_float=shortest), sort_keys=True)
    except ValueError:
        return arguments


def texts(system):
    return sorted([content for _, content, _, _ in c] for c in stored(system))


def exchanges(system):
    settle(system)
    return sorted(int(n) for n in system.sql("select exchange_count from app.conversations"))


# ---- random agents

WORDS = ["hi", "book it", "no", "where is my bag", "ok\nthanks", "déjà vu", "  spaced  ", "naïve \u2028 line"]
SYSTEMS = [None, "Answer in English only.", "Say that you are an AI."]


def random_turn(r, n):
    calls = [(f"call_{n}_{i}", r.choice(["find", "book"]),
              r.choice(['{"a": 1.0, "b": [1,2]}', "{}", '{"b":"x\\u00e9\\n","a":null}']))
             for i in range(r.choice([0, 0, 1, 1, 2, 3]))]
    text = r.choice(["Hello.", "One moment.", "Done: it is booked.", None if calls else "Sure.", "" if calls else "Yes?"])
    return say(text, calls)


def random_script(r):
    """Turns of the user, the assistant and the tools; beginnings are often those of others."""
    script = [("user", r.choice(WORDS[:3]))]
    for n in range(r.randint(1, 8)):
        turn = random_turn(r, n)
        script.append(("assistant", turn))
        if turn["calls"]:
            script += [("tool", i, r.choice(["found", "", '{"price": 3}'])) for i, _, _ in turn["calls"]]
        else:
            script.append(("user", r.choice(WORDS)))
    return script if script[-1][0] == "assistant" else script + [("assistant", say("Bye."))]


def expected(script):
    out = []
    for kind, *rest in script:
        if kind == "assistant":
            out.append(("assistant", rest[0]["text"] or "", tuple((i, n, canonical(a)) for i, n, a in rest[0]["calls"]),
                        ""))
        else:
            out.append((kind, rest[-1], (), rest[0] if kind == "tool" else ""))
    return tuple(out)


class OpenAiAgent:
    path = CHAT

    def __init__(self, r, system):
        self.r = r
        self.messages = [] if system is None else [{"role": r.choice(["system", "developer"]), "content": system}]

    def content(self, text):
        return self.r.choice([text, [{"type": "text", "text": text}]])

    def hear(self, kind, *rest):
        if kind == "user":
            self.messages.append({"role": "user", "content": self.content(rest[0])})
        elif kind == "tool":
            self.messages.append({"role": "tool", "tool_call_id": rest[0], "content": self.content(rest[1])})
        else:
            message = openai_message(rest[0])
            if message["content"] in (None, ""):
                message["content"] = self.r.choice([None, ""])
            self.messages.append(message)

    def ask(self, turn):
        is_stream = self.r.random() < 0.5
        answer = {"type": "text/event-stream", "body": openai_stream(turn)} if is_stream else \
            {"body": openai_answer(turn)}
        return {"model": "m", "messages": self.messages, "stream": is_stream,
                "x_answer": {**answer, "encoding": self.r.choice([None, "gzip"])}}


class AnthropicAgent:
    path = MESSAGES

    def __init__(self, r, system):
        self.r = r
        self.system, self.messages = system, []

    def add(self, block):
        """Tool results, and what the user says, share one message."""
        if self.r.random() < 0.3:
            block = {**block, "cache_control": {"type": "ephemeral"}}
        if self.messages and self.messages[-1]["role"] == "user":
            self.messages[-1]["content"].append(block)
        else:
            self.messages.append({"role": "user", "content": [block]})

    def hear(self, kind, *rest):
        if kind == "user":
            self.add({"type": "text", "text": rest[0]})
        elif kind == "tool":
            self.add({"type": "tool_result", "tool_use_id": rest[0], "content": self.r.choice([
                rest[1], [{"type": "text", "text": rest[1]}]])})
        else:
            self.messages.append({"role": "assistant", "content": anthropic_blocks(rest[0])})

    def ask(self, turn):
        is_stream = self.r.random() < 0.5
        answer = {"type": "text/event-stream", "body": anthropic_stream(turn)} if is_stream else \
            {"body": anthropic_answer(turn)}
        system = {} if self.system is None else {"system": self.r.choice([
            self.system, [{"type": "text", "text": self.system, "cache_control": {"type": "ephemeral"}}]])}
        return {"model": "m", "max_tokens": 9, "messages": self.messages, "stream": is_stream, **system,
                "x_answer": answer}


def run_agent(system, agent, script):
    for kind, *rest in script:
        if kind == "assistant":
            assert post(system, agent.path, agent.ask(rest[0]))[0] == 200
        agent.hear(kind, *rest)


@pytest.mark.parametrize("kind", [OpenAiAgent, AnthropicAgent])
def test_what_random_agents_said_is_stored_whole_once_and_in_order(empty, kind):
    """Many begin alike, at the same time, over both workers; streams, gzip, parts, parallel calls."""
    seed = int(os.environ.get("RENDFLY_SEED", "11"))
    r = random.Random(seed)
    scripts = [random_script(r) for _ in range(60)]
    scripts += scripts[:6]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        done = [pool.submit(run_agent, empty, kind(random.Random(f"{seed} {i}"), r.choice(SYSTEMS)), s)
                for i, s in enumerate(scripts)]
        for d in done:
            d.result()
    wanted = collections.Counter(expected(s) for s in scripts)
    got = collections.Counter(tuple(c) for c in stored(empty))
    assert got == wanted, f"seed {seed}: missing {list((wanted - got))[:2]}, too many {list((got - wanted))[:2]}"
    turns = sorted(sum(k == "assistant" for k, *_ in s) for s in scripts)
    assert exchanges(empty) == turns


# ---- habits

def ten_turns(system, headers=None, change=lambda messages: messages, systems=None):
    messages = []
    for i in range(10):
        messages.append(user(f"question {i}"))
        head = [{"role": "system", "content": systems(i)}] if systems else []
        assert chat(system, head + change(list(messages)), say(f"answer {i}"), headers=headers)[0] == 200
        messages.append({"role": "assistant", "content": f"answer {i}"})
    return [m["content"] for m in messages]


def test_a_ten_turn_chat_is_one_conversation_with_ten_exchanges_and_no_message_twice(empty):
    said = ten_turns(empty)
    assert texts(empty) == [said] and exchanges(empty) == [10]


@contextlib.contextmanager
def stopped(system, role):
    """What comes meanwhile is there all at once when it goes on."""
    pid = wait_until(f"{role} runs", lambda: system.processes()[role]["pid"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_turns_that_reach_the_collector_all_at_once_are_one_conversation_in_their_order(empty):
    with stopped(empty, "collector"):
        said = [ten_turns(empty, change=lambda m, i=i: [user(f"I am {i}")] + m) for i in range(3)]
    assert texts(empty) == sorted([f"I am {i}"] + s for i, s in enumerate(said)) and exchanges(empty) == [10] * 3


def test_turns_of_a_named_conversation_that_come_all_at_once_are_one_conversation_in_their_order(empty):
    with stopped(empty, "collector"):
        said = ten_turns(empty, headers={"X-Rendfly-Conversation": "c-1"})
    assert texts(empty) == [said] and exchanges(empty) == [10]


def test_a_capture_that_the_database_refuses_keeps_none_beside_it_back(empty):
    before = empty.captures()
    empty.sql("alter table app.messages add constraint refused check (content <> 'refuse me')")
    try:
        with stopped(empty, "collector"):
            for text in ("one", "refuse me", "two"):
                chat(empty, [user(text)], say("Yes."))
        assert texts(empty) == [["one", "Yes."], ["two", "Yes."]]
    finally:
        empty.sql("alter table app.messages drop constraint refused")
    after = empty.captures()
    assert (after["stored"] - before["stored"], after["refused"] - before["refused"]) == (2, 1)


def test_a_system_message_that_changes_every_turn_splits_nothing(empty):
    said = ten_turns(empty, systems=lambda i: f"Answer in English only. It is {i} o'clock.")
    assert texts(empty) == [said] and exchanges(empty) == [10]


def test_two_people_who_say_the_same_are_two_conversations(empty):
    ten_turns(empty)
    ten_turns(empty)
    assert exchanges(empty) == [10, 10]


def test_of_two_that_stand_alike_the_one_under_the_same_system_message_goes_on(empty):
    a, b = {"role": "system", "content": "Be kind."}, {"role": "system", "content": "Be brief."}
    for head in (a, b):
        chat(empty, [head, user("hi")], say("Hello."))
    settle(empty)
    chat(empty, [a, user("hi"), {"role": "assistant", "content": "Hello."}, user("more")], say("Yes."))
    settle(empty)
    assert empty.sql("select count(*) from app.conversations c where exchange_count = 2 and system_message_id ="
                     " (select system_message_id from app.conversations order by started_at limit 1)") == ["1"]


def test_a_request_sent_again_after_a_failure_goes_on_in_its_conversation(empty):
    failed = {"status": 500, "body": '{"error": {"type": "server_error", "message": "x"}}'}
    chat(empty, [user("hi")], None, answer=failed)
    settle(empty)
    chat(empty, [user("hi")], say("Hello."))
    assert texts(empty) == [["hi", "Hello."]] and exchanges(empty) == [2]


def test_a_request_sent_twice_in_mid_chat_adds_an_exchange_and_no_message(empty):
    begun = [user("hi"), {"role": "assistant", "content": "Hello."}, user("book")]
    chat(empty, begun[:1], say("Hello."))
    for _ in range(2):
        chat(empty, begun, say("Booked."))
    chat(empty, begun + [{"role": "assistant", "content": "Booked."}, user("thanks")], say("Bye."))
    assert texts(empty) == [["hi", "Hello.", "book", "Booked.", "thanks", "Bye."]] and exchanges(empty) == [4]


def test_another_answer_to_the_same_question_is_a_path_of_its_own(empty):
    begun = [user("hi"), {"role": "assistant", "content": "Hello."}, user("book")]
    chat(empty, begun[:1], say("Hello."))
    chat(empty, begun, say("Booked."))
    chat(empty, begun, say("No seats."))
    for answer, more in (("Booked.", "one"), ("No seats.", "two")):
        settle(empty)
        chat(empty, begun + [{"role": "assistant", "content": answer}, user(more)], say("Bye."))
    assert texts(empty) == [["hi", "Hello.", "book", "Booked.", "one", "Bye."],
                            ["hi", "Hello.", "book", "No seats.", "two", "Bye."]]


def test_an_edited_history_is_a_path_of_its_own_and_leaves_the_other_as_it_was(empty):
    answer = {"role": "assistant", "content": "Hello."}
    chat(empty, [user("hi")], say("Hello."))
    chat(empty, [user("hi"), answer, user("book")], say("Booked."))
    settle(empty)
    chat(empty, [user("hi there"), answer, user("book")], say("Which?"))
    assert texts(empty) == [["hi", "Hello.", "book", "Booked."], ["hi there", "Hello.", "book", "Which?"]]


def test_a_conversation_begins_with_the_agents_own_examples(empty):
    shots = [user("q"), {"role": "assistant", "content": "a"}]
    chat(empty, shots + [user("real")], say("one"))
    chat(empty, shots + [user("real"), {"role": "assistant", "content": "one"}, user("more")], say("two"))
    assert texts(empty) == [["q", "a", "real", "one", "more", "two"]] and exchanges(empty) == [2]


def test_a_request_of_a_system_message_alone_begins_a_conversation(empty):
    head = {"role": "system", "content": "Greet."}
    chat(empty, [head], say("Welcome."))
    chat(empty, [head, {"role": "assistant", "content": "Welcome."}, user("hi")], say("Hello."))
    assert texts(empty) == [["Welcome.", "hi", "Hello."]] and exchanges(empty) == [2]


@pytest.mark.parametrize("seen", ["The first ha", "The fir"])
def test_an_answer_that_the_client_stopped_is_stored_once_whatever_it_shows_of_it(empty, seen):
    cut = {"type": "text/event-stream", "cut": 100, "body": openai_stream(say("The first half"))[:-300]}
    chat(empty, [user("long")], None, answer=cut, stream=True)
    settle(empty)
    chat(empty, [user("long"), {"role": "assistant", "content": seen}, user("go on")], say("The rest."))
    (said,) = texts(empty)
    assert [said[0]] + said[2:] == ["long", "go on", "The rest."] and said[1].startswith("The")


def test_a_prefilled_answer_is_one_message(empty):
    begun = [user("json")]
    body = {"model": "m", "max_tokens": 5, "messages": begun + [{"role": "assistant", "content": "{\"a\":"}],
            "x_answer": {"body": anthropic_answer(say(" 1}"))}}
    assert post(empty, MESSAGES, body)[0] == 200
    body["messages"] = begun + [{"role": "assistant", "content": "{\"a\": 1}"}, user("again")]
    body["x_answer"] = {"body": anthropic_answer(say("{}"))}
    assert post(empty, MESSAGES, body)[0] == 200
    assert texts(empty) == [["json", "{\"a\": 1}", "again", "{}"]]


def test_the_first_of_several_choices_is_the_answer(empty):
    choices = [{"index": i, "message": {"role": "assistant", "content": t}} for i, t in enumerate(["A", "B"])]
    chat(empty, [user("hi")], None, answer={"body": json.dumps({"choices": choices})}, n=2)
    chat(empty, [user("hi"), {"role": "assistant", "content": "A"}, user("more")], say("C"))
    assert texts(empty) == [["hi", "A", "more", "C"]]


@pytest.mark.parametrize("repeated", [{"content": None, "refusal": "I cannot."}, {"content": "I cannot."},
                                      {"content": [{"type": "refusal", "refusal": "I cannot."}]}])
def test_a_refusal_is_an_answer_however_it_is_repeated(empty, repeated):
    message = {"role": "assistant", "content": None, "refusal": "I cannot."}
    chat(empty, [user("hi")], None, answer={"body": json.dumps({"choices": [{"message": message}]})})
    chat(empty, [user("hi"), {"role": "assistant", **repeated}, user("why")], say("Because."))
    assert texts(empty) == [["hi", "I cannot.", "why", "Because."]]


def test_an_answer_without_usage_has_no_token_counts(empty):
    chat(empty, [user("hi")], say("Hello."))
    settle(empty)
    assert empty.sql("select prompt_tokens is null and completion_tokens is null from app.exchanges") == ["t"]


# ---- named by the agent

def name():
    return {"X-Rendfly-Conversation": str(uuid.uuid4())}


@pytest.mark.parametrize("change", [lambda m: m, lambda m: m[-3:], lambda m: m[-1:]],
                         ids=["whole history", "the last turns only", "the question only"])
def test_a_named_conversation_is_one_however_much_of_its_history_is_repeated(empty, change):
    said = ten_turns(empty, headers=name(), change=change)
    assert texts(empty) == [said] and exchanges(empty) == [10]


def test_the_same_words_under_two_names_are_two_conversations(empty):
    for headers in (name(), name()):
        ten_turns(empty, headers=headers)
    assert exchanges(empty) == [10, 10]


def test_a_named_request_sent_twice_adds_no_message(empty):
    headers, begun = name(), [user("hi"), {"role": "assistant", "content": "Hello."}, user("book")]
    for _ in range(2):
        chat(empty, begun[:1], say("Hello."), headers=headers)
    settle(empty)
    for _ in range(2):
        chat(empty, begun, say("Booked."), headers=headers)
    assert texts(empty) == [["hi", "Hello.", "book", "Booked."]] and exchanges(empty) == [4]


def test_another_answer_in_a_named_conversation_stands_beside_the_first(empty):
    headers = name()
    chat(empty, [user("hi")], say("Hello."), headers=headers)
    settle(empty)
    chat(empty, [user("hi")], say("Good day."), headers=headers)
    assert texts(empty) == [["hi", "Hello.", "Good day."]]


# ---- what is not read

BODIES = {"not JSON": b'{"model": "m", "messages": [', "no messages": b'{"model":"m"}', "a bare number": b"7",
          "bytes that are no UTF-8": b'{"messages":[{"role":"user","content":"\xff\xfe"}]}',
          "a role that we do not know": b'{"messages":[{"role":"wizard","content":"x"}]}',
          "deep": b'{"messages":' + b"[" * 5000 + b"]" * 5000 + b"}", "empty": b""}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_not_read_passes_unchanged_and_is_counted_unparsed(empty, what):
    status, answer = post(empty, CHAT, BODIES[what])
    assert status == 400 and b"invalid_request_error" in answer and empty.provider.seen[-1] == BODIES[what]
    settle(empty)
    now = empty.captures()
    assert now["unparsed"] == empty.before["unparsed"] + 1 and now["refused"] == empty.before["refused"] + 1
    assert now["stored"] == empty.before["stored"] and texts(empty) == []


@pytest.mark.parametrize("answer", [{"body": "x", "encoding": "br"}, {"body": "<html>", "type": "text/html"},
                                    {"body": openai_answer(say("cut"))[:-9]}])
def test_an_answer_that_is_not_read_passes_unchanged_and_is_counted_unparsed(empty, answer):
    assert chat(empty, [user("hi")], None, answer=answer) == (200, answer["body"].encode())
    settle(empty)
    assert empty.captures()["unparsed"] == empty.before["unparsed"] + 1


def test_a_compressed_request_is_read(empty):
    body = gzip.compress(json.dumps({"model": "m", "messages": [user("packed")],
                                     "x_answer": {"body": openai_answer(say("seen"))}}).encode())
    assert post(empty, CHAT, body, **{"Content-Encoding": "gzip"})[0] == 200
    assert texts(empty) == [["packed", "seen"]]


def test_no_word_that_is_stored_of_an_exchange_is_an_original(empty):
    """Models are named by the agent, reasons and errors by the provider: either may name a person."""
    word = iter(range(100))

    def mail():
        return f"ana.original{next(word)}@mail.example.com.br"

    call = {"id": mail(), "type": "function", "function": {"name": mail(), "arguments": json.dumps({mail(): mail()})}}
    answer = json.dumps({"id": mail(), "model": mail(), "system_fingerprint": mail(), "choices": [
        {"index": 0, "finish_reason": mail(), "message": {"role": "assistant", "content": mail(), "tool_calls": [call]}}]})
    error = json.dumps({"error": {"type": mail(), "code": mail(), "message": mail()}})
    asked = [{"role": "user", "content": mail(), "name": mail()}, {"role": "assistant", "content": None, "tool_calls": [call]},
             {"role": "tool", "tool_call_id": call["id"], "name": mail(), "content": mail()}, user(mail())]
    for body, status in ((answer, 200), (error, 400)):
        chat(empty, asked, None, {"body": body, "status": status}, model=mail(), user=mail(), metadata={"of": mail()},
             headers={"X-Rendfly-Conversation": mail(), "User-Agent": mail(), "Content-Type": f"application/json; x={mail()}"})
    settle(empty)
    assert empty.captures()["stored"] == empty.before["stored"] + 2
    everything = "".join(empty.sql(f"select to_jsonb(x) from app.{table} x")[i] for table in
                         ("conversations", "exchanges", "messages", "jobs", "verdicts", "system_messages", "rules")
                         for i in range(int(empty.sql(f"select count(*) from app.{table}")[0])))
    assert everything.count("[EMAIL:") >= 16 and "original" not in everything
