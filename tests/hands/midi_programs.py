"""Real MIDI without hardware: a JACK server on its dummy driver, its own tools, and a client that sends."""

import contextlib
import os
import queue
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

SERVER = f"twos-and-sevens-midi-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Of this process of tests, and the same every time: JACK has room for eight names, and keeps
those of the killed."""
DEADLINE_S = 20.0


def until(true: Callable[[], object], what: str = "") -> None:
    """Wait until something is true; a test that waits too long has failed."""
    end_s = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.01)


@contextlib.contextmanager
def program(*words: str, **keys: Any) -> Iterator[subprocess.Popen[str]]:
    """A program for as long as the block lasts."""
    process = subprocess.Popen(
        words, text=True, stderr=subprocess.DEVNULL, stdout=keys.pop("stdout", subprocess.DEVNULL), **keys
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5.0)
        process.kill()
        process.wait()


@contextlib.contextmanager
def jack_server() -> Iterator[subprocess.Popen[str]]:
    """A server of our own, which every program finds by the environment."""
    driver = ["-d", "dummy", "-r", "48000", "-p", "256"]
    with program("jackd", "-n", SERVER, "-r", *driver) as server:
        subprocess.run(
            ["jack_wait", "-s", SERVER, "-w", "-t", "15"], check=True, capture_output=True
        )
        yield server


def jack_environment() -> dict[str, str]:
    """What makes programs find `jack_server`, and no other."""
    return {
        "JACK_DEFAULT_SERVER": SERVER, "JACK_NO_AUDIO_RESERVATION": "1", "JACK_NO_START_SERVER": "1",
        "PATH": os.environ["PATH"],
    }  # fmt: skip


def jack_ports() -> list[str]:
    """Names of all ports of the server."""
    found = subprocess.run(["jack_lsp"], capture_output=True, text=True)
    return found.stdout.split("\n")


class Sender:
    """A JACK client that sends whole messages from its one port, by another library than ours."""

    def __init__(self, name: str) -> None:
        import jack

        self.client = jack.Client(name, servername=SERVER, no_start_server=True)
        self.port = self.client.midi_outports.register("out")
        self._waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.client.set_process_callback(self._process)
        self.client.activate()

    def _process(self, frames: int) -> None:
        self.port.clear_buffer()
        with contextlib.suppress(queue.Empty):
            for at in range(min(frames, 16)):
                self.port.write_midi_event(at, self._waiting.get_nowait())

    def send(self, *message: int) -> None:
        self._waiting.put(bytes(message))

    @property
    def is_done(self) -> bool:
        """Whether nothing waits to be sent any more."""
        return self._waiting.empty()

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
