"""Files that do not begin as runs do: what they look like, and what helps."""

from pathlib import Path

from instrument.runs.opening import open_plain
from instrument.runs.records import MAGIC

RECORDED = "a run is recorded with perform --record"
FURTHER = "`instrument runs repair` looks for one further on"
SOUND = "a recording: put it into your folder samples/, the grains play it"
FILM = "a film: a run is the .mcap that was recorded beside it"
PACKED = "unpack it first"
LOOKS = (
    (0, b"RIFF", "a WAV or AVI file", SOUND),
    (0, b"RF64", "a WAV file", SOUND),
    (0, b"fLaC", "a FLAC file", SOUND),
    (0, b"OggS", "an Ogg file", SOUND),
    (0, b"ID3", "an MP3 file", SOUND),
    (0, b"FORM", "an AIFF file", SOUND),
    (4, b"ftyp", "an MP4 or MOV film", FILM),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM film", FILM),
    (0, b"\x89PNG", "a PNG picture", RECORDED),
    (0, b"\xff\xd8\xff", "a JPEG picture", RECORDED),
    (0, b"MThd", "a MIDI file", RECORDED),
    (0, b"\x1f\x8b", "packed by gzip", PACKED),
    (0, b"\x28\xb5\x2f\xfd", "packed by zstd", PACKED),
    (0, b"BZh", "packed by bzip2", PACKED),
    (0, b"\xfd7zXZ", "packed by xz", PACKED),
    (0, b"7z\xbc\xaf", "a 7z archive", PACKED),
    (0, b"PK\x03\x04", "a ZIP archive, or what torch and NumPy save", f"{PACKED}; {RECORDED}"),
    (257, b"ustar", "a tar archive", PACKED),
    (0, b"\x89HDF", "an HDF5 file", RECORDED),
    (0, b"PAR1", "a Parquet file", RECORDED),
    (0, b"\x93NUMPY", "an array of NumPy", RECORDED),
    (0, b"SQLite format 3", "an SQLite database (ROS 2 recorded so once)", RECORDED),
    (0, b"#ROSBAG", "a bag of ROS 1", RECORDED),
    (0, b"#!", "a script", RECORDED),
    (0, b"%PDF", "a PDF", RECORDED),
    (0, b"\x7fELF", "a program", RECORDED),
)
"""Where a mark stands, the mark, what it is, and the likely cure."""
READ = 512
PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))


def look(path: Path) -> str:
    """What a file that does not begin as MCAP looks like, and what helps, as a clause. `Mistake`."""
    with open_plain(path) as file:
        begin = file.read(READ)
    if not begin:
        return f"is empty; the recording did not begin, or the disk was full. {_sentence(RECORDED)}"
    for at, mark, what, cure in LOOKS:
        if begin[at : at + len(mark)] == mark:
            return f"is no run but {what}; {cure}"
    if begin.startswith(PICKLES):
        return f"is no run but a pickle of Python, which is never opened here; {RECORDED}"
    if not any(begin):
        return f"begins with zeros: the disk did not take what was written ({FURTHER})"
    if MAGIC.startswith(begin):
        return "is cut within its first bytes; take another copy"
    if _is_text(begin):
        return f"is no run but a text; {RECORDED}"
    return f"is no run (it does not begin as MCAP does; {FURTHER}); {RECORDED}"


def _is_text(begin: bytes) -> bool:
    try:
        text = begin.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(begin) - 3:
            return False
        text = begin[: error.start].decode("utf-8")
    return all(c.isprintable() or c in "\r\n\t" for c in text)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
