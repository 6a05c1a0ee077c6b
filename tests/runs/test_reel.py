"""A run under random access: what is found is what reading all of it finds; nothing in a file can harm."""

import random
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_helper import RECORDED, controls, metric, record, tiles, weights

from instrument.runs import index as index_file
from instrument.runs.index import MAGIC_BYTES, read_index
from instrument.runs.recorder import used
from instrument.runs.reel import Reel
from instrument.runs.tape import Recorded, Tape, find_run
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.mistake import Mistake

STEPS = 200
EVERY_S = 0.005
FOOTER_BYTES = 9 + 20 + MAGIC_BYTES


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of metrics with a gap in the steps, weights and tiles in between, two moves."""
    bus, path = Bus(new_show_name()), tmp_path_factory.mktemp("runs") / "run.mcap"
    frames = []
    for n in range(STEPS):
        at_s = n * EVERY_S
        frames.append(metric(n if n < 100 else n + 1000, at_s))
        if n % 10 == 5:
            frames.append(weights(n, at_s))
        if n % 25 == 7:
            frames.append(tiles(n, at_s))
        if n in (0, 50, 150):
            frames.append(controls(RECORDED, at_s, learning_heat=n / 200))
    record(path, bus, frames)
    bus.close()
    return path


@pytest.fixture(scope="module")
def all_of_it(run: Path) -> list[Recorded]:
    return list(Tape(run).frames())


def said(frames: list[Recorded]) -> list[tuple[str, bytes]]:
    return [(recorded.topic, used(recorded.frame)) for recorded in frames]


def test_all_frames_in_order_are_those_of_the_tape(run: Path, all_of_it: list[Recorded]) -> None:
    """The same frames in the same order; seconds count from the first."""
    reel = Reel(run)
    found = list(reel.frames())
    assert said(found) == said(all_of_it)
    first_s = all_of_it[0].at_s
    assert [r.at_s for r in found] == pytest.approx([r.at_s - first_s for r in all_of_it], abs=1e-6)
    assert reel.length_s == found[-1].at_s and not reel.damaged and not reel.cut_short


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(second=st.floats(-0.2, 1.4))
def test_any_second_is_found_as_by_reading_all(
    run: Path, all_of_it: list[Recorded], second: float
) -> None:
    """What follows it, and the last frame of every topic before it."""
    reel, first_s = Reel(run), all_of_it[0].at_s
    frames = list(reel.frames())
    behind = [r for r in frames if r.at_s > max(0.0, second)]
    assert said(list(reel.frames(second, behind=True))) == said(behind)
    stands = {r.topic: used(r.frame) for r in frames if r.at_s <= max(0.0, second)}
    assert {name: used(f) for name, f in reel.standing(second).items()} == stands
    assert first_s > 0.0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=st.integers(-5, 2000))
def test_any_step_is_found_also_in_a_gap(run: Path, step: int) -> None:
    """The second of the first metrics at or behind a step; behind the last step, the last."""
    reel = Reel(run)
    known = [(r.frame.step, r.at_s) for r in reel.frames(0.0, ("metrics",))]
    expected = next((at_s for number, at_s in known if number >= step), known[-1][1])
    assert reel.second_of_step(step) == expected
    assert reel.step_at(expected) == max(number for number, at_s in known if at_s <= expected)


def test_some_topics_are_read_without_the_others(run: Path) -> None:
    """Controls alone, in order; a topic that is not there gives nothing."""
    reel = Reel(run)
    moves = list(reel.frames(0.0, ("controls",)))
    heat = RECORDED.number["learning.heat"]
    positions = dict.fromkeys(round(r.frame.positions[heat], 3) for r in moves)
    assert list(positions) == [0.0, 0.25, 0.75]
    assert list(reel.frames(0.0, ("walk",))) == [] and not reel.holds("walk")
    assert reel.holds("tiles")


def test_a_run_without_its_end_is_found_just_the_same(
    run: Path, all_of_it: list[Recorded], tmp_path: Path
) -> None:
    """The index is made by walking over the heads of the records."""
    data, path = run.read_bytes(), tmp_path / "cut.mcap"
    start, _, _ = struct.unpack_from("<QQI", data, len(data) - MAGIC_BYTES - 20)
    path.write_bytes(data[: start - 50])
    reel = Reel(path)
    assert reel.cut_short and read_index(path.open("rb")).walked
    found = list(reel.frames())
    assert said(found) == said(all_of_it)[: len(found)] and len(found) > 0.9 * len(all_of_it)
    assert reel.second_of_step(50) == Reel(run).second_of_step(50)


def forged(data: bytes, dice: random.Random) -> bytes:
    """The file with a lie in its summary, and a checksum that agrees with it."""
    lie = bytearray(data)
    footer = len(data) - FOOTER_BYTES
    start, _, _ = struct.unpack_from("<QQI", data, footer + 9)
    for _ in range(dice.randint(1, 20)):
        lie[dice.randrange(start, footer)] = dice.randrange(256)
    struct.pack_into("<I", lie, footer + 25, zlib.crc32(lie[start : footer + 25]))
    return bytes(lie)


@pytest.mark.parametrize("seed", range(40))
def test_a_lying_index_neither_raises_nor_hangs(
    run: Path, all_of_it: list[Recorded], tmp_path: Path, seed: int
) -> None:
    """What is found is from the run; where the lie can be seen, all of it is found."""
    path = tmp_path / "lie.mcap"
    path.write_bytes(forged(run.read_bytes(), random.Random(seed)))
    try:
        reel = Reel(path)
    except Mistake:
        return
    truth = set(said(all_of_it))
    assert set(said(list(reel.frames()))) <= truth
    reel.standing(0.5)
    reel.second_of_step(50)


def test_an_index_that_hides_a_chunk_is_seen_through(
    run: Path, all_of_it: list[Recorded], tmp_path: Path
) -> None:
    """The gap that is left is walked over."""
    data = bytearray(run.read_bytes())
    footer = len(data) - FOOTER_BYTES
    start, _, _ = struct.unpack_from("<QQI", data, footer + 9)
    at, hidden = start, 0
    while at < footer:
        opcode, length = struct.unpack_from("<BQ", data, at)
        if opcode == 8 and hidden < 3:  # of a chunk: now a record that nobody knows
            data[at] = 0x7F
            hidden += 1
        at += 9 + length
    struct.pack_into("<I", data, footer + 25, zlib.crc32(data[start : footer + 25]))
    path = tmp_path / "hidden.mcap"
    path.write_bytes(data)
    assert hidden == 3
    assert said(list(Reel(path).frames())) == said(all_of_it)


def test_what_lies_behind_a_broken_place_is_found_by_the_summary(
    run: Path, all_of_it: list[Recorded], tmp_path: Path
) -> None:
    """One record's length is destroyed: the tape stops there, the reel passes over it."""
    data = bytearray(run.read_bytes())
    places = read_index(run.open("rb")).places
    broken = places[len(places) // 2]
    data[broken.offset + 1 : broken.offset + 9] = b"\xff" * 8
    path = tmp_path / "broken.mcap"
    path.write_bytes(data)
    tape = Tape(path)
    told = list(tape.frames())
    assert tape.broke_off
    reel = Reel(path)
    found = said(list(reel.frames()))
    assert len(told) < len(found) < len(all_of_it)
    assert found[-1] == said(all_of_it)[-1] and not reel.broke_off


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_anywhere_never_raises(run: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Flipped bytes and cuts: whatever is asked, an answer or a sentence."""
    damaged = bytearray(run.read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    path = tmp_path / "damaged.mcap"
    path.write_bytes(damaged[:cut] if data.draw(st.booleans()) else damaged)
    try:
        reel = Reel(path)
    except Mistake as mistake:
        assert str(path) in str(mistake)
        return
    second = reel.second_of_step(data.draw(st.integers(0, 2000)))
    reel.standing(second or 0.0)
    assert all(recorded.at_s >= 0.0 for recorded in reel.frames(second or 0.0))


def test_only_a_few_chunks_are_kept_in_memory(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was asked for."""
    from instrument.runs import unpacked

    monkeypatch.setattr(unpacked, "KEPT_CHUNKS", 3)
    reel = Reel(run)
    list(reel.frames())
    assert len(reel._unpacked._kept) == 3 < len(reel._places)


def test_shipped_runs_have_an_index_that_is_believed() -> None:
    """Nothing has to be walked over."""
    with find_run("noise_to_digits").open("rb") as file:
        found = read_index(file)
    assert not found.walked and len(found.places) > 100
    assert all(place.length < index_file.MAX_RECORD_BYTES for place in found.places)
