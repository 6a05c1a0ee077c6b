"""Where the frames of a show come from, and its preset: the only place that knows which.

asked for   | what it is
------------|---------------------------------------------------------------------
nothing     | a training that is born
--branch    | the training of a recorded run, from a saved moment on
--rehearse  | a recorded run, which may become a training (`branching.Branching`)
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from instrument import presets
from instrument.arguments import At
from instrument.clock import Clock
from instrument.conductor import Conductor
from instrument.house import House
from instrument.learning.choices import folded
from instrument.learning.config import own_values
from instrument.options import Options
from instrument.presets import Preset
from instrument.signals.bus import Bus
from instrument.signals.mistake import Mistake
from instrument.signals.sound_place import SoundPlace
from instrument.signals.source import Source
from instrument.units import seconds_to_text

if TYPE_CHECKING:
    from instrument.runs.playback import Playback


@dataclass(frozen=True)
class Chosen:
    """What a show plays."""

    source: Source
    preset: Preset
    memory_mb: int | None = None
    """Bound on what `undo` keeps, where the training is live from the beginning."""
    words: str = ""
    """Where a branch went on from, for the performer."""


def choose(
    options: Options, house: House, bus: Bus, clock: Clock, conductor: Callable[[], Conductor]
) -> Chosen:
    """Read the preset and what the show plays. Raises `Mistake`. `conductor`: asked for while it plays."""
    if options.rehearse is not None:
        return _rehearsal(options.rehearse, options, house, bus, clock, conductor)
    if options.branch is not None:
        return _branch(options.branch, options, house, bus, clock)
    return _birth(options, house, bus, clock)


def _birth(options: Options, house: House, bus: Bus, clock: Clock) -> Chosen:
    from instrument.learning.streams import STREAMS
    from instrument.learning.training import Training

    preset = presets.load(options.preset, house.vocabulary(STREAMS))
    config = folded(options.learning, preset.choices, options.asked)
    own = {f"learning.{name}": value for name, value in own_values(config.net).items()}
    preset = replace(preset, values={**own, **preset.values})
    return Chosen(Training(config, bus, house.bank, clock), preset, config.memory_mb)


def _branch(run: str, options: Options, house: House, bus: Bus, clock: Clock) -> Chosen:
    """The hands of the learning are where they stood then, those of sound and picture the preset's."""
    from instrument.branching import beginning
    from instrument.learning.streams import STREAMS
    from instrument.learning.training import Training
    from instrument.runs.tape import find_run

    preset = presets.load(options.preset, house.vocabulary(STREAMS))
    wished = folded(options.learning, preset.choices, options.asked)
    begun = beginning(find_run(run), options.at, wished)
    training = Training(begun.config, bus, house.bank, clock, begun.saved)
    preset = replace(preset, values={**preset.values, **begun.values})
    return Chosen(training, preset, begun.config.memory_mb, begun.words)


def _rehearsal(
    run: str, options: Options, house: House, bus: Bus, clock: Clock,
    conductor: Callable[[], Conductor],
) -> Chosen:  # fmt: skip
    from instrument.branching import Branching
    from instrument.runs.playback import Playback
    from instrument.runs.tape import find_run

    playback = Playback(
        find_run(run), bus, house.bank, lambda gesture: conductor().post(gesture), clock,
        SoundPlace(bus), options.at.second, options.at.step,
    )  # fmt: skip
    _check_at(playback, options.at)
    preset = presets.load(options.preset, house.vocabulary(playback.streams))
    playback.follow_mapping(preset.name, lambda change: conductor().change_routes(change))
    if options.mute_hands:
        preset = replace(preset, values={**preset.values, "deck.mute_hands": 1.0})
    elif preset.name == playback.header.preset:
        # What its cues did is in the run; they go by themselves only where somebody asks.
        preset = replace(preset, values={**preset.values, "show.auto": 0.0})
    source = Branching(
        playback, options.learning, bus, house.bank, clock,
        lambda text, grave: conductor().say(text, grave, where="branch"),
        lambda gesture: conductor().post(gesture),
    )  # fmt: skip
    return Chosen(source, preset)


def _check_at(playback: "Playback", at: At) -> None:
    """Raises `Mistake` for a place behind the end: the show would be over as it begins."""
    reel, name = playback.reel, playback.reel.path.stem
    if at.step is None and at.second > 0.0 and at.second >= reel.length_s:
        ends = seconds_to_text(reel.length_s)
        raise Mistake(f"--at {at.words}: {name} ends at {ends}; say an earlier time")
    if at.step is not None and at.step > (last := reel.step_at(reel.length_s)):
        raise Mistake(
            f"--at {at.words}: {name} ends at step {last:,}; say an earlier one (step:{last})"
        )


def branch(source: Source, conductor: Conductor) -> None:
    """From here the training is live: the deck's `branch`. Conductor thread."""
    if source.kind == "live":
        conductor.tell("the training is live already", where="branch")
        return
    from instrument.branching import Branching

    cast(Branching, source).ask(playing=conductor.value("deck.play") >= 0.5)
