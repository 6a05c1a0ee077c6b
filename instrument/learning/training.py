"""`Training`: the live source. One thread that learns, obeys the hands and says what happens.

The thread never waits for anyone: it looks at the bus, makes a step, says what happened. What bursts or
raises is taken back to the last sound snapshot and told to the performer; the thread does not die.
"""

import math
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from instrument.clock import Clock
from instrument.learning.blas import use_one_blas_thread
from instrument.learning.collapse import CollapseLoop
from instrument.learning.config import LearningConfig
from instrument.learning.controls import AMNESIA
from instrument.learning.devices import check_device, device_in_words, pick_device
from instrument.learning.digits import check_digits, load_digits
from instrument.learning.memory import Memory
from instrument.learning.meter import Meter
from instrument.learning.pacing import Every, Pace, Rate
from instrument.learning.steering import Act, HandsFelt, News
from instrument.learning.streams import STATES, STREAMS
from instrument.learning.voice import Voice
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec

if TYPE_CHECKING:
    import numpy as np

    from instrument.learning.learner import Reading, Snapshot

MEMORY_MB = 256.0
SCAR_BURST_S = 1.0
"""Scars that follow one another within this are one, with one snapshot before the first."""
GUARD_S = 3.0
"""How often the guard keeps a sound state to come back to."""
RELAPSE_STEPS = 200
MANY_FAILURES = 12


@dataclass(frozen=True)
class Moment:
    """What undo brings back: the learner, what its controls were felt to be, and the collapse loop."""

    learner: "Snapshot"
    positions: "np.ndarray"
    loop: CollapseLoop

    @property
    def bytes(self) -> int:
        return self.learner.bytes


class Training:
    """Learns live and publishes (see `signals.source.Source`). `start` and `stop`: main thread."""

    def __init__(self, config: LearningConfig, bus: Bus, bank: Bank, clock: Clock) -> None:
        """Checks what was asked for and raises `Mistake`; torch is not imported before `start`."""
        check_digits(config.digits)
        check_device(config.device)
        self.config, self._clock, self._bank = config, clock, bank
        self._voice = Voice(bus, clock)
        self._hands = HandsFelt(bus, bank)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="trainer", daemon=True)
        self._ended = False
        self._device, self._digits, self._parameters = config.device, config.digits, 0
        self.steps = 0
        """Steps made in this show; never goes back, not even by undo."""
        self.bursts = 0
        self.failures = 0
        self._first_step_s = self._last_step_s = 0.0
        self._state = STATES[0]

    # The `Source` protocol.

    @property
    def kind(self) -> str:
        return "live"

    @property
    def streams(self) -> Sequence[StreamSpec]:
        return STREAMS

    @property
    def description(self) -> dict[str, Any]:
        """What a run file says; device and parameters are exact once the first tiles are out."""
        try:
            torch_version = metadata.version("torch")
        except metadata.PackageNotFoundError:
            torch_version = "none"
        config = self.config
        return {
            "net": config.net, "digits": self._digits, "device": self._device, "seed": config.seed,
            "batch": config.batch, "parameters": self._parameters, "torch": torch_version,
        }  # fmt: skip

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def published(self) -> int:
        return self._voice.metrics.published

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def report(self) -> dict[str, Any]:
        seconds = self._last_step_s - self._first_step_s
        return {
            "device": self._device, "net": self.config.net, "digits": self._digits,
            "steps": self.steps,
            "steps_per_s": round((self.steps - 1) / seconds, 2) if seconds > 0 else 0.0,
            "state": self._state, "bursts": self.bursts, "failures": self.failures,
        }  # fmt: skip

    # The trainer thread, from here on.

    def _live(self) -> None:
        """Wake, train until stopped, and come back from whatever a step raises."""
        try:
            self._wake()
        except ImportError as error:
            return self._die(
                f"torch cannot be loaded ({error}); there is no training, install torch"
            )
        except Mistake as mistake:
            return self._die(str(mistake))
        except Exception as error:
            return self._die(f"the training cannot begin: {type(error).__name__}: {error}")
        in_a_row = 0
        while not self._stop.is_set():
            before = self.steps
            try:
                self._train()
            except Exception as error:
                in_a_row = 1 if self.steps > before + 1 else in_a_row + 1
                if in_a_row >= MANY_FAILURES or not self._recover(error):
                    return self._die(f"the training has failed {in_a_row} times in a row and stops")
                self._stop.wait(0.02 * in_a_row)

    def _wake(self) -> None:
        """Import torch, read the digits, make the nets, and show their first noise at once."""
        import torch

        from instrument.learning.learner import Learner

        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        use_one_blas_thread()
        config = self.config
        device = pick_device(config.device)
        digits = load_digits(config.digits, self._voice.notice)
        self._learner: Learner = Learner(config.net, digits, device, config.seed, config.batch)
        self._voice.segment(*self._learner.selection_segments)
        self._device, self._digits = device_in_words(device), digits.name
        alone = "" if device.type != "cpu" or config.device == "cpu" else "no GPU here: "
        self._voice.notice(f"{alone}{config.net} learns on {self._device}")
        self._parameters = self._learner.parameters
        self._show()
        self._meter = Meter(digits)
        self._loop = CollapseLoop()
        self._memory: Memory[Moment] = Memory(MEMORY_MB)
        self._sound: deque[Moment] = deque([self._moment()], maxlen=2)
        self._guard_due = Every(GUARD_S)
        self._last_burst = -RELAPSE_STEPS
        self._scarred_s = -math.inf
        self._singles = 0
        self._pace, self._rate = Pace(self._clock()), Rate()
        self._tiles_due, self._weights_due = Every(1 / 20), Every(1 / 20)
        self._pulse_due = Every(0.5)

    def _train(self) -> None:
        """The training loop."""
        from instrument.learning.learner import Steering

        hands, loop, meter = self._hands, self._loop, self._meter
        hand, felt = Steering(), hands.values
        while not self._stop.is_set():
            # The hands: everything that was asked for since the last step takes effect now.
            news = hands.look()
            if news.moved or news.acts:
                self._obey(news)

            # Tempo: wait for the next step in small rests, with an ear to the hands.
            now_s = self._clock()
            wait_s = 0.0 if self._singles else self._pace.wait_s(now_s, felt.tempo)
            if wait_s > 0.0:
                self._rest(now_s, wait_s)
                continue
            self._pace.stepped(now_s, felt.tempo)
            self._singles = max(0, self._singles - 1)

            # The step.
            hand.heat, hand.tilt, hand.fog = hands.heat, felt.tilt, felt.fog
            hand.gravel, hand.helvetica = felt.gravel, felt.helvetica >= 0.5
            hand.pull = loop.pull
            holding = felt.collapse > 0.0 or loop.active
            measured = holding or self.steps % self._rate.every == 0
            reading = self._learner.step(hand, measured)
            self._count(now_s)
            if reading is None:
                continue

            # What happened: one vector of streams, unless the step burst.
            if not self._is_sound(reading):
                self._burst()
                continue
            now_s = self._clock()
            meter.read(now_s, reading.scalars, reading.logits, reading.logits_g, reading.samples)
            if holding:
                loop.update(felt.collapse, meter["similarity_centred"])
            rates = self._learner.learning_rates(hand)
            rate = self._rate.mark(now_s, self.steps)
            meter.machine(rate, self._learner.age, rates, hand.pull)
            self._voice.say_step(self.steps, meter.values)
            self._state = STATES[int(meter["state"])]

            # Slower things.
            if self._tiles_due.due(now_s):
                self._show_tiles(now_s)
            elif self._weights_due.due(now_s):
                self._show_weights()
            elif self._guard_due.due(now_s):
                self._sound.append(self._moment())

    def _count(self, now_s: float) -> None:
        self.steps += 1
        self._last_step_s = now_s
        if self.steps == 1:
            self._first_step_s = now_s

    def _rest(self, now_s: float, wait_s: float) -> None:
        """Nothing is due. Twice a second say that it still stands, for those who come late."""
        if wait_s > 0.5 and self._pulse_due.due(now_s):
            self._rate.restart()
            self._meter.machine(0.0, self._learner.age, (0.0, 0.0), self._loop.pull)
            self._voice.say_step(self.steps, self._meter.values)
        self._stop.wait(min(wait_s, 0.004))

    # What the hands ask for.

    def _obey(self, news: News) -> None:
        """Snapshot before a scar, then let moves and acts take effect, and say at which step."""
        if news.scars:
            self._before_scar()
        self._hands.settle(news)
        for act in news.moved:
            self._voice.say_gesture(self.steps, act.control, act.position, act.who)
        for act in news.acts:
            self._do(act)
            self._voice.say_gesture(self.steps, act.control, act.position, act.who)

    def _do(self, act: Act) -> None:
        if act.name == "undo":
            self._undo()
        elif act.name == "step":
            self._singles += 1
        elif act.name == "quake":
            self._before_scar()
            self._learner.quake(act.value)
            self._show()
        elif act.name == "amnesia":
            self._before_scar()
            self._learner.forget(AMNESIA[int(act.value)])
            self._show()

    def _before_scar(self) -> None:
        now_s = self._clock()
        if now_s - self._scarred_s > SCAR_BURST_S:
            self._memory.push(self._moment())
        self._scarred_s = now_s

    def _moment(self) -> Moment:
        return Moment(self._learner.capture(), self._hands.positions, replace(self._loop))

    def _undo(self) -> None:
        moment = self._memory.pop()
        if moment is None:
            self._voice.notice("undo: there is nothing to undo, no scar has been made")
            return
        self._restore(moment)
        held = self._hands.hold(moment.positions)
        self._scarred_s = -math.inf
        kept = f"; {', '.join(held)} without effect until moved" if held else ""
        self._voice.notice(f"undo: back to {moment.learner.age} steps{kept}")

    def _restore(self, moment: Moment) -> None:
        self._learner.restore(moment.learner)
        self._loop.__dict__.update(moment.loop.__dict__)
        self._show()

    # When it bursts or raises.

    def _is_sound(self, reading: "Reading") -> bool:
        """Finite numbers and no weight beyond the limit; a norm below it vouches for every weight."""
        total = float(reading.scalars.sum() + reading.logits.sum() + reading.logits_g.sum())
        norms = reading.scalars[6:8]
        return math.isfinite(total) and (norms.max() < 1e3 or self._learner.is_sound())

    def _burst(self) -> None:
        """Back to the last sound state with half the heat; listeners see one number and the old rest."""
        self.bursts += 1
        self._hands.heat_factor /= 2.0
        age = self._go_back()
        self._meter.burst()
        self._voice.say_step(self.steps, self._meter.values)
        undo = self._bank.number["learning.undo"]
        self._voice.say_gesture(self.steps, undo, 1.0, b"guard")
        self._voice.notice(
            f"the training burst at step {self.steps} (not finite); back to {age} steps, "
            f"heat halved to x{self._hands.heat:.3g} until it is moved",
            grave=True,
        )

    def _go_back(self) -> int:
        """To the newest sound state, to an older one if that leads to the same end; its age."""
        if self.steps - self._last_burst < RELAPSE_STEPS:
            if len(self._sound) > 1:
                self._sound.pop()
            elif (older := self._memory.pop()) is not None:
                self._sound[0] = older
        self._last_burst = self.steps
        self._restore(self._sound[-1])
        return self._sound[-1].learner.age

    def _recover(self, error: Exception) -> bool:
        """After an exception in a step: back to a sound state. False when not even that succeeds."""
        self.failures += 1
        text = str(error).splitlines()[0][:200] if str(error) else ""
        self._voice.notice(
            f"a training step failed ({type(error).__name__}: {text}); back to the last sound state",
            grave=True,
        )
        try:
            self._go_back()
        except Exception:
            return False
        return True

    def _die(self, sentence: str) -> None:
        """Nothing more will come from here; say why."""
        self._ended = True
        self._voice.notice(sentence, grave=True)

    # What is shown.

    def _show(self) -> None:
        """Tiles and weights now, whatever the schedule says."""
        self._voice.say_tiles(self.steps, *self._learner.draw())
        self._show_weights()

    def _show_tiles(self, now_s: float) -> None:
        tiles, scores = self._learner.draw()
        self._voice.say_tiles(self.steps, tiles, scores)
        self._meter.slow.see_tiles(now_s, tiles)

    def _show_weights(self) -> None:
        self._voice.say_weights(self.steps, *self._learner.select())
