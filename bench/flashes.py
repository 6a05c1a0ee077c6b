"""What the flash guard makes of strobes, of what is harmless, and of every look in unquiet hands.

    python bench/flashes.py [--seconds 3] [--size 640x360] [--only strobe,harmless] [--cost]
    python bench/flashes.py --looks instrument/runs/shipped/noise_to_digits.mcap [--unguarded]

Without --looks: a table of strobes (transitions in the worst second that went in and came out, over a
quarter of the screen and over a quarter of any third by third of it, at 60, 30 and uneven pictures per
second) and one of harmless sequences (mean difference, 0..255). Six transitions are three flashes.

With --looks: every look, with a recorded run, with states that switch five times a second, and with
hands that thrash controls or the look ten times a second. The meter: instrument/picture/flashes.py.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/picture"))
import guard_rig  # noqa: E402
import picture_rig  # noqa: E402

from instrument.picture.flashes import FlashMeter  # noqa: E402
from instrument.picture.limiter import Limiter  # noqa: E402
from instrument.picture.stripes import StripeMeter  # noqa: E402
from instrument.runs.playback import Playback  # noqa: E402
from instrument.runs.tape import Tape  # noqa: E402

RATE = 30
STATES = (picture_rig.NOISE, picture_rig.HEALTHY, picture_rig.COLLAPSED)
THRASHED = {
    "brightness": (0.2, 1.0), "invert": (False, True), "threshold": (0.0, 0.5),
    "feedback": (0.0, 0.95), "zoom": (-1.0, 1.0),
}  # fmt: skip
"""Controls of the picture and the two values between which they are thrown."""


def strobes(seconds: float, size: tuple[int, int]) -> None:
    print(f"strobes, {size[0]}x{size[1]}, {seconds:g} s each; transitions in the worst second")
    print(f"{'':24s}  60/s in out third   30/s in out third   uneven in out third   red  for long")
    rig = guard_rig.GuardRig(size)
    for name, make in guard_rig.STROBES.items():
        words, red, sustained = [], 0, False
        for times in (
            guard_rig.steady(seconds, 60), guard_rig.steady(seconds, 30), guard_rig.uneven(seconds),
        ):  # fmt: skip
            rig.guard._limiter = Limiter()
            into, out, _ = guard_rig.metered(rig, make(*size), times)
            words.append(f"{into.transitions:7d} {out.transitions:3d} {out.near_transitions:5d}   ")
            red, sustained = max(red, out.red_transitions), sustained or out.sustained
        print(
            f"{name:24s}  {'  '.join(words)} {red:5d}  {'yes' if sustained else 'no'}", flush=True
        )
    rig.close()


def harmless(seconds: float, size: tuple[int, int]) -> None:
    print(f"harmless, {size[0]}x{size[1]}, {seconds:g} s each; mean difference 0..255")
    rig = guard_rig.GuardRig(size)
    for name, make in guard_rig.HARMLESS.items():
        rig.guard._limiter = Limiter()
        paint = make(*size)
        held = rig.guard.pictures_held
        _, _, apart = guard_rig.metered(rig, paint, guard_rig.steady(seconds, 60))
        print(
            f"{name:30s} {apart:6.3f}   pictures held {rig.guard.pictures_held - held}", flush=True
        )
    rig.close()


def cost(size: tuple[int, int]) -> None:
    """Milliseconds of `judge` and of its limiter, while nothing and while all is held."""
    rig = guard_rig.GuardRig(size)
    judge, decide = rig.guard.judge, rig.guard._limiter.decide
    spent: dict[str, list[float]] = {"judge": [], "limiter": []}

    def timed(name: str, do: Callable) -> Callable:
        def done(*arguments: object) -> object:
            began_s = time.perf_counter()
            result = do(*arguments)
            spent[name].append((time.perf_counter() - began_s) * 1000.0)
            return result

        return done

    rig.guard.judge = timed("judge", judge)  # type: ignore[method-assign]
    rig.guard._limiter.decide = timed("limiter", decide)  # type: ignore[method-assign]
    for name in ("slow fade", "square 10 Hz"):
        paint = {**guard_rig.HARMLESS, **guard_rig.STROBES}[name](*size)
        for number in range(240):
            if number == 60:
                for values in spent.values():
                    values.clear()
            rig.show(paint(number / 60, number), 1 / 60)
        for part, values in spent.items():
            low, middle, high = np.percentile(values, [10, 50, 90])
            print(f"{name:14s} {part:8s} p10 {low:.2f} p50 {middle:.2f} p90 {high:.2f} ms")
    rig.close()


def looks(run: str, seconds: float, guarded: bool, only: Iterable[str]) -> None:
    picture_rig.STREAMS = tuple(Tape(Path(run)).header.streams)
    rig = picture_rig.Rig(flash_guard=guarded)
    rig.picture.open()

    def begun() -> Playback:
        playback = Playback(Path(run), rig.bus, rig.bank, lambda gesture: None, rig.clock)
        playback.open()
        return playback

    playback = begun()
    dice = np.random.default_rng(8)
    names = [look.name for look in rig.looks if not only or look.name in only]
    print(f"{'guarded' if guarded else 'unguarded'}, {run}; {seconds:g} s each, {RATE} pictures/s")
    print(f"{'look':16s} {'hands':9s} worst second  third  red  for long   stripes turns   held")
    worst = 0

    def recorded(name: str) -> Iterator[None]:
        nonlocal playback
        while True:
            if playback.advance():
                playback.stop()
                for port in playback._publishers.values():
                    port.close()
                playback = begun()
            yield

    def states(name: str) -> Iterator[None]:
        for number in range(10**9):
            state = STATES[number // (RATE // 5) % 3]
            rig.metrics(state)
            if number % 3 == 0:
                rig.tiles(rig.samples(state), np.full(64, state["score_fake"]))
                rig.move_weights()
            yield

    def hands(name: str) -> Iterator[None]:
        for number, _ in enumerate(recorded(name)):
            if number % 3 == 0:
                thrown = {
                    f"picture__{key}": pair[dice.integers(2)] for key, pair in THRASHED.items()
                }
                rig.put(picture__look=name, picture__crossfade=0, **thrown)
            yield

    def switched(name: str) -> Iterator[None]:
        other = names[(names.index(name) + 1) % len(names)]
        for number, _ in enumerate(recorded(name)):
            if number % 3 == 0:
                rig.put(picture__look=(name, other)[number // 3 % 2], picture__crossfade=0)
            yield

    for name in names:
        for word, drive in {
            "run": recorded, "states": states, "hands": hands, "looks": switched,
        }.items():  # fmt: skip
            still = {f"picture__{key}": rig.bank.spec(f"picture.{key}").default for key in THRASHED}
            rig.put(picture__look=name, picture__crossfade=0, **still)
            for _, _ in zip(range(RATE), recorded(name), strict=False):
                rig.picture.draw()
            flashes, stripes, held = FlashMeter(), StripeMeter(), rig.picture.pictures_held
            for number, _ in zip(range(round(seconds * RATE)), drive(name), strict=False):
                rig.picture.draw()
                shown = rig.rgb()
                flashes.take(shown, number / RATE)
                stripes.take(shown, number / RATE)
            told = flashes.report
            worst = max(worst, told.transitions, told.near_transitions)
            print(
                f"{name:16s} {word:9s} {told.transitions:12d} {told.near_transitions:6d}"
                f" {told.red_transitions:4d}  {'yes' if told.sustained else 'no':8s}"
                f" {stripes.area:8.2f} {stripes.reversals:5d}"
                f" {rig.picture.pictures_held - held:6d}",
                flush=True,
            )
    print(f"worst of all: {worst} transitions in a second")
    rig.picture.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument(
        "--only", default="", help="strobe or harmless; with --looks, names of looks"
    )
    parser.add_argument("--cost", action="store_true", help="only what looking costs, in ms")
    parser.add_argument("--looks", metavar="RUN", help="every look, with this run")
    parser.add_argument("--unguarded", action="store_true", help="the looks without the guard")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    only = [word for word in options.only.split(",") if word]
    if options.looks:
        looks(options.looks, options.seconds, not options.unguarded, only)
    elif options.cost:
        cost((width, height))
    else:
        if not only or "strobe" in only:
            strobes(options.seconds, (width, height))
        if not only or "harmless" in only:
            harmless(options.seconds, (width, height))


if __name__ == "__main__":
    main()
