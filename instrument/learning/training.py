"""`Training`: the live source. A thread that wakes, trains, and does not die of what goes wrong."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrument.clock import Clock
from instrument.learning.config import LearningConfig
from instrument.learning.devices import check_device, device_in_words, pick_device
from instrument.learning.digits import check_digits, load_digits
from instrument.learning.machine import cpu_in_words, use_one_thread, version_of
from instrument.learning.saved import SavedMoment
from instrument.learning.steering import HandsFelt
from instrument.learning.streams import STATES, STREAMS
from instrument.learning.voice import Voice
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec

if TYPE_CHECKING:
    from instrument.learning.trainer import Trainer

MANY_FAILURES = 12
STOP_S = 5.0
"""So long a step, or torch that is being loaded, is waited for at the end."""


class Training:
    """Learns live and publishes (see `signals.source.Source`). `start` and `stop`: main thread."""

    def __init__(
        self, config: LearningConfig, bus: Bus, bank: Bank, clock: Clock,
        begins_from: SavedMoment | None = None,
    ) -> None:  # fmt: skip
        """Checks what was asked for and raises `Mistake`; torch is not imported before `start`.

        With `begins_from` it goes on from a moment of a recorded training, whose net, seed, batch and
        images it takes; of `config` the digits, the device and the memory count.
        """
        self._begins_from = begins_from
        if begins_from is not None:
            config = begins_from.facts.config(config)
        check_digits(config.digits)
        check_device(config.device)
        self.config, self._clock = config, clock
        self._voice = Voice(bus, clock)
        self._hands = HandsFelt(bus, bank)
        self._stop = threading.Event()
        self._may_step = threading.Event()
        self._thread = threading.Thread(target=self._live, name="trainer", daemon=True)
        self._ended = False
        self._device, self._digits, self._parameters = config.device, config.digits, 0
        self._trainer: Trainer | None = None

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
        config, saved = self.config, self._begins_from
        branched = {} if saved is None else {"branched": {
            "run": saved.run, "step": saved.facts.steps, "at_s": round(saved.at_s, 3),
            "number": saved.number,
        }}  # fmt: skip
        return {
            **branched,
            "net": config.net, "digits": self._source, "device": self._device, "seed": config.seed,
            "batch": config.batch, "size": config.size, "channels": config.channels,
            "parameters": self._parameters, "torch": version_of("torch"),
        }  # fmt: skip

    @property
    def _source(self) -> str:
        """Where the images come from, in words that mean the same from any folder."""
        where = self.config.digits
        return where if where in ("bundled", "mnist") else str(Path(where).absolute())

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def awake(self) -> bool:
        """Whether it has begun: torch is there, and its first picture is out. Any thread."""
        return self._trainer is not None

    @property
    def published(self) -> int:
        return self._voice.metrics.published

    @property
    def steps(self) -> int:
        """Steps made in this show; never goes back, not even by undo."""
        return self._trainer.course.steps if self._trainer is not None else 0

    def start(self) -> None:
        self.go()
        self.wake()

    def wake(self) -> None:
        """Start, but make no step before `go`. Any thread."""
        self._thread.start()

    def go(self) -> None:
        """From here on it trains, once it is awake. Any thread."""
        self._may_step.set()

    def stop(self, wait_s: float = STOP_S) -> None:
        """End. A thread that is deep in torch is waited for `wait_s` seconds and then left to itself."""
        self._stop.set()
        self._may_step.set()
        if self._thread.is_alive():
            self._thread.join(timeout=wait_s)

    def close(self) -> None:
        """Leave the bus, after `stop`. A thread that could not be ended stays there: it may still speak."""
        if not self._thread.is_alive():
            self._voice.close()
            self._hands.close()

    def report(self) -> dict[str, Any]:
        trainer = self._trainer
        seconds = trainer.last_step_s - trainer.first_step_s if trainer is not None else 0.0
        made = self.steps - (trainer.first_step if trainer is not None else 0)
        return {
            "device": self._device, "net": self.config.net, "digits": self._digits,
            "steps": self.steps,
            "steps_per_s": round((made - 1) / seconds, 2) if seconds > 0 else 0.0,
            "state": trainer.state if trainer is not None else STATES[0],
            "bursts": trainer.rescue.bursts if trainer is not None else 0,
            "failures": trainer.rescue.failures if trainer is not None else 0,
        }  # fmt: skip

    # The trainer thread, from here on.

    def _live(self) -> None:
        """Wake, train until stopped, and come back from whatever a step raises."""
        try:
            trainer = self._wake()
        except ImportError as error:
            return self._die(
                f"torch cannot be loaded ({error}); there is no training, install torch"
            )
        except Mistake as mistake:
            return self._die(str(mistake))
        except Exception as error:
            return self._die(f"the training cannot begin: {type(error).__name__}: {error}")
        if trainer is None:
            return
        self._trainer = trainer
        self._may_step.wait()
        in_a_row = 0
        while not self._stop.is_set():
            before = trainer.course.steps
            try:
                trainer.run(self._stop)
            except Exception as error:
                in_a_row = 1 if trainer.course.steps > before + 1 else in_a_row + 1
                if in_a_row >= MANY_FAILURES or not trainer.rescue.recover(error):
                    return self._die(f"the training has failed {in_a_row} times in a row and stops")
                self._stop.wait(0.02 * in_a_row)

    def _wake(self) -> "Trainer | None":
        """Import torch, read the images, make the nets, and show their first noise at once.

        None where the show has ended meanwhile.
        """
        from instrument.learning.trainer import Trainer

        if self._stop.is_set():
            return None
        use_one_thread()
        config, voice = self.config, self._voice
        device = pick_device(config.device)
        digits = load_digits(config.digits, voice.notice, config.size, config.channels)
        saved = self._begins_from
        if saved is not None and saved.facts.images != digits.digest:
            raise Mistake(
                f"{digits.name} holds other images than {saved.run} learned: its training cannot go on "
                "with them; bring those back"
            )
        trainer = Trainer(config, digits, device, voice, self._hands, self._clock)
        self._device, self._digits = device_in_words(device), digits.name
        self._parameters = trainer.course.learner.parameters
        alone = "" if device.type != "cpu" or config.device == "cpu" else "no GPU here: "
        voice.notice(f"{alone}{config.net} learns on {self._device}")
        facts = {
            "net": config.net, "seed": config.seed, "batch": config.batch,
            "images": digits.digest[:32],
            "cpu": cpu_in_words() if device.type == "cpu" else device.type,
        }  # fmt: skip
        try:
            trainer.wake(facts, saved)
        except ValueError as error:
            if saved is None:
                raise
            raise Mistake(f"the saved moment of {saved.run} is damaged: {error}") from None
        return trainer

    def _die(self, sentence: str) -> None:
        """Nothing more will come from here; say why."""
        self._ended = True
        self._voice.notice(sentence, grave=True)
