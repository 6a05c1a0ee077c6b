"""A port for a show that a test begins."""

import random
import socket

FIRST, BEYOND = 20_000, 32_000
"""The system hands none of these to a program that asks for any port, as others do meanwhile."""
DICE = random.SystemRandom()
"""Two processes of tests may have seeded the usual dice alike."""


def free_port() -> int:
    """A UDP port that nobody has and nobody is given by chance: a show may take it seconds later."""
    while True:
        port = DICE.randrange(FIRST, BEYOND)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
