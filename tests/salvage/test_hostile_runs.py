"""Files that were made to harm: no crash, no hang, no memory that they ask for; what is good is saved."""

import random
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import CHUNK, CHUNK_HEAD, METADATA, Mutator, chunk, record, records, text
from run_stand import run_bytes, usual, write
from salvage_target import Original, Target, played_by_reel, played_by_tape

from instrument.runs.chunks import FREE_BYTES, MOST_TIMES, MOST_UNPACKED
from instrument.salvage.check import check
from instrument.salvage.repair import repair
from instrument.salvage.walk import Gap, Piece, Walk
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

GB = 1024**3
FILES = 40


def chunk_spots(content: bytes) -> list[tuple[int, int]]:
    return [(begin, end) for opcode, begin, end in records(content) if opcode == CHUNK]


def put(new: bytes) -> bytes:
    """A whole run with something before its third chunk."""
    content = run_bytes()
    begin, _ = chunk_spots(content)[2]
    return content[:begin] + new + content[begin:]


def all_of(path: Path, most_bytes: int = GB) -> str:
    """List, check and repair in a process that may not take more memory than so much."""
    script = f"""
        import resource, sys
        from pathlib import Path
        from instrument.salvage.check import check
        from instrument.salvage.listing import entries
        from instrument.salvage.repair import repair
        from instrument.signals.mistake import Mistake
        resource.setrlimit(resource.RLIMIT_AS, ({most_bytes}, {most_bytes}))
        path = Path({str(path)!r})
        print(len(entries([path.parent])))
        for act in (check, lambda path: repair(path, path.with_name("new.mcap"))):
            try:
                found = act(path)
                print(getattr(found, "frames", getattr(found, "saved", None)))
            except Mistake as mistake:
                print("Mistake")
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True
    )
    assert told.stderr == "" and told.returncode == 0, told.stderr
    return told.stdout


def test_harmed_runs_keep_every_promise(tmp_path: Path) -> None:
    """The same harm as in bench/salvage.py, a few files of it."""
    originals = []
    for form, finished in ((2, True), (2, False), (1, True), (1, False)):
        path = write(tmp_path / "original.mcap", run_bytes(format=form, finished=finished))
        originals.append(Original(path))
    (tmp_path / "target").mkdir()
    target = Target(tmp_path / "target")
    for number in range(FILES):
        mutator = Mutator(f"test/{number}", [each.content for each in originals])
        harmed = mutator.next()
        must = originals[mutator.number].still_in(harmed) if mutator.is_sure else ()
        target.take(harmed, must)
    assert target.counts["repaired"] > FILES / 3


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_bytes_in_any_place_keep_every_promise(tmp_path: Path, data: st.DataObject) -> None:
    """A few bytes anywhere, also in place of others."""
    content = run_bytes(usual(3))
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(len(content), begin + 400)))
    new = data.draw(st.binary(max_size=60))
    Target(_fresh(tmp_path)).take(content[:begin] + new + content[end:])


def _fresh(folder: Path) -> Path:
    made = folder / f"take{len(list(folder.iterdir()))}"
    made.mkdir()
    return made


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_alone_are_no_run(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """They end in a sentence."""
    path = write(tmp_path_factory.mktemp("bytes") / "run.mcap", content)
    with pytest.raises(Mistake):
        check(path)


@pytest.mark.parametrize("claim", [100 * 10**9, 2**63, 2**64 - 1])
def test_a_chunk_that_claims_100_gb_takes_no_memory(tmp_path: Path, claim: int) -> None:
    """In its own size, in its record, and inside what is packed."""
    lying = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", claim) + bytes(20)
    bomb = chunk(b"", lying, claim) + chunk(b"", lying, 1000)
    inner = CHUNK_HEAD.pack(0, 0, 100, 7, 4) + b"zstd" + struct.pack("<Q", claim)
    path = write(tmp_path / "run.mcap", put(bomb + record(CHUNK, inner)))
    assert all_of(path).split() == ["1", "106", "106"]


def test_chunks_that_unpack_to_far_more_end_at_the_ration(tmp_path: Path) -> None:
    """2,000 chunks of 500 bytes and 15 MB each, their checksums right: 30 GB are not unpacked."""
    content = record(200, bytes(15 * 1024 * 1024 - 9))
    bombs = chunk(content) * 2000
    path = write(tmp_path / "run.mcap", run_bytes()[:-8] + bombs)
    with open(path, "rb") as file:
        walk = Walk(file)
        unpacked = sum(len(step.content) for step in walk.pieces() if isinstance(step, Piece))
    assert unpacked <= MOST_TIMES * path.stat().st_size + FREE_BYTES
    assert unpacked < 2000 * len(content) / 2


def test_chunks_that_lie_about_their_size_are_not_kept_in_memory(tmp_path: Path) -> None:
    """They are read all the same, one after the other: 1.2 GB in all, in a process that may take 1 GB."""
    dice = random.Random(7)
    contents = (
        record(200, dice.randbytes(60_000) + bytes(8 * 1024 * 1024)) for number in range(150)
    )
    lying = b"".join(chunk(content, size=1000) for content in contents)
    path = write(tmp_path / "run.mcap", put(lying))
    assert all_of(path).split() == ["1", "106", "106"]


def test_a_run_of_black_pictures_stays_within_the_ration(tmp_path: Path) -> None:
    """What packs best of all that is recorded, all samples alike, is read to its end."""
    chunks = usual(40)
    for each in chunks:
        for _, frame in each:
            if hasattr(frame, "tiles"):
                frame.tiles[:256] = [0] * 256
    assert check(write(tmp_path / "run.mcap", run_bytes(chunks))).damages == 0


def test_false_beginnings_do_not_take_for_ever(tmp_path: Path) -> None:
    """100,000 beginnings of chunks, each of which says to reach to the end of the file."""
    one = 60
    false = b"".join(
        struct.pack("<BQ", CHUNK, 100_000 * one - number * one - 9)
        + CHUNK_HEAD.pack(0, 0, 10**6, 7, 4) + b"zstd"
        + struct.pack("<Q", 100_000 * one - number * one - 53) + bytes(one - 53)
        for number in range(100_000)
    )  # fmt: skip
    path = write(tmp_path / "run.mcap", run_bytes(finished=False) + false)
    with open(path, "rb") as file:
        steps = list(Walk(file).pieces())
    assert sum(isinstance(step, Piece) and step.opcode == CHUNK for step in steps) == 8


def test_a_file_of_ends_does_not_read_itself_again_and_again(tmp_path: Path) -> None:
    """100,000 records, each of which says the checksum of all that is before it."""
    ends = record(15, struct.pack("<I", 7)) * 100_000
    report = check(write(tmp_path / "run.mcap", put(ends)))
    assert report.frames == 106 and report.code == 1


def test_thousands_of_channels_and_notes_are_passed_over(tmp_path: Path) -> None:
    """More than anybody needs are not kept, and the run is saved."""
    note = record(METADATA, text(b"n") + text(text(b"k") + text(b"v")))
    notes = b"".join(
        record(METADATA, text(str(number).encode()) + text(b"")) for number in range(5000)
    )
    channel = b"".join(
        record(4, struct.pack("<HH", number, 1) + text(b"metrics") + text(b"protobuf") + text(b""))
        for number in range(60_000)
    )
    run = write(tmp_path / "run.mcap", put(note * 5000 + notes + channel))
    result = repair(run, tmp_path / "new.mcap")
    assert result.saved == 106 and check(result.new).code == 0


def test_too_many_damaged_places_are_no_run(tmp_path: Path) -> None:
    """20,000 records that cannot be read: a sentence, and no list of them."""
    bad = record(CHUNK, b"x") * 20_000
    with pytest.raises(Mistake, match="more than 10,000 places are damaged"):
        check(write(tmp_path / "run.mcap", put(bad)))


def test_a_chunk_in_order_with_cut_records_is_a_gap(tmp_path: Path) -> None:
    """The checksum agrees, but what it vouches for ends inside a record."""
    for inner in (b"\x05\x00", b"\x05" + struct.pack("<Q", 99), bytes(900)):
        path = write(tmp_path / "run.mcap", put(chunk(inner)))
        with open(path, "rb") as file:
            gaps = [step for step in Walk(file).pieces() if isinstance(step, Gap)]
        assert len(gaps) == 1 and check(path).frames == 106


def test_a_window_larger_than_any_chunk_is_refused(tmp_path: Path) -> None:
    """zstd may ask for a window of gigabytes before it gives a byte."""
    made = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27)
    )
    writer = made.compressobj()
    packed = writer.compress(bytes(1000)) + writer.flush()
    head = CHUNK_HEAD.pack(0, 0, 1000, zlib.crc32(bytes(1000)), 4) + b"zstd"
    wide = record(CHUNK, head + struct.pack("<Q", len(packed)) + packed)
    path = write(tmp_path / "run.mcap", put(wide))
    assert MOST_UNPACKED < 1 << 27
    assert check(path).frames == 106


def test_a_header_that_is_nested_without_end_is_a_sentence(tmp_path: Path) -> None:
    """And one whose numbers are none."""
    for value in ("[" * 200_000, "Infinity", "1e999", "9" * 10_000):
        content = run_bytes()
        begin, end = next((b, e) for opcode, b, e in records(content) if opcode == METADATA)
        old = content[begin + 9 : end]
        seed = text(b"seed") + text(b"7")
        assert seed in old
        fields = old.replace(seed, text(b"seed") + text(value.encode()))
        name_end = 4 + struct.unpack_from("<I", fields)[0]
        fields = fields[:name_end] + text(fields[name_end + 4 :])
        path = write(
            tmp_path / "run.mcap", content[:begin] + record(METADATA, fields) + content[end:]
        )
        with pytest.raises(Mistake, match="header of this run is damaged"):
            check(path)


def test_a_run_that_is_cut_while_it_is_read_is_a_sentence(tmp_path: Path) -> None:
    """Somebody else makes the file shorter between two reads."""
    path = write(tmp_path / "run.mcap", run_bytes())
    with open(path, "rb") as file:
        walk = Walk(file)
        pieces = walk.pieces()
        next(pieces)
        path.write_bytes(run_bytes()[:100])
        with pytest.raises(OSError, match="became shorter"):
            list(pieces)


def test_false_lengths_do_not_use_up_the_search(tmp_path: Path) -> None:
    """A beginning that claims 2^62 bytes is never read; the chunk behind it, its head zeroed, is found."""
    content = bytearray(run_bytes())
    begin, _ = chunk_spots(bytes(content))[3]
    content[begin : begin + 9] = bytes(9)
    false = record(CHUNK, CHUNK_HEAD.pack(0, 0, 0, 0, 4) + b"zstd" + struct.pack("<Q", 2**62))
    path = write(tmp_path / "run.mcap", bytes(content[:begin] + false + content[begin:]))
    assert check(path).frames == 106


def test_claims_that_are_not_unpacked_cost_no_ration(tmp_path: Path) -> None:
    """3,000 chunks that claim 1 MB each, and whose content is none: the good ones behind are unpacked."""
    false = record(
        CHUNK, CHUNK_HEAD.pack(0, 0, 10**6, 7, 4) + b"zstd" + struct.pack("<Q", 8) + bytes(8)
    )
    path = write(tmp_path / "run.mcap", put(false * 3000))
    assert check(path).frames == played_by_tape(path) == played_by_reel(path) == 106


def test_an_index_that_reaches_into_a_chunk_takes_nothing_of_it(tmp_path: Path) -> None:
    """It can be read, for it has no checksum; its last entries are the beginning of the next chunk."""
    reaching = struct.pack("<BQ", 7, 6 + 48) + struct.pack("<HI", 1, 48)
    path = write(tmp_path / "run.mcap", put(reaching))
    assert check(path).frames == 106


def test_a_chunk_that_says_to_reach_over_others_ends_where_it_ends(tmp_path: Path) -> None:
    """Its record is said to hold the next chunks, too; these are read all the same."""
    content = bytearray(run_bytes())
    spots = chunk_spots(bytes(content))
    struct.pack_into("<Q", content, spots[2][0] + 1, spots[6][1] - spots[2][0] - 9)
    path = write(tmp_path / "run.mcap", bytes(content))
    report = check(path)
    assert report.frames == 106 and report.code == 1


def test_a_damaged_index_that_ends_a_byte_late_takes_no_chunk_with_it(tmp_path: Path) -> None:
    """What stands there then, the length of the chunk, looks like a private record."""
    clean = run_bytes()
    content = bytearray(clean)
    late = [spot for spot in chunk_spots(clean)[1:] if (spot[1] - spot[0] - 9) & 0xFF >= 0x80]
    for begin, _ in late:
        index = next(b for opcode, b, end in records(clean) if opcode == 7 and end == begin)
        content[index + 1] += 1
        content[index + 20] ^= 1
    assert late and check(write(tmp_path / "run.mcap", bytes(content))).frames == 106
