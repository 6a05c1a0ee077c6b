"""Saved moments in run files: whole ones are found, the nearest first; a lost part loses one moment."""

import time
from collections.abc import Collection, Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from run_helper import header, metric, wait_for

from instrument.runs.header import RunHeader
from instrument.runs.moments import BIRTH, Gathering, Kept, moment_near, moments_from, saved_moments
from instrument.runs.recorder import Recorder
from instrument.runs.reel import Reel
from instrument.runs.tape import Recorded
from instrument.signals.bus import Bus
from instrument.signals.frames import METRICS, SNAPSHOT_PART_BYTES, SNAPSHOTS, SnapshotFrame

PART = SNAPSHOT_PART_BYTES


def parts(number: int, at_s: float, content: bytes) -> list[SnapshotFrame]:
    """A moment in its parts, a hundredth of a second apart."""
    count = -(-len(content) // PART)
    frames = []
    for part in range(count):
        piece = content[part * PART : (part + 1) * PART]
        frame = SnapshotFrame(
            time_s=at_s + part / 100, step=100 * number, number=number, part=part, parts=count,
            count=len(piece), size=len(content),
        )  # fmt: skip
        memoryview(frame.content).cast("B")[: len(piece)] = piece  # type: ignore[call-overload]
        frames.append(frame)
    return frames


def text(number: int, parts: int = 3) -> bytes:
    return bytes([number + 1]) * (parts * PART - 7)


class Written:
    """A run file that holds these frames and no others."""

    def __init__(self, frames: list[SnapshotFrame], **source: object) -> None:
        self.header = RunHeader("", "", source, (), ())
        self._frames = frames

    def frames(
        self, from_s: float = 0.0, topics: Collection[str] | None = None
    ) -> Iterator[Recorded]:
        for frame in self._frames:
            if frame.time_s >= from_s:
                yield Recorded(frame.time_s, "snapshots", frame)


def three(**source: object) -> Written:
    """Moments at 10, 100 and 190 s."""
    frames = [f for n in range(3) for f in parts(n, 10 + 90.0 * n, text(n))]
    return Written(frames, **source)


def test_the_nearest_is_found() -> None:
    """Before or after, whichever is nearer; of two as near the earlier one."""
    for at_s, number in ((10, 0), (54, 0), (55, 0), (56, 1), (144, 1), (146, 2), (9000, 2), (6, 0)):
        kept = moment_near(three(), at_s)
        assert kept is not None and kept.number == number, at_s
        assert kept.content == text(number) and kept.step == 100 * number


def test_the_birth_is_a_moment_where_there_was_one() -> None:
    """A run that begins with a birth can be begun again; a branch or a rehearsal has none."""
    assert moment_near(three(), 4.9) == BIRTH and BIRTH.is_birth
    for other in ("branched", "rehearsed"):
        kept = moment_near(three(**{other: "night"}), 0.0)
        assert kept is not None and kept.number == 0
        assert moment_near(Written([], **{other: "night"}), 5.0) is None
    assert moment_near(Written([]), 5.0) == BIRTH
    assert [(k.at_s, k.number) for k in saved_moments(three())] == [
        (0, -1),
        (10, 0),
        (100, 1),
        (190, 2),
    ]
    assert not any(kept.content for kept in saved_moments(three()))


def test_what_is_refused_gives_way_to_the_next_nearest() -> None:
    """Whoever reads them may find one damaged."""
    kept = moment_near(three(), 100.0, accept=lambda kept: kept.number != 1)
    assert kept is not None and kept.number == 0


def test_long_before_is_found_too() -> None:
    """The only moment of a night lies hours before; windows grow until it is there."""
    kept = moment_near(Written(parts(0, 10.0, text(0)), branched={}), 9000.0)
    assert kept is not None and kept.at_s == 10.0


@given(st.data())
def test_only_whole_moments_come_out(data: st.DataObject) -> None:
    """Whatever is lost, doubled or mixed up, a moment that comes out is one that went in."""
    frames = [
        f for n in range(4) for f in parts(n, float(n), text(n, data.draw(st.integers(1, 3))))
    ]
    whole = {(f.number, f.size) for f in frames}
    kept_frames: list[SnapshotFrame] = []
    for frame in frames:
        kept_frames += [frame] * data.draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
    if data.draw(st.booleans()) and kept_frames:
        place = data.draw(st.integers(0, len(kept_frames) - 1))
        kept_frames.insert(0, kept_frames.pop(place))
    gathering = Gathering()
    out = [gathering.take(f.time_s, f) for f in kept_frames]
    for kept in (one for one in out if one is not None):
        assert (kept.number, len(kept.content)) in whole
        assert set(kept.content) == {kept.number + 1}


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, PART),
)
def test_absurd_numbers_take_no_memory(size: int, parts: int, part: int, count: int) -> None:
    """A part that claims what cannot be gives nothing, and nothing is kept of it."""
    gathering = Gathering()
    frame = SnapshotFrame(size=size, parts=parts, part=part, count=count)
    kept = gathering.take(0.0, frame)
    assert kept is None or len(kept.content) == count == size


def test_they_come_back_from_a_real_file(bus: Bus, tmp_path: Path) -> None:
    """Recorded from a bus among other frames, read by random access: byte for byte, in their order."""
    path = tmp_path / "run.mcap"
    recorder = Recorder(path, bus, header())
    recorder.start()
    steps, moments = bus.publisher(METRICS), bus.publisher(SNAPSHOTS)
    for number in range(3):
        steps.send(metric(number, time.monotonic()))
        for frame in parts(number, 0.0, text(number)):
            frame.time_s = time.monotonic()
            moments.send(frame)
    wait_for(lambda: recorder.frames >= 12)
    recorder.stop()
    reel = Reel(path)
    found = list(moments_from(reel))
    assert [(kept.number, kept.content) for kept in found] == [(n, text(n)) for n in range(3)]
    near = moment_near(reel, found[1].at_s)
    assert isinstance(near, Kept) and near.number == 1
