#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A judging model that is none: it speaks the OpenAI format over TLS and behaves as the name of the
model in the request says, well or badly.

usage: sample_judge.py FOLDER
Makes a throw-away CA in FOLDER (ca.crt, and other-ca.crt that signed nothing), listens on three
loopback ports, and prints one line of JSON: {"good": port, "tls12": port, "wrong_name": port}.
It takes the keys that stand in FOLDER/keys, without that file sample-key.  It ends when its standard
input ends.
"""
import json
import pathlib
import re
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HUGE = 12 << 20


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_ca(folder: pathlib.Path, name: str) -> None:
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN=throw-away {name}", "-keyout", str(folder / f"{name}.key"),
            "-out", str(folder / f"{name}.crt"))


def make_certificate(folder: pathlib.Path, name: str, alt_name: str) -> None:
    request, extension = folder / f"{name}.csr", folder / f"{name}.ext"
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/CN={name}", "-keyout", str(folder / f"{name}.key"), "-out", str(request))
    extension.write_text(f"subjectAltName={alt_name}\n")
    openssl("x509", "-req", "-days", "2", "-in", str(request), "-CA", str(folder / "ca.crt"),
            "-CAkey", str(folder / "ca.key"), "-CAcreateserial", "-extfile", str(extension),
            "-out", str(folder / f"{name}.crt"))


def good_extraction(user_text: str, nonce: str, **changes) -> str:
    """A rule of each line of the system message that is a bullet."""
    message = json.loads(re.search(r"^<system_message id=\w+ encoding=json>\n(.*?)\n</system_message", user_text,
                                   re.S).group(1))
    bullets = [line[2:] for line in message.splitlines() if line.startswith("- ")]
    rules = [{"name": f"Rule {number}", "description": changes.get("why", bullet), "category": "other",
              "source": changes.get("quote", bullet)} for number, bullet in enumerate(bullets, 1)]
    return json.dumps({"nonce": nonce, "rules": rules})


def good_answer(user_text: str, **changes) -> str:
    """What an honest model could send: each rule with the same verdict, quoted from message 0."""
    if user_text.startswith("<system_message"):
        nonce = re.search(r'"nonce":"([0-9a-f]{32})"', user_text).group(1)
        return good_extraction(user_text, **{"nonce": nonce, **changes})
    nonce = re.search(r'"nonce":"([0-9a-f]{32})"', user_text).group(1)
    rules = json.loads(re.search(r"<rules encoding=json>\n(.*?)</rules>", user_text, re.S).group(1))
    messages = json.loads(re.search(
        r"<conversation id=\w+ encoding=json>\n(.*?)\n</conversation", user_text, re.S).group(1))
    quote = changes.get("quote", messages[0]["content"][:40])
    evidence = [{"message": 0, "quote": quote}] if quote else []
    verdicts = [{"rule": rule["id"], "verdict": changes.get("verdict", "pass"),
                 "evidence": evidence, "why": changes.get("why", "The sample judge says so.")}
                for rule in rules]
    return json.dumps({"nonce": changes.get("nonce", nonce), "verdicts": verdicts})


class Judge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: dict = {}
    lock = threading.Lock()
    keys = pathlib.Path()

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            times = self.seen[body["model"]] = self.seen.get(body["model"], 0) + 1
        if self.path != "/v1/chat/completions":
            return self.send(404, b"{}")
        keys = self.keys.read_text().split() if self.keys.is_file() else ["sample-key"]
        if self.headers.get("Authorization") not in (None, *(f"Bearer {key}" for key in keys)):
            return self.send(401, b'{"error":{"message":"wrong key","type":"invalid_request_error"}}')
        behaviour = body["model"].split(":")[0]
        return getattr(self, "be_" + behaviour)(body["messages"][-1]["content"],
                                                body["messages"][0]["content"], times)

    def send(self, status: int, body: bytes, **headers: str):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def say(self, content, finish="stop", **message):
        self.send(200, json.dumps({
            "id": "sample", "object": "chat.completion", "model": "sample-judge",
            "choices": [{"index": 0, "finish_reason": finish,
                         "message": {"role": "assistant", "content": content, **message}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode())

    def be_good(self, user, _system, _times):
        self.say(good_answer(user))

    def be_fails(self, user, _system, _times):
        self.say(good_answer(user, verdict="fail"))

    def be_prose(self, user, _system, _times):
        self.say("Here is my verdict:\n" + good_answer(user))

    def be_fenced(self, user, _system, _times):
        self.say("```json\n" + good_answer(user) + "\n```")

    def be_broken(self, user, _system, _times):
        self.say(good_answer(user)[:-3])

    def be_nonce(self, user, _system, _times):
        self.say(good_answer(user, nonce="0" * 32))

    def be_invents(self, user, _system, _times):
        self.say(good_answer(user, quote="words that nobody ever said here"))

    def be_leaks(self, user, system, _times):
        self.say(good_answer(user, why=re.search(r"canary-\w+", system).group(0)))

    def be_toolcall(self, _user, _system, _times):
        self.say(None, "tool_calls", tool_calls=[{"id": "1", "type": "function", "function": {
            "name": "verdict", "arguments": "{\"verdict\":\"pass\"}"}}])

    def be_length(self, user, _system, _times):
        self.say(good_answer(user), "length")

    def be_empty(self, _user, _system, _times):
        self.say("")

    def be_notchat(self, _user, _system, _times):
        self.send(200, b"[]")

    def be_huge(self, _user, _system, _times):
        self.say("x" * HUGE)

    def be_never(self, _user, _system, _times):
        self.rfile.read(1)  # until the client goes away
        self.close_connection = True

    def be_limited(self, user, _system, times):
        if times < 3:
            return self.send(429, b"{}", Retry_After="0")
        return self.say(good_answer(user))

    def be_limitedlong(self, _user, _system, _times):
        self.send(429, b"{}", Retry_After="3600")

    def be_limitedalways(self, _user, _system, _times):
        self.send(429, b"{}")

    def be_failing(self, _user, _system, _times):
        self.send(503, b"{}")

    def be_refusing(self, _user, _system, _times):
        self.send(400, b"{}")

    def be_redirect(self, _user, _system, _times):
        self.send(307, b"", Location="/v1/elsewhere")

    def be_cut(self, user, _system, _times):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(good_answer(user).encode())
        self.close_connection = True

    def be_cutonce(self, user, system, times):
        if times == 1:
            return self.be_cut(user, system, times)
        return self.say(good_answer(user))

    def be_counted(self, _user, _system, _times):
        """Says how often each model was asked."""
        with self.lock:
            self.say(json.dumps(self.seen))


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that go away are what some of the tests are about."""


def listen(folder: pathlib.Path, name: str, only_tls12: bool = False) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if only_tls12 else ssl.TLSVersion.TLSv1_3
    if only_tls12:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    server = Quiet(("127.0.0.1", 0), Judge)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    Judge.keys = folder / "keys"
    for name in ("ca", "other-ca"):
        make_ca(folder, name)
    make_certificate(folder, "localhost", "DNS:localhost,IP:127.0.0.1")
    make_certificate(folder, "elsewhere", "DNS:elsewhere.example")
    print(json.dumps({"good": listen(folder, "localhost"),
                      "tls12": listen(folder, "localhost", only_tls12=True),
                      "wrong_name": listen(folder, "elsewhere")}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
