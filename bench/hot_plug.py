"""How long until a MIDI device that is plugged in plays, and until one that is pulled out is missed.

    python bench/hot_plug.py [--tries 12]

Starts JACK on its dummy driver and a MIDI hand; another JACK client comes, sends a control change every
5 ms until it has moved something, and leaves. Prints one JSON line: seconds, median and most. Needs jackd
and JACK-Client.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from jack_server import jack_server
from midi import MAP, Sender

from instrument.clock import wall_clock
from instrument.hands.midi.hand import MidiHand
from instrument.house import open_house
from instrument.signals.gesture import Gesture

LONGEST_S = 10.0
PAUSE_S = 0.37


def tried(hand: MidiHand, moved: list[Gesture]) -> tuple[float, float]:
    """Seconds until the device plays, and until it is missed."""
    moved.clear()
    came_s, value = time.monotonic(), 0
    sender = Sender()
    while not moved and time.monotonic() - came_s < LONGEST_S:
        value = 1 + value % 126
        sender.waiting.put(value)
        time.sleep(0.005)
    played_s = time.monotonic() - came_s
    sender.client.close()
    left_s = time.monotonic()
    while hand.devices and time.monotonic() - left_s < LONGEST_S:
        time.sleep(0.005)
    return played_s, time.monotonic() - left_s


def spread(seconds: list[float]) -> dict[str, float]:
    return {"p50_s": round(statistics.median(seconds), 2), "most_s": round(max(seconds), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=12)
    tries = parser.parse_args().tries
    with tempfile.TemporaryDirectory() as folder, jack_server(256, Path(folder) / "jack.log"):
        os.environ["TWOS_AND_SEVENS_HOME"] = folder
        Path(folder, "midi.toml").write_text(MAP)
        bank, moved = open_house().bank, []  # type: ignore[var-annotated]
        hand = MidiHand(
            bank, moved.append, lambda *_: None, wall_clock, lambda _: 0.5, system="jack"
        )
        hand.start()
        times = []
        for _ in range(tries):
            times.append(tried(hand, moved))
            time.sleep(PAUSE_S)
        hand.stop()
    plays, missed = map(list, zip(*times, strict=True))
    print(json.dumps({"tries": tries, "plays": spread(plays), "missed": spread(missed)}))


if __name__ == "__main__":
    main()
