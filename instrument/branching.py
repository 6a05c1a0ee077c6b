"""A recorded training goes on live, from a saved moment of it: as a show begins, or in a rehearsal."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from instrument.arguments import At
from instrument.clock import Clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.saved import SavedMoment, read, stands_of
from instrument.learning.streams import STREAMS
from instrument.learning.training import STOP_S, Training
from instrument.runs.deck_hands import PLAY
from instrument.runs.header import RunHeader
from instrument.runs.moments import Kept, moment_near
from instrument.runs.playback import Playback
from instrument.runs.reel import Reel
from instrument.signals.bus import Bus, Publisher
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, DECK, DeckFrame
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.mistake import Mistake
from instrument.signals.source import Source
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec
from instrument.units import seconds_to_text

WHO = "branch"
POLL_S = 0.01
HEED_S = 5.0
"""So long the deck may take to go where it was sent in the same breath; then it is taken as it stands."""
OWN = {spec.name: spec.path for spec in LEARNING.specs if spec.kind is not Kind.TRIGGER}
"""What of the learning stands, name to path; the rest are acts."""

Say = Callable[[str, bool], None]


@dataclass(frozen=True)
class Beginning:
    """What a training begins with that goes on from a recorded one."""

    config: LearningConfig
    saved: SavedMoment | None
    """None where it begins with the birth of the recorded one: its seed is all there is."""
    positions: Mapping[str, float]
    """Where the learning controls stood then, 0..1, by path."""
    words: str
    """For the performer."""

    @property
    def values(self) -> dict[str, float]:
        """The same in their units."""
        specs = {spec.path: spec for spec in LEARNING.specs}
        return {path: specs[path].map(position) for path, position in self.positions.items()}


def beginning(path: Path, at: At, wished: LearningConfig) -> Beginning:
    """The moment of a run nearest to a place in it. Raises `Mistake` where there is none to go on from.

    Of `wished` the device and the memory count.
    """
    reel = Reel(path)
    try:
        kept = moment_near(reel, _second(reel, at), lambda kept: _read(path, kept) is not None)
        if kept is None:
            raise Mistake(
                f"{path.name}: no moment of its training was saved, and it was not born in this run; "
                "branch from another one"
            )
        ends = f" (it ends at {seconds_to_text(reel.length_s)})" if _behind(reel, at) else ""
        asked = f"branched from {path.stem} at {at.words}{ends}"
        if kept.is_birth:
            config, stood = _born(reel.header, wished), _first_positions(reel)
            return Beginning(config, None, stood, f"{asked}: its beginning")
        saved = _read(path, kept)
        assert saved is not None, "it was accepted"
    finally:
        reel.close()
    config = saved.facts.config(_with_digits(reel.header, wished))
    when = f"the saved moment of {seconds_to_text(kept.at_s)} (step {kept.step:,})"
    try:
        stood = {OWN[name]: position for name, position in stands_of(saved).items() if name in OWN}
    except ValueError as error:
        raise Mistake(f"{path.name}: {when} is damaged: {error}") from None
    return Beginning(config, saved, stood, f"{asked}: {when}")


def _read(path: Path, kept: Kept) -> SavedMoment | None:
    """A moment of this run; None where it cannot be read. Only its head is looked at, which is quick."""
    try:
        return read(kept.content, path.stem, kept.at_s, kept.number)
    except ValueError:
        return None


def _second(reel: Reel, at: At) -> float:
    if at.step is None:
        return at.second
    second = reel.second_of_step(at.step)
    if second is None:
        raise Mistake(
            f"{reel.path.name}: says no steps, so none can be found; give a time (--at 1:33)"
        )
    return second


def _behind(reel: Reel, at: At) -> bool:
    """Whether a place lies behind the end of the run; the last moment is the nearest then."""
    if at.step is None:
        return at.second > reel.length_s
    return at.step > reel.step_at(reel.length_s)


def _with_digits(header: RunHeader, wished: LearningConfig) -> LearningConfig:
    digits = header.source.get("digits")
    return replace(wished, digits=digits) if isinstance(digits, str) else wished


def _born(header: RunHeader, wished: LearningConfig) -> LearningConfig:
    """The same training again from its seed. Raises `Mistake`."""
    source = {"seed": header.seed, **header.source}
    kinds = {"net": str, "seed": int, "batch": int, "size": int, "channels": int}
    fields = {name: source[name] for name, kind in kinds.items() if type(source.get(name)) is kind}
    return replace(_with_digits(header, wished), **fields)


def _first_positions(reel: Reel) -> dict[str, float]:
    """Where the learning controls stood at the beginning of a run, 0..1, by path."""
    first = next(reel.frames(0.0, (CONTROLS.name,)), None)
    if first is None:
        return {}
    stood = zip(reel.header.controls, first.frame.positions, strict=False)
    own = set(OWN.values())
    return {path: at for path, at in stood if path in own and 0.0 <= at <= 1.0}


class Branching:
    """`Source`: a recorded run that becomes a training, live, when it is asked to. See `Source`.

    state   | asked to branch                  | what ends it
    --------|----------------------------------|--------------------------------------------------------
    rolling | the deck holds, loading begins   |
    loading | said that it is under way        | the training is awake: live. It fails: said, rolling
    live    | said that it is live             |

    Loading has a thread of its own: torch takes seconds. Sound and picture go on with what stands. Once the
    training is awake the learning controls go where they stood in that moment, but for those that a hand
    holds, and it makes its first step there. Where it cannot begin nothing has moved.
    """

    def __init__(
        self, playback: Playback, wished: LearningConfig, bus: Bus, bank: Bank, clock: Clock,
        say: Say, post: Callable[[Gesture | Moves], None],
    ) -> None:  # fmt: skip
        """`wished`: device and memory of the training; `say` and `post` are the conductor's."""
        self.playback = playback
        self._wished, self._bus, self._bank, self._clock = wished, bus, bank, clock
        self._say, self._post = say, post
        self._training: Training | None = None
        self._loading: threading.Thread | None = None
        self._deck: Publisher[DeckFrame] | None = None
        self._stopping = threading.Event()

    # The `Source` protocol.

    @property
    def _now(self) -> Source:
        return self.playback if self._training is None else self._training

    @property
    def kind(self) -> str:
        return self._now.kind

    @property
    def streams(self) -> Sequence[StreamSpec]:
        return self._now.streams

    @property
    def description(self) -> dict[str, Any]:
        return self._now.description

    @property
    def ended(self) -> bool:
        return self._now.ended and not self.loading

    @property
    def published(self) -> int:
        training = 0 if self._training is None else self._training.published
        return self.playback.published + training

    def start(self) -> None:
        self.playback.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._loading is not None:
            self._loading.join(timeout=STOP_S)
        self._now.stop()
        self.playback.stop()
        if self._deck is not None:
            self._deck.close()

    def report(self) -> dict[str, Any]:
        return self._now.report()

    # Branching.

    @property
    def loading(self) -> bool:
        """Whether a training is on its way. Any thread."""
        return self._loading is not None and self._loading.is_alive()

    def ask(self, playing: bool = True) -> None:
        """Go on live from the saved moment nearest to where the deck stands. Conductor thread.

        `playing`: whether the deck rolls, and shall roll on where it cannot be.
        """
        if self._training is not None:
            return self._say("the training is live already", False)
        if self.loading:
            return self._say("a branch is under way already", False)
        if alike(self.playback.streams) != alike(STREAMS):
            return self._say(
                f"{self.playback.path.stem} says other streams than a training does today, and the mapping "
                f"of this show is made for those: leave, and perform --branch {self.playback.path.stem}",
                True,
            )
        asked_s = self._hold(True)
        self._loading = threading.Thread(
            target=self._load, args=(playing, asked_s), name="branching", daemon=True
        )
        self._loading.start()

    def _hold(self, hold: bool) -> float:
        """Ask the deck to hold, or to roll on; the second at which it was asked."""
        now_s = self._clock()
        self._post(Gesture(PLAY, 0.0 if hold else 1.0, WHO, now_s))
        return now_s

    # The branching thread.

    def _load(self, playing: bool, asked_s: float) -> None:
        self._wait_for_deck(asked_s)
        at = At(self.playback.position_s)
        self._say(f"branching at {at.words}: the deck holds until the training is there", False)
        try:
            begun = beginning(self.playback.path, at, self._wished)
            training = Training(begun.config, self._bus, self._bank, self._clock, begun.saved)
        except Mistake as mistake:
            return self._stay(f"no branch: {mistake}", playing)
        except Exception as error:  # whatever a file or a full machine does, the show goes on
            return self._stay(f"no branch ({type(error).__name__}: {error})", playing)
        if self._stopping.is_set():
            return training.close()
        training.wake()
        while not (training.awake or training.ended or self._stopping.wait(POLL_S)):
            pass
        if not training.awake or training.ended:
            # Nobody has heard it yet: a show that ends does not wait for torch.
            training.stop(wait_s=0.0 if self._stopping.is_set() else STOP_S)
            training.close()
            return self._stay("no branch: the training could not begin", playing)
        self._stand(begun.positions, training.go)
        self._training = training
        self._say(begun.words, False)
        self.playback.stop()
        self._say_no_deck()

    def _wait_for_deck(self, asked_s: float) -> None:
        """Until it was told to hold: where it was sent before, there it stands then."""
        until_s = asked_s + HEED_S
        while self.playback.play_asked_s < asked_s and self._clock() < until_s:
            if self._stopping.wait(POLL_S):
                return

    def _stand(self, positions: Mapping[str, float], then: Callable[[], None]) -> None:
        """The last move of the recording: the learning controls as they stood in that moment."""
        numbers = [self._bank.number[path] for path in positions]
        self._post(Moves(numbers, list(positions.values()), self._clock(), then=then))

    def _stay(self, sentence: str, playing: bool) -> None:
        if not self._stopping.is_set():
            self._say(sentence, True)
            if playing:
                self._hold(False)

    def _say_no_deck(self) -> None:
        """The last word of the deck: there is no run any more. Open until the end, or nobody hears it."""
        self._deck = self._bus.publisher(DECK)
        self._deck.send(DeckFrame(time_s=self._clock()))


def alike(streams: Sequence[StreamSpec]) -> list[tuple[Any, ...]]:
    """What must be the same in two lists of streams for one mapping to fit both."""
    return [(stream.name, stream.low, stream.high, tuple(stream.choices)) for stream in streams]
