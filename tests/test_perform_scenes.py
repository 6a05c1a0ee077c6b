"""Scenes in a whole show: `perform`, hands over OSC, and files in the performer's folder."""

import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from free_port import free_port
from perform_stand import PERFORM
from pythonosc.udp_client import SimpleUDPClient
from scene_stand import BANK, VOCABULARY

from instrument import presets

WAIT_S = 60.0


class Played:
    """A show in a process of its own; what it says is waited for, line by line."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        quiet = ["--headless", "--sound", "null", "--size", "160x90", "--no-standby"]
        self.process = subprocess.Popen(
            [*PERFORM, *quiet, "--osc-port", str(self.port)],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "TWOS_AND_SEVENS_HOME": str(home)},
        )  # fmt: skip
        self.hand = SimpleUDPClient("127.0.0.1", self.port)
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.put(line.strip())

    def until(self, words: str) -> str:
        """The next line with these words."""
        said, deadline_s = [], time.monotonic() + WAIT_S
        while time.monotonic() < deadline_s:
            try:
                said.append(self.lines.get(timeout=0.5))
            except queue.Empty:
                continue
            if words in said[-1]:
                return said[-1]
        raise AssertionError(f"nobody said {words!r}, but {said}")


@pytest.mark.slow
def test_a_scene_is_gone_to_and_kept_in_a_whole_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cathedral by number, a snapshot by name, and back to it by its place; the show ends in order."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    show = Played(tmp_path)
    show.until("sound: ")
    show.hand.send_message("/show/morph", 0.0)
    show.hand.send_message("/show/scene", 2)
    show.until("scene 2: Cathedral")
    show.hand.send_message("/sound/drone/level", -7.5)
    show.hand.send_message("/show/snapshot", "evening")
    place = show.until("evening, saved in ").partition("scene ")[2].partition(":")[0]
    show.hand.send_message("/show/scene", "nothing")
    show.until("no scene is called 'nothing'")
    show.hand.send_message("/show/scene", int(place))
    show.until(f"scene {place}: evening")
    show.process.send_signal(signal.SIGTERM)
    assert show.process.wait(timeout=WAIT_S) == 0
    kept, cathedral = presets.load("evening", VOCABULARY), presets.load("cathedral", VOCABULARY)
    assert kept.routes == cathedral.routes
    assert kept.values["sound.drone.level"] == -7.5
    moved = {p: v for p, v in cathedral.values.items() if p.startswith(("sound.", "picture."))}
    at_default = {path for path, v in moved.items() if v == BANK.spec(path).default}
    for path in set(moved) - at_default - {"sound.drone.level"}:
        assert kept.values[path] == pytest.approx(moved[path], rel=1e-4), path
