"""The files themselves: both programs' layouts of a show, and whether two of them say the same."""

import zlib
from collections.abc import Sequence

from instrument.hands.layouts.arrange import arrange
from instrument.hands.layouts.naming import with_scenes
from instrument.hands.layouts.open_stage_control import session
from instrument.hands.layouts.tosc import unpack
from instrument.hands.layouts.touchosc import document
from instrument.signals.controls import Bank

NAME = "twos_and_sevens"
SESSION, DOCUMENT = f"{NAME}.json", f"{NAME}.tosc"


def files(
    bank: Bank,
    host: str = "127.0.0.1",
    port: int = 9000,
    reply_port: int = 9001,
    scenes: Sequence[str] = (),
) -> dict[str, bytes]:
    """Bytes of each file by its name.

    `host` and `port` are the show's as Open Stage Control sees it; `reply_port` is the port at which the
    tablet listens in TouchOSC. `scenes` are the names on the set list, for the scene keys.
    """
    layout = with_scenes(arrange(bank), scenes)
    return {
        SESSION: session(layout, host, port).encode("utf-8"),
        DOCUMENT: document(layout, reply_port),
    }


def same(name: str, one: bytes, other: bytes) -> bool:
    """Whether two files say the same; another zlib may have packed the same text otherwise."""
    if not name.endswith(".tosc"):
        return one == other
    try:
        return unpack(one) == unpack(other)
    except (zlib.error, UnicodeDecodeError):
        return False
