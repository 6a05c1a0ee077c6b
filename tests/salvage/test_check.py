"""`instrument runs check`: every byte is read, and what is wrong is said with its place."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcap.writer import Writer
from mutations import CHUNK, record, records
from run_stand import controls, gesture, header, metric, run_bytes, tiles, usual, write

from instrument.runs.recorder import Recorder
from instrument.salvage.check import DAMAGED, NOTHING, WHOLE, Report, check
from instrument.salvage.survey import Place, Places, Surveyor
from instrument.salvage.words import report_lines
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, TILES, MetricFrame
from instrument.signals.mistake import Mistake


def said(report: Report) -> str:
    return "\n".join(map(str, report.findings))


def spots(content: bytes, opcode: int) -> list[tuple[int, int]]:
    return [(begin, end) for found, begin, end in records(content) if found == opcode]


@pytest.mark.parametrize("format", [1, 2])
def test_a_run_as_it_was_recorded_is_whole(tmp_path: Path, format: int) -> None:
    """Nothing is found, and every frame is counted."""
    report = check(write(tmp_path / "run.mcap", run_bytes(format=format)))
    assert report.findings == [] and report.code == WHOLE
    assert report.of_topic == {
        "metrics": 80, "tiles": 8, "controls": 8, "gestures": 8, "snapshots": 2
    }  # fmt: skip
    assert report.survey.length_s == pytest.approx(7.9)


def test_a_flipped_bit_is_found_with_its_second_and_byte(tmp_path: Path) -> None:
    """The chunk after 2.9 s does not match, and one second is lost with it."""
    content = bytearray(run_bytes())
    begin, end = spots(bytes(content), CHUNK)[3]
    content[end - 20] ^= 1
    report = check(write(tmp_path / "run.mcap", bytes(content)))
    assert report.code == DAMAGED
    assert f"0:02.90, byte {begin:,}: the chunk" in said(report)
    assert "1.10 s are lost" in said(report)
    assert report.frames == 106 - 13


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_run_is_damaged_but_playable(tmp_path: Path, share: float) -> None:
    """The missing end is one finding; the frames before it are counted."""
    content = run_bytes()
    report = check(write(tmp_path / "run.mcap", content[: int(len(content) * share)]))
    assert report.code == DAMAGED and report.frames > 0
    assert "cut short" in said(report)


def test_a_run_that_was_not_finished_lacks_its_end_alone(tmp_path: Path) -> None:
    """kill -9 between two chunks: all frames are there."""
    report = check(write(tmp_path / "run.mcap", run_bytes(finished=False)))
    assert (report.damages, report.frames) == (1, 106)


def test_an_index_that_points_elsewhere_is_found(tmp_path: Path) -> None:
    """The place of a chunk in the summary is one byte off; the summary no longer matches its checksum."""
    content = bytearray(run_bytes())
    begin, _ = spots(bytes(content), 8)[2]
    content[begin + 9 + 16] ^= 1
    report = check(write(tmp_path / "run.mcap", bytes(content)))
    assert "the index says of a chunk what is not so" in said(report)
    assert "the summary does not match its checksum" in said(report)


def test_an_index_of_a_chunk_that_lies_is_found(tmp_path: Path) -> None:
    """The place of a frame inside its chunk."""
    content = bytearray(run_bytes())
    begin, _ = spots(bytes(content), 7)[0]
    content[begin + 9 + 6 + 8] ^= 1
    assert "points at other messages" in said(check(write(tmp_path / "run.mcap", bytes(content))))


def test_a_length_that_lies_costs_nothing(tmp_path: Path) -> None:
    """A chunk that says to be longer than the file is read by what it says inside, and it is said."""
    content = bytearray(run_bytes())
    begin, _ = spots(bytes(content), CHUNK)[4]
    struct.pack_into("<Q", content, begin + 1, 2**40)
    report = check(write(tmp_path / "run.mcap", bytes(content)))
    assert report.frames == 106
    assert f"byte {begin:,}: the chunk says another length than it has, but can be read" in said(
        report
    )


def test_frames_whose_counts_do_not_fit_are_found(tmp_path: Path) -> None:
    """A chunk in order with a frame in it that claims more streams than there are."""
    chunks = usual(3)
    chunks[1][0][1].count = 60_000  # type: ignore[attr-defined]
    report = check(write(tmp_path / "run.mcap", run_bytes(chunks)))
    assert report.code == DAMAGED
    assert "0:01.00" in said(report) and "a frame of metrics cannot be used" in said(report)


def test_time_that_runs_back_is_damage(tmp_path: Path) -> None:
    """Chunks in another order than they were said in."""
    chunks = usual(6)
    report = check(write(tmp_path / "run.mcap", run_bytes([*chunks[3:], *chunks[:3]])))
    assert "the time of metrics runs back by 5.90 s" in said(report)


def test_frames_a_little_out_of_order_are_usual(tmp_path: Path) -> None:
    """Half a second between two threads is how runs are written."""
    chunks = [[metric(0, 0.0), controls(0, 0.5), controls(1, 0.1), metric(1, 0.6)]]
    assert check(write(tmp_path / "run.mcap", run_bytes(chunks))).findings == []


def test_a_pause_of_the_training_is_told_and_is_no_damage(tmp_path: Path) -> None:
    """Three seconds without a metric frame while gestures go on; the numbers say that two are missing."""
    chunks = [[metric(0, 0.0)], [gesture(0, 1.5)], [metric(3, 3.0)]]
    report = check(write(tmp_path / "run.mcap", run_bytes(chunks)))
    assert report.code == WHOLE
    assert "0:00.00" in said(report) and "no metric frame for 3.00 s; 2 are missing" in said(report)


def test_steps_that_go_back_are_told(tmp_path: Path) -> None:
    """A rehearsal that was wound back goes over the same steps again: no damage."""
    chunks = [[metric(50, 0.0)], [metric(20, 0.1)]]
    report = check(write(tmp_path / "run.mcap", run_bytes(chunks)))
    assert report.code == WHOLE and "the steps go back from 50 to 20" in said(report)


def test_a_chunk_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    """What was doubled is damage; its frames are not counted twice."""
    content = run_bytes()
    begin, end = spots(content, CHUNK)[2]
    report = check(write(tmp_path / "run.mcap", content[:end] + content[begin:end] + content[end:]))
    assert report.frames == 106 and "a chunk that was there before" in said(report)


def test_another_run_behind_this_one_is_left_out(tmp_path: Path) -> None:
    """Two files joined by mistake are not one run."""
    first, second = run_bytes(), run_bytes(usual(3), preset="other")
    report = check(write(tmp_path / "run.mcap", first + second))
    assert report.frames == 106 and "another run begins" in said(report)


def test_topics_of_a_later_version_are_no_damage(tmp_path: Path) -> None:
    """They are named, and everything else is read."""

    def later(writer: Writer) -> None:
        number = writer.register_channel("aura", "protobuf", 1)
        writer.add_message(number, 10**18, b"x", 10**18)

    report = check(write(tmp_path / "run.mcap", run_bytes(notes=later)))
    assert report.code == WHOLE and "topic 'aura' is none of this version" in said(report)


def test_many_damages_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    """200 frames that cannot be used make nine lines."""
    chunks = [[metric(step, step / 10) for step in range(200)]]
    for _, frame in chunks[0]:
        frame.count = 60_000  # type: ignore[attr-defined]
    report = check(write(tmp_path / "run.mcap", run_bytes(chunks)))
    assert report.damages == 200 and len(report.findings) == 9
    assert "and 192 more frames that cannot be used" in said(report)


def test_a_run_of_another_format_says_so(tmp_path: Path) -> None:
    """What this version cannot read is no run here, and the sentence names both formats."""
    with pytest.raises(Mistake, match="format 99"):
        check(write(tmp_path / "run.mcap", run_bytes(format=99)))


def test_a_run_without_its_header_names_the_cure(tmp_path: Path) -> None:
    """The topics are ours, so it is a run; `--header-of` lends it a header."""
    content = run_bytes()
    (begin, end), *_ = spots(content, 12)
    with pytest.raises(Mistake, match="--header-of"):
        check(write(tmp_path / "run.mcap", content[:begin] + content[end:]))


def test_unknown_records_of_others_are_passed_over(tmp_path: Path) -> None:
    """MCAP keeps numbers from 128 on for private records."""
    content = run_bytes(finished=False)
    begin, _ = spots(content + bytes(8), CHUNK)[2]
    content = content[:begin] + record(200, b"private") + content[begin:]
    assert check(write(tmp_path / "run.mcap", content)).damages == 1  # the missing end


def test_what_the_recorder_writes_is_whole(tmp_path: Path) -> None:
    """A run recorded from a bus, and the same one when the recorder is killed before its end."""
    bus = Bus(new_show_name())
    recorder = Recorder(tmp_path / "run.mcap", bus, header())
    recorder.start()
    metrics, pixels = bus.publisher(METRICS), bus.publisher(TILES)
    began_s = time.monotonic()
    for step in range(50):
        metrics.send(MetricFrame(time_s=began_s + step / 100, step=step, count=2))
    pixels.send(tiles(0, began_s)[1])
    deadline_s = time.monotonic() + 10.0
    while recorder.frames < 51 or not recorder.bytes:
        assert time.monotonic() < deadline_s, "the recorder does not hear"
        time.sleep(0.01)
    recorder.stop()
    metrics.close()
    pixels.close()
    bus.close()
    report = check(tmp_path / "run.mcap")
    assert (report.damages, report.of_topic) == (0, {"metrics": 50, "tiles": 1}), said(report)
    content = (tmp_path / "run.mcap").read_bytes()
    end = next(begin for opcode, begin, _ in records(content) if opcode == 15)
    cut = check(write(tmp_path / "cut.mcap", content[:end]))
    assert (cut.damages, cut.frames) == (1, 51), said(cut)


def test_a_description_is_believed_where_a_checksum_vouches_for_it(tmp_path: Path) -> None:
    """One that stands in the open says other fields; that in the summary is taken."""
    content = run_bytes()
    schemas = [content[begin:end] for begin, end in spots(content, 3)]
    channels = [content[begin:end] for begin, end in spots(content, 4)]
    lying = schemas[0].replace(b"loss_g", b"loss_x")
    assert lying != schemas[0] and channels
    begin, _ = spots(content, CHUNK)[0]
    path = write(tmp_path / "run.mcap", content[:begin] + lying + content[begin:])
    with open(path, "rb") as file:
        survey = Surveyor(path, file).look()
    assert b"loss_g" in survey.schemas[1].data


def test_a_run_without_a_frame_cannot_be_played(tmp_path: Path) -> None:
    """Nothing is wrong with the file, but there is nothing in it: exit code 2."""
    report = check(write(tmp_path / "run.mcap", run_bytes([])))
    assert (report.code, report.damages) == (NOTHING, 0)
    first, last = report_lines(report)
    assert "holds no frame that can be played" in first and "fault" not in first
    assert last.startswith("the recording paused from its first moment"), "no copy of it has more"


@given(st.lists(st.tuples(st.integers(0, 2**63), st.integers(0, 2**63 - 1))))
def test_a_run_begins_with_its_earliest_chunk_wherever_that_lies(
    times: list[tuple[int, int]],
) -> None:
    """And ends with its latest, whatever the order; without any chunk both are 0."""
    places = Places()
    for number, (begin_ns, lasts_ns) in enumerate(times):
        places.add(Place(number, number + 1, begin_ns, begin_ns + lasts_ns, 1))
    assert places.begin_ns == min((place.begin_ns for place in places), default=0)
    assert places.end_ns == max((place.end_ns for place in places), default=0)


def test_one_fault_is_one(tmp_path: Path) -> None:
    """In the singular where it is one."""
    content = bytearray(run_bytes())
    _, end = spots(bytes(content), CHUNK)[3]
    content[end - 20] ^= 1
    report = check(write(tmp_path / "run.mcap", bytes(content)))
    assert report.damages == 1 and "playable, 1 fault:" in report_lines(report)[0]
