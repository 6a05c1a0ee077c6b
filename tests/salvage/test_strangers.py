"""Files that are no runs: what they are is said, with the likely cure, and nothing of them is opened."""

import gzip
import io
import pickle
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import Writer
from run_stand import run_bytes, write

from instrument.runs.reel import Reel
from instrument.runs.tape import Tape
from instrument.salvage.check import check
from instrument.salvage.listing import entries
from instrument.salvage.strangers import stranger
from instrument.signals.mistake import Mistake


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(48000)
        writer.writeframes(bytes(100))
    return file.getvalue()


def packed() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.pkl", b"x")
    return file.getvalue()


def array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def ros() -> bytes:
    file = io.BytesIO()
    writer = Writer(file)
    writer.start(profile="ros2", library="libmcap 1.0")
    schema = writer.register_schema("sensor_msgs/msg/Imu", "ros2msg", b"float64 x")
    for number in range(8):
        channel = writer.register_channel(f"/imu/{number}", "cdr", schema)
        writer.add_message(channel, 1, b"x", 1)
    writer.finish()
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; the recording did not begin"),
        (sound(), "a WAV or AVI file; a recording: put it into your folder samples/"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "an MP4 or MOV film; a film: a run is the .mcap"),
        (gzip.compress(run_bytes()), "packed by gzip; unpack it first"),
        (pickle.dumps({"a": [1]}), "a pickle of Python, which is never opened here"),
        (packed(), "a ZIP archive, or what torch and NumPy save"),
        (array(), "an array of NumPy"),
        (b"title = 'Glitch'\n[sound]\n", "is no run but a text"),
        (b"#!/bin/sh\n", "a script"),
        (bytes(1000), "begins with zeros: the disk did not take what was written"),
        (run_bytes()[:5], "is cut within its first bytes"),
        (run_bytes()[:12], "its first record cannot be read"),
        (b"\x93\x01\x02\xff" * 50, "does not begin as MCAP does"),
    ],
)
def test_a_file_is_named_by_what_it_looks_like(tmp_path: Path, content: bytes, words: str) -> None:
    """In the list, and when it is checked."""
    path = write(tmp_path / "strange.mcap", content)
    (entry,) = entries([tmp_path])
    assert words in entry.what
    with pytest.raises(Mistake):
        check(path)


def test_who_opens_a_stranger_reads_what_who_checks_it_reads(tmp_path: Path) -> None:
    """Rehearsal, render and score say what the file is, too."""
    path = write(tmp_path / "picture.mcap", b"\x89PNG\r\n\x1a\n" + bytes(40))
    told = []
    for read in (check, Tape, Reel):
        with pytest.raises(Mistake) as mistake:
            read(path)
        told.append(str(mistake.value))
    assert "is no run but a PNG picture; a run is recorded" in told[0]
    assert told == [told[0]] * 3


def test_recordings_of_others_are_named_with_their_topics(tmp_path: Path) -> None:
    """MCAP of ROS 2: the first six topics and how many more, in the list and when it is checked."""
    path = write(tmp_path / "robot.mcap", ros())
    words = (
        "is MCAP of ROS 2, no run of this instrument (its topics are /imu/0, /imu/1, /imu/2, /imu/3, "
        "/imu/4, /imu/5 and 2 more)"
    )
    assert words in stranger(path)
    with pytest.raises(Mistake) as told:
        check(path)
    assert words in str(told.value)


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    """One that would make a file when it is opened makes none."""

    class Trap:
        def __reduce__(self) -> object:
            return (Path.touch, (tmp_path / "sprung",))

    write(tmp_path / "trap.mcap", pickle.dumps(Trap()))
    entries([tmp_path], every_byte=True)
    assert not (tmp_path / "sprung").exists()
