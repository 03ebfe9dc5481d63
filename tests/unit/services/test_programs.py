"""The programs of services as their containers get them: one text, and no grader to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.services.double.program import program_of
from grader.services.double.server import ProgramServer
from grader.services.identity.server import IdentityServer
from grader.services.mail.server import MailServer
from grader.services.objects.server import ObjectServer
from grader.services.payments.server import PaymentServer

BLOCKED = """\
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "grader":
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
"""
LARGEST = 128 * 1024
"""Bytes that the system takes as one argument."""


@pytest.mark.parametrize("server", [MailServer, PaymentServer, IdentityServer, ObjectServer])
def test_a_program_needs_nothing_of_the_grader(server: type[ProgramServer]) -> None:
    text = program_of((*server.first, *server.modules))
    assert len(text.encode()) < LARGEST
    loading, ended = text.rsplit("\n", 2)[0], text.rsplit("\n", 2)[1]
    assert ended.endswith(".main()")
    command = [sys.executable, "-I", "-c", f"{BLOCKED}{loading}\nprint('loaded')"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert done.stdout == "loaded\n", done.stderr


def test_a_program_listens_where_it_is_looked_for() -> None:
    from grader.services.identity import provider as identity
    from grader.services.mail import catcher as mail
    from grader.services.objects import store
    from grader.services.payments import provider as payments

    found = (identity.PORT, mail.PORT, store.PORT, payments.PORT)
    servers = (IdentityServer, MailServer, ObjectServer, PaymentServer)
    assert found == tuple(one.port for one in servers)
