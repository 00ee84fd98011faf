# SPDX-License-Identifier: Apache-2.0
"""A small client of /api/v1 for tests: one object is one browser with its cookie and CSRF token."""
import dataclasses
import http.client
import json
import ssl
import urllib.parse

import api_contract

COOKIE = "__Host-rendfly"


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's fixed word."""
        error = self.json["error"]
        assert set(error) == {"code", "message", "remedy", "request_id"}
        assert error["message"] and error["remedy"]
        assert error["request_id"] == self.headers["X-Request-Id"]
        return error["code"]


class Api:
    def __init__(self, url: str, ca: str):
        self.url = urllib.parse.urlsplit(url)
        self.origin = f"https://{self.url.netloc}"
        self.tls = ssl.create_default_context(cafile=ca)
        self.cookie = None
        self.csrf = None

    def connect(self):
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.tls, timeout=20)

    def send(self, method, path, body=None, headers=None, cookie=None, raw=None) -> Answer:
        sent = {"Cookie": f"{COOKIE}={cookie or self.cookie}"} if cookie or self.cookie else {}
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = self.connect()
        try:
            connection.request(method, "/api/v1" + path, body=data, headers=sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            connection.close()
        self._keep_cookie(answer)
        assert (fault := api_contract.fault_of(method, path, answer.status, answer.body)) is None, fault
        return answer

    def _keep_cookie(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            if name == COOKIE:
                self.cookie = rest.split(";")[0] or None

    def get(self, path, **more) -> Answer:
        return self.send("GET", path, **more)

    def change(self, method, path, body=None) -> Answer:
        """A state change as our pages send it."""
        return self.send(method, path, body=body, headers={
            "Origin": self.origin, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self.csrf})

    def log_in(self, email, password) -> Answer:
        answer = self.send("POST", "/login", {"email": email, "password": password})
        if answer.status == 200:
            self.csrf = answer.json["csrf_token"]
        return answer
