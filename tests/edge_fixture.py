# SPDX-License-Identifier: Apache-2.0
"""An edge in a folder of its own, with a provider and a collector beside it that tests can steer.

    with EdgeFixture(listen_port=…) as edge:
        answer = edge.post("/openai/v1/chat/completions", b"{}")
        capture = edge.collector.wait_for(1)[0]

Only the standard library is used.  The provider is named twice, `openai` and `anthropic`, so that
both formats of errors can be seen; `dead` is a provider that nobody listens for.
"""
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULE = "ngx_http_rendfly_module.so"
COUNTERS = ["forwarded", "stored", "dropped", "refused", "unparsed", "in_flight", "unauthorized",
            "limited"]
START, REQUEST, RESPONSE, END, ACK = 1, 2, 3, 4, 5
STORED, REFUSED, UNPARSED = 1, 2, 3


def wait_until(what, condition, seconds=10.0):
    """Asks again until the condition is true; a wait that ends without it fails with its name."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"did not come within {seconds} s: {what}")
        time.sleep(0.005)
    return value


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def find_build():
    """The folder with the program: RENDFLY_BUILD, else the first of the usual ones."""
    for name in filter(None, [os.environ.get("RENDFLY_BUILD"), "build", "build-gcc", "build-clang"]):
        folder = ROOT / name
        if (folder / "rendfly").exists():
            return folder
    raise FileNotFoundError("rendfly is not built; set RENDFLY_BUILD")


def find_module(build):
    return next(p for p in (build / MODULE, build / "src/edge" / MODULE) if p.exists())


# Certificates

def run_openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def make_ca(folder):
    run_openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.crt", "-days", "2",
                "-subj", "/CN=conformance test CA",
                "-addext", "basicConstraints=critical,CA:TRUE")


def make_certificate(folder, name, names="DNS:localhost,IP:127.0.0.1", ca="ca", days=2):
    key, request, crt = (f"{folder}/{name}.{ext}" for ext in ("key", "csr", "crt"))
    run_openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", request, "-subj", f"/CN={name}",
                "-addext", f"subjectAltName={names}")
    run_openssl("x509", "-req", "-in", request, "-CA", f"{folder}/{ca}.crt", "-CAkey",
                f"{folder}/{ca}.key", "-CAcreateserial", "-days", str(days), "-out", crt,
                "-copy_extensions", "copy")


# The key table, as lib/keytable/keytable.h describes it

def new_key(rate_per_minute=600000, burst=100000, workspace=None, name=None):
    return {"text": name or f"pk_live_{uuid.uuid4().hex}", "workspace": workspace or uuid.uuid4(),
            "project": uuid.uuid4(), "key": uuid.uuid4(), "rate": rate_per_minute, "burst": burst}


def write_key_table(path, keys, published_at_ms=None):
    pepper = os.urandom(32)
    entries = sorted(
        hmac.new(pepper, k["text"].encode(), hashlib.sha256).digest() + k["workspace"].bytes +
        k["project"].bytes + k["key"].bytes + struct.pack("<II", k["rate"], k["burst"])
        for k in keys)
    if published_at_ms is None:
        published_at_ms = int(time.time() * 1000)
    table = (b"RFKT0001" + struct.pack("<q", published_at_ms) + pepper +
             struct.pack("<II", len(entries), 0) + b"".join(entries))
    fresh = pathlib.Path(f"{path}.new")
    fresh.write_bytes(table + hashlib.sha256(table).digest())
    fresh.chmod(0o644)
    fresh.rename(path)


# The provider

class Request:
    """What the provider got: the head as bytes, and the body when it came whole."""

    def __init__(self, head):
        self.head = head
        lines = head.split(b"\r\n")
        self.method, self.target, self.version = lines[0].decode("latin-1").split(" ", 2)
        self.headers = []
        for line in filter(None, lines[1:]):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers.append((name, value.strip()))
        self.body = b""

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def header(self, name):
        return next(iter(self.all(name)), None)


class Provider:
    """A TLS 1.3 server; `behaviours` maps a part of the path to a function(request, peer) that
    answers.  Without one it answers 200 with JSON that says what it saw."""

    def __init__(self, certificate, key, **versions):
        self.requests = []
        self.connections = 0
        self.behaviours = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = versions.get("minimum", ssl.TLSVersion.TLSv1_3)
        context.maximum_version = versions.get("maximum", ssl.TLSVersion.TLSv1_3)
        context.load_cert_chain(certificate, key)
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, plain):
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.context.wrap_socket(plain, server_side=True) as peer:
                self.connections += 1
                reader = peer.makefile("rb")
                while self.serve_one(reader, peer):
                    pass
        except (OSError, ValueError, ssl.SSLError):
            pass
        finally:
            plain.close()

    def serve_one(self, reader, peer):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline(65536)
            if not line:
                return False
            head += line
        request = Request(head)
        behaviour = next((b for part, b in self.behaviours.items() if part in request.target), None)
        if getattr(behaviour, "answers_before_body", False):
            self.requests.append(request)
            return behaviour(request, peer)
        request.body = read_body(request, reader)
        self.requests.append(request)
        if behaviour is not None:
            return behaviour(request, peer) is not False
        answer_json(peer, {"target": request.target, "body_bytes": len(request.body)})
        return True

    def close(self):
        self.listener.close()


def read_body(request, reader):
    if (request.header("transfer-encoding") or "").lower() != "chunked":
        return read_exactly(reader, int(request.header("content-length") or 0))
    body = b""
    while (size := int(reader.readline(), 16)) > 0:
        body += read_exactly(reader, size)
        reader.readline()
    reader.readline()
    return body


def read_exactly(reader, size):
    data = reader.read(size)
    if len(data) != size:
        raise ValueError("the body was cut")
    return data


def answer(peer, body, status="200 OK", headers=()):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    peer.sendall("\r\n".join(lines).encode() + body)


def answer_json(peer, value, status="200 OK", headers=()):
    answer(peer, json.dumps(value).encode(), status,
           ["Content-Type: application/json", *headers])


def send_chunk(peer, data):
    peer.sendall(b"%x\r\n%s\r\n" % (len(data), data))


def start_stream(peer, content_type="text/event-stream"):
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type.encode() +
                 b"\r\nTransfer-Encoding: chunked\r\n\r\n")


# The collector

class Capture:
    def __init__(self, start):
        self.start = start
        self.request = b""
        self.response = b""
        self.end = None


class Collector:
    """Speaks docs/protocol.md and fails on every frame that breaks it.  `answer` is the ACK's
    byte, or None to keep quiet."""

    def __init__(self, path):
        self.path = str(path)
        self.answer = STORED
        self.captures = []  # whole ones, each delivery
        self.faults = []
        self.unacked = []
        self.peers = set()
        self.lock = threading.Lock()
        self.listener = None
        self.is_reading = threading.Event()
        self.is_reading.set()
        self.listen()

    def listen(self):
        pathlib.Path(self.path).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """As a collector that is killed: the listening socket and every connection are gone."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        pathlib.Path(self.path).unlink(missing_ok=True)
        self.hang_up()

    def hang_up(self):
        with self.lock:
            peers, self.peers, self.unacked = self.peers, set(), []
        for peer in peers:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            peer.close()

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.peers.add(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        capture, capture_id = None, None
        reader = peer.makefile("rb")
        try:
            while True:
                self.is_reading.wait()
                head = reader.read(21)
                if len(head) < 21:
                    return
                kind, (length,) = head[0], struct.unpack(">I", head[17:])
                body = reader.read(length)
                if len(body) < length:
                    return
                capture, capture_id = self.take(capture, capture_id, kind, head[1:17], body)
                if kind == END:
                    self.finish(peer, capture, capture_id)
                    capture = None
        except (OSError, ValueError):
            pass

    def take(self, capture, capture_id, kind, frame_id, body):
        if len(body) > 1 << 20:
            self.faults.append("a frame over 1 MiB")
        if kind == START:
            if capture is not None:
                self.faults.append("a START inside a capture")
            capture, capture_id = Capture(json.loads(body)), frame_id
            capture.id = uuid.UUID(bytes=frame_id)
            return capture, capture_id
        if capture is None or frame_id != capture_id:
            self.faults.append(f"frame {kind} outside its capture")
            return Capture({}), frame_id
        if kind == REQUEST and not capture.response:
            capture.request += body
        elif kind == RESPONSE:
            capture.response += body
        elif kind == END:
            capture.end = json.loads(body)
        else:
            self.faults.append(f"frame {kind} out of order")
        return capture, capture_id

    def finish(self, peer, capture, capture_id):
        with self.lock:
            self.captures.append(capture)
            if self.answer is None:
                self.unacked.append((peer, capture_id))
                return
        self.send_ack(peer, capture_id, self.answer)

    def send_ack(self, peer, capture_id, value):
        peer.sendall(bytes([ACK]) + capture_id + struct.pack(">I", 1) + bytes([value]))

    def ack_kept(self, value=STORED):
        with self.lock:
            kept, self.unacked = self.unacked, []
        for peer, capture_id in kept:
            self.send_ack(peer, capture_id, value)

    def wait_for(self, count, seconds=10.0):
        wait_until(f"{count} captures", lambda: len(self.captures) >= count, seconds)
        return self.captures[:]

    def wait_for_path(self, path):
        return wait_until(f"the capture of {path}", lambda: next(
            (c for c in self.captures if c.start.get("path") == path), None))


# The edge

class EdgeFixture:
    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rendfly-edge-"))
        self.folder.chmod(0o755)
        for name in ("pki", "run", "www", "log"):
            (self.folder / name).mkdir()
        self.port = settings.pop("listen_port", None) or free_port()
        self.settings = settings
        self.key = new_key()
        self.keys = [self.key]
        self.process = None
        make_ca(self.folder / "pki")
        for name in ("edge", "provider"):
            make_certificate(self.folder / "pki", name)
        self.provider = Provider(self.folder / "pki/provider.crt", self.folder / "pki/provider.key")
        self.collector = Collector(self.folder / "run/capture.sock")
        self.providers = {"openai": self.provider.port, "anthropic": self.provider.port,
                          "dead": free_port()}
        self.hosts = {}  # of providers that are not on localhost
        (self.folder / "www/index.html").write_text("<!doctype html><script>1</script>page")
        self.context = ssl.create_default_context(cafile=self.folder / "pki/ca.crt")

    def __enter__(self):
        self.publish()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        log = self.log()
        self.provider.close()
        self.collector.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        for crash in ("signal 11", "signal 6", "open socket"):
            assert crash not in log, log

    # Life

    def publish(self, keys=None, published_at_ms=None):
        write_key_table(self.folder / "run/keytable", self.keys if keys is None else keys,
                        published_at_ms)

    def publish_to_all(self, keys):
        """Ends when every worker has the new table."""
        self.publish(keys)
        inode = (self.folder / "run/keytable").stat().st_ino
        wait_until("every worker has mapped the key table", lambda: all(
            self.has_mapped(pid, inode) for pid in self.workers()))

    def has_mapped(self, pid, inode):
        try:
            maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
        except PermissionError:  # only root may look: then the time that it takes at most
            time.sleep(0.5)
            return True
        return any(line.split()[4] == str(inode) for line in maps.splitlines()
                   if line.endswith("run/keytable"))

    def write_configuration(self):
        lines = [f"listen_port = {self.port}"]
        lines += [f"{name} = {value}" for name, value in self.settings.items()]
        for name, port in self.providers.items():
            host = self.hosts.get(name, "localhost")
            lines += [f"provider.{name} = https://{host}:{port}",
                      f"provider.{name}.ca = {self.folder}/pki/ca.crt"]
        (self.folder / "rendfly.conf").write_text("\n".join(lines) + "\n")

    def command(self):
        """As root when there is the edge's user to become; else as a user without rights."""
        build = find_build()
        program, who = str(build / "rendfly"), {}
        if os.geteuid() == 0:
            try:
                owner = pwd.getpwnam("rendfly-edge")
            except KeyError:
                owner = pwd.getpwnam("nobody")
                who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
                program = shutil.copy(build / "rendfly", self.folder / "rendfly")
                shutil.copy(find_module(build), self.folder / MODULE)
                os.chown(self.folder / "run", owner.pw_uid, owner.pw_gid)
            os.chown(self.folder / "pki/edge.key", owner.pw_uid, owner.pw_gid)
        return [program, "edge", "--dir", str(self.folder)], who

    def start(self):
        self.write_configuration()
        command, who = self.command()
        with open(self.folder / "log/edge-error.log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **who)
        wait_until("the edge answers", self.is_up)

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the edge did not start:\n{self.log()}")
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process = None

    def reload(self, by=None):
        """Ends when only workers that were not there before take new connections."""
        before = set(self.workers())
        (by or (lambda: self.process.send_signal(signal.SIGHUP)))()
        wait_until("new workers serve", lambda: set(self.workers()) and
                   not set(self.workers()) & before)

    def change_nginx(self, old, new):
        path = self.folder / "run/edge/nginx.conf"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def log(self):
        return (self.folder / "log/edge-error.log").read_text(errors="replace")

    def workers(self):
        """Process ids of the workers that take new connections."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                ppid = int(stat.read_text().rsplit(")", 1)[1].split()[1])
                title = (stat.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if ppid == self.process.pid and b"shutting down" not in title:
                found.append(int(stat.parent.name))
        return sorted(found)

    def counters(self):
        data = (self.folder / "run/edge.counters").read_bytes()
        sums = dict.fromkeys(COUNTERS, 0)
        for slot in range(64):
            for i, name in enumerate(COUNTERS):
                sums[name] += struct.unpack_from("<Q", data, slot * 128 + 8 + 8 * i)[0]
        return sums

    def is_balanced(self):
        c = self.counters()
        return c["forwarded"] == c["stored"] + c["dropped"] + c["refused"] + c["in_flight"]

    # Clients

    def connect(self, **context_settings):
        context = self.context
        if context_settings:
            context = ssl.create_default_context(cafile=self.folder / "pki/ca.crt")
            for name, value in context_settings.items():
                setattr(context, name, value)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(plain, server_hostname="localhost")

    def raw(self, data, seconds=5.0):
        """Sends bytes as they are and returns all that comes until the edge closes or is quiet."""
        with self.connect() as peer:
            peer.settimeout(seconds)
            out = b""
            with contextlib.suppress(OSError):  # it may have answered and closed before it read all
                peer.sendall(data)
            try:
                while part := peer.recv(65536):
                    out += part
            except (TimeoutError, OSError):
                pass
            return out

    def request(self, method, path, body=None, headers=None):
        client = http.client.HTTPSConnection("localhost", self.port, context=self.context,
                                             timeout=30)
        client.request(method, path, body=body, headers=headers or {})
        got = client.getresponse()
        got.content = got.read()
        client.close()
        return got

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=b"", key=True, headers=None):
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key is True:
            sent["X-Rendfly-Key"] = self.key["text"]
        elif key:
            sent["X-Rendfly-Key"] = key
        return self.request("POST", path, body, sent)
