"""A web whose daemon is killed while it starts ends without a word."""

from __future__ import annotations

import socket
import subprocess
import sys

from connector.daemon.web_process import written
from connector.settings import load
from tests.system.web_site import PATIENCE, Site

MAIN = "import sys; from connector.daemon.web_served import main; main(*map(int, sys.argv[1:]))"


def test_a_web_whose_daemon_was_killed_ends_without_a_traceback(tmp_path):
    site = Site(tmp_path, https=False)
    settings = load(site.connector.settings, {})
    settings.storage.path.mkdir(parents=True)
    ours, theirs = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listener, ours, theirs:
        descriptors = (theirs.fileno(), listener.fileno())
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *map(str, descriptors)],
            pass_fds=descriptors,
            stderr=subprocess.PIPE,
            text=True,
        )
        theirs.close()
        ours.sendall(written(settings) + b"\n")
        ours.close()
        said = process.communicate(timeout=PATIENCE)[1]

    assert (process.returncode, said) == (0, "")
