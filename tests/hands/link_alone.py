"""Run by test_link in a network namespace of its own: a Link session between us and plain aalink.

Prints what happened as one JSON line. Whatever it sends stays in the namespace, where only ``lo`` is.
"""

import asyncio
import fcntl
import json
import socket
import struct
import sys
import time
from collections.abc import Callable

import aalink
from stand import Stand

from instrument.clock import wall_clock
from instrument.hands.link import ALONE_S, LinkHand
from instrument.signals.beat import BeatHeard
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, ControlFrame

SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41
OLDER_S = 1.0
"""Of two sessions the older one wins, where they are more than half a second apart."""


def only_lo() -> bool:
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def bring_lo_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))


async def until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline_s = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline_s:
            return False
        await asyncio.sleep(0.02)
    return True


async def session() -> dict[str, object]:
    stand = Stand()
    bank = stand.bank
    bus = Bus(new_show_name())
    controls = bus.publisher(CONTROLS)
    frame = ControlFrame(count=len(bank))
    frame.positions[: len(bank)] = bank.defaults.tolist()

    def put(path: str, value: float) -> None:
        frame.positions[bank.number[path]] = bank.spec(path).unmap(value)
        controls.meet()
        controls.send(frame)

    def differs() -> float:
        """How far our bar is from theirs, in beats: both at one moment."""
        last = heard[-1]
        theirs = other.beat - (wall_clock() - last.time_s) * other.tempo / 60.0
        return abs((last.beat - theirs + 2.0) % 4.0 - 2.0)

    heard: list[BeatHeard] = []
    other = aalink.Link(97.0)
    other.quantum = 4.0
    other.enabled = True
    await asyncio.sleep(OLDER_S)
    hand = LinkHand(bank, bus, heard.append, stand.say, wall_clock)
    hand.start()
    happened: dict[str, object] = {}
    happened["met"] = await until(lambda: other.num_peers == 1 and hand.others == 1)
    happened["joined"] = await until(lambda: abs(heard[-1].bpm - 97.0) < 0.01)
    happened["in_phase"] = await until(lambda: differs() < 0.02)
    put("show.bpm", 150.0)
    await asyncio.sleep(0.5)
    happened["left_alone"] = abs(other.tempo - 97.0) < 0.01
    put("show.clock", 2.0)
    await asyncio.sleep(0.3)
    happened["still_left_alone"] = abs(other.tempo - 97.0) < 0.01
    put("show.bpm", 140.0)
    happened["theirs_is_ours"] = await until(lambda: abs(other.tempo - 140.0) < 0.01)
    other.tempo = 88.0
    happened["ours_is_theirs"] = await until(lambda: abs(heard[-1].bpm - 88.0) < 0.01)
    happened["in_phase_again"] = await until(lambda: differs() < 0.02)
    put("show.beats_per_bar", 3.0)
    other.quantum = 3.0
    hand.stop()
    happened["left"] = await until(lambda: other.num_peers == 0)
    happened["said"] = stand.said
    happened["running"] = all(each.running and each.source == "link" for each in heard)
    backwards = [b.beat - a.beat for a, b in zip(heard[-20:], heard[-19:], strict=False)]
    happened["forwards"] = min(backwards) > 0.0
    return happened


async def nobody() -> dict[str, object]:
    """We are the only one; the clock is turned by hand."""
    stand = Stand()
    bus = Bus(new_show_name())
    hand = LinkHand(stand.bank, bus, lambda heard: None, stand.say, stand.clock)
    hand.start()
    opened = await until(lambda: len(stand.said) == 1)
    await asyncio.sleep(0.2)
    early = list(stand.said)
    stand.clock.advance(ALONE_S)
    said = await until(lambda: len(stand.said) == 2)
    stand.clock.advance(10.0)
    await asyncio.sleep(0.2)
    hand.stop()
    bus.close()
    return {"opened": opened, "early": len(early), "told": said, "said": stand.said}


if __name__ == "__main__":
    if not only_lo():
        sys.exit("not alone: this network has more than lo")
    bring_lo_up()
    print(json.dumps(asyncio.run(nobody() if "nobody" in sys.argv else session())))
