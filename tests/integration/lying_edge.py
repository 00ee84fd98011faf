# SPDX-License-Identifier: Apache-2.0
"""An edge that lies: it stands before the real one, with its certificate, and spoils what passes.

`rendfly prove` asked through it must say that the promise in question does not hold.
"""
import contextlib
import http.client
import http.server
import ssl
import threading

from system import free_port


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class LyingEdge:
    """spoil(request, answer) may change the answer; request has .command, .path, .headers, .body."""

    def __init__(self, system, spoil):
        self.port = free_port()
        trust = ssl.create_default_context(cafile=system.ca)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                real = http.client.HTTPSConnection("localhost", system.port, context=trust, timeout=20)
                with contextlib.closing(real):
                    real.request(self.command, self.path, self.body or None, dict(self.headers))
                    got = real.getresponse()
                    answer = Answer(got.status, got.getheaders(), got.read())
                spoil(self, answer)
                self.send_response(answer.status)
                for name, value in answer.headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = pass_on

            def log_message(self, *_):
                pass

        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.minimum_version = ssl.TLSVersion.TLSv1_3
        own.load_cert_chain(f"{system.dir}/pki/edge.crt", f"{system.dir}/pki/edge.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.socket = own.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
