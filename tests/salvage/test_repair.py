"""`instrument runs repair`: what can be read is in the new file, and the old one is never touched."""

import hashlib
import json
import os
import signal
import struct
from pathlib import Path

import pytest
from mcap.reader import make_reader
from mcap.writer import Writer
from mutations import CHUNK, records
from run_stand import header, metric, run_bytes, usual, write
from salvage_target import keys_in

from instrument.runs.header import FORMAT
from instrument.runs.recorder import used
from instrument.runs.tape import Tape
from instrument.salvage.check import WHOLE, check
from instrument.salvage.repair import RECORD, repair
from instrument.salvage.words import repaired_lines
from instrument.signals.mistake import Mistake


def chunk_spots(content: bytes) -> list[tuple[int, int]]:
    return [(begin, end) for opcode, begin, end in records(content) if opcode == CHUNK]


def note_of(path: Path) -> dict[str, object]:
    with open(path, "rb") as file:
        (found,) = [note for note in make_reader(file).iter_metadata() if note.name == RECORD]
    return {name: json.loads(value) for name, value in found.metadata.items()}


def test_a_whole_run_comes_back_frame_for_frame(run: Path, tmp_path: Path) -> None:
    """Repairing what is whole changes no frame, and says that nothing is lost."""
    result = repair(run, tmp_path / "new.mcap")
    old, new = ([used(each.frame) for each in Tape(path).frames()] for path in (run, result.new))
    assert old == new and (result.saved, result.lost, result.counted) == (106, 0, True)
    assert check(result.new).code == WHOLE
    assert "nothing is lost" in repaired_lines(result)


def test_chunks_beyond_garbage_are_saved(tmp_path: Path) -> None:
    """3,000 bytes in the middle are overwritten with others: what is behind them comes back."""
    content = bytearray(run_bytes())
    spots = chunk_spots(bytes(content))
    begin = spots[2][0]
    content[begin : begin + 100] = os.urandom(100)
    run = write(tmp_path / "run.mcap", bytes(content))
    result = repair(run, tmp_path / "new.mcap")
    saved = {step for topic, step in keys_in(result.new) if topic == "metrics"}
    assert saved == {*range(20), *range(30, 80)}
    assert (result.lost, result.counted) == (13, True)
    assert [hole.lasts_s for hole in result.holes] == [pytest.approx(1.1)]
    assert check(result.new).code == WHOLE


def test_a_damaged_chunk_of_a_cut_run_is_counted_by_its_own_index(tmp_path: Path) -> None:
    """Without a summary nobody knows how many frames there were; of this chunk its index says it."""
    content = bytearray(run_bytes(finished=False))
    _, end = chunk_spots(bytes(content) + bytes(8))[3]
    content[end - 5] ^= 255
    result = repair(write(tmp_path / "run.mcap", bytes(content)), tmp_path / "new.mcap")
    assert (result.lost, result.counted) == (13, False)
    assert any("at least 13 frames" in line for line in repaired_lines(result))


def test_descriptions_come_from_the_summary_when_the_first_chunk_is_damaged(tmp_path: Path) -> None:
    """The first chunk holds the schemas; the summary repeats them."""
    content = bytearray(run_bytes())
    _, end = chunk_spots(bytes(content))[0]
    content[end - 5] ^= 255
    result = repair(write(tmp_path / "run.mcap", bytes(content)), tmp_path / "new.mcap")
    assert result.saved == 106 - 14


def test_lying_lengths_and_a_lying_index_lose_nothing(tmp_path: Path) -> None:
    """The lengths of two chunks and the places of all chunks in the summary are wrong."""
    content = bytearray(run_bytes())
    spots = chunk_spots(bytes(content))
    struct.pack_into("<Q", content, spots[1][0] + 1, 17)
    struct.pack_into("<Q", content, spots[5][0] + 1, 2**63)
    for opcode, begin, _ in records(run_bytes()):
        if opcode == 8:
            struct.pack_into("<Q", content, begin + 9 + 16, 12345)
    result = repair(write(tmp_path / "run.mcap", bytes(content)), tmp_path / "new.mcap")
    assert result.saved == 106
    assert check(result.new).code == WHOLE


def test_a_size_that_lies_in_a_chunk_loses_nothing(tmp_path: Path) -> None:
    """What is packed says itself how large it is, and the checksum agrees."""
    content = bytearray(run_bytes())
    struct.pack_into("<Q", content, chunk_spots(bytes(content))[3][0] + 9 + 16, 100 * 10**9)
    assert repair(write(tmp_path / "run.mcap", bytes(content)), tmp_path / "n.mcap").saved == 106


def test_chunks_in_the_wrong_order_are_put_right(tmp_path: Path) -> None:
    """The new file is in the order of time."""
    chunks = usual(6)
    run = write(tmp_path / "run.mcap", run_bytes([*chunks[3:], *chunks[:3]]))
    new = repair(run, tmp_path / "new.mcap").new
    assert [step for topic, step in keys_in(new) if topic == "metrics"] == list(range(60))
    assert check(new).code == WHOLE


def test_a_run_without_its_first_bytes_is_found(tmp_path: Path) -> None:
    """Garbage in front instead of MCAP's mark."""
    run = write(tmp_path / "run.mcap", b"\0" * 4096 + run_bytes()[8:])
    assert repair(run, tmp_path / "new.mcap").saved == 106
    assert check(run).code == 1


def test_frames_that_cannot_be_used_are_left_out_and_counted(tmp_path: Path) -> None:
    """The others of their chunk are saved."""
    chunks = usual(3)
    chunks[1][0][1].count = 60_000  # type: ignore[attr-defined]
    result = repair(write(tmp_path / "run.mcap", run_bytes(chunks)), tmp_path / "new.mcap")
    assert result.left_out == {"frames of metrics that cannot be used": 1}
    assert result.lost == 1
    assert check(result.new).code == WHOLE


def test_format_1_becomes_the_format_of_today(tmp_path: Path) -> None:
    """Every frame is the same, its time is a time of day, and the header says the new format."""
    old = write(tmp_path / "old.mcap", run_bytes(format=1))
    new = repair(old, tmp_path / "new.mcap").new
    before, after = list(Tape(old).frames()), list(Tape(new).frames())
    assert [used(each.frame) for each in before] == [used(each.frame) for each in after]
    assert Tape(new).header.format == FORMAT and check(new).code == WHOLE
    assert after[0].at_s == pytest.approx(1795752000.0)  # 2026-11-27T04:00:00Z, as the header says
    steps = [each.at_s - after[0].at_s for each in after]
    assert steps == pytest.approx([each.at_s - before[0].at_s for each in before], abs=1e-6)


def test_a_migrated_run_shows_its_samples_as_pictures(tmp_path: Path) -> None:
    """One every two seconds, for Foxglove, as the recorder of today writes them."""
    old = write(tmp_path / "old.mcap", run_bytes(format=1))
    new = repair(old, tmp_path / "new.mcap").new
    with open(new, "rb") as file:
        shown = list(make_reader(file).iter_messages(topics=["samples"]))
    assert len(shown) == 4
    assert all(b"\xff\xd8\xff" in message.data for _, _, message in shown)


def test_a_migrated_run_is_read_by_the_library_of_others(tmp_path: Path) -> None:
    """mcap with its own protobuf decoder finds the streams by their names."""
    others = pytest.importorskip("mcap_protobuf.decoder")
    new = repair(write(tmp_path / "old.mcap", run_bytes(format=1)), tmp_path / "new.mcap").new
    with open(new, "rb") as file:
        reader = make_reader(file, decoder_factories=[others.DecoderFactory()])
        told = [each[3] for each in reader.iter_decoded_messages(topics=["metrics"])]
    assert [(frame.step, frame.loss_g) for frame in told] == [(n, n * 0.5) for n in range(80)]


def test_topics_of_a_later_version_and_notes_are_kept(tmp_path: Path) -> None:
    """What this version does not know is copied as it is."""

    def later(writer: Writer) -> None:
        number = writer.register_channel("aura", "protobuf", 1)
        writer.add_message(number, 10**18, b"unknown bytes", 10**18)
        writer.add_metadata("a note", {"by": "hand"})
        writer.add_attachment(1, 2, "photo.txt", "text/plain", b"stage")

    run = write(tmp_path / "run.mcap", run_bytes(notes=later))
    new = repair(run, tmp_path / "new.mcap").new
    with open(new, "rb") as file:
        reader = make_reader(file)
        ((_, channel, message),) = reader.iter_messages(topics=["aura"])
        assert (channel.message_encoding, message.data) == ("protobuf", b"unknown bytes")
        assert {note.name for note in reader.iter_metadata()} >= {"a note", RECORD}
        assert [(each.name, each.data) for each in reader.iter_attachments()] == [
            ("photo.txt", b"stage")
        ]


def test_the_new_file_says_where_it_comes_from(tmp_path: Path) -> None:
    """Name, SHA-256 and size of the old file, what was saved and what was lost."""
    content = bytearray(run_bytes())
    content[chunk_spots(bytes(content))[3][1] - 5] ^= 255
    run = write(tmp_path / "run.mcap", bytes(content))
    note = note_of(repair(run, tmp_path / "new.mcap").new)
    assert note["from"] == "run.mcap" and note["bytes"] == len(content)
    assert note["sha256"] == hashlib.sha256(bytes(content)).hexdigest()
    assert (note["saved_frames"], note["lost_frames"]) == (93, 13)
    assert [round(hole["seconds"], 2) for hole in note["holes"]] == [1.1]  # type: ignore[attr-defined]


def test_the_old_file_stays_as_it_is(tmp_path: Path) -> None:
    """Not a byte, not its time, not its rights; one that may only be read is enough."""
    run = write(tmp_path / "run.mcap", run_bytes()[:-300])
    run.chmod(0o400)
    before = (run.read_bytes(), run.stat().st_mtime_ns, run.stat().st_mode)
    repair(run, tmp_path / "new.mcap")
    assert (run.read_bytes(), run.stat().st_mtime_ns, run.stat().st_mode) == before


def same(run: Path) -> Path:
    return run


def hard_link(run: Path) -> Path:
    os.link(run, run.with_name("hard.mcap"))
    return run.with_name("hard.mcap")


def soft_link(run: Path) -> Path:
    run.with_name("soft.mcap").symlink_to(run)
    return run.with_name("soft.mcap")


def other(run: Path) -> Path:
    return write(run.with_name("other.mcap"), b"precious")


def dangling(run: Path) -> Path:
    run.with_name("gone.mcap").symlink_to(run.with_name("nowhere.mcap"))
    return run.with_name("gone.mcap")


@pytest.mark.parametrize("target", [same, hard_link, soft_link, other, dangling])
def test_nothing_is_ever_written_over(run: Path, target: object) -> None:
    """Neither the run itself, by whatever name, nor anything else that is there."""
    new = target(run)  # type: ignore[operator]
    before = {path.name: path.read_bytes() for path in run.parent.iterdir() if path.exists()}
    with pytest.raises(Mistake, match=r"never written over|is the run itself"):
        repair(run, new)
    assert before == {
        path.name: path.read_bytes() for path in run.parent.iterdir() if path.exists()
    }


def test_nothing_is_left_where_nothing_can_be_saved(tmp_path: Path) -> None:
    """A run without a frame makes no new file."""
    run = write(tmp_path / "run.mcap", run_bytes([]))
    with pytest.raises(Mistake, match="no frame that can be read"):
        repair(run, tmp_path / "new.mcap")
    assert [path.name for path in tmp_path.iterdir()] == ["run.mcap"]


def test_a_disk_that_fills_leaves_no_half_file(run: Path, tmp_path: Path) -> None:
    """The system refuses what goes beyond 500 bytes; the sentence says so, and the old run is there."""
    resource = pytest.importorskip("resource")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limit[1]))
    try:
        with pytest.raises(Mistake, match="cannot be repaired"):
            repair(run, tmp_path / "new.mcap")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert [path.name for path in tmp_path.iterdir()] == ["run.mcap"]


def test_another_run_lends_its_header(tmp_path: Path) -> None:
    """The header is gone, the first chunk and the end too: the descriptions are lent as well."""
    content = run_bytes(finished=False)
    spots = chunk_spots(content + bytes(8))
    run = write(tmp_path / "run.mcap", content[:8] + content[spots[1][0] :])
    lender = write(tmp_path / "lender.mcap", run_bytes([[metric(0, 0.0)]]))
    result = repair(run, tmp_path / "new.mcap", lender)
    assert result.saved == 106 - 14 and result.lent == lender
    assert Tape(result.new).header.streams == header().streams
    assert note_of(result.new)["header_of"] == "lender.mcap"


@pytest.mark.parametrize("name", ["new.txt", "new", "no/such/folder.mcap"])
def test_a_target_that_is_no_run_is_refused(run: Path, tmp_path: Path, name: str) -> None:
    """The ending and the folder are looked at before anything is read."""
    with pytest.raises(Mistake):
        repair(run, tmp_path / name)
