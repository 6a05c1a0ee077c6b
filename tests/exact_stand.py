"""What tests of exact rehearsals share: a run with scenes that is made in a second, a rehearsal of it in a
process of its own on a busy machine, and its rendering."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from free_port import free_port
from perform_stand import PERFORM

from instrument import presets
from instrument.clock import HandClock
from instrument.mapping import routes_text
from instrument.offline import render_sound
from instrument.runs.header import RunHeader
from instrument.runs.pace import first_block
from instrument.runs.recorder import Rates, Recorder
from instrument.runs.tape import Tape, find_run
from instrument.show_house import house_of_show
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    ROUTES,
    TILES,
    WEIGHTS,
    ControlFrame,
    Frame,
)
from instrument.signals.routes import routes_frame

RATE, BLOCK = 48_000, 256
PRESET, SCENE = "glitch_organ", "cathedral"
ALL = Rates(tiles=None, weights=None, sound=0.0, health=0.0)
TOPICS = {topic.name: topic for topic in (METRICS, TILES, WEIGHTS, CONTROLS, ROUTES)}
QUIET = (
    "--headless", "--sound", "null", "--size", "320x180", "--no-midi", "--no-query",
    "--no-announce", "--no-standby",
)  # fmt: skip
PATIENCE_S = 300.0


def song(path: Path, seconds: float = 11.0) -> Path:
    """The first seconds of a shipped run, and in them the hands of another evening.

    From 3 s on a morph of two seconds to another scene, with its recordings (at the half of the way) and
    its mapping, which fades in; at 7 s one fader; from 8 s on another choice of a recording.
    """
    house, tape = house_of_show(PRESET), Tape(find_run("noise_to_digits"))
    words = house.vocabulary(tape.header.streams)
    begins, goes = presets.load(PRESET, words), presets.load(SCENE, words)
    bank = house.bank
    stood, comes = begins.positions(bank), goes.positions(bank)
    frames: list[tuple[float, str, Frame]] = []
    first_s: float | None = None
    for recorded in tape.frames():
        first_s = recorded.at_s if first_s is None else first_s
        if recorded.at_s - first_s > seconds:
            break
        if recorded.topic in (METRICS.name, TILES.name, WEIGHTS.name):
            frames.append((recorded.at_s - first_s, recorded.topic, recorded.frame))

    def stands(at_s: float, positions: np.ndarray) -> None:
        frame = ControlFrame(count=len(bank))
        frame.positions[: len(bank)] = positions.tolist()
        frames.append((at_s, CONTROLS.name, frame))

    def mapped(at_s: float, preset: presets.Preset, fade_s: float) -> None:
        text = routes_text(preset.routes)
        frame = routes_frame(len(preset.routes), text, 0.0, fade_s)
        frames.append((at_s, ROUTES.name, frame))

    stands(0.0, stood)
    mapped(0.0, begins, 0.0)
    mapped(3.0, goes, 2.0)
    chosen = np.array([bool(spec.choices) or spec.is_whole for spec in bank])
    for tick in range(1, 101):
        share = tick / 100.0
        glides = stood + (comes - stood) * np.float32(share)
        stands(3.0 + tick * 0.02, np.where(chosen, stood if share < 0.5 else comes, glides))
    comes = comes.copy()
    comes[bank.number["sound.noise.level"]] = 0.7
    stands(7.0, comes)
    recordings = bank.spec("sound.drone.recording").choices
    comes = comes.copy()
    comes[bank.number["sound.drone.recording"]] = recordings.index("drone_quints") / (
        len(recordings) - 1
    )
    stands(8.0, comes)
    frames.sort(key=lambda each: each[0])
    return _written(path, frames, tape, [spec.path for spec in bank])


def _written(
    path: Path, frames: list[tuple[float, str, Frame]], tape: Tape, controls: list[str]
) -> Path:
    bus, clock = Bus(new_show_name()), HandClock(1000.0)
    header = RunHeader(PRESET, "", tape.header.source, tape.header.streams, controls, seed=7)
    recorder = Recorder(path, bus, header, ALL, clock)
    publishers = {name: bus.publisher(topic) for name, topic in TOPICS.items()}
    recorder.start()
    clock.now_s = 2000.0
    for sent, (at_s, name, frame) in enumerate(frames, start=1):
        frame.time_s = 1000.0 + at_s  # type: ignore[attr-defined]
        publishers[name].send(frame)
        deadline_s = time.monotonic() + PATIENCE_S
        while recorder.frames < sent and (sent % 40 == 0 or name != METRICS.name):
            assert time.monotonic() < deadline_s, "the recorder does not hear"
            time.sleep(0.001)
    recorder.stop()
    assert recorder.lost == 0 and recorder.frames == len(frames)
    return path


@contextmanager
def busy(programs: int = 2) -> Iterator[None]:
    """Others work on this machine as hard as they can."""
    code = "while True: sum(range(100_000))"
    workers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(programs)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


class Rehearsed:
    """What was heard in a rehearsal, block by block from where the run began to roll."""

    def __init__(self, blocks: np.ndarray, report: dict[str, Any]) -> None:
        self.blocks, self.report = blocks, report

    @property
    def late(self) -> int:
        """Frames that came after their block."""
        return int(self.report["sound"]["late_frames"])


def rehearse(run: Path, preset: str, folder: Path, *words: str) -> Rehearsed:
    """Rehearse a run in a process of its own, to its end."""
    report, capture = folder / "report.json", folder / "capture.wav"
    command = [
        *PERFORM, *QUIET, "--rehearse", str(run), "--preset", preset, "--capture", str(capture),
        "--report", str(report), "--osc-port", str(free_port()), *words,
    ]  # fmt: skip
    home = folder / "home"
    home.mkdir()
    environment = {**os.environ, "TWOS_AND_SEVENS_HOME": str(home)}
    show = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        _, said = show.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        show.send_signal(signal.SIGTERM)
        raise
    assert show.returncode == 0, said
    return Rehearsed(
        blocks_of(capture)[first_block(0, BLOCK / RATE) :], json.loads(report.read_text())
    )


def render(run: Path, preset: str, folder: Path, end_s: float = math.inf) -> np.ndarray:
    """The blocks of its rendering, up to this second of the run."""
    wave = folder / "rendered.wav"
    render_sound(run, preset, wave, house_of_show(preset), end_s=end_s)
    return blocks_of(wave)


def blocks_of(path: Path) -> np.ndarray:
    """int32 (blocks, samples): all 24 bits of every sample."""
    samples, _ = soundfile.read(path, dtype="int32")
    return samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK * samples.shape[1])
