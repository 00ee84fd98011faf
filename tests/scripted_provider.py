# SPDX-License-Identifier: Apache-2.0
"""A provider that answers what the request tells it to: the field `x_answer` of the body holds
{"status", "type", "body", "encoding", "cut"}; an agent's own SDK would not send it, and the edge passes it
on like any other field."""
import gzip
import http.server
import json
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            answer = json.loads(body)["x_answer"]
        except (ValueError, KeyError, TypeError, RecursionError):
            answer = {"status": 400, "body": '{"error":{"type":"invalid_request_error","message":"no script"}}'}
        data = answer["body"].encode()
        if answer.get("encoding") == "gzip":
            data = gzip.compress(data)
        self.send_response(answer.get("status", 200))
        self.send_header("Content-Type", answer.get("type", "application/json"))
        if answer.get("encoding"):
            self.send_header("Content-Encoding", answer["encoding"])
        self.send_header("Content-Length", str(len(data) + answer.get("cut", 0)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = answer.get("cut", 0) > 0

    def log_message(self, *_):
        pass


class ScriptedProvider:
    def __init__(self, port, cert, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(cert, key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.seen = []
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def seen(self):
        return self.server.seen

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# Answers in the providers' formats.  A turn is {"text": str or None, "calls": [(id, name, arguments)]}.

def sse(events):
    return "".join((f"event: {e['type']}\n" if "type" in e else "") + f"data: {json.dumps(e)}\n\n" for e in events)


def openai_message(turn):
    message = {"role": "assistant", "content": turn["text"]}
    if turn["calls"]:
        message["tool_calls"] = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}}
                                 for i, n, a in turn["calls"]]
    return message


def openai_answer(turn, **fields):
    return json.dumps({"id": "x", "model": "scripted", "choices": [
        {"index": 0, "message": openai_message(turn), "finish_reason": "stop"}], **fields})


def openai_stream(turn):
    """Text in pieces, each call's arguments in pieces, parallel calls interleaved."""
    def chunk(delta):
        return {"id": "x", "model": "scripted", "choices": [{"index": 0, "delta": delta}]}
    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": turn["text"][i:i + 5]}) for i in range(0, len(turn["text"] or ""), 5)]
    events += [chunk({"tool_calls": [{"index": n, "id": i, "type": "function",
                                      "function": {"name": name, "arguments": ""}}]})
               for n, (i, name, _) in enumerate(turn["calls"])]
    longest = max([len(a) for _, _, a in turn["calls"]], default=0)
    events += [chunk({"tool_calls": [{"index": n, "function": {"arguments": a[at:at + 7]}}]})
               for at in range(0, longest, 7) for n, (_, _, a) in enumerate(turn["calls"]) if a[at:at + 7]]
    return sse(events + [{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}]) + "data: [DONE]\n\n"


def anthropic_blocks(turn):
    blocks = [{"type": "text", "text": turn["text"]}] if turn["text"] else []
    return blocks + [{"type": "tool_use", "id": i, "name": n, "input": json.loads(a)} for i, n, a in turn["calls"]]


def anthropic_answer(turn):
    return json.dumps({"id": "x", "type": "message", "role": "assistant", "model": "scripted",
                       "content": anthropic_blocks(turn), "stop_reason": "end_turn",
                       "usage": {"input_tokens": 3, "output_tokens": 4}})


def anthropic_stream(turn):
    events = [{"type": "message_start", "message": {"model": "scripted", "usage": {"input_tokens": 3}}}]
    for index, block in enumerate(anthropic_blocks(turn)):
        is_text = block["type"] == "text"
        whole = block["text"] if is_text else json.dumps(block["input"])
        start = {**block, "text": ""} if is_text else {**block, "input": {}}
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta":
                    {"type": "text_delta", "text": whole[i:i + 6]} if is_text else
                    {"type": "input_json_delta", "partial_json": whole[i:i + 6]}} for i in range(0, len(whole), 6)]
        events.append({"type": "content_block_stop", "index": index})
    return sse(events + [{"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                          "usage": {"output_tokens": 4}}, {"type": "message_stop"}])
