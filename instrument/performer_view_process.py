"""The stage's end of the performer's view: starts it, hears its keys, says once when it is gone."""

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Any

from instrument.signals.child_environment import child_environment, records_of, start_child

MODULE = "instrument.performer_view"
END_WAIT_S = 2.0

OnKey = Callable[[str, bool], None]
"""A key's name, and whether it went down. Called in the thread that reads."""
Say = Callable[[str, bool], None]
"""A sentence for the performer, and whether it is grave. Called in the thread that reads."""


class PerformerViewProcess:
    """A performer's view in a process of its own. Whatever becomes of it, the show goes on.

    | what                              | what is said                                              |
    |-----------------------------------|-----------------------------------------------------------|
    | its window is there               | the window in words                                       |
    | it cannot have a window           | why, and that the show goes on without (grave)            |
    | its window was closed by hand     | that it was                                               |
    | it died                           | that it did (grave)                                       |
    | the show ends                     | nothing                                                   |
    """

    def __init__(self, config: Mapping[str, Any], on_key: OnKey, say: Say) -> None:
        """`config`: JSON values, see `instrument.performer_view`. Nothing begins before `start`.

        The environment is that of now: a window made later in this process leaves its traces there.
        """
        self._config = dict(config)
        self._on_key, self._say = on_key, say
        self._environment = child_environment(PYGAME_HIDE_SUPPORT_PROMPT="1")
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._read, name="performer's view", daemon=True)
        self._held: set[str] = set()
        self._told = self._ending = False
        self.ready = ""
        """Its window in words, once it is there."""

    @property
    def alive(self) -> bool:
        """Whether somebody may be reading it."""
        return bool(self.ready) and self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process number; None before the start."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it; returns at once. Raises nothing."""
        try:
            self._process = start_child(MODULE, self._environment)
        except OSError as error:
            self._tell(f"the performer's view cannot be started ({error}); the show goes on", True)
            return
        self._thread.start()

    def toggle_help(self) -> None:
        """Show its map of keys, or its page again. Main thread; a few bytes, never waits."""
        self._write({"toggle": "help"})

    def _write(self, record: Mapping[str, Any]) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.write(json.dumps(record) + "\n")
                process.stdin.flush()

    def _read(self) -> None:
        """Tell it the show, then take its lines until it says no more. Thread of its own."""
        process = self._process
        assert process is not None and process.stdout is not None
        self._write(self._config)
        for record in records_of(process.stdout):
            self._take(record)
        for name in sorted(self._held):
            self._on_key(name, False)
        code = process.wait()
        if not self._ending:
            self._tell(f"the performer's view ended ({_how(code)}); the show goes on", True)

    def _take(self, record: Mapping[str, Any]) -> None:
        if "key" in record:
            name, pressed = str(record["key"]), bool(record.get("pressed"))
            (self._held.add if pressed else self._held.discard)(name)
            self._on_key(name, pressed)
        elif "ready" in record:
            self.ready = str(record["ready"])
            self._say(self.ready, False)
        elif "error" in record:
            self._tell(f"{record['error']}; the show goes on without a performer's view", True)
        elif "ended" in record:
            self._tell("the performer's view was closed; the show goes on", False)

    def _tell(self, text: str, grave: bool) -> None:
        """The one sentence about its end."""
        if not self._told:
            self._told = True
            self._say(text, grave)

    def stop(self) -> None:
        """Close its input, wait a moment, and end it if it hangs."""
        self._ending = True
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()
        try:
            process.wait(timeout=END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._thread.join(timeout=END_WAIT_S)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
