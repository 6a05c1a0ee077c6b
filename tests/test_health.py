"""What the show says of its own health, on a real bus: one source of words for whoever shows them."""

import io
import os
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from rich.console import Console
from shown import shown

from instrument.clock import HandClock
from instrument.hands.midi.controls import MIDI
from instrument.health import SILENT_S, Health
from instrument.pulse import EVERY_S, Pulse, Signs
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import (
    CONTROLS,
    DECK,
    GESTURES,
    HANDS,
    HEALTH,
    METRICS,
    NOTICES,
    SOUND,
    STANDING,
    DeckFrame,
    GestureFrame,
    HandsFrame,
    MetricFrame,
    SoundFrame,
    StandingFrame,
)
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.show import SHOW
from instrument.signals.spec import number, trigger
from instrument.signals.spoken import Tone, control_words, cut, line_text
from instrument.signals.streams import StreamSpec
from instrument.terminal import Terminal

STREAMS = (
    StreamSpec("steps_per_s", 0, 250, "speed"),
    StreamSpec("state", 0, 2, "state", choices=("noise", "digits", "collapse")),
)


class Hands(Controls):
    heat = Control(number(0.0, 2.0, 1.0, "heat"))
    quake = Control(trigger("a quake"))


BANK = Bank.of((SHOW, Group("learning", Hands), MIDI))


class Stand:
    """A show in a few words: what the rooms would say, and the health that hears it."""

    def __init__(self) -> None:
        self.bus = Bus(new_show_name())
        self.clock = HandClock(1000.0)
        self.health = Health(self.bus, STREAMS, BANK.specs, self.clock)
        topics = (METRICS, SOUND, GESTURES, NOTICES, STANDING, HANDS, CONTROLS)
        self.ports = {topic.name: self.bus.publisher(topic) for topic in topics}
        self.signs = Signs(0, 0, 0, 0, 0, 0, "tile_wall", (640, 360), False)
        self.pulse = Pulse(self.bus, self.clock, lambda: self.signs)

    def step(self, step: int, steps_per_s: float, state: float) -> None:
        frame = MetricFrame(time_s=self.clock(), step=step, count=2)
        frame.streams[:2] = [steps_per_s, state]
        self.ports["metrics"].send(frame)

    def sound(self, peak: float, dropouts: int = 0, short_term: float = -18.0) -> None:
        self.ports["sound"].send(
            SoundFrame(time_s=self.clock(), peak=peak, dropouts=dropouts, short_term=short_term)
        )

    def gesture(self, path: str, position: float, step: int = -1, who: str = "key") -> None:
        self.ports["gestures"].send(
            GestureFrame(
                time_s=self.clock(), step=step, control=BANK.number[path], position=position,
                who=who.encode(),
            )
        )  # fmt: skip

    def beat(self, **signs: object) -> None:
        """A pulse with these signs, a little later."""
        self.signs = Signs(**{**vars(self.signs), **signs})
        self.clock.advance(EVERY_S)
        self.pulse.beat()
        self.health.listen()

    def controls(self, **shows: float) -> None:
        """These values in the group ``show``, all else as it begins."""
        self.ports["controls"].send(shown(BANK, **shows))

    def hands(self, *waiting: tuple[str, float, float], learned: str = "", words: str = "") -> None:
        """The MIDI hand says which faders wait, and what is learned."""
        number = BANK.number[learned] if learned else -1
        frame = HandsFrame(waiting=len(waiting), learned=number, learning=words.encode())
        for place, (path, hardware, stands) in enumerate(waiting[:16]):
            frame.controls[place] = BANK.number[path]
            frame.hardware[place], frame.stands[place] = hardware, stands
        self.ports["hands"].send(frame)

    def told(self, *names: str) -> list[str]:
        """The rows of these names, as texts."""
        self.health.listen()
        return [line_text(line) for name, line in self.health.rows() if name in names]

    def words(self, row: str) -> str:
        self.health.listen()
        return line_text(dict(self.health.rows())[row])


@pytest.fixture
def stand() -> Iterator[Stand]:
    stand = Stand()
    yield stand
    stand.health.close()
    stand.bus.close()


def test_before_anything_is_said_it_says_that_it_waits(stand: Stand) -> None:
    """No invented numbers."""
    assert stand.health.state == "waiting"
    assert stand.words("sound") == "no sound yet"
    assert stand.words("picture") == "no picture yet"
    assert "last" not in dict(stand.health.rows())


def test_steps_speed_and_state_come_from_the_last_step(stand: Stand) -> None:
    """The newest of many counts, and the first is remembered."""
    for step in range(5):
        stand.step(step, 40.0 + step, 2.0)
        stand.clock.advance(0.02)
    assert stand.words("training") == "step      4     44/s  collapse "
    assert stand.health.first_step_s == 1000.0


def test_a_training_that_stands_still_makes_no_steps_per_second(stand: Stand) -> None:
    """The last speed is not kept for ever."""
    stand.step(7, 44.0, 1.0)
    stand.health.listen()
    stand.clock.advance(SILENT_S + 0.1)
    assert stand.health.steps_per_s == 0.0
    assert stand.health.state == "digits"


def test_numbers_that_are_none_are_not_told(stand: Stand) -> None:
    """A stream that is NaN reads 0, a state beyond the list is unknown."""
    stand.step(1, float("nan"), 9.0)
    stand.health.listen()
    assert stand.health.steps_per_s == 0.0 and stand.health.state == "unknown"
    stand.sound(float("nan"))
    assert stand.words("sound").startswith("-120.0 dBFS")


def test_the_peak_falls_back_by_20_db_in_a_second(stand: Stand) -> None:
    """A loud moment is seen, and does not stay."""
    stand.sound(1.0)
    stand.health.listen()
    assert stand.health.peak_dbfs == pytest.approx(0.0)
    stand.clock.advance(0.5)
    stand.sound(0.001)
    stand.health.listen()
    assert stand.health.peak_dbfs == pytest.approx(-10.0, abs=0.1)


def test_dropouts_are_grave_and_silence_of_the_process_too(stand: Stand) -> None:
    """In the accent, wherever it is shown."""
    stand.sound(0.5, dropouts=1)
    assert stand.words("sound").endswith("-18.0 LUFS  1 dropout")
    assert dict(stand.health.rows())["sound"][1].tone is Tone.GRAVE
    stand.clock.advance(SILENT_S + 0.1)
    assert stand.words("sound") == "the sound says nothing"


def test_pictures_per_second_and_held_ones_are_of_the_last_second(stand: Stand) -> None:
    """60 pictures a second, a quarter of them held; later none."""
    for beat in range(1, 7):
        stand.beat(pictures=12 * beat, held=3 * beat)
    assert stand.words("picture") == "60.0 fps  0 late"
    assert stand.words("look") == "tile wall  640x360  guard holds 25%"
    for beat in range(7, 14):
        stand.beat(pictures=12 * beat, late=2)
    assert stand.words("picture") == "60.0 fps  2 late"
    assert stand.words("look").endswith("guard holds 0%")


def test_a_pulse_beats_five_times_a_second_however_often_it_is_asked(stand: Stand) -> None:
    """Two seconds of 60 pictures make eleven frames at the most."""
    listener = stand.bus.listener(HEALTH)
    for _ in range(120):
        stand.clock.advance(1 / 60)
        stand.pulse.beat()
    assert 9 <= stand.pulse._publisher.published <= 11
    assert sum(1 for _ in listener.drain()) == 4, "as many as the topic keeps"


def test_the_missing_guard_is_said_in_every_status_line(stand: Stand) -> None:
    """Off only by an explicit flag, with a warning all the time."""
    stand.beat()
    assert "GUARD" not in line_text(stand.health.status())
    stand.beat(unguarded=True)
    word = stand.health.status()[-1]
    assert (word.text, word.tone) == ("FLASH GUARD IS OFF", Tone.GRAVE)
    assert stand.words("look").endswith("FLASH GUARD IS OFF")


def test_refused_packets_and_a_film_with_holes_are_told(stand: Stand) -> None:
    """Only when there are any."""
    stand.beat()
    assert "refused" not in line_text(stand.health.status())
    stand.beat(refused=3, gestures=5, film_dropped=2)
    assert "3 refused" in line_text(stand.health.status())
    assert stand.words("hands") == "5 gestures  3 packets refused"
    assert stand.words("picture").endswith("the film lacks 2")


def test_the_last_gesture_is_told_by_hand_name_and_value(stand: Stand) -> None:
    """And how long ago it was."""
    stand.gesture("learning.heat", 0.75, who="osc 127.0.0.1:5511")
    stand.health.listen()
    stand.clock.advance(4.0)
    assert stand.words("last") == "osc 127.0.0.1:5511  heat 1.5  0:04 ago"


def test_one_turn_of_a_fader_is_one_act_and_a_trigger_every_time(stand: Stand) -> None:
    """What took effect later (with its step) is the same act and not told twice."""
    for position in (0.1, 0.2, 0.3):
        stand.gesture("learning.heat", position)
    stand.gesture("learning.heat", 0.3, step=12)
    stand.gesture("learning.quake", 1.0)
    stand.gesture("learning.quake", 1.0)
    stand.gesture("learning.heat", 0.5)
    stand.health.listen()
    told = [(act.control, act.value) for act in stand.health.gestures]
    assert told == [("heat", "0.6"), ("quake", "1"), ("quake", "1"), ("heat", "1")]


def test_gestures_of_unknown_controls_are_passed_over(stand: Stand) -> None:
    """A frame from a show with more controls stops nothing."""
    stand.ports["gestures"].send(GestureFrame(control=500, position=0.5, step=-1))
    stand.health.listen()
    assert not stand.health.gestures


def test_new_notices_are_returned_once_and_the_last_are_kept(stand: Stand) -> None:
    """Grave ones in the accent."""
    stand.ports["notices"].send(notice_frame(Notice("sound", "the device is gone", True), 1000.0))
    assert stand.health.listen() == [Notice("sound", "the device is gone", True)]
    assert stand.health.listen() == []
    words = dict(stand.health.rows())["sound"]
    assert (words[0].text, words[0].tone) == ("the device is gone", Tone.GRAVE)


def test_every_step_is_handed_on_when_somebody_wants_them_all(stand: Stand) -> None:
    """In order, none left out."""
    seen: list[int] = []
    health = Health(
        stand.bus, STREAMS, BANK.specs, stand.clock, each_step=lambda frame: seen.append(frame.step)
    )
    for step in range(20):
        stand.step(step, 1.0, 0.0)
    health.listen()
    assert seen == list(range(20)) and health.step == 19
    health.close()


def test_the_terminal_prints_every_sentence_and_the_line_only_on_a_terminal(stand: Stand) -> None:
    """A pipe gets no control characters; the words are those of the health."""
    screen, pipe = io.StringIO(), io.StringIO()
    for file, is_terminal in ((screen, True), (pipe, False)):
        terminal = Terminal(
            Health(stand.bus, STREAMS, BANK.specs, stand.clock),
            Console(file=file, force_terminal=is_terminal, width=120, highlight=False),
        )
        stand.step(3, 44.0, 1.0)
        stand.ports["notices"].send(notice_frame(Notice("show", f"hello {is_terminal}"), 1000.0))
        terminal.start()
        terminal.stop()
        assert line_text(terminal.status).startswith("0:00  step      3")
        terminal.health.close()
    assert "hello True" in screen.getvalue() and "\x1b" in screen.getvalue()
    assert "show: hello False\n" in pipe.getvalue() and "\x1b" not in pipe.getvalue()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminals")
def test_a_terminal_that_is_closed_takes_nothing_from_the_other_screens(stand: Stand) -> None:
    """A show that outlives its terminal (nohup): nobody reads there, overlay and view are kept up."""
    other_end, ours = os.openpty()
    terminal = Terminal(
        Health(stand.bus, STREAMS, BANK.specs, stand.clock),
        Console(file=os.fdopen(ours, "w"), force_terminal=True, width=120, highlight=False),
    )
    terminal.start()
    os.close(other_end)
    for step in (3, 4):
        stand.step(step, 44.0, 1.0)
        stand.ports["notices"].send(notice_frame(Notice("show", "to nobody"), 1000.0))
        deadline_s = time.monotonic() + 60
        while f"step      {step}" not in line_text(terminal.status):
            assert time.monotonic() < deadline_s, "it is told nothing any more"
            time.sleep(0.02)
    terminal.stop()
    terminal.health.close()


def test_the_place_in_a_run_is_told_in_the_line_of_status(stand: Stand) -> None:
    """Without a picture there is no other place where a performer reads it. A training has none."""
    said = DeckFrame(
        time_s=stand.clock(), run=b"tonight", position_s=93.0, length_s=180.0, speed=0.0, punched=2
    )
    with closing(stand.bus.publisher(DECK)) as deck:
        deck.send(said)
        stand.health.listen()
        assert line_text(stand.health.status()).startswith(
            "0:00  run  1:33 of 3:00  holds  2 by hand"
        )
        assert "run" not in line_text(stand.health.status(deck=False))
        deck.send(DeckFrame(time_s=stand.clock()))
        stand.health.listen()
        assert "run" not in line_text(stand.health.status())


def test_the_next_cue_is_told_with_what_it_waits_for_and_its_note(stand: Stand) -> None:
    """In the table whole, in the one line of status short."""
    stand.ports["standing"].send(
        StandingFrame(
            time_s=stand.clock(), morph=0.25, morph_left_s=14.2, scene=b"cathedral", scene_number=2,
            cue=3, cue_s=10.0, cue_name=b"by chance", next_cue=4, cue_count=22, next_name=b"ten",
            next_note=b"the organ comes to rest", waits=b"until modes >= 9 and divergence < 0.6 for 3 s",
        )
    )  # fmt: skip
    stand.clock.advance(5.0)
    assert stand.words("scene") == "2 cathedral  25%, 0:15 left"
    assert stand.words("cue") == "3/22  by chance  0:15 ago"
    assert stand.words("next") == (
        "4/22  ten  until modes >= 9 and divergence < 0.6 for 3 s  the organ comes to rest"
    )
    assert line_text(stand.health.status()).endswith("next ten  until modes >= 9 and diverge..")


def test_the_deadline_of_a_long_condition_is_told_in_the_line_of_status(stand: Stand) -> None:
    """It comes first; the condition is cut."""
    waits = b"until modes >= 9 and divergence < 0.6 for 3 s, or in 0:38"
    frame = StandingFrame(time_s=stand.clock(), morph=1.0, next_cue=4, cue_count=22, waits=waits)
    stand.ports["standing"].send(frame)
    stand.health.listen()
    assert line_text(stand.health.status()).endswith("in 0:38 or until modes >= 9..")


def test_what_waits_for_the_beat_is_told_with_and_without_cues(stand: Stand) -> None:
    """Else a performer asks again for what comes with the bar anyway."""
    for count, words in ((1, "1 act waits for the beat"), (2, "2 acts wait for the beat")):
        frame = StandingFrame(time_s=stand.clock(), morph=1.0, pending=count, bpm=96.0)
        stand.ports["standing"].send(frame)
        stand.health.listen()
        assert line_text(stand.health.status()).endswith(words)


def test_after_the_last_cue_there_is_no_next_and_without_cues_no_word_of_them(stand: Stand) -> None:
    """The end is told; a show without a list says nothing of cues."""
    over = StandingFrame(
        time_s=stand.clock(), morph=1.0, cue=2, cue_count=2, waits=b"the piece is over"
    )
    stand.ports["standing"].send(over)
    assert stand.words("next") == "the piece is over"
    stand.ports["standing"].send(StandingFrame(time_s=stand.clock(), morph=1.0, scene=b"weights"))
    stand.health.listen()
    rows = dict(stand.health.rows())
    assert line_text(rows["scene"]) == "weights" and not {"cue", "next"} & set(rows)
    assert "next" not in line_text(stand.health.status())


def test_names_are_said_without_room_dots_and_underscores() -> None:
    """One rule for all."""
    assert control_words("sound.organ.level") == "organ level"
    assert control_words("picture.tile_wall.levels") == "tile wall levels"
    assert control_words("learning.heat") == "heat"
    assert cut("similarity centred", 12) == "similarity.." and cut("edge", 12) == "edge"


def test_faders_that_wait_are_told_with_the_way_they_have_to_go(stand: Stand) -> None:
    """Three, and how many more; nothing once none waits."""
    assert stand.told("waits", "") == []
    stand.hands(("learning.heat", 0.2, 0.6), ("show.calm", 1.0, 0.25))
    assert stand.told("waits", "") == [
        "heat  fader at 20%, stands at 60%  ^",
        "calm  fader at 100%, stands at 25%  v",
    ]
    stand.hands(*[("learning.heat", 0.2, 0.6)] * 20)
    assert len(stand.told("waits", "")) == 4 and stand.told("")[-1] == "and 17 more"
    stand.hands()
    assert stand.told("waits", "") == []


def test_what_is_learned_is_told_as_long_as_it_lasts(stand: Stand) -> None:
    """In place of what waits, as nothing moves meanwhile."""
    stand.hands(
        ("show.calm", 1.0, 0.25), learned="learning.heat", words="move a fader for learning.heat"
    )
    assert stand.told("learn", "waits") == ["move a fader for learning.heat"]
    stand.hands(("show.calm", 1.0, 0.25))
    assert stand.told("learn", "waits") == ["calm  fader at 100%, stands at 25%  v"]


def test_a_learn_is_told_with_the_control_and_without_a_number(stand: Stand) -> None:
    """Its strength says nothing; which control it is, the MIDI hand says a moment later."""
    stand.gesture("midi.learn", 1.0, who="osc")
    assert stand.words("last") == "osc  learn  0:00 ago"
    stand.hands(learned="learning.heat", words="move a fader for learning.heat")
    assert stand.words("last") == "osc  learn heat  0:00 ago"
    stand.hands(learned="show.calm", words="move a fader for show.calm")
    assert stand.words("last") == "osc  learn heat  0:00 ago", "the next of the walk is no act"


def test_a_frame_of_hands_from_a_show_with_more_controls_is_passed_over(stand: Stand) -> None:
    """What cannot be named is not told."""
    frame = HandsFrame(waiting=400, learned=400)
    frame.controls[:] = [400] * 16
    stand.ports["hands"].send(frame)
    stand.gesture("midi.learn", 1.0)
    assert stand.told("waits", "learn", "") == []
    assert stand.words("last") == "key  learn  0:00 ago"


def test_the_beat_is_a_row_where_acts_wait_for_it_or_it_is_anothers(stand: Stand) -> None:
    """Bar and beat go on between two frames; what waits is told with the time it still has."""
    frame = StandingFrame(time_s=stand.clock(), morph=1.0, beat=46.0, bpm=120.0)
    stand.ports["standing"].send(frame)
    stand.controls(bpm=90.0)
    assert stand.told("beat") == []
    stand.controls(clock=1.0)
    assert stand.told("beat") == ["12.3  120 bpm  midi"]
    stand.clock.advance(0.5)
    assert stand.told("beat") == ["12.4  120 bpm  midi"]
    stand.controls(quantise=2.0, beats_per_bar=3.0)
    assert stand.told("beat") == ["16.3  120 bpm  internal  acts wait for: bar"]
    frame.pending = 1
    stand.ports["standing"].send(frame)
    assert stand.told("beat") == ["16.3  120 bpm  internal  1 act waits, 0.5 s"]
