"""A whole show, `perform` in a process of its own, played from a MIDI port and taught by OSC."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from midi_programs import Sender, jack_environment, jack_server, until
from pythonosc.udp_client import SimpleUDPClient

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("jackd") is None, reason="needs jackd"),
]
OSC_PORT = 9187
PERFORM = "from instrument.cli import perform; perform()"


def test_a_show_is_played_and_taught_by_a_controller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A nanoKONTROL2 is known; OSC asks to learn, a knob is moved, and the file has it."""
    for key, value in jack_environment().items():
        monkeypatch.setenv(key, value)
    report, log, learned = (tmp_path / name for name in ("report.json", "log", "midi.toml"))
    words = [
        "--headless", "--sound", "null", "--osc-port", str(OSC_PORT), "--seconds", "60",
        "--no-query", "--report", str(report),
    ]  # fmt: skip
    with jack_server(), open(log, "w") as file:
        show = subprocess.Popen(
            [sys.executable, "-c", PERFORM, *words], stdout=file, stderr=subprocess.STDOUT,
            env={**os.environ, "TWOS_AND_SEVENS_HOME": str(tmp_path), "SDL_VIDEODRIVER": "dummy"},
        )  # fmt: skip
        try:
            with Sender("nanoKONTROL2") as nano:
                until(lambda: "nanoKONTROL2 is here (Korg nanoKONTROL2)" in log.read_text(), "here")
                for value in range(0, 128, 2):
                    nano.send(0xB0, 0, value)
                hand = SimpleUDPClient("127.0.0.1", OSC_PORT)
                hand.send_message("/midi/learn", "learning.fog")
                until(lambda: "learn: move a fader or a knob" in log.read_text(), "learning")

                def is_learned() -> bool:
                    for value in range(0, 128, 4):
                        nano.send(0xB0, 20, value)
                    return learned.exists() and "learning.fog" in learned.read_text()

                until(is_learned, "learned")
                show.terminate()
                show.wait(timeout=20.0)
        finally:
            show.kill()
            show.wait()
    midi = json.loads(report.read_text())["midi"]
    assert midi["devices"] == ["nanoKONTROL2"]
    assert midi["accepted"] > 0
