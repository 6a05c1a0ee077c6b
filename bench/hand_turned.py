"""`HandTurned`: a real training and recorder by a clock that is turned by hand, for benches."""

from dataclasses import replace
from pathlib import Path

import torch
from counted_bus import Counted

from instrument import presets
from instrument.clock import HandClock
from instrument.house import House
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.digits import load_digits
from instrument.learning.machine import cpu_in_words, use_one_thread
from instrument.learning.steering import HandsFelt
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.learning.training import Training
from instrument.learning.voice import Voice
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Rates, Recorder
from instrument.signals.bus import Bus, new_show_name


class HandTurned:
    """What such a bench needs, begun; `recorder` is listening already."""

    def __init__(
        self, out: Path, house: House, name: str, seed: int, rates: Rates, net: str | None = None
    ) -> None:
        """`name`: the preset; `rates`: what of it is written into `out`; `net`: None is the preset's."""
        use_one_thread()
        self.house, self.clock = house, HandClock(1000.0)
        preset = presets.load(name, house.vocabulary(STREAMS))
        self.config = LearningConfig(net=net or preset.net or "pocket_mlp", seed=seed, device="cpu")
        own = {f"learning.{key}": value for key, value in own_values(self.config.net).items()}
        self.preset = replace(preset, values={**own, **preset.values})
        show = new_show_name()
        self.bus, self._hearing = Counted(show, rates), Counted(show, rates)
        source = Training(self.config, Bus(new_show_name()), house.bank, self.clock)
        self.description = source.description
        header = RunHeader(
            preset=preset.name, preset_text=preset.text, streams=STREAMS, seed=seed,
            source=self.description, controls=[spec.path for spec in house.bank],
        )  # fmt: skip
        self.recorder = Recorder(out, self._hearing, header, rates, self.clock)
        self.recorder.start()

    def trainer(self) -> Trainer:
        """It feels what is published from now on."""
        voice, hands = Voice(self.bus, self.clock), HandsFelt(Bus(self.bus.show), self.house.bank)
        digits = load_digits(self.config.digits, voice.notice)
        return Trainer(self.config, digits, torch.device("cpu"), voice, hands, self.clock)

    def wake(self, trainer: Trainer) -> None:
        """Let it begin."""
        config, digits = self.config, trainer.course.learner.digits
        trainer.wake(
            {"net": config.net, "seed": config.seed, "batch": config.batch,
             "images": digits.digest[:32], "cpu": cpu_in_words()}
        )  # fmt: skip

    @property
    def unheard(self) -> int:
        """Frames that were published and have not reached the recorder; lost ones never do."""
        return self.bus.published - self._hearing.received
