"""A run under the hand: seek, hold, speed, loop, punch-in, muted hands, and dates in blocks of sound."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_helper import SmallLearning, SmallSound, controls, gesture, metric, record, tiles, weights

from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.runs.pace import LEAD_BLOCKS, LEAD_IN_BLOCKS, lead_blocks
from instrument.runs.playback import MOST_METRICS, Playback
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Group
from instrument.signals.deck import DECK as GROUP
from instrument.signals.due import Due, due_block
from instrument.signals.frames import (
    CONTROLS,
    DECK,
    GESTURES,
    METRICS,
    NOTICES,
    TILES,
    WEIGHTS,
    DeckFrame,
    GestureFrame,
    MetricFrame,
    Topic,
)
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.local_bus import LocalBus
from instrument.signals.routes import NewRoutes, routes_frame
from instrument.signals.show import SHOW
from instrument.signals.sound_place import ExactPlace

BANK = Bank.of((SHOW, GROUP, Group("learning", SmallLearning), Group("sound.drone", SmallSound)))
PERIOD_S = 256 / 48_000
HEAT, LEVEL = "learning.heat", "sound.drone.level"
COUNT, EVERY_S = 100, 0.01


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second: steps 0 to 99, tiles at .2 and .6, weights at .4, moves at .3 and .7, an act at .5."""
    bus, path = Bus(new_show_name()), tmp_path_factory.mktemp("runs") / "run.mcap"
    at = {
        0: [controls(BANK), routes_frame(0, b"[]", 0.0)],
        20: [tiles(1)], 60: [tiles(2)], 40: [weights(4)],
        30: [controls(BANK, learning_heat=0.25)],
        50: [gesture(BANK, "learning.undo", -1)],
        70: [controls(BANK, learning_heat=0.25, sound_drone_level=0.875),
             routes_frame(1, b'[{"depth":0.5}]', 0.0, 2.5)],
    }  # fmt: skip
    frames: list[Any] = []
    for n in range(COUNT):
        for frame in (metric(n), *at.get(n, ())):
            frame.time_s = n * EVERY_S
            frames.append(frame)
    record(path, bus, frames, bank=BANK)
    bus.close()
    return path


class Show:
    """A rehearsal on a bus of its own, its clock and its sound turned by hand."""

    def __init__(self, run: Path, place: bool = False, **words: Any) -> None:
        self.bus, self.clock = LocalBus(), HandClock(100.0)
        self.place = ExactPlace(PERIOD_S) if place else None
        self.posted: list[Gesture | Moves] = []
        self.mappings: list[NewRoutes] = []
        self.acts = self.bus.publisher(GESTURES)
        self.controls = self.bus.publisher(CONTROLS)
        self.positions = BANK.defaults.copy()
        self.put()
        self.playback = Playback(
            run, self.bus, BANK, self.posted.append, self.clock, self.place, **words
        )
        self.playback.follow_mapping("test", self.mappings.append)
        self.ears = {topic.name: self.bus.listener(topic) for topic in
                     (METRICS, TILES, WEIGHTS, GESTURES, DECK, NOTICES)}  # fmt: skip
        self.playback.open()
        if self.place is not None:
            self.playback.advance()

    def put(self, path: str = "", value: float = 0.0) -> None:
        """Where the controls stand, as the conductor says it."""
        if path:
            self.positions[BANK.number[path]] = BANK.spec(path).unmap(value)
        frame = controls(BANK)
        frame.positions[: len(BANK)] = self.positions.tolist()
        self.controls.send(frame)

    def act(self, path: str, value: float | None = None, who: bytes = b"key") -> None:
        spec = BANK.spec(path)
        position = spec.unmap(spec.default if value is None else value)
        self.acts.send(GestureFrame(step=-1, control=BANK.number[path], position=position, who=who))

    def on(self, seconds: float) -> bool:
        self.clock.advance(seconds)
        if self.place is not None:
            self.place.at += round(seconds / PERIOD_S)
        return self.playback.advance()

    def heard(self, topic: Topic) -> list[Any]:
        return list(self.ears[topic.name].drain())

    def steps(self) -> list[int]:
        return [int(frame.step) for frame in self.heard(METRICS)]

    def deck(self) -> DeckFrame:
        frame = self.heard(DECK)[-1]
        assert isinstance(frame, DeckFrame)
        return frame


def second_of(run: Path, step: int) -> float:
    from instrument.runs.reel import Reel

    second = Reel(run).second_of_step(step)
    assert second is not None
    return second


def test_frames_are_dated_in_blocks_and_said_a_lead_before(run: Path) -> None:
    """The first counts at the lead-in; each at the first block by which its second has been."""
    show = Show(run, place=True)
    show.playback.advance()
    assert show.steps() == []
    ended, heard = False, []
    while not ended:
        assert show.place is not None
        show.place.at += 1
        ended = show.playback.advance()
        new = show.heard(METRICS)
        assert all(frame.due <= show.place.at + lead_blocks(PERIOD_S) for frame in new)
        assert all(frame.due > show.place.at for frame in new)
        heard += new
    seconds = [r.at_s for r in show.playback.reel.frames(0.0, ("metrics",))]
    began = LEAD_IN_BLOCKS
    assert [f.due for f in heard] == [began + math.ceil(at_s / PERIOD_S) for at_s in seconds]
    assert [f.step for f in heard] == list(range(COUNT))
    assert show.place is not None and show.place.at == heard[-1].due
    assert show.deck().began_block == began


def test_the_time_of_a_dated_frame_is_when_its_block_is_rendered(run: Path) -> None:
    """So the picture waits as long as the sound."""
    show = Show(run, place=True)
    show.on((LEAD_IN_BLOCKS - 2) * PERIOD_S)
    frame = show.heard(METRICS)[0]
    assert frame.due == LEAD_IN_BLOCKS
    assert frame.time_s == pytest.approx(show.clock() + 2 * PERIOD_S)


def test_a_run_that_begins_when_the_sound_is_long_there_begins_soon(run: Path) -> None:
    """A lead ahead of where the sound is."""
    show = Show(run)
    show.playback._place = ExactPlace(PERIOD_S)
    show.playback._place.at = 5000
    show.playback.advance()
    assert show.heard(METRICS)[0].due == 5000 + LEAD_BLOCKS


def test_another_sound_process_is_counted_anew(run: Path) -> None:
    """What it has not heard is said anew from where the run stood, without a gap, in its blocks."""
    show = Show(run, place=True)
    show.on(190 * PERIOD_S + 0.25)
    before = show.heard(METRICS)
    assert show.place is not None
    show.place.part, show.place.at = 1, 0
    show.playback.advance()
    show.on(20 * PERIOD_S)
    again = show.heard(METRICS)
    stood = int(0.25 / EVERY_S) + 1 + int(LEAD_BLOCKS * PERIOD_S / EVERY_S)
    assert stood - 1 <= again[0].step <= stood + 1 < before[-1].step
    assert [f.step for f in again] == list(range(again[0].step, again[-1].step + 1))
    assert again[0].due == 0 and again[1].due >= LEAD_BLOCKS
    assert again[-1].due <= 20 + lead_blocks(PERIOD_S)


def test_a_hand_on_the_deck_takes_back_what_was_said_ahead(run: Path) -> None:
    """It holds where the sound is; whoever lets dated frames wait hears none of those that were to come."""
    show = Show(run, place=True)
    sound = Due(show.bus.listener(METRICS), MetricFrame, due_block, 400.0)
    heard = MetricFrame()
    show.on(190 * PERIOD_S)
    ahead = show.steps()[-1]
    show.put("deck.play", 0.0)
    show.on(0.0)
    stands = show.steps()
    assert len(stands) == 1 and stands[0] < ahead - 20
    assert show.place is not None
    for _ in range(200):
        show.on(PERIOD_S)
        sound.latest(show.place.at, heard)
    assert heard.step == stands[0]
    show.put("deck.play", 1.0)
    show.on(PERIOD_S)
    first = show.heard(METRICS)[0]
    assert first.step == stands[0] + 1
    assert show.place.at < first.due <= show.place.at + LEAD_BLOCKS + 3


def test_without_sound_the_clock_counts(run: Path) -> None:
    """A place that says nothing is waited for a second; then frames count at once."""

    class Nowhere(ExactPlace):
        def block(self, now_s: float) -> float | None:
            return None

    show = Show(run)
    show.playback._place = Nowhere(PERIOD_S)
    show.on(0.9)
    assert show.steps() == []
    show.on(0.2)
    show.on(0.5)
    frames = show.heard(METRICS)
    assert 45 <= len(frames) <= 55 and all(f.due == 0 for f in frames)


def test_a_seek_says_at_once_what_stands_there(run: Path) -> None:
    """The last of everything, one of each; the moves as one; nothing that lies between."""
    show = Show(run)
    show.on(0.05)
    for topic in (METRICS, TILES, WEIGHTS, GESTURES):
        show.heard(topic)
    show.act("deck.seek_step", 75)
    show.on(0.0)
    assert show.steps() == [75]
    assert [f.step for f in show.heard(TILES)] == [2] and len(show.heard(WEIGHTS)) == 1
    (moves,) = show.posted
    assert isinstance(moves, Moves)
    moved = {BANK.specs[n].path: p for n, p in zip(moves.numbers, moves.positions, strict=True)}
    assert moved == {HEAT: 0.25, LEVEL: 0.875}
    assert [BANK.specs[f.control].path for f in show.heard(GESTURES)] == ["deck.seek_step"]
    assert [(n.records, n.fade_s) for n in show.mappings] == [([{"depth": 0.5}], 0.0)]
    show.on(0.05)
    assert show.steps()[0] == 76


def test_a_seek_back_takes_moves_back(run: Path) -> None:
    """What the recording moved stands as it stood there, and the mapping, too."""
    show = Show(run)
    show.on(0.8)
    show.posted.clear()
    show.act("deck.seek", 0.0)
    show.on(0.0)
    (moves,) = show.posted
    assert isinstance(moves, Moves)
    numbers = [BANK.number[path] for path in (HEAT, LEVEL)]
    expected = {n: float(BANK.defaults[n]) for n in numbers}
    assert dict(zip(moves.numbers, moves.positions, strict=True)) == expected
    assert [list(n.records) for n in show.mappings] == [[{"depth": 0.5}], []]


def test_seeks_by_second_step_and_skip(run: Path) -> None:
    """Each lands on what was said last before its place."""
    show = Show(run)
    for path, value, step in (("seek", second_of(run, 40), 40), ("seek_step", 12, 12),
                              ("skip", second_of(run, 32) - second_of(run, 12), 32)):  # fmt: skip
        show.act(f"deck.{path}", value)
        show.on(0.0)
        assert abs(show.steps()[0] - step) <= 1


def test_while_it_holds_nothing_is_said(run: Path) -> None:
    """What was said last stands; then it goes on from there."""
    show = Show(run)
    show.on(0.2)
    last = show.steps()[-1]
    show.put("deck.play", 0.0)
    show.on(0.1)
    held = show.steps()
    for _ in range(20):
        show.on(0.1)
    assert show.steps() == [] and show.deck().speed == 0.0
    show.put("deck.play", 1.0)
    show.on(0.0)
    show.on(0.05)
    assert show.steps()[0] == (held or [last])[-1] + 1


@pytest.mark.parametrize("speed", [0.1, 0.5, 2.0, 8.0])
def test_at_any_speed_frames_keep_their_order(run: Path, speed: float) -> None:
    """As many seconds of the run pass as it says; none is left out."""
    show = Show(run)
    show.put("deck.speed", speed)
    show.on(0.0)
    show.on(0.5 / speed)
    steps = show.steps()
    assert steps == list(range(len(steps)))
    assert abs(steps[-1] - 50) <= 1


def test_far_too_many_metrics_at_once_are_thinned_and_end_with_the_last(run: Path) -> None:
    """At its own speed none is ever left out; beyond, the last of them is said."""
    for speed, count in ((1.0, COUNT), (8.0, MOST_METRICS + 2)):
        show = Show(run)
        show.put("deck.speed", speed)
        show.on(0.0)
        show.on(2.0)
        steps = show.steps()
        assert len(steps) == count and steps[-1] == COUNT - 1 and steps == sorted(steps)


def test_a_loop_goes_round_without_a_gap(run: Path) -> None:
    """From its end to its beginning, block after block; what stands at its beginning is said each time."""
    show = Show(run, place=True)
    show.act("deck.mark_in", second_of(run, 20) + 0.001)
    show.act("deck.mark_out", second_of(run, 34) + 0.001)
    show.put("deck.loop", 1.0)
    show.on(LEAD_IN_BLOCKS * PERIOD_S)
    heard: list[Any] = []
    for _ in range(160):
        show.on(PERIOD_S)
        heard += show.heard(METRICS)
    steps = [int(f.step) for f in heard]
    dues = [int(f.due) for f in heard]
    assert dues == sorted(dues)
    rounds = [n for n, step in enumerate(steps) if step == 34]
    assert len(rounds) >= 3
    assert steps[rounds[0] + 1 : rounds[1] + 1] == list(range(20, 35))
    gaps = np.diff(dues)
    assert gaps.max() <= 3
    deck = show.deck()
    assert deck.looping and 0.0 < deck.loop_in_s <= deck.position_s <= deck.loop_out_s


def test_acts_in_what_is_skipped_are_not_fired(run: Path) -> None:
    """An act that is rolled over is passed on once."""
    undo = BANK.number["learning.undo"]
    show = Show(run)
    show.act("deck.seek", second_of(run, 60))
    show.on(0.0)
    show.act("deck.seek", second_of(run, 45))
    show.on(0.0)
    assert [f for f in show.heard(GESTURES) if f.control == undo] == []
    show.on(0.1)
    assert len([f for f in show.heard(GESTURES) if f.control == undo]) == 1


def test_acts_are_passed_on_when_it_is_time_and_never_twice(run: Path) -> None:
    """They are not said ahead: held shortly before one, and rolled on, it comes once."""
    undo = BANK.number["learning.undo"]
    show = Show(run, place=True)
    show.on(LEAD_IN_BLOCKS * PERIOD_S)
    came: list[tuple[float, int]] = []

    def on(blocks: int) -> None:
        for _ in range(blocks):
            show.on(PERIOD_S)
            came.extend(
                (show.clock(), f.control) for f in show.heard(GESTURES) if f.control == undo
            )

    on(60)
    show.put("deck.play", 0.0)
    on(100)
    assert came == []
    show.put("deck.play", 1.0)
    on(100)
    assert len(came) == 1


def test_muted_hands_do_nothing_and_come_back_as_they_stand(run: Path) -> None:
    """The training's own frames go on; unmuted, all moves are posted as one, and the mapping."""
    show = Show(run)
    show.put("deck.mute_hands", 1.0)
    show.on(0.0)
    show.on(0.8)
    assert show.posted == [] and show.mappings == [] and len(show.steps()) > 70
    assert show.deck().hands_muted
    assert [f.who for f in show.heard(GESTURES)] == []
    show.put("deck.mute_hands", 0.0)
    show.on(0.0)
    (moves,) = show.posted
    assert isinstance(moves, Moves) and sorted(moves.positions) == [0.25, 0.875]
    assert len(show.mappings) == 1


def test_the_mapping_is_followed_with_the_preset_of_the_run(run: Path) -> None:
    """Not where it began, which is the preset's to say; a fade as it was."""
    show = Show(run, place=True)
    show.on(LEAD_IN_BLOCKS * PERIOD_S)
    assert show.mappings == []
    show.on(0.9)
    (change,) = show.mappings
    assert (list(change.records), change.fade_s) == ([{"depth": 0.5}], 2.5)
    at_s = next(r.at_s for r in show.playback.reel.frames(0.5, ("routes",)))
    assert change.due == LEAD_IN_BLOCKS + math.ceil(at_s / PERIOD_S)


def test_with_another_preset_the_mapping_stays_and_that_is_said_once(run: Path) -> None:
    """In one sentence, with both names."""
    show = Show(run)
    playback = Playback(run, show.bus, BANK, show.posted.append, show.clock)
    playback.follow_mapping("sine_data", show.mappings.append)
    playback.open()
    show.heard(NOTICES)
    for _ in range(10):
        show.clock.advance(0.2)
        playback.advance()
    told = [n.text.decode() for n in show.heard(NOTICES)]
    assert [t for t in told if "mapping" in t] == [
        "run.mcap was played with the preset test; the mapping stays that of sine_data"
    ]
    assert show.mappings == []


def test_punching_in_and_out(run: Path) -> None:
    """A control that a hand took stays with it, also over a seek; punched out, it goes back at once."""
    show = Show(run)
    conductor = Conductor(BANK, BANK.defaults, show.bus, show.clock)
    playback = Playback(run, show.bus, BANK, conductor.take, show.clock)
    conductor.open()
    playback.open()

    def on(seconds: float) -> None:
        show.clock.advance(seconds)
        playback.advance()

    on(0.1)
    conductor.take(Gesture(HEAT, 0.9, "osc 127.0.0.1:5", show.clock()))
    on(0.4)
    conductor.take(Gesture("deck.seek", BANK.spec("deck.seek").unmap(0.75), "key", show.clock()))
    on(0.0)
    assert conductor.position(HEAT) == pytest.approx(0.9)
    assert conductor.position(LEVEL) == pytest.approx(0.875)
    assert show.deck().punched == 1
    conductor.take(Gesture("deck.punch_out", 1.0, "key", show.clock()))
    on(0.0)
    assert conductor.position(HEAT) == pytest.approx(0.25)
    assert show.deck().punched == 0


@pytest.mark.parametrize(("words", "step"), [({"at_step": 60}, 60), ({"at_s": 0.0}, 0)])
def test_a_rehearsal_begins_where_it_is_asked_to(run: Path, words: Any, step: int) -> None:
    """What stands there counts at the block at which it begins to roll."""
    show = Show(run, place=True, **words)
    show.on(LEAD_IN_BLOCKS * PERIOD_S)
    first = show.heard(METRICS)[0]
    assert (first.step, first.due) == (step, LEAD_IN_BLOCKS)
    assert (show.heard(TILES)[0].due == LEAD_IN_BLOCKS) is bool(step)


def test_at_the_end_it_leaves_holds_or_begins_again(run: Path) -> None:
    """As `deck.at_end` says; held at the end, a seek rolls on."""
    for word, number in (("leave", 0.0), ("hold", 1.0), ("loop", 2.0)):
        show = Show(run)
        show.put("deck.at_end", number)
        show.on(0.0)
        assert show.on(1.2) == (word == "leave") == show.playback.ended
        steps = show.steps()
        assert COUNT - 1 in steps
        show.on(0.1)
        assert (show.steps() != []) == (word == "loop")
        if word == "hold":
            assert show.deck().speed == 0.0
            show.act("deck.seek_step", 10)
            show.on(0.0)
            show.on(0.1)
            assert show.steps()[0] == 10


@pytest.mark.parametrize(
    ("path", "value"), [("deck.seek", 9999.0), ("deck.seek_step", 10**6), ("deck.skip", 600.0)]
)
def test_a_place_behind_the_end_is_a_sentence_and_not_the_end_of_the_show(
    run: Path, path: str, value: float
) -> None:
    """The deck stands there, and what stands there is said; an earlier place rolls on."""
    show = Show(run)
    show.on(0.1)
    show.heard(NOTICES)
    show.act(path, value)
    assert not show.on(0.01) and not show.on(9.0)
    said = [frame.text.decode() for frame in show.heard(NOTICES)]
    assert said == ["run ends at 0:00: the deck stands there; seek an earlier time"]
    assert show.steps()[-1] == COUNT - 1 and show.deck().speed == 0.0
    show.act("deck.seek_step", 10)
    show.on(0.0)
    show.on(0.1)
    assert show.steps()[0] == 10 and show.heard(NOTICES) == []


def test_the_deck_is_told_when_it_changes_and_ten_times_a_second(run: Path) -> None:
    """Where it is, of how much, how fast, which run."""
    show = Show(run)
    for _ in range(50):
        show.on(0.01)
    frames = show.heard(DECK)
    assert 5 <= len(frames) <= 8
    last = frames[-1]
    assert last.run == b"run" and last.speed == 1.0 and last.length_s == show.playback.reel.length_s
    assert 0.3 < last.position_s <= 0.51
    show.act("deck.seek", 0.9)
    show.on(0.0)
    assert show.deck().position_s == pytest.approx(0.9, abs=0.01)


def test_what_is_asked_under_other_numbers_is_passed_over(run: Path) -> None:
    """A gesture frame of a control that is not there, or of what took effect, asks nothing."""
    show = Show(run)
    show.acts.send(GestureFrame(step=-1, control=4000, position=0.5, who=b"x"))
    show.acts.send(GestureFrame(step=7, control=BANK.number["deck.seek"], position=0.5, who=b"x"))
    show.on(0.05)
    assert show.playback.position_s == pytest.approx(0.05, abs=0.01)
