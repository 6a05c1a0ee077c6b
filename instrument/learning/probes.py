"""The probes: what the nets show of their inside, a portion at a time, for a small share of the time.

probe       | at most per s | of the time | what
------------|---------------|-------------|------------------------------------------------
walk        | 8             | .9 %        | a strip of samples on a path through latent space
field       | 2             | .7 %        | D on a plane through two samples and a real
activations | 8             | .5 %        | the units that speak, overheard from the tiles
reals       | 2             | .3 %        | mean and deviation of the images, when others are chosen

They throw none of the training's dice and change nothing that learns. A probe that fails is left out
from then on, with a sentence; the training goes on.
"""

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from instrument.clock import Clock
from instrument.learning.activations import Activations
from instrument.learning.field import Field
from instrument.learning.learner import Learner
from instrument.learning.pacing import Affordable
from instrument.learning.reals import Reals
from instrument.learning.veils import Shown, Veil
from instrument.learning.voice import Voice
from instrument.learning.walk import Walk

DONE = object()


class Probes:
    """Decides which probe is due, and gives it its time. Trainer thread."""

    def __init__(self, learner: Learner, shown: Shown, voice: Voice, clock: Clock) -> None:
        self._voice, self._clock = voice, clock
        self._walk, self._field = Walk(learner, shown, voice), Field(learner, shown, voice)
        self._reals, self._activations = Reals(learner, voice), Activations(voice)
        self.paired = False
        """Whether D judges pairs now (`choir`)."""
        self._due = {
            "walk": Affordable(8, 0.009),
            "field": Affordable(2, 0.007),
            "activations": Affordable(8, 0.005),
            "reals": Affordable(2, 0.003),
        }
        self._order = ["reals", "walk", "field"]
        """Whose turn it is; who had it goes to the end."""
        self._begun: dict[str, Iterator[None]] = {}
        self._spent_s = dict.fromkeys(self._due, 0.0)

    def turn(self, step: int, veil: Veil, theta: Tensor | None = None) -> None:
        """One portion of one probe. `theta` (N,): weights of G that are shown in place of its own."""
        now_s = self._clock()
        for name in self._order:
            if name not in self._begun:
                if not self._is_due(name, now_s):
                    continue
                self._begun[name] = self._portions(name, step, now_s, veil, theta)
            self._order.remove(name)
            self._order.append(name)
            self._go_on(name, now_s)
            return

    def _portions(
        self, name: str, step: int, now_s: float, veil: Veil, theta: Tensor | None
    ) -> Iterator[None]:
        if name == "walk":
            return self._walk.draw(step, now_s, veil, theta)
        if name == "field":
            return self._field.draw(step, now_s, veil, self.paired)
        return self._reals.draw(step)

    def _go_on(self, name: str, now_s: float) -> None:
        portions = self._begun[name]
        going_on = self._guarded(name, lambda: next(portions, DONE) is not DONE)
        self._spent_s[name] += self._clock() - now_s
        if not going_on:
            del self._begun[name]
            self._account(name)

    def overhear(self, step: int, hidden_g: Sequence[Tensor], hidden_d: Sequence[Tensor]) -> None:
        """Say the activations of a drawing that was made anyway."""
        now_s, name = self._clock(), "activations"
        if self._is_due(name, now_s):
            self._guarded(name, lambda: self._activations.say(step, hidden_g, hidden_d))
            self._spent_s[name] = self._clock() - now_s
            self._account(name)

    def _is_due(self, name: str, now_s: float) -> bool:
        if name == "reals" and self._reals.are_said:
            return False
        return name in self._due and self._due[name].due(now_s)

    def _account(self, name: str) -> None:
        if name in self._due:
            self._due[name].took(self._spent_s[name])
        self._spent_s[name] = 0.0

    def _guarded(self, name: str, does: Callable[[], bool | None]) -> bool | None:
        """What it answers; None when it failed, and then it is never due again."""
        try:
            return does()
        except Exception as error:
            self._due.pop(name, None)
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._voice.notice(
                f"{name}: no more is said of it ({reason}); the training goes on", True
            )
            return None
