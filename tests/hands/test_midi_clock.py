"""MIDI clock, in and out: a clock that shakes is followed, ours is sent as the specification has it."""

import itertools
import math
import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_programs import until
from stand import Stand

from instrument.clock import wall_clock
from instrument.conductor import Conductor
from instrument.hands.midi.clock_in import (
    CONTINUE,
    SONG_POSITION,
    START,
    STOP,
    TICK,
    ClockIn,
)
from instrument.hands.midi.clock_out import ClockOut, Message, Ticks
from instrument.signals.beat import BeatHeard
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, STANDING, ControlFrame, StandingFrame
from instrument.signals.gesture import Gesture

TICKS = 24


def shaken(
    bpm: float,
    beats: int,
    jitter_s: float,
    without: tuple[int, ...] = (),
    late: tuple[int, ...] = (),
) -> list[float]:
    """Arrival times of ticks; those of `without` are lost, those of `late` come 1.3 ticks too late."""
    chance = random.Random(3)
    period_s = 60.0 / bpm / TICKS
    arrivals = []
    for number in range(beats * TICKS):
        time_s = 100.0 + number * period_s + chance.uniform(-jitter_s, jitter_s)
        if number not in without:
            arrivals.append(time_s + (1.3 * period_s if number in late else 0.0))
    return sorted(arrivals)


def followed(arrivals: list[float], started: bool = True) -> list[BeatHeard]:
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    if started:
        clock.take(START, arrivals[0] - 0.01)
    for time_s in arrivals:
        clock.take(TICK, time_s)
    return heard


def off_ms(heard: BeatHeard, bpm: float) -> float:
    """How far a beat that was heard is from the true one, in milliseconds."""
    true = (heard.time_s - 100.0) * bpm / 60.0
    return abs(heard.beat - true) * 60.0 / bpm * 1000.0


@pytest.mark.parametrize("bpm", [30.0, 87.5, 120.0, 174.0, 300.0])
def test_a_steady_clock_is_heard_as_it_is(bpm: float) -> None:
    """Without jitter tempo and beat are exact; something is said about ten times a second."""
    heard = followed(shaken(bpm, 16, 0.0))
    seconds = 16 * 60.0 / bpm
    assert 5.5 * seconds < len(heard) <= 10.0 * seconds + 1
    for each in heard:
        assert each.bpm == pytest.approx(bpm)
        assert off_ms(each, bpm) < 0.01
        assert (each.source, each.running) == ("midi", True)


@pytest.mark.parametrize("bpm", [30.0, 60.0, 120.0, 174.0, 300.0])
def test_three_milliseconds_of_jitter_are_smoothed(bpm: float) -> None:
    """+/- 3 ms: the beat is right to 2.5 ms after two beats, the tempo nearly always to 1 %."""
    settled = [h for h in followed(shaken(bpm, 48, 0.003)) if h.beat > 3.0]
    assert max(off_ms(each, bpm) for each in settled) < 2.5
    tempo_errors = sorted(abs(each.bpm / bpm - 1.0) for each in settled)
    assert tempo_errors[int(len(tempo_errors) * 0.95)] < 0.01


@pytest.mark.parametrize("bpm", [60.0, 120.0])
def test_lost_and_late_ticks_do_not_shift_the_beat(bpm: float) -> None:
    """A lost tick, and one that comes after its successor was due, leave the beat where it is."""
    arrivals = shaken(bpm, 32, 0.002, without=(4, 101, 240, 444), late=(60, 150, 333, 500))
    settled = [h for h in followed(arrivals) if h.beat > 3.0]
    assert max(off_ms(each, bpm) for each in settled) < 2.5


@pytest.mark.parametrize("after", [60.0, 114.0, 130.0, 150.0, 240.0])
def test_another_tempo_is_followed_within_two_beats(after: float) -> None:
    """The master is set to another tempo: no beat is lost, and two beats later all is right again."""
    first = [100.0 + n * 0.5 / TICKS for n in range(8 * TICKS)]
    second = [104.0 + n * 60.0 / after / TICKS for n in range(8 * TICKS)]
    for heard in followed(first + second):
        if heard.time_s > 104.0 + 2 * 60.0 / after:
            assert heard.bpm == pytest.approx(after, rel=0.001)
            true = 8.0 + (heard.time_s - 104.0) * after / 60.0
            assert heard.beat == pytest.approx(true, abs=0.005)


def test_start_is_beat_nought_at_the_next_tick() -> None:
    """Ticks run before the start; the tick after it is beat 0."""
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    for n in range(100):
        clock.take(TICK, n * 0.02)
    heard.clear()
    clock.take(START, 1.99)
    clock.take(TICK, 2.0)
    assert heard[0].beat == pytest.approx(0.0, abs=1e-6)
    assert heard[0].time_s == 2.0


def test_stop_stands_and_continue_goes_on_from_there() -> None:
    """What stands is where the song will go on, though the other side goes on ticking."""
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    clock.take(START, 0.0)
    for n in range(48):
        clock.take(TICK, n * 0.02)
    clock.take(STOP, 0.95)
    assert not heard[-1].running
    assert heard[-1].beat == 2.0
    for n in range(48, 98):
        clock.take(TICK, n * 0.02)
    assert not heard[-1].running
    assert heard[-1].beat == 2.0
    clock.take(CONTINUE, 1.95)
    clock.take(TICK, 1.96)
    assert heard[-1].running
    assert heard[-1].beat == pytest.approx(2.0)


def test_a_song_position_is_where_it_goes_on() -> None:
    """Song position counts sixteenths: 300 of them are beat 75."""
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    for n in range(48):
        clock.take(TICK, n * 0.02)
    clock.take(STOP, 0.95)
    clock.take(SONG_POSITION, 0.955, (300 & 0x7F, 300 >> 7))
    clock.take(CONTINUE, 0.957)
    for n in range(48, 50):
        clock.take(TICK, n * 0.02)
    assert heard[-1].beat == pytest.approx(75.0)


def test_a_tempo_out_of_range_is_not_said() -> None:
    """What ticks far faster than 300 bpm is no clock to follow."""
    assert followed([n * 0.0005 for n in range(500)]) == []


@given(
    st.lists(
        st.tuples(
            st.integers(0, 255),
            st.floats(allow_nan=True, allow_infinity=True),
            st.lists(st.integers(0, 255), max_size=3),
        ),
        max_size=60,
    )
)
def test_whatever_comes_nothing_raises(messages: list[tuple[int, float, list[int]]]) -> None:
    """Any bytes at any times, backwards too."""
    clock = ClockIn(lambda heard: None)
    for status, time_s, data in messages:
        clock.take(status, time_s, data)


@given(st.lists(st.floats(0.0, 0.3), min_size=1, max_size=300))
def test_ticks_at_any_times_give_finite_beats(gaps_s: list[float]) -> None:
    """However unsteady the ticks, what is said is a number, in the range."""
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    time_s = 0.0
    for gap_s in gaps_s:
        time_s += gap_s
        clock.take(TICK, time_s)
    for each in heard:
        assert 29.0 <= each.bpm <= 310.0
        assert 0.0 <= each.beat <= len(gaps_s) * 12


def sent_by(ticks: Ticks, from_s: float, to_s: float, bar: int = 4) -> list[tuple[float, Message]]:
    """What goes out if one looks at every due moment."""
    sent: list[tuple[float, Message]] = []
    now_s = from_s
    while (now_s := max(now_s, ticks.next_s(now_s))) <= to_s:
        sent += [(now_s, message) for message in ticks.due(now_s, bar)]
    return sent


def test_the_others_begin_on_a_bar_of_ours() -> None:
    """Ticks at once; song position 0 and start between the last tick of a bar and the first of the next."""
    ticks = Ticks()
    ticks.hear(1.5, 60.0, 10.0, 10.0)
    assert ticks.turn(True, 10.0) == []
    sent = sent_by(ticks, 10.0, 13.0)
    messages = [message for _, message in sent]
    start = messages.index([START])
    assert messages[start - 1] == [SONG_POSITION, 0, 0]
    assert messages[start + 1] == [TICK]
    assert sent[start + 1][0] == pytest.approx(12.5)
    assert messages.count([TICK]) == 3 * TICKS
    assert messages.count([START]) == 1


def test_off_stops_the_others_and_on_begins_again() -> None:
    """No tick goes out while it is off; nobody is stopped who was not started."""
    ticks = Ticks()
    ticks.hear(0.0, 60.0, 0.0, 0.0)
    ticks.turn(True, 0.0)
    assert ticks.turn(False, 0.5) == []
    ticks.turn(True, 1.0)
    sent_by(ticks, 1.0, 5.0)
    assert ticks.turn(False, 5.0) == [[STOP]]
    assert sent_by(ticks, 5.0, 9.0) == []


def test_a_jump_of_our_beat_begins_the_others_again() -> None:
    """Another clock counts now: stop, and start with its next bar."""
    ticks = Ticks()
    ticks.hear(3.0, 60.0, 0.0, 0.0)
    ticks.turn(True, 0.0)
    sent_by(ticks, 0.0, 3.0)
    assert ticks.hear(101.0, 120.0, 3.0, 3.0) == [[STOP]]
    sent = sent_by(ticks, 3.0, 5.0)
    start = [message for _, message in sent].index([START])
    assert sent[start + 1][0] == pytest.approx(4.5)


def test_a_long_stall_is_not_made_up_for_by_a_flood() -> None:
    """A few late ticks are sent at once; after more the others begin again."""
    ticks = Ticks()
    ticks.hear(0.0, 60.0, 0.0, 0.0)
    ticks.turn(True, 0.0)
    sent_by(ticks, 0.0, 5.0)
    assert list(ticks.due(5.0 + 5 / TICKS, 4)) == [[TICK]] * 5
    assert list(ticks.due(8.0, 4)) == [[STOP]]


@given(st.floats(30.0, 300.0), st.floats(0.0, 50.0), st.floats(0.0, 0.003), st.integers(1, 16))
def test_what_we_send_is_heard_as_what_it_is(
    bpm: float, beat: float, late_s: float, bar: int
) -> None:
    """Our clock out into our clock in: the same tempo, and beats counted from one of our bars."""
    ticks = Ticks()
    ticks.hear(beat, bpm, 10.0, 10.0)
    ticks.turn(True, 10.0)
    heard: list[BeatHeard] = []
    clock = ClockIn(heard.append)
    for time_s, message in sent_by(ticks, 10.0, 10.0 + 20 * 60.0 / bpm, bar):
        clock.take(message[0], time_s + late_s, message[1:])
    last = heard[-1]
    assert last.bpm == pytest.approx(bpm, rel=0.001)
    bars = (beat + (last.time_s - late_s - 10.0) * bpm / 60.0 - last.beat) / bar
    assert bars == pytest.approx(round(bars), abs=0.01)


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


def test_the_switch_on_the_bus_starts_and_stops_the_clock(stand: Stand, bus: Bus) -> None:
    """The thread follows `show.clock_out` and the beat of the conductor; a port that fails is counted."""
    bank = stand.bank
    sent: list[Message] = []

    def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            raise OSError("the cable is out")

    out = ClockOut(bank, bus, send, wall_clock)
    standing, controls = bus.publisher(STANDING), bus.publisher(CONTROLS)
    frame = ControlFrame(count=len(bank), time_s=wall_clock())
    frame.positions[: len(bank)] = bank.defaults.tolist()

    def turn(on: bool) -> None:
        frame.positions[bank.number["show.clock_out"]] = float(on)
        controls.meet()
        controls.send(frame)

    out.start()
    turn(False)
    standing.meet()
    standing.send(StandingFrame(time_s=wall_clock(), beat=3.0, bpm=240.0))
    turn(True)
    until(lambda: [START] in sent and sent[-1] == [TICK], "a start and ticks")
    assert out.failed == 1
    turn(False)
    until(lambda: sent[-1] == [STOP], "a stop")
    out.stop()
    assert sent[-1] == [STOP]
    assert sent.count([STOP]) == 1


def test_the_end_of_a_show_stops_the_others(stand: Stand, bus: Bus) -> None:
    """A machine that plays along does not play on after the curtain."""
    bank = stand.bank
    sent: list[Message] = []
    out = ClockOut(bank, bus, sent.append, wall_clock)
    standing, controls = bus.publisher(STANDING), bus.publisher(CONTROLS)
    frame = ControlFrame(count=len(bank), time_s=wall_clock())
    frame.positions[: len(bank)] = bank.defaults.tolist()
    frame.positions[bank.number["show.clock_out"]] = 1.0
    standing.send(StandingFrame(time_s=wall_clock(), beat=3.5, bpm=240.0))
    controls.send(frame)
    out.start()
    until(lambda: [START] in sent, "a start")
    out.stop()
    assert sent[-1] == [STOP]


def test_the_beat_of_another_machine_goes_out_again(stand: Stand, bus: Bus) -> None:
    """MIDI clock in, the conductor, MIDI clock out: the tempo that comes in is the one that goes out."""
    bank = stand.bank
    sent: list[tuple[float, Message]] = []
    conductor = Conductor(bank, bank.defaults, bus, wall_clock)
    out = ClockOut(bank, bus, lambda message: sent.append((wall_clock(), message)), wall_clock)
    clock = ClockIn(conductor.hear_beat)
    conductor.start()
    out.start()
    for path, position in (("show.clock", 0.5), ("show.clock_out", 1.0)):
        conductor.post(Gesture(path, position, "test", wall_clock()))
    ticks = itertools.count(1)
    began_s = wall_clock() + 0.1

    def beat_in() -> None:
        for number in itertools.islice(ticks, TICKS):
            due_s = began_s + number * 60.0 / 240.0 / TICKS
            time.sleep(max(0.0, due_s - wall_clock()))
            clock.take(TICK, due_s)

    def tempo_out() -> float:
        last = [time_s for time_s, message in sent if message == [TICK]][-2 * TICKS :]
        took_s = last[-1] - last[0] if len(last) == 2 * TICKS else math.inf
        return 60.0 / took_s * (len(last) - 1) / TICKS

    def tempo_goes_on() -> bool:
        beat_in()
        return tempo_out() == pytest.approx(240.0, rel=0.15)

    until(tempo_goes_on, "the tempo that comes in")
    out.stop()
    conductor.stop()
