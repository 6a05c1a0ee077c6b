"""Playback: frames out are frames in, at their pace; hands are played again; damage never raises."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_helper import (
    RECORDED,
    TONIGHT,
    activations,
    controls,
    field,
    gesture,
    listeners,
    metric,
    reals,
    record,
    tiles,
    walk,
    weights,
)

from instrument.clock import HandClock
from instrument.runs.header import FORMAT, RECORD
from instrument.runs.playback import SHOWN, Playback
from instrument.runs.recorder import used
from instrument.runs.tape import Tape, find_run
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import NOTICES, Frame, GestureFrame
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake


def played(path: Path, bus: Bus, posted: list[Gesture] | None = None) -> Playback:
    """A playback that has joined the bus, on a clock turned by hand."""
    post = posted.append if posted is not None else lambda gesture: None
    playback = Playback(path, bus, TONIGHT, post, HandClock(50.0))
    playback.open()
    return playback


def advance(playback: Playback, seconds: float) -> bool:
    clock = playback._clock
    assert isinstance(clock, HandClock)
    clock.advance(seconds)
    return playback.advance()


def without_time(frame: Frame) -> bytes:
    """The bytes of a frame after its sequence and time."""
    return used(frame)[16:]


def test_frames_out_are_frames_in(bus: Bus, tonight: Bus, tmp_path: Path) -> None:
    """Metrics, tiles and weights come back byte for byte but for their time; steps are kept."""
    path = tmp_path / "run.mcap"
    sent = [f for n in range(2) for f in (metric(n, n / 10), tiles(n, n / 10), weights(n, n / 10))]
    record(path, bus, sent)
    ears = listeners(tonight)
    playback = played(path, tonight)
    assert advance(playback, 1.0)
    for number, name in enumerate(("metrics", "tiles", "weights")):
        heard = list(ears[name].drain())
        assert list(map(without_time, heard)) == list(map(without_time, sent[number::3]))
        assert all(frame.time_s == 51.0 for frame in heard)  # type: ignore[attr-defined]
    assert playback.published == 2 and playback.ended


def test_what_the_nets_show_of_their_inside_is_played_again(
    bus: Bus, tonight: Bus, tmp_path: Path
) -> None:
    """Walk, field, activations and reals come back byte for byte but for their time."""
    path = tmp_path / "run.mcap"
    makers = {"walk": walk, "field": field, "activations": activations, "reals": reals}
    sent = {name: [make(n, n / 10) for n in range(2)] for name, make in makers.items()}
    record(path, bus, [metric(0), *(frame for frames in sent.values() for frame in frames)])
    ears = listeners(tonight)
    assert advance(played(path, tonight), 1.0)
    for name, frames in sent.items():
        heard = list(ears[name].drain())
        assert list(map(without_time, heard)) == list(map(without_time, frames))
        assert all(frame.time_s == 51.0 for frame in heard)  # type: ignore[attr-defined]


@pytest.mark.parametrize("old", [True, False])
def test_what_an_old_run_does_not_hold_is_said_once(
    bus: Bus, tonight: Bus, tmp_path: Path, old: bool
) -> None:
    """After five seconds; a run that holds everything says nothing."""
    path = tmp_path / "run.mcap"
    inner = () if old else (walk, field, activations, reals)
    record(path, bus, [make(0) for make in (metric, tiles, weights, *inner)])
    ear = tonight.listener(NOTICES)
    playback = played(path, tonight)
    for _ in range(4):
        advance(playback, 3.0)
    said = [bytes(frame.text).decode() for frame in ear.drain()]
    holds = "run.mcap holds no walk, field, activations, reals; a look made of them shows nothing"
    assert said == ([holds] if old else [])


def test_pace_is_that_of_the_recording(bus: Bus, tonight: Bus, tmp_path: Path) -> None:
    """A frame is played when its second has come, not before."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(1, 0.0), metric(2, 0.25), metric(3, 0.75)])
    playback = played(path, tonight)
    counts = []
    for _ in range(4):
        playback.advance()
        counts.append(playback.published)
        assert isinstance(playback._clock, HandClock)
        playback._clock.advance(0.3)
    assert counts == [1, 2, 2, 3]


def test_recorded_moves_are_posted_but_not_where_they_began(
    bus: Bus, tonight: Bus, tmp_path: Path
) -> None:
    """Moves become gestures of the recording, by path; the beginning and the show's own stay."""
    path = tmp_path / "run.mcap"
    record(
        path,
        bus,
        [
            controls(RECORDED, 0.0, learning_heat=0.9),
            controls(RECORDED, 0.1, learning_heat=0.25),
            controls(RECORDED, 0.2, learning_heat=0.25, show_panic=1.0, sound_drone_level=0.75),
        ],
    )
    posted: list[Gesture] = []
    advance(played(path, tonight, posted), 1.0)
    assert [(g.path, g.position, g.who) for g in posted] == [
        ("learning.heat", 0.25, "recording"),
        ("sound.drone.level", 0.75, "recording"),
    ]


def test_recorded_acts_have_the_numbers_of_tonight(bus: Bus, tonight: Bus, tmp_path: Path) -> None:
    """Acts and effects are passed on under tonight's numbers; asked moves come as moves."""
    path = tmp_path / "run.mcap"
    sent = [
        gesture(RECORDED, "learning.undo", -1, 0.0),
        gesture(RECORDED, "learning.undo", 12, 0.1),
        gesture(RECORDED, "learning.heat", -1, 0.2),
        gesture(RECORDED, "learning.heat", 13, 0.3),
        gesture(RECORDED, "show.blackout", 14, 0.4),
    ]
    record(path, bus, sent)
    ear = listeners(tonight)["gestures"]
    advance(played(path, tonight), 1.0)
    heard = [f for f in ear.drain() if isinstance(f, GestureFrame)]
    paths = [(TONIGHT.specs[frame.control].path, frame.step) for frame in heard]
    assert paths == [("learning.undo", -1), ("learning.undo", 12), ("learning.heat", 13)]
    assert heard[0].who == b"key"


def test_report_tells_the_last_step_and_state(bus: Bus, tonight: Bus, tmp_path: Path) -> None:
    """Counted from what was played."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(10, 0.0), metric(30, 0.5)])
    playback = played(path, tonight)
    assert playback.report()["state"] == "unknown"
    advance(playback, 1.0)
    report = playback.report()
    assert report.pop("steps_per_s") == pytest.approx(40.0, rel=0.01)
    assert report == {
        "device": "recorded",
        "net": "pocket_mlp",
        "steps": 30,
        "state": "healthy",
    }
    assert playback.kind == "rehearsal"
    assert [stream.name for stream in playback.streams] == ["loss_g", "state"]


def test_thread_plays_to_the_end_and_stops_when_told(
    bus: Bus, tonight: Bus, tmp_path: Path
) -> None:
    """On the real clock a short run ends by itself; a long one when it is stopped."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(1, 0.0), metric(2, 0.05)])
    playback = Playback(path, tonight, TONIGHT, lambda gesture: None, time.monotonic)
    playback.start()
    playback._thread.join(5.0)
    assert playback.ended and playback.published == 2
    playback.stop()
    assert playback.reel._file.closed


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a run of several chunks."""
    bus = Bus(new_show_name())
    path = tmp_path_factory.mktemp("runs") / "run.mcap"
    sent = [frame for n in range(120) for frame in (metric(n, n / 100), weights(n, n / 100))]
    record(path, bus, sent)
    bus.close()
    return path.read_bytes()


def steps_of(data: bytes, folder: Path) -> list[int] | None:
    """Steps of the metric frames that can be read, None if the file is a mistake."""
    path = folder / "cut.mcap"
    path.write_bytes(data)
    try:
        tape = Tape(path)
    except Mistake as mistake:
        assert str(path) in str(mistake)
        return None
    return [recorded.frame.step for recorded in tape.frames() if recorded.topic == "metrics"]


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_file_cut_at_any_byte_plays_its_beginning(
    whole: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Whatever is left is played from the front, or refused in a sentence; nothing raises."""
    cut = data.draw(st.integers(0, len(whole) - 1))
    steps = steps_of(whole[:cut], tmp_path)
    assert steps is None or steps == list(range(len(steps)))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_file_with_flipped_bytes_never_raises(
    whole: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Damage anywhere costs the part it hits; what is played is from the run, in order."""
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    steps = steps_of(bytes(damaged), tmp_path)
    assert steps is None or set(steps) <= set(range(120))


def test_most_of_a_cut_file_is_played_and_said(whole: bytes, tonight: Bus, tmp_path: Path) -> None:
    """Three quarters of a file give at least half of its frames, and a notice."""
    path = tmp_path / "cut.mcap"
    path.write_bytes(whole[: len(whole) * 3 // 4])
    ear = tonight.listener(NOTICES)
    playback = played(path, tonight)
    assert advance(playback, 10.0)
    assert 60 <= playback.published < 120
    assert b"cut short" in next(bytes(frame.text) for frame in ear.drain())


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"RIFF....WAVE and so on", "no run"),
        (b"\x89MCAP0\r\n", "no run of this instrument"),
        (b"\x89MCAP0\r\n" + bytes(100), "no run of this instrument"),
    ],
)
def test_foreign_file_is_a_mistake(tmp_path: Path, content: bytes, word: str) -> None:
    """A file that is no run is told by name, with what it lacks."""
    path = tmp_path / "foreign.mcap"
    path.write_bytes(content)
    with pytest.raises(Mistake, match=word):
        Tape(path)


def test_mcap_of_somebody_else_is_a_mistake(tmp_path: Path) -> None:
    """A sound MCAP file without our header is no run."""
    from mcap.writer import Writer

    path = tmp_path / "foreign.mcap"
    writer = Writer(str(path))
    writer.start()
    channel = writer.register_channel("/imu", "json", 0)
    writer.add_message(channel, 1, b"{}", 1)
    writer.finish()
    with pytest.raises(Mistake, match="no run of this instrument"):
        Tape(path)


def test_run_of_another_format_is_a_mistake(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of a later format names both versions."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(1)])
    ours = b"format\x01\x00\x00\x00"
    later = path.read_bytes().replace(ours + b"%d" % FORMAT, ours + b"9")
    path.write_bytes(later)
    with pytest.raises(Mistake, match=r"format 9.*reads the formats"):
        Tape(path)


def test_run_without_a_frame_is_a_mistake(bus: Bus, tonight: Bus, tmp_path: Path) -> None:
    """A header alone cannot be rehearsed."""
    path = tmp_path / "run.mcap"
    record(path, bus, [])
    with pytest.raises(Mistake, match="no frames"):
        Playback(path, tonight, TONIGHT, lambda gesture: None, HandClock())


def test_a_shipped_run_has_all_that_is_shown() -> None:
    """Every kind of picture frame, whole. What a run is named for: test_shipped_runs."""
    tape = Tape(find_run("collapse_and_return"))
    topics = {recorded.topic for recorded in tape.frames()}
    assert not tape.damaged and not tape.cut_short
    assert topics >= {topic.name for topic in SHOWN}


def test_run_is_found_by_path_and_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there, a name in the performer's folder, and mistakes for the rest."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    (tmp_path / "runs").mkdir()
    run = tmp_path / "runs" / "tuesday.mcap"
    run.write_bytes(b"x")
    assert find_run(str(run)) == run
    assert find_run("tuesday") == run
    assert find_run("tuesday.mcap") == run
    with pytest.raises(Mistake, match="did you mean 'tuesday'"):
        find_run("tuesdy")
    for text in ("../runs/tuesday", str(tmp_path / "no.mcap"), str(tmp_path)):
        with pytest.raises(Mistake):
            find_run(text)


@pytest.mark.parametrize("value", [b"[" * 100_000, b"1e999"])
def test_a_header_that_was_made_to_harm_is_a_mistake(
    bus: Bus, tmp_path: Path, value: bytes
) -> None:
    """A number beyond all numbers and a hundred thousand brackets are told as a damaged header."""
    from mcap.writer import Writer

    path = tmp_path / "run.mcap"
    record(path, bus, [metric(1)])
    metadata = {**Tape(path).header.to_metadata(), "seed": value.decode()}
    writer = Writer(str(tmp_path / "harm.mcap"))
    writer.start()
    writer.add_metadata(RECORD, metadata)
    writer.finish()
    with pytest.raises(Mistake, match="header of this run is damaged"):
        Tape(tmp_path / "harm.mcap")
