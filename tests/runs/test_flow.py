"""What becomes of frames while the disk is slow or full, and what is said of it."""

from pathlib import Path

from instrument.runs.disk import BlockFile
from instrument.runs.flow import Flow, Limits, State

LIMITS = Limits(memory=100, warn=500, pause=200, resume=250)


def test_states_of_a_recording_follow_the_disk(tmp_path: Path) -> None:
    """Refused, waiting, memory full, taken again, each said once: the table in `Flow`."""
    file = BlockFile(tmp_path / "tonight.mcap")
    file.free_bytes = 10**9
    flow = Flow(file, LIMITS)
    assert flow.look(1.0) is None and flow.open
    file.failing_since_s, file.reason = 2.0, "No space left on device"
    assert flow.look(2.9) is None, "less than a second is not worth a word"
    told = flow.look(3.0)
    assert told == (
        "the disk takes nothing (No space left on device): what is heard waits in memory",
        True,
    )
    assert flow.open and flow.look(3.5) is None
    file.write(bytes(101))
    told = flow.look(4.0)
    assert told is not None and told[1] and "tonight.mcap has a gap from here" in told[0]
    assert not flow.open
    file.failing_since_s = None
    file.written = 40
    assert flow.look(5.0) is None, "half of the memory must be free before frames are taken again"
    file.written = 60
    assert flow.look(6.5) == ("the recording goes on: tonight.mcap lacks 2.5 s", False)
    assert flow.open and flow.lacking_s(9.0) == 2.5


def test_a_disk_that_was_away_for_a_moment_leaves_no_gap(tmp_path: Path) -> None:
    """What waited in memory was written: nothing is missing."""
    file = BlockFile(tmp_path / "tonight.mcap")
    flow = Flow(file, LIMITS)
    file.failing_since_s = 1.0
    assert flow.look(2.0) is not None
    file.failing_since_s = None
    assert flow.look(2.5) == ("the disk keeps up again: nothing is missing in tonight.mcap", False)
    assert flow.lacking_s(3.0) == 0.0


def test_a_disk_nearly_full_pauses_the_recording(tmp_path: Path) -> None:
    """Under 200 it pauses, and goes on only above 250: no coming and going at the edge."""
    file = BlockFile(tmp_path / "tonight.mcap")
    flow = Flow(file, LIMITS)
    seen = []
    for at_s, free in enumerate((300, 200, 199, 230, 249, 250, 240, 199)):
        file.free_bytes = free
        told = flow.look(float(at_s))
        seen.append((flow.state is State.PAUSED, told is not None))
    paused = [paused for paused, _ in seen]
    assert paused == [False, False, True, True, True, False, False, True]
    assert [told for _, told in seen] == [False, False, True, False, False, True, False, True]
    assert flow.lacking_s(10.0) == 3.0 + 3.0


def test_a_file_that_was_deleted_is_said_once(tmp_path: Path) -> None:
    """It is recorded on into a file that nobody finds; a file that was only renamed is kept."""
    file = BlockFile(tmp_path / "tonight.mcap")
    file.write(b"a run")
    file.flush()
    file.begin()
    flow = Flow(file, LIMITS)
    (tmp_path / "tonight.mcap").rename(tmp_path / "mine.mcap")
    assert file.end() and not file.deleted
    assert flow.look(1.0) is None
    gone = BlockFile(tmp_path / "tonight.mcap")
    gone.begin()
    flow = Flow(gone, LIMITS)
    (tmp_path / "tonight.mcap").unlink()
    assert gone.end() and gone.deleted
    told = flow.look(2.0)
    assert told is not None and told[0].startswith("tonight.mcap was deleted") and told[1]
    assert flow.look(3.0) is None and flow.open


def test_a_disk_that_confirms_nothing_is_said_once(tmp_path: Path) -> None:
    """Some file systems take what they are given and do not know how to sync."""
    file = BlockFile(tmp_path / "tonight.mcap")
    flow = Flow(file, LIMITS)
    file.sync_fault = "Invalid argument"
    told = flow.look(1.0)
    assert told is not None and "does not confirm" in told[0] and not told[1]
    assert flow.look(2.0) is None and flow.open
