"""Frames of the future wait, in order, and what is asked for at once is not held up by them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.signals.due import Due, due_block
from instrument.signals.frames import CONTROLS, METRICS, TILES, ControlFrame, MetricFrame, TileFrame
from instrument.signals.local_bus import LocalBus
from instrument.signals.positions_due import PositionsDue

FAR = 375.0


class Steps:
    """Somebody who says steps, and a listener that lets them wait."""

    def __init__(self) -> None:
        bus = LocalBus()
        self.says = bus.publisher(METRICS)
        self.due = Due(bus.listener(METRICS), MetricFrame, due_block, FAR)
        self.heard = MetricFrame()

    def say(self, *steps: tuple[int, int]) -> None:
        for step, due in steps:
            self.says.send(MetricFrame(step=step, due=due))

    def latest(self, block: int) -> int | None:
        found = self.due.latest(block, self.heard)
        return None if found is None else int(found.step)


def test_a_frame_waits_for_its_block() -> None:
    """Due at 10: not at 9, at 10, and not again."""
    steps = Steps()
    steps.say((1, 10))
    assert [steps.latest(block) for block in (8, 9, 10, 11)] == [None, None, 1, None]


def test_several_wait_and_each_comes_at_its_block() -> None:
    """More than the bus would keep for a slow listener; of two for one block the newest is heard."""
    steps = Steps()
    steps.say(*((number, 100 + number) for number in range(300)))
    steps.say((300, 399))
    heard = [steps.latest(100 + block) for block in range(300)]
    assert heard == [*range(299), 300]


def test_every_frame_can_be_taken_in_its_order() -> None:
    """Who wants all of them gets all of them."""
    steps = Steps()
    steps.say((1, 0), (2, 5), (3, 5), (4, 7))
    taken = []
    for block in (0, 5, 7):
        while steps.due.take(block, steps.heard) is not None:
            taken.append((block, int(steps.heard.step)))
    assert taken == [(0, 1), (5, 2), (5, 3), (7, 4)]


def test_what_is_dated_by_another_sound_process_counts_at_once() -> None:
    """Its blocks were far ahead of those of the one that came after it."""
    steps = Steps()
    steps.say((1, 90_000))
    assert steps.latest(5) == 1
    steps.say((2, 5 + int(FAR)))
    assert steps.latest(5) is None


def test_a_jump_is_heard_at_once_and_what_was_to_come_is_not() -> None:
    """A frame that counts now takes the place of those that wait: that way is not gone on."""
    steps = Steps()
    steps.say((1, 10), (2, 12), (90, 0))
    assert steps.latest(8) == 90
    assert [steps.latest(block) for block in range(9, 20)] == [None] * 11


def test_a_frame_that_comes_late_is_heard_and_counted() -> None:
    """Due at 10 and said at 15."""
    steps = Steps()
    steps.say((1, 10))
    assert steps.latest(15) == 1
    assert steps.due.late == 1
    steps.say((2, 15), (3, 0))
    assert steps.latest(15) == 3
    assert steps.due.late == 1


def test_only_the_used_part_of_a_frame_is_kept() -> None:
    """A wall of 28 x 28 is copied whole, wait or no wait."""
    bus = LocalBus()
    port, due = bus.publisher(TILES), Due(bus.listener(TILES), TileFrame, due_block, FAR)
    wall = TileFrame(due=3, count=64, height=28, width=28, channels=1)
    pixels = np.random.default_rng(1).integers(0, 256, 64 * 784, np.uint8)
    np.frombuffer(wall.tiles, np.uint8)[: len(pixels)] = pixels
    port.send(wall)
    heard = TileFrame()
    assert due.take(2, heard) is None
    assert due.take(3, heard) is heard
    assert np.array_equal(np.frombuffer(heard.tiles, np.uint8)[: len(pixels)], pixels)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)), max_size=40))
def test_whenever_they_come_none_is_heard_before_its_block(said: list[tuple[int, int]]) -> None:
    """And each once at the most, in the order in which they came."""
    steps, heard = Steps(), []
    for block in range(60):
        steps.say(*((n, due) for n, (at, due) in enumerate(said) if at == block))
        while steps.due.take(block, steps.heard) is not None:
            heard.append(int(steps.heard.step))
            assert block >= said[heard[-1]][1]
    assert len(set(heard)) == len(heard)
    by_time = sorted(range(len(said)), key=lambda n: (said[n][0], n))
    assert [by_time.index(n) for n in heard] == sorted(by_time.index(n) for n in heard)


# -- controls -------------------------------------------------------------------------------------


class Hands:
    """A conductor of two controls, and a listener."""

    def __init__(self) -> None:
        bus = LocalBus()
        self.port = bus.publisher(CONTROLS)
        self.stands = [0.0, 0.0]
        self.due = PositionsDue(
            bus.listener(CONTROLS), np.zeros(2, np.float32), due_block, FAR
        )  # fmt: skip

    def move(self, number: int, position: float, due: int = 0) -> None:
        self.stands[number] = position
        self.say(due)

    def say(self, due: int = 0) -> None:
        frame = ControlFrame(count=2, due=due)
        frame.positions[:2] = self.stands
        self.port.send(frame)

    def at(self, block: int) -> list[float]:
        self.due.listen(block)
        return [round(float(at), 3) for at in self.due.positions]


def test_a_recorded_move_waits_and_the_heartbeat_does_not_bring_it_forward() -> None:
    """The frame of the heartbeat says where it will stand, too."""
    hands = Hands()
    hands.move(0, 0.5, due=10)
    hands.say()
    assert hands.at(9) == [0.0, 0.0]
    assert hands.at(10) == [0.5, 0.0]


def test_a_live_hand_is_heard_at_once_beside_recorded_moves() -> None:
    """Its control moves now, the recorded one at its block, whichever was said first."""
    hands = Hands()
    hands.move(0, 0.5, due=10)
    hands.move(1, 0.25)
    hands.move(0, 0.75, due=12)
    assert hands.at(5) == [0.0, 0.25]
    assert hands.at(10) == [0.5, 0.25]
    assert hands.at(12) == [0.75, 0.25]


def test_a_live_hand_takes_a_control_from_recorded_moves_that_wait() -> None:
    """What was recorded for it before the hand came does not take it back."""
    hands = Hands()
    hands.move(0, 0.5, due=10)
    hands.move(0, 0.6, due=11)
    hands.move(0, 0.1)
    assert hands.at(5) == [0.1, 0.0]
    assert hands.at(20) == [0.1, 0.0]


def test_a_jump_back_takes_the_place_of_what_waits() -> None:
    """Of the control that it moves; a date before one that waits wins."""
    hands = Hands()
    hands.move(0, 0.5, due=20)
    hands.move(1, 0.5, due=20)
    hands.move(0, 0.3, due=15)
    assert hands.at(15) == [0.3, 0.0]
    assert hands.at(20) == [0.3, 0.5]


def test_a_frame_that_was_lost_is_made_good_by_the_next() -> None:
    """Two moves in one frame, and no number is not followed."""
    hands = Hands()
    hands.stands = [0.5, 0.75]
    hands.say(due=8)
    assert hands.at(8) == [0.5, 0.75]
    hands.move(0, float("nan"))
    assert hands.at(9) == [0.5, 0.75]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([0.25, 0.5, 1.0]), st.integers(0, 12)),
        max_size=12,
    )
)
def test_in_the_end_everything_stands_where_it_was_said_to(moves: list) -> None:
    """Whoever moved it last, at whatever date; and a date never takes the control back afterwards."""
    hands, due = Hands(), 0
    for number, position, later in moves:
        due = due + later if later else 0
        hands.move(number, position, due)
        hands.say()
    assert hands.at(200) == pytest.approx(hands.stands)
