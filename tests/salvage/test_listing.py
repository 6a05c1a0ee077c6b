"""`instrument runs` and `perform --list`: every file has its line, and none hides or delays another."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from mutations import CHUNK, record, records
from run_stand import metric, run_bytes, usual, write

from instrument.salvage.facts import SAMPLED, facts
from instrument.salvage.listing import Entry, entries, to_dict
from instrument.salvage.table import WIDTH, lines


def by_name(folder: Path, every_byte: bool = False) -> dict[str, Entry]:
    return {entry.path.stem: entry for entry in entries([folder], every_byte)}


def shown(folder: Path) -> str:
    return "\n".join(lines(entries([folder]), 0.0))


def test_a_run_is_known_without_being_opened(run: Path) -> None:
    """Length, steps, states by their shares, gestures and saved moments of eight seconds."""
    found = facts(run)
    assert found.length_s == pytest.approx(7.9)
    assert (found.steps, found.gestures, found.moments, found.format) == (79, 8, 2, 2)
    assert (found.preset, found.net, found.damage) == ("test", "pocket_mlp", "")
    assert found.states == [("healthy", 0.75), ("noise", 0.25)] and not found.sampled


def test_only_a_run_under_the_name_it_was_given_by_itself_is_listed_as_automatic(
    tmp_path: Path,
) -> None:
    """Whoever renames, copies or repairs one keeps it: the list says what may be deleted."""
    content = run_bytes(automatic="2026-11-27_2112_test.mcap")
    for name in ("2026-11-27_2112_test", "mine"):
        write(tmp_path / f"{name}.mcap", content)
    found = by_name(tmp_path)
    assert {name: to_dict(entry)["automatic"] for name, entry in found.items()} == {
        "2026-11-27_2112_test": True, "mine": False,
    }  # fmt: skip
    assert shown(tmp_path).count("; automatic") == 1


def test_a_long_run_is_known_by_some_of_its_chunks(tmp_path: Path) -> None:
    """Of 400 chunks 48 are looked at, and it is said that the shares are about so."""
    chunks = [[metric(step, step / 10, state=step >= 300)] for step in range(400)]
    found = facts(write(tmp_path / "run.mcap", run_bytes(chunks)))
    assert found.sampled and found.steps == 399 and len(chunks) > SAMPLED
    assert dict(found.states) == {"healthy": pytest.approx(0.75), "noise": pytest.approx(0.25)}
    assert "about healthy 75%, noise 25%" in shown(tmp_path)


def test_reading_every_byte_gives_the_same_for_a_whole_run(run: Path) -> None:
    """What is estimated and what is exact agree where all chunks are looked at anyway."""
    (quick,), (exact,) = entries([run.parent]), entries([run.parent], every_byte=True)
    assert quick.facts is not None and exact.facts is not None
    assert dict(exact.facts.states) == {
        word: pytest.approx(share, abs=0.02) for word, share in quick.facts.states
    }
    assert (exact.facts.steps, exact.facts.gestures, exact.facts.moments) == (79, 8, 2)
    assert exact.facts.damage == ""


def test_a_cut_run_is_known_up_to_its_cut(tmp_path: Path) -> None:
    """Without a summary the gestures are counted, and the end is said."""
    content = run_bytes()
    spots = [begin for opcode, begin, _ in records(content) if opcode == CHUNK]
    found = facts(write(tmp_path / "run.mcap", content[: spots[5] + 40]))
    assert (found.steps, found.gestures, found.moments) == (49, 5, 2)
    assert found.damage == "cut short at 0:04.90"


def test_damage_in_the_middle_is_found_by_reading_every_byte(tmp_path: Path) -> None:
    """A quick look need not meet it; `--all` does."""
    chunks = [[metric(step, step / 10)] for step in range(400)]
    content = bytearray(run_bytes(chunks))
    spots = [end for opcode, _, end in records(bytes(content)) if opcode == CHUNK]
    content[spots[201] - 3] ^= 255
    write(tmp_path / "run.mcap", bytes(content))
    found = by_name(tmp_path, every_byte=True)["run"].facts
    assert found is not None and found.damage.startswith("0:20.00, byte")


def test_the_newest_comes_first(tmp_path: Path) -> None:
    """By the date of recording, not by that of the file."""
    for name, date in (("old", "2024-01-01"), ("new", "2026-01-01"), ("middle", "2025-01-01")):
        write(tmp_path / f"{name}.mcap", run_bytes(date=f"{date}T00:00:00+00:00"))
    assert [entry.path.stem for entry in entries([tmp_path])] == ["new", "middle", "old"]


def test_what_is_no_run_has_a_line_of_its_own(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders, pipes, sockets, links in circles and out of the folder, and nothing waits."""
    folder = run.parent
    (folder / "folder.mcap").mkdir()
    os.mkfifo(folder / "pipe.mcap")
    (folder / "circle.mcap").symlink_to("circle.mcap")
    (folder / "out.mcap").symlink_to("/etc/passwd")
    (folder / "zero.mcap").symlink_to("/dev/zero")
    write(folder / "empty.mcap", b"")
    monkeypatch.chdir(folder)  # a socket's path may have no more than 107 bytes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.mcap")
        found = by_name(folder)
    assert {name: entry.what.partition(";")[0] for name, entry in found.items()} == {
        "run": "", "folder": "is a folder, no run", "pipe": "is a pipe, no run",
        "circle": "is a link to circle.mcap", "out": "is a link to /etc/passwd",
        "zero": "is a link to /dev/zero", "empty": "is empty", "socket": "is a socket, no run",
    }  # fmt: skip


def test_a_run_that_may_not_be_read_hides_no_other() -> None:
    """Seen by somebody who is not its owner."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder / "mine.mcap", run_bytes()).chmod(0o600)
        write(folder / "open.mcap", run_bytes()).chmod(0o644)
        script = f"""
            import os
            from pathlib import Path
            from instrument.salvage.listing import entries
            os.setuid(65534)
            for entry in entries([Path({name!r})]):
                print(entry.path.stem, entry.facts is not None, entry.what)
        """
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True
        )
    assert (told.stderr, sorted(told.stdout.splitlines())) == (
        "", ["mine False cannot be read (Permission denied)", "open True "],
    )  # fmt: skip


def test_no_line_is_wider_than_a_terminal_and_none_moves_its_cursor(tmp_path: Path) -> None:
    """Names, presets and nets come from files of others."""
    nasty = "\x1b[2J\x07" + "x" * 300
    write(tmp_path / "bad\x1b[31m.mcap", run_bytes(preset=nasty, source={"net": nasty}))
    write(tmp_path / f"{'long' * 20}.mcap", run_bytes(usual(1)))
    write(tmp_path / "text.mcap", b"hello " * 100)
    text = shown(tmp_path)
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "\x1b" not in text and "\x07" not in text


def test_every_entry_can_be_said_as_json(run: Path) -> None:
    """Runs and what is none, with shares by their words."""
    write(run.parent / "text.mcap", b"hello")
    told = {
        each["name"]: each
        for each in json.loads(json.dumps([*map(to_dict, entries([run.parent]))]))
    }
    assert told["run"]["states"] == {"healthy": 0.75, "noise": 0.25}
    assert told["run"]["steps"] == 79 and told["run"]["run"] is True
    assert told["text"]["run"] is False and "is no run but a text" in told["text"]["what"]


def test_an_empty_folder_says_where_runs_will_be(tmp_path: Path) -> None:
    """One line, no table."""
    (line,) = lines(entries([tmp_path]), 0.0)
    assert line.startswith("there are no runs in")


def test_a_run_that_grows_is_told_from_one_that_was_cut(tmp_path: Path) -> None:
    """A file without an end that was written to two seconds ago is being recorded."""
    path = write(tmp_path / "run.mcap", run_bytes(finished=False))
    found, now_s = entries([tmp_path]), path.stat().st_mtime
    assert "being recorded" in lines(found, now_s + 2.0)[2]
    assert "cut short at" in lines(found, now_s + 10.0)[2]


def test_a_private_record_of_others_stops_nothing(tmp_path: Path) -> None:
    """A summary with something in it that nobody knows is believed all the same."""
    content = run_bytes()
    begin = next(begin for opcode, begin, _ in records(content) if opcode == CHUNK)
    content = content[:begin] + record(200, b"private") + content[begin:]
    found = facts(write(tmp_path / "run.mcap", content))
    assert found.steps == 79 or found.damage


@pytest.mark.parametrize("hours", [99, 100, 5000, 10**6, 4 * 10**6])
def test_no_length_makes_a_line_too_wide(tmp_path: Path, hours: int) -> None:
    """Two frames far from each other, as in a file that was made to look odd."""
    chunks = [[metric(0, 0.0)], [metric(1, hours * 3600.0)]]
    write(tmp_path / "run.mcap", run_bytes(chunks))
    row = lines(entries([tmp_path]), 0.0)[1]
    shown = {99: " 99 h", 100: " 100 h", 5000: " 5000 h"}.get(hours, " years")
    assert len(row) <= WIDTH and shown in row
