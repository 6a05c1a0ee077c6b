"""What tests of whole shows share: the command as a performer calls it, and a port for its OSC."""

import socket
import sys

PERFORM = [sys.executable, "-c", "from instrument.cli import perform; perform()"]


def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
