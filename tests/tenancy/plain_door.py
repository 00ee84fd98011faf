# SPDX-License-Identifier: Apache-2.0
"""A door without TLS beside the edge's, for a program that speaks none of our TLS: what comes in on it goes out to the
edge, on this machine only.
"""
import contextlib
import socket
import socketserver
import threading


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class PlainDoor(socketserver.ThreadingTCPServer):
    """port: where it listens on 127.0.0.1."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, edge_port, tls):
        self.edge_port, self.tls = edge_port, tls
        super().__init__(("127.0.0.1", 0), self.Guest)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_close(self):
        self.shutdown()
        super().server_close()

    class Guest(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server.edge_port), 20) as plain, \
                    self.server.tls.wrap_socket(plain, server_hostname="localhost") as edge:
                back = threading.Thread(target=pump, args=(edge, self.request), daemon=True)
                back.start()
                pump(self.request, edge)
                back.join()
