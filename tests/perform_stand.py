"""What tests of whole shows share: the command as a performer calls it, a port for its OSC, and one show
whose words, values and run file are waited for, however slow the machine is."""

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from free_port import free_port
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from instrument.runs.tape import Tape
from instrument.signals.mistake import Mistake

PERFORM = [sys.executable, "-c", "from instrument.cli import perform; perform()"]
PATIENCE_S = 180.0
"""Nothing takes so long, even where ten programs share a core."""
SUBSCRIBE_S = 3.0


def until(true: Callable[[], object], what: str, every_s: float = 0.05) -> None:
    """Wait until something is so; a test that waits too long has failed."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s, f"never: {what}"
        time.sleep(every_s)


class Played:
    """A show in a process of its own."""

    def __init__(self, *words: object, environment: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [*PERFORM, *map(str, words), "--osc-port", str(self.port)],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})},
        )  # fmt: skip
        self.said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip())
            self._lines.put(line.rstrip())

    def until_said(self, words: str) -> str:
        """The next line with these words."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            try:
                line = self._lines.get(timeout=0.5)
            except queue.Empty:
                assert self.process.poll() is None, f"it ended, and said {self.said}"
                continue
            if words in line:
                return line
        raise AssertionError(f"nobody said {words!r}, but {self.said}")

    def end(self, how: int) -> int:
        """Its exit code after this signal; all it said is in `said` then."""
        self.process.send_signal(how)
        code = self.process.wait(timeout=PATIENCE_S)
        self._reader.join()
        return code


class Ear:
    """A program at a show's OSC port: it says, subscribes and hears what it is told."""

    def __init__(self, show: Played, *patterns: str) -> None:
        self.values: dict[str, Any] = {}
        """What was told last, by address."""
        self._show, self._to = show, ("127.0.0.1", show.port)
        self._patterns, self._asked_s = patterns, -1e9
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)

    def say(self, address: str, *arguments: object) -> None:
        """One message to the show."""
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.send(builder.build().dgram)

    def send(self, packet: bytes) -> None:
        """These bytes to the show."""
        self._socket.sendto(packet, self._to)

    def until(self, true: Callable[[dict[str, Any]], object], what: str) -> None:
        """Hear until what was told is so. A port that is not there yet is asked again."""
        deadline_s = time.monotonic() + PATIENCE_S
        said = self._show.said
        while not true(self.values):
            assert self._show.process.poll() is None, f"it ended before {what}, and said {said}"
            late = time.monotonic() > deadline_s
            assert not late, f"never: {what}, but {self.values}; it said {said}"
            if time.monotonic() - self._asked_s > SUBSCRIBE_S:
                self._asked_s = time.monotonic()
                for pattern in self._patterns:
                    self.say("/subscribe", pattern)
            try:
                self._hear(self._socket.recv(65536))
            except OSError:  # nothing yet, or nobody is there
                continue

    def _hear(self, packet: bytes) -> None:
        contents = (
            list(OscBundle(packet)) if OscBundle.dgram_is_bundle(packet) else [OscMessage(packet)]
        )
        for message in contents:
            if isinstance(message, OscMessage):
                self.values[message.address] = message.params[0] if message.params else None


def last_of(run: Path) -> dict[str, Any]:
    """The last frame of every topic in a run file, which may still be written."""
    try:
        return {recorded.topic: recorded.frame for recorded in Tape(run).frames()}
    except Mistake:
        return {}
