"""The training loop: listen to the hands, make a step, say what happened. It never waits for anyone."""

import threading
from collections.abc import Collection
from typing import Any

import numpy as np
import torch

from instrument.clock import Clock
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.course import Course, Moment
from instrument.learning.deeds import DeedKind, chunks
from instrument.learning.digits import Digits
from instrument.learning.gestures import BANK, PLACE
from instrument.learning.healing import STEPS as HEAL_STEPS
from instrument.learning.memory import Memory
from instrument.learning.meter import Meter
from instrument.learning.pacing import FRAMES_PER_S, Every, Pace, Rate
from instrument.learning.reading import Reading
from instrument.learning.rescue import Rescue
from instrument.learning.saved import SavedMoment
from instrument.learning.saved_tensors import begin
from instrument.learning.saving import Saving
from instrument.learning.screen import Screen
from instrument.learning.script import Branch
from instrument.learning.steering import Act, HandsFelt, News
from instrument.learning.streams import STATES
from instrument.learning.voice import Voice

SCAR_BURST_S = 1.0
"""A fader that moves on within this is still on its way: one scar, with one snapshot before it."""
SCAR_RIDE_S = 5.0
"""A fader that is ridden for long is snapshot again this often."""
FEELS_PER_S = 60
"""How often the breath is felt; what a hand moves is felt at once."""
CHECK_STEPS = 500
"""How often the weights are summed up for `instrument verify`."""
REST_S = 0.004


class Trainer:
    """One training from birth to the end of the show. Trainer thread."""

    check_steps = CHECK_STEPS

    def __init__(
        self, config: LearningConfig, digits: Digits, device: torch.device, voice: Voice,
        hands: HandsFelt, clock: Clock,
    ) -> None:  # fmt: skip
        self._config, self._voice, self._hands, self._clock = config, voice, hands, clock
        self.course = Course(config.net, digits, device, config.seed, config.batch)
        self.memory = Memory(config.memory_mb)
        self.meter: Meter | None = None
        self.rescue = Rescue(self)
        self.saving = Saving(self, voice)
        self.first_step = 0
        """What it begins with: 0, or the steps of the saved moment it goes on from."""
        self._scarred_s = self._kept_s = -1e9
        self._ridden: frozenset[str] = frozenset()
        self._healthy = False
        """Whether the last step was, and is still what the net is; a veil hides it."""
        self._singles = 0
        self._scratched_from_s: float | None = None
        self._pulse_due, self._feel_due = Every(0.5), Every(1 / FEELS_PER_S)
        self._pace, self._rate = Pace(clock()), Rate()
        self.first_step_s = self.last_step_s = 0.0

    def wake(self, facts: dict[str, Any], begins_from: SavedMoment | None = None) -> None:
        """Say who is born, show its first noise at once, and only then prepare the streams.

        One that goes on from a saved moment is born at that moment. Raises ValueError where its tensors
        are not those of this net.
        """
        voice, learner = self._voice, self.course.learner
        if begins_from is not None:
            begin(self.course, begins_from)
        self.first_step = self.course.steps
        voice.say_deed(self.course.birth(facts))
        if begins_from is not None:
            self._branch(begins_from)
        voice.segment(*learner.selection_segments)
        voice.say_tiles(self.first_step, *learner.draw())
        self.meter = Meter(learner.digits, learner.plan.loss)
        self.screen = Screen(learner, voice, self.meter, self._clock)
        self.feel(self._clock())
        self.memory.reserve(self.capture)
        self.saving.reserve()
        self.memory.keep(self.capture, self._clock())

    def _branch(self, saved: SavedMoment) -> None:
        """Say where it goes on from; that moment is the first one it says itself, as it is."""
        branch = Branch(saved.run, saved.facts.steps, saved.number, saved.digest)
        self._voice.say_deed(self.course.do(DeedKind.BRANCH, text=branch.text))
        self._voice.say_deed(self.course.check())
        self._hands.begin_at(self.course.positions)
        self.saving.say(saved, self._clock())

    @property
    def state(self) -> str:
        """Name of the state the training is in."""
        return STATES[int(self.meter["state"])] if self.meter is not None else STATES[0]

    # The loop.

    def run(self, stop: threading.Event) -> None:
        """Train until told to stop. What a step raises goes out of here; `rescue` knows what then."""
        assert self.meter is not None, "wake first"
        course, screen, hands = self.course, self.screen, self._hands
        while not stop.is_set():
            # The hands: everything that was asked for since the last step takes effect now.
            now_s = self._clock()
            news = hands.look()
            if news.moved or news.acts:
                self._obey(news, now_s)
            if self._feel_due.due(now_s):
                self.feel(now_s)

            self.saving.turn(now_s)

            # The play-head is on the past: the training holds, and what was then is shown.
            if course.felt.scratch > 0.0:
                self._scratch(now_s)
                stop.wait(REST_S)
                continue
            if self._scratched_from_s is not None:
                self._return(now_s)

            # Tempo: wait for the next step in small rests, with an ear to the hands.
            tempo = course.felt.tempo
            wait_s = 0.0 if self._singles else self._pace.wait_s(now_s, tempo)
            if wait_s > 0.0:
                self._pulse(now_s, wait_s)
                stop.wait(min(wait_s, REST_S))
                continue
            self._pace.stepped(now_s, tempo)
            single, self._singles = self._singles > 0, max(0, self._singles - 1)

            # The step.
            slow = single or tempo <= FRAMES_PER_S
            reading = course.step(slow or course.steps % self._rate.every == 0)
            self._count(now_s)
            if reading is None:
                self._check()
                continue
            if not self.rescue.is_sound(reading):
                self.rescue.burst()
                continue
            self._check()
            self._say(reading, now_s)

            # Slower things, one after a step.
            now_s = self._clock()
            screen.drift()
            if self.memory.due(now_s):
                self.memory.keep(self.capture, now_s, healthy=self._healthy)
            elif self.saving.due(now_s):
                self.saving.take(now_s)
            else:
                screen.draw(course.steps, now_s)
        self._voice.say_deed(course.check())  # so that no deed of the run goes unverified

    def _count(self, now_s: float) -> None:
        self.last_step_s = now_s
        if self.course.steps == self.first_step + 1:
            self.first_step_s = now_s

    def _check(self) -> None:
        if self.course.steps % self.check_steps == 0:
            self._voice.say_deed(self.course.check())

    def _say(self, reading: Reading, now_s: float) -> None:
        """One vector of streams: what the step was."""
        assert self.meter is not None
        self.screen.veiled(reading)
        now_s = self._clock()
        self.meter.read(now_s, reading)
        self._healthy = self.state == STATES[0] and not self.screen.veil.hides
        self._say_machine(self._rate.mark(now_s, self.course.steps), reading.age)

    def _say_machine(self, steps_per_s: float, age: int) -> None:
        assert self.meter is not None
        course = self.course
        rates = (0.0, 0.0) if steps_per_s <= 0 else course.learner.learning_rates(course.steering())
        self.meter.machine(
            course.steps, age, steps_per_s, rates, course.loop.pull,
            course.healing.left / HEAL_STEPS, course.felt.values,
        )  # fmt: skip
        self._voice.say_step(course.steps, self.meter.values)

    def _pulse(self, now_s: float, wait_s: float) -> None:
        """Nothing is due. Twice a second say that it still stands; draw what a veil has changed."""
        if wait_s > 0.5 and self._pulse_due.due(now_s):
            self._rate.restart()
            self._say_machine(0.0, self.course.learner.age)
        if self.screen.stale or self.screen.veil.hides:
            self.screen.draw(self.course.steps, now_s)
        elif wait_s > REST_S:
            self.screen.walk_on(self.course.steps)

    # What the hands ask for.

    def feel(self, now_s: float) -> None:
        """Let what the hands say now be what the training feels."""
        course = self.course
        felt = self._hands.felt(now_s)
        changed = np.flatnonzero(felt != course.positions)
        if not len(changed):
            return
        for places, values in chunks(changed.tolist(), felt[changed].tolist()):
            self._voice.say_deed(course.do(DeedKind.FEEL, places, values))
        self.screen.feel(course.felt)

    def _obey(self, news: News, now_s: float) -> None:
        """Snapshot before a scar, then let moves and acts take effect, and say at which step."""
        if news.scars:
            self.before_scar(now_s, news.scars)
        self._hands.settle(news)
        self.feel(now_s)
        for act in news.moved:
            self.say_gesture(act.place, act.position, act.who)
        for act in news.acts:
            self._do(act, now_s)
            self.say_gesture(act.place, act.position, act.who)

    def say_gesture(self, place: int, position: float, who: bytes) -> None:
        """A gesture has taken effect."""
        self._voice.say_gesture(self.course.steps, self._hands.first + place, position, who)

    def _do(self, act: Act, now_s: float) -> None:
        if act.name == "undo":
            self._undo(now_s)
        elif act.name == "step":
            self._singles += 1
        elif act.name == "heal":
            self._heal(now_s)
        elif act.name == "land":
            self._land(now_s)
        else:
            self.before_scar(now_s)
            self._voice.say_deed(self.course.do(DeedKind.ACT, [act.place], [act.value]))
            self._healthy = False
            self.screen.draw_now(self.course.steps, now_s)

    def before_scar(self, now_s: float, scars: Collection[str] = ()) -> None:
        """Keep a moment for `undo`: before every act, and once for a fader on its way."""
        recent = now_s - self._scarred_s <= SCAR_BURST_S and now_s - self._kept_s <= SCAR_RIDE_S
        riding = recent and bool(scars) and self._ridden.issuperset(scars)
        if not riding:
            self.memory.keep(self.capture, now_s, scar=True, healthy=self._healthy)
            self._kept_s, self._ridden = now_s, frozenset(scars)
        self._scarred_s = now_s

    @property
    def stands(self) -> np.ndarray:
        """Where the learning controls stand for the training, float32 (learning controls,), a copy."""
        return self._hands.stands.copy()

    def capture(self, into: Moment | None = None) -> Moment:
        """This moment, with the faders as they stand, not as they breathe."""
        moment = self.course.capture(into)
        moment.positions = self.stands
        return moment

    def _undo(self, now_s: float) -> None:
        moment = self.memory.undo()
        if moment is None:
            return self._voice.notice("undo: there is no scar left to undo")
        self.go_to(moment, by_guard=False)
        held = self._in_force(self._hands.hold(moment.positions))
        self.feel(now_s)
        self._scarred_s = -1e9
        self._voice.notice(f"undo: back to {moment.learner.age} steps{_without_effect(held)}")

    def _in_force(self, held: list[str]) -> list[str]:
        """Names of held controls with the values they are held at, ``fog at 0 sigma``."""
        stands = self._hands.stands
        specs = [BANK.specs[PLACE[name]] for name in held]
        return [f"{s.name} at {s.text(s.map(float(stands[PLACE[s.name]])))}" for s in specs]

    def go_to(self, moment: Moment, by_guard: bool) -> None:
        """Everything as it was then."""
        values = (moment.mark.steps, moment.mark.deeds)
        deed = self.course.do(DeedKind.RESTORE, [int(by_guard)], values, moments=[moment])
        self._voice.say_deed(deed)
        self._healthy = False
        self.screen.draw_now(self.course.steps, self._clock())

    def _heal(self, now_s: float) -> None:
        self.before_scar(now_s)
        good = self.memory.healthy
        values = () if good is None else (good.mark.steps, good.mark.deeds)
        moments = () if good is None else (good,)
        self._voice.say_deed(self.course.do(DeedKind.HEAL, (), values, moments=moments))
        at_rest = BANK.defaults.copy()
        for name, value in own_values(self._config.net).items():
            at_rest[PLACE[name]] = BANK.specs[PLACE[name]].unmap(value)
        held = self._in_force(self._hands.hold(at_rest))
        self.feel(now_s)
        of = "as it is" if good is None else f"of {good.learner.age} steps"
        self._voice.notice(f"heal: {HEAL_STEPS} steps, discriminator {of}{_without_effect(held)}")

    # The play-head on the memory.

    def _playhead(self, now_s: float) -> tuple[Moment, Moment, float]:
        if self._scratched_from_s is None:
            self._scratched_from_s = now_s
            self.memory.keep(self.capture, now_s, healthy=self._healthy)
        return self.memory.around(self._scratched_from_s - self.course.felt.scratch)

    def _scratch(self, now_s: float) -> None:
        """Show the net of the moment under the play-head, cross-faded between two snapshots."""
        assert self.meter is not None
        first, second, mix = self._playhead(now_s)
        n_g = len(self.course.learner.g.theta)
        theta = torch.lerp(first.learner.core[0, :n_g], second.learner.core[0, :n_g], mix)
        samples = self.screen.draw_moment(self.course.steps, now_s, theta)
        if samples is not None:
            self._rate.restart()
            self.meter.see(now_s, samples)
            age = first.learner.age + mix * (second.learner.age - first.learner.age)
            self._say_machine(0.0, round(age))

    def _return(self, now_s: float) -> None:
        """The play-head is back: the present is on the wall and in the streams again."""
        assert self.meter is not None
        self._scratched_from_s = None
        self.meter.see(now_s, self.screen.look(self.course.steps, now_s))
        self._say_machine(0.0, self.course.learner.age)

    def _land(self, now_s: float) -> None:
        if self.course.felt.scratch <= 0.0:
            return self._voice.notice("land: scratch stands at 0, which is now")
        self._playhead(now_s)
        self.before_scar(now_s)
        first, second, mix = self._playhead(now_s)
        marks = (first.mark.steps, first.mark.deeds, second.mark.steps, second.mark.deeds)
        deed = self.course.do(DeedKind.LAND, (), (*marks, mix), moments=(first, second))
        self._voice.say_deed(deed)
        self._healthy = False
        self._hands.hold_at("scratch", 0.0)
        self.feel(now_s)
        self.screen.draw_now(self.course.steps, now_s)
        self._voice.notice(
            f"landed at {self.course.learner.age} steps; scratch without effect until moved"
        )

    # What the guard needs (see `rescue`).

    def notice(self, sentence: str) -> None:
        """Something went wrong and was mended."""
        self._voice.notice(sentence, grave=True)

    def say_burst(self) -> None:
        """The step was no step: everything holds, and one number says so."""
        assert self.meter is not None
        self.meter.burst()
        self._voice.say_step(self.course.steps, self.meter.values)

    def move(self, learner: Any, words: str) -> None:
        """Go on with another learner (another device, another batch), already restored."""
        assert self.meter is not None
        self.course.go_on_with(learner)
        self.memory = Memory(self._config.memory_mb)  # what lies elsewhere is let go
        self.memory.keep(self.capture, self._clock())
        self._healthy = False
        self.screen = Screen(learner, self._voice, self.meter, self._clock)
        self.screen.feel(self.course.felt)
        self._voice.say_deed(self.course.do(DeedKind.MOVE, text=words))


def _without_effect(held: list[str]) -> str:
    return f"; until moved the faders are without effect: {', '.join(held)}" if held else ""
