"""MCAP files that are no runs: whose they are, and what helps."""

import struct
from collections.abc import Sequence
from pathlib import Path

from instrument.runs.no_run import READ, RECORDED, look
from instrument.runs.opening import open_plain
from instrument.runs.records import HEAD, MAGIC
from instrument.salvage.outline import outline
from instrument.salvage.parsing import parsed
from instrument.signals.spoken import cut, printable

SHOWN = 6


def stranger(path: Path) -> str:
    """What a file is that cannot be opened as a run, as a clause, by its first bytes. `Mistake`."""
    with open_plain(path) as file:
        if file.read(len(MAGIC)) != MAGIC:
            return look(path)
        try:
            opcode, length = HEAD.unpack(file.read(HEAD.size))
            header = parsed(opcode, file.read(min(length, READ)))
            profile, library = str(header.profile), str(header.library)
        except (struct.error, ValueError, AttributeError):
            return "is MCAP, but its first record cannot be read; `instrument runs repair` reads on"
        found = outline(file)
    topics = [channel.topic for channel in found.channels.values()]
    return foreign(profile, library, topics)


def foreign(profile: str, library: str, topics: Sequence[str]) -> str:
    """What an MCAP file of others is, as a clause."""
    who = {"ros1": "ROS 1", "ros2": "ROS 2"}.get(profile, profile) or library or "another program"
    shown = ", ".join(cut(printable(topic), 32) for topic in topics[:SHOWN])
    more = f" and {len(topics) - SHOWN} more" if len(topics) > SHOWN else ""
    what = f"its topics are {shown}{more}" if topics else "nothing is recorded in it"
    who = cut(printable(who), 40)
    return f"is MCAP of {who}, no run of this instrument ({what}); Foxglove opens it, {RECORDED}"
