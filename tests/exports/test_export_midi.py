"""Runs as MIDI files, as mido reads them."""

from pathlib import Path
from typing import Any

import mido
import pytest
import told_runs as told

from instrument.exports.midi import STATE_CHANNEL, STATE_NOTE, USUAL
from instrument.exports.writing import Wish, export
from instrument.learning.streams import STATES, STREAMS
from instrument.signals.frames import MetricFrame


def at_ticks(track: Any) -> list[tuple[int, Any]]:
    """Its messages with the tick since the beginning."""
    tick, found = 0, []
    for message in track:
        tick += message.time
        found.append((tick, message))
    return found


def written(tmp_path: Path, frames: Any, **wished: Any) -> Any:
    run = told.record(tmp_path / "run.mcap", frames)
    export(Wish(run, midi=tmp_path / "a.mid", **wished))
    return mido.MidiFile(tmp_path / "a.mid")


def steps(*values: float) -> list[MetricFrame]:
    """Of a stream from 0 to 6, tenths of a second apart from 1 s on."""
    return [told.metric(1.0 + n / 10, n + 1, loss_g=value) for n, value in enumerate(values)]


def test_a_tick_is_a_millisecond(tmp_path: Path) -> None:
    """Type 1, 60 bpm, 1000 ticks: a beat is a second, and the file is as long as the run."""
    file = written(tmp_path, told.training(5.0))
    assert (file.type, file.ticks_per_beat) == (1, 1000)
    tempo = [m for m in file.tracks[0] if m.type == "set_tempo"]
    assert [mido.tempo2bpm(m.tempo) for m in tempo] == [60.0]
    assert file.length == pytest.approx(4.9, abs=0.001)


def test_a_stream_is_a_curve_of_fourteen_bits(tmp_path: Path) -> None:
    """0, 3 and 6 of a span of 6 are 0, 8192 and 16383; at the milliseconds at which they were said."""
    file = written(tmp_path, steps(0.0, 3.0, 3.0, 6.0, 9.0), streams="loss_g")
    (track,) = [t for t in file.tracks if t.name == "loss g"]
    changes = [(tick, m) for tick, m in at_ticks(track) if m.type == "control_change"]
    high = [(tick, m.value) for tick, m in changes if m.control < 32]
    low = [m.value for _, m in changes if m.control >= 32]
    assert [tick for tick, _ in high] == [0, 100, 300], "only where it changed"
    assert [(h << 7) + v for (_, h), v in zip(high, low, strict=True)] == [0, 8192, 16383]
    assert {m.control for _, m in changes} == {14, 46}


def test_seven_bits_are_one_controller(tmp_path: Path) -> None:
    """For a program that knows no pairs."""
    file = written(tmp_path, steps(0.0, 3.0, 6.0), streams="loss_g", midi_bits=7)
    changes = [m for m in file.tracks[-1] if m.type == "control_change"]
    assert [(m.control, m.value) for m in changes] == [(14, 0), (14, 64), (14, 127)]


def test_every_stream_has_a_controller_of_its_own(tmp_path: Path) -> None:
    """All 99 of them: no two share channel and controller, none uses the channel of the states."""
    every = ",".join(stream.name for stream in STREAMS)
    file = written(tmp_path, told.training(2.0), streams=every)
    tracks = file.tracks[3:]
    assert len(tracks) == len(STREAMS)
    used = [{(m.channel, m.control) for m in t if m.type == "control_change"} for t in tracks]
    pairs = [pair for one in used for pair in one]
    assert len(pairs) == len(set(pairs))
    assert all(channel != STATE_CHANNEL for channel, _ in pairs)


def test_a_few_streams_are_chosen_where_none_are_named(tmp_path: Path) -> None:
    """A hundred tracks would be no help."""
    file = written(tmp_path, told.training(1.0))
    assert len(file.tracks) == 3 + len(USUAL)


def test_states_are_notes_and_markers(tmp_path: Path) -> None:
    """Noise for .9 s, then healthy to the end: two notes, one after the other, and two markers."""
    file = written(tmp_path, told.training(3.0))
    notes = [(tick, m.type, m.note) for tick, m in at_ticks(file.tracks[1]) if not m.is_meta]
    noise, healthy = (STATE_NOTE + STATES.index(word) for word in ("noise", "healthy"))
    assert notes == [
        (0, "note_on", noise), (800, "note_off", noise),
        (800, "note_on", healthy), (2900, "note_off", healthy),
    ]  # fmt: skip
    markers = [(tick, m.text) for tick, m in at_ticks(file.tracks[0]) if m.type == "marker"]
    assert markers == [(0, "noise"), (800, "healthy")]


def test_hands_are_texts_and_acts_are_markers(tmp_path: Path) -> None:
    """What was done, how much, by whom, at which step; names of cues are cue markers."""
    frames = told.in_order(
        told.training(3.0),
        told.act(1.1, "learning.quake", 11, 0.5),
        [told.gesture(2.1, "learning.collapse", 0.9, who="midi \u266b".encode())],
        [told.standing(0.1, b"a"), told.standing(2.5, b"a", 3, b"all alike")],
    )
    file = written(tmp_path, frames)
    texts = [(tick, m.text) for tick, m in at_ticks(file.tracks[2]) if m.type == "text"]
    value = told.BANK.spec("learning.quake")
    quake = value.text(value.map(0.5))
    assert texts == [
        (1000, f"learning.quake {quake} (key, asked)"),
        (1000, f"learning.quake {quake} (step 11)"),
        (2000, "learning.collapse 0.9 (midi ?, asked)"),
    ]
    markers = {(tick, m.text) for tick, m in at_ticks(file.tracks[0]) if m.type == "marker"}
    assert (1000, "learning.quake") in markers
    cues = [(tick, m.text) for tick, m in at_ticks(file.tracks[0]) if m.type == "cue_marker"]
    assert cues == [(2400, "cue 3 all alike")]


def test_a_rate_bounds_how_many_values_a_second_there_are(tmp_path: Path) -> None:
    """Two a second of a stream that changes ten times a second."""
    values = [n * 0.1 for n in range(40)]
    file = written(tmp_path, steps(*values), streams="loss_g", rate=2.0, midi_bits=7)
    ticks = [tick for tick, m in at_ticks(file.tracks[-1]) if m.type == "control_change"]
    assert ticks == [0, 500, 1000, 1500, 2000, 2500, 3000, 3500]
