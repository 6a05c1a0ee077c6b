"""A show without sound and picture for the benches of OSC: training, conductor, OSC server, feedback.

Not a bench of its own: `osc_flood.py` and `osc_rate.py` start it in a process of its own
(``python bench/osc_show.py turnstile|sieve|open``) and ask it for what it has counted. ``open`` lifts the
turnstile, to see what the server can take; a real show never does.
"""

import json
import subprocess
import sys
import time
from typing import Any

from used import resident_kb

STEPS = 65536
"""The number of a packet is its position, in these steps: exact in a float32."""
FOG_PATH = "learning.fog"
FOG = b"/learning/fog/position\0\0,f\0\0"
NO_LIMIT = 1e9


class Show:
    """The process that serves, seen from the bench."""

    def __init__(self, way: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, way],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.port: int = told["port"]
        self.name: str = told["show"]
        """Name space of its bus."""

    def ask(self, word: str = "") -> dict[str, Any]:
        """What it has counted; with ``taken``, when it took which number."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]

    def end(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)


def percentiles(times_ms: list[float]) -> dict[str, float]:
    """Of times in ms; nothing where there are none."""
    row = sorted(times_ms)
    marks = (50, 95, 99) if row else ()
    return {f"p{mark}": round(row[min(len(row) - 1, len(row) * mark // 100)], 2) for mark in marks}


def serve(way: str) -> None:
    """Play until standard input ends."""
    from instrument.clock import wall_clock
    from instrument.conductor import Conductor
    from instrument.hands import crowd
    from instrument.hands.feedback import Feedback
    from instrument.hands.osc import OscHand
    from instrument.hands.readouts import ControlReadout
    from instrument.house import open_house
    from instrument.learning.config import LearningConfig
    from instrument.learning.training import Training
    from instrument.signals.bus import Bus, new_show_name
    from instrument.signals.gesture import Gesture
    from instrument.stage import SWITCH_INTERVAL_S

    if way == "open":
        crowd.RATE_PER_S = crowd.BURST = crowd.HOST_RATE_PER_S = crowd.HOST_BURST = NO_LIMIT
    taken: list[tuple[int, float]] = []

    class Watched(Conductor):
        def _take_gesture(self, gesture: Gesture) -> None:
            super()._take_gesture(gesture)
            if gesture.path == FOG_PATH:
                taken.append((round(gesture.position * STEPS), time.monotonic()))

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    bus, bank = Bus(new_show_name()), open_house(()).bank
    conductor = Watched(bank, bank.defaults, bus, wall_clock)
    training = Training(LearningConfig(), bus, bank, wall_clock)
    feedback = Feedback(bank, [ControlReadout(bus, bank)], wall_clock, lambda text, grave: None)
    hand = OscHand(
        bank, conductor.post, lambda text, grave: None, wall_clock, port=0, feedback=feedback,
        position=conductor.position, sieved=way == "sieve",
    )  # fmt: skip
    conductor.start()
    hand.start()
    training.start()
    while training.steps == 0:
        time.sleep(0.1)
    print(json.dumps({"port": hand.port, "show": bus.show}), flush=True)
    for line in sys.stdin:
        told: dict[str, Any] = {
            "rss_kb": resident_kb(), "steps": training.steps, "at_s": time.monotonic(),
            "cpu_s": time.process_time(), "flooded": hand.flooded, "lost": hand.lost,
            "accepted": hand.accepted,
        }  # fmt: skip
        if line.strip() == "taken":
            told["taken"] = taken
        print(json.dumps(told), flush=True)
    training.stop()
    hand.stop()
    conductor.stop()


if __name__ == "__main__":
    if sys.argv[1:]:
        serve(sys.argv[1])
