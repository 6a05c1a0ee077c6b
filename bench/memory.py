"""The memory of a real training: how quick `undo` is, and how many pictures a second `scratch` shows.

``python bench/memory.py [net]``: trains for twenty seconds, then draws the play-head over them for five.
"""

import sys
import time

import numpy as np

from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.training import Training
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, TILES, ControlFrame, GestureFrame

LEARN_S, SCRATCH_S, BACK_S, CONTROLS_PER_S, UNDOS = 20.0, 5.0, 18.0, 60.0, 20


class Show:
    """A training, a hand, and an eye."""

    def __init__(self, net: str) -> None:
        bus, self.bank = Bus(new_show_name()), Bank.of([LEARNING])
        self.tiles, self.heard = bus.listener(TILES), bus.listener(GESTURES)
        self._controls, self._acts = bus.publisher(CONTROLS), bus.publisher(GESTURES)
        self.training = Training(LearningConfig(net=net, device="cpu"), bus, self.bank, wall_clock)
        self.training.start()

    def turn(self, name: str, value: float) -> None:
        """One control, the others at rest."""
        number = self.bank.number[f"learning.{name}"]
        frame = ControlFrame(time_s=wall_clock(), count=len(self.bank))
        positions = np.frombuffer(frame.positions, np.float32)[: len(self.bank)]
        positions[:] = self.bank.defaults
        positions[number] = self.bank.specs[number].unmap(value)
        self._controls.send(frame)

    def do(self, name: str) -> float:
        """Seconds from asking for an act to its effect."""
        number = self.bank.number[f"learning.{name}"]
        for _ in self.heard.drain():
            pass
        begin = time.perf_counter()
        self._acts.send(GestureFrame(step=-1, control=number, position=1.0, who=b"bench"))
        while True:
            for frame in self.heard.drain():
                if frame.control == number and frame.step >= 0:
                    return time.perf_counter() - begin
            time.sleep(0.0002)


def main(net: str = "pocket_mlp") -> None:
    """Print what was measured."""
    show = Show(net)
    show.turn("tempo", 1000.0)
    while not show.training.steps:
        time.sleep(0.05)
    time.sleep(LEARN_S)
    undos = []
    for _ in range(UNDOS):
        show.do("quake")
        time.sleep(1.1)  # scars within a second are one
        undos.append(show.do("undo") * 1e3)
    middle, high = np.quantile(undos, (0.5, 0.95))
    print(f"{net}: undo asked to done, {UNDOS} times: median {middle:.1f} ms, p95 {high:.1f} ms")

    moments: list[tuple[float, int]] = []
    begin = time.perf_counter()
    while (now := time.perf_counter() - begin) < SCRATCH_S:
        show.turn("scratch", 0.05 + BACK_S * now / SCRATCH_S)
        moments += [
            (time.perf_counter(), hash(bytes(f.tiles)[:50_176])) for f in show.tiles.drain()
        ]
        time.sleep(1.0 / CONTROLS_PER_S)
    gaps = np.diff([at for at, _ in moments]) * 1e3
    different = len({picture for _, picture in moments})
    walls = len(moments) / SCRATCH_S
    print(
        f"{net}: scratch over {BACK_S:g} s in {SCRATCH_S:g} s: {walls:.1f} walls a second, {different} of "
        f"{len(moments)} different; between them median {np.median(gaps):.1f} ms, "
        f"p95 {np.quantile(gaps, 0.95):.1f} ms"
    )
    show.training.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
