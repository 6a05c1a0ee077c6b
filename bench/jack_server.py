"""A JACK server of a bench's own, on its dummy driver: no sound card, and nobody else's show."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

RATE = 48000
SERVER = "twos-and-sevens-bench"
"""The same every time: JACK keeps the names of killed servers, and has room for eight.

Programs that a bench starts find it by the environment.
"""


@contextlib.contextmanager
def jack_server(block: int, log: Path, real_time: bool = False) -> Iterator[None]:
    """A server for as long as the block lasts; what it says goes into `log`.

    `real_time`: scheduled as a server on stage is (needs the right to it).
    """
    os.environ.update(
        JACK_DEFAULT_SERVER=SERVER, JACK_NO_AUDIO_RESERVATION="1", JACK_NO_START_SERVER="1"
    )
    with open(log, "wb") as file:
        priority = ["-R", "-P", "10"] if real_time else ["-r"]
        driver = ["-d", "dummy", "-r", str(RATE), "-p", str(block)]
        command = ["jackd", "-n", SERVER, *priority, *driver]
        server = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        subprocess.run(
            ["jack_wait", "-s", SERVER, "-w", "-t", "10"], check=True, capture_output=True
        )
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
