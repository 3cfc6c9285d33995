"""Ports of this machine that a server of a test may take a moment later."""

from __future__ import annotations

import random
import socket

# Below the ports that Linux gives to clients: the connection of another test would take one of those in
# the moment between the choice and the server's start.
_FIRST, _LAST = 10_000, 32_000
_CHANCE = random.SystemRandom()


def free_port() -> int:
    """Return a port that nothing on 127.0.0.1 listens at; the same one hardly comes twice."""
    while True:
        port = _CHANCE.randint(_FIRST, _LAST)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
