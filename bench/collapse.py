"""`collapse` on five healthy nets: how soon it is there, how well it holds, how soon they are back.

``python bench/collapse.py [target] [seeds]``: the nets of bench/gestures.py (6,400 steps; trained once and
kept in the user's cache folder), 500 steps held, then let go for at most 600. A step is *back* when 1,024
fresh samples have nine modes.
"""

import sys
from collections.abc import Iterator

import numpy as np
import torch
from gesture_protocol import Stand, stand

from instrument.learning.judge import REJECT, Judge, Verdicts

HELD, LONGEST, NEAR, SETTLED = 500, 600, 0.05, 20


def fresh(scene: Stand, judge: Judge) -> tuple[int, float]:
    """Modes and reject of 1,024 samples made now; the training's dice do not move."""
    learner = scene.course.learner
    z = torch.randn(1024, 64, generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        x = learner.pair.generate(learner.g.frozen, z)[0]
    p, verdicts = judge.probabilities(((x + 1) / 2).numpy()), Verdicts()
    verdicts.add(p)
    return verdicts.measure()[0], float(p[:, REJECT].mean())


def steps(scene: Stand) -> Iterator[float]:
    """`similarity_centred`, step by step."""
    while True:
        reading = scene.course.step()
        assert reading is not None
        yield scene.course.similarity(reading.samples)


def trial(seed: int, target: float, judge: Judge) -> str:
    """One seed, as a line."""
    scene = stand(seed)
    similarity = steps(scene)
    before = np.mean([next(similarity) for _ in range(40)])
    scene.feel(scene.positions({"collapse": target}))
    arrived, seen = 1, next(similarity)
    while abs(seen - target) >= NEAR:
        arrived, seen = arrived + 1, next(similarity)
        if arrived > LONGEST:
            return f"seed {seed}: not within {NEAR} of {target} in {LONGEST} steps"
    held = np.array([next(similarity) for _ in range(HELD)])
    off, modes, reject = np.abs(held - target), *fresh(scene, judge)
    scene.feel(scene.rest)
    back, alike_again, last = None, None, []
    for step in range(1, LONGEST + 1):
        last.append(next(similarity))
        if alike_again is None and np.mean(last[-20:]) < before + 0.1:
            alike_again = step
        if back is None and step % 20 == 0 and fresh(scene, judge)[0] >= 9:
            back = step
    late, after = off[SETTLED:], fresh(scene, judge)[0]
    return (
        f"seed {seed}: {before:.3f} before; there after {arrived} steps; of {HELD} held "
        f"{(off < NEAR).sum()} within {NEAR}, from the {SETTLED}th on {(late < NEAR).sum()} of "
        f"{len(late)}; mean {held.mean():.3f}, {held.min():.3f} to {held.max():.3f}; modes {modes}, "
        f"reject {reject:.3f}; let go: nine modes after {back}, alike as before (+.1) after "
        f"{alike_again}, after {LONGEST} {after} modes"
    )


def main(target: str = "0.9", seeds: str = "5") -> None:
    """One line a seed."""
    judge = Judge.load()
    for seed in range(1, int(seeds) + 1):
        print(trial(seed, float(target), judge), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
