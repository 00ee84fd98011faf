# SPDX-License-Identifier: Apache-2.0
"""A private cluster with the schema and nothing else running: what one finds out about row-level
security needs no other process.  The test plays keyd: it chose the key that contexts are made with.
"""
import contextlib
import hashlib
import hmac
import os
import pwd
import signal
import subprocess
import time

import psycopg2

from system import PROGRAM, System, wait_until

ROLES = ("setup", "collector", "api", "judge", "steward", "operator")
CONTEXT_KEY = bytes(range(32))


def context(workspace, role, pid, expiry=None, key=CONTEXT_KEY):
    """What keyd would mint; another key gives a forged one."""
    text = f"{workspace}|rendfly_{role}|{pid}|{int(time.time()) + 25 if expiry is None else expiry}"
    return f"{text}|{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


class Database:
    def __init__(self, settings=None):
        self.system = System(settings=settings, start=False)
        self.process = None
        try:
            self.process = subprocess.Popen([PROGRAM, "postgres", "--dir", self.system.dir],
                                            stdout=self.system.output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL)
            wait_until("PostgreSQL answers", self.is_up)
            subprocess.run([PROGRAM, "migrate", "--dir", self.system.dir], check=True, stdout=self.system.output,
                           stderr=subprocess.STDOUT)
            with self.superuser() as c, c.cursor() as q:
                q.execute("select app.install_context_key(%s)", (CONTEXT_KEY,))
        except BaseException:
            self.close()
            raise

    def is_up(self):
        with contextlib.suppress(psycopg2.OperationalError):
            self.superuser().close()
            return True
        return False

    def close(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # without waiting for its clients
            self.process.wait(30)
        self.system.close()

    def superuser(self):
        """Over the unix socket, whose other end asks the kernel who we are."""
        was = os.geteuid()
        os.seteuid(pwd.getpwnam("rendfly-postgres").pw_uid)
        try:
            return psycopg2.connect(host=f"{self.system.dir}/run/pg", port=self.system.settings["postgres_port"],
                                    user="rendfly-postgres", dbname="rendfly")
        finally:
            os.seteuid(was)

    def login(self, role):
        """As the process itself does: TLS, its certificate, its password."""
        pki = self.system.folder / "pki"
        return psycopg2.connect(
            host="localhost", hostaddr="127.0.0.1", port=self.system.settings["postgres_port"], dbname="rendfly",
            user=f"rendfly_{role}", password=(pki / f"db-{role}.password").read_text().strip(),
            sslmode="verify-full", sslrootcert=str(pki / "ca.crt"), sslcert=str(pki / f"db-{role}.crt"),
            sslkey=str(pki / f"db-{role}.key"))
