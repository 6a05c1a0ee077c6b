"""The guard: what bursts, raises or does not fit is taken back to the last sound moment, and told.

what happens                          | what is done
--------------------------------------|---------------------------------------------------------
numbers not finite, weight beyond 1e3 | last moment, heat halved; again soon: the one before it
an exception in a step                | last moment; a dozen in a row end the training
out of memory                         | last moment with half the batch; below 16 on the CPU
"""

import math
from typing import TYPE_CHECKING

import torch

from instrument.learning.devices import device_in_words
from instrument.learning.gestures import PLACE
from instrument.learning.learner import WEIGHT_LIMIT, Learner
from instrument.learning.reading import Reading

if TYPE_CHECKING:
    from instrument.learning.trainer import Trainer

RELAPSE_STEPS = 200
SMALLEST_BATCH = 16


class Rescue:
    """Brings a training back. Trainer thread."""

    def __init__(self, trainer: "Trainer") -> None:
        self._trainer = trainer
        self.bursts = 0
        self.failures = 0
        self._last_burst = -RELAPSE_STEPS

    def is_sound(self, reading: Reading) -> bool:
        """Finite numbers and no weight beyond the limit; a norm below it vouches for every weight."""
        if not math.isfinite(reading.total):
            return False
        return bool(reading.theta.max() < WEIGHT_LIMIT) or self._trainer.course.learner.is_sound()

    def burst(self) -> None:
        """Back to the last sound moment with half the heat; listeners see one number and the old rest."""
        trainer, course = self._trainer, self._trainer.course
        at = course.steps
        age = self._go_back()
        self.bursts += 1
        trainer.say_burst()
        trainer.say_gesture(PLACE["undo"], 1.0, b"guard")
        trainer.notice(
            f"the training burst at step {at} (not finite); back to {age} steps, "
            f"heat halved to x{course.steering().heat:.3g} until it is moved"
        )

    def _go_back(self, by_guard: bool = True) -> int:
        """To the newest moment, to an older one if that led to the same end before; its age."""
        trainer = self._trainer
        steps = trainer.course.steps
        if by_guard:
            if steps - self._last_burst < RELAPSE_STEPS:
                trainer.memory.forget_newest()
            self._last_burst = steps
        moment = trainer.memory.newest()
        assert moment is not None, "the moment of birth is kept"
        trainer.go_to(moment, by_guard)
        return moment.learner.age

    def recover(self, error: Exception) -> bool:
        """After an exception in a step: back to a sound moment. False when not even that succeeds."""
        self.failures += 1
        try:
            if _is_full(error):
                self._shrink()
            else:
                text = str(error).splitlines()[0][:200] if str(error) else ""
                self._trainer.notice(
                    f"a training step failed ({type(error).__name__}: {text}); "
                    "back to the last sound moment"
                )
                self._go_back(by_guard=False)
        except Exception:
            return False
        return True

    def _shrink(self) -> None:
        """Half the batch; where that is small already, or does not fit either, the CPU."""
        trainer, old = self._trainer, self._trainer.course.learner
        moment = trainer.memory.newest()
        assert moment is not None, "the moment of birth is kept"
        if old.device.type == "cuda":
            torch.cuda.empty_cache()
        cpu, half = torch.device("cpu"), old.batch // 2
        try:
            fits = half >= SMALLEST_BATCH
            learner = self._another(old, old.device if fits else cpu, half if fits else old.batch)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_full(error):
                raise
            learner = self._another(old, cpu, old.batch)
        learner.restore(moment.learner)
        batches = f"with batches of {learner.batch}"
        there = f"on the {device_in_words(learner.device)}"
        words = batches if learner.batch < old.batch else there
        trainer.move(learner, words)
        trainer.notice(
            f"out of memory on {device_in_words(old.device)}: the training goes on {words}, "
            f"from {learner.age} steps; what lay before cannot be undone"
        )

    @staticmethod
    def _another(old: Learner, device: torch.device, batch: int) -> Learner:
        learner = Learner(old.net, old.digits, device, old.seed, batch)
        learner.z0.copy_(old.z0)
        learner.birth_theta.copy_(old.birth_theta)
        return learner


def _is_full(error: Exception) -> bool:
    """Out of memory; MPS says it with a RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "out of memory" in str(error).lower()
    )
