"""Where the sound is, in blocks: between what it says, and over a restart of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.signals.frames import SOUND, SoundFrame
from instrument.signals.local_bus import LocalBus
from instrument.signals.sound_place import GONE_S, LONGEST_GUESS_S, ExactPlace, SoundPlace

PERIOD_S = 0.005


class Sound:
    """A sound process as its frames tell of it."""

    def __init__(self) -> None:
        bus = LocalBus()
        self.place = SoundPlace(bus)
        self._port = bus.publisher(SOUND)

    def says(self, blocks: int, at_s: float, part: int = 0, period_s: float = PERIOD_S) -> None:
        self._port.send(SoundFrame(blocks=blocks, time_s=at_s, part=part, period_s=period_s))


def test_between_two_frames_it_goes_on() -> None:
    """Block 100 at 1.0 s: half a period later half a block more; not before it spoke."""
    sound = Sound()
    assert sound.place.block(0.5) is None and sound.place.part == -1
    sound.says(100, 1.0)
    assert sound.place.block(1.0) == 100.0
    assert sound.place.block(1.0025) == pytest.approx(100.5)
    assert (sound.place.part, sound.place.period_s) == (0, PERIOD_S)


def test_a_sound_that_stalls_is_not_run_away_from() -> None:
    """A tenth of a second beyond its last word at the most, and it never goes back."""
    sound = Sound()
    sound.says(100, 1.0)
    furthest = 100 + LONGEST_GUESS_S / PERIOD_S
    assert sound.place.block(1.9) == pytest.approx(furthest)
    sound.says(104, 1.95)
    assert sound.place.block(1.95) == pytest.approx(furthest)
    sound.says(130, 2.0)
    assert sound.place.block(2.0) == 130.0


def test_another_part_counts_from_its_own_beginning() -> None:
    """And the old one, which fades out, is not heard any more."""
    sound = Sound()
    sound.says(9000, 1.0)
    sound.says(3, 1.1, part=1)
    sound.says(9010, 1.1)
    assert sound.place.block(1.1) == 3.0 and sound.place.part == 1


def test_where_there_is_no_sound_there_is_no_place() -> None:
    """After a second without a word; a frame that says nothing of its blocks is not followed."""
    sound = Sound()
    sound.says(5, 1.0)
    assert sound.place.block(1.0 + GONE_S + 0.01) is None
    sound.says(9, 3.0, period_s=0.0)
    assert sound.place.block(3.0) is None
    sound.says(9, 3.0, period_s=float("nan"))
    assert sound.place.block(3.0) is None
    sound.says(300, 3.0)
    assert sound.place.block(3.0) == 300.0


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 0.4), st.integers(0, 60), st.integers(0, 2), st.booleans()),
        max_size=30,
    )
)
def test_it_never_goes_back_within_a_part(told: list[tuple[float, int, int, bool]]) -> None:
    """Whatever is said, whenever it is asked; another part is a higher one."""
    sound, now_s, blocks, heard = Sound(), 0.0, 0, (-1, 0.0)
    for later_s, more, part, speaks in told:
        now_s, blocks = now_s + later_s, blocks + more
        if speaks:
            sound.says(blocks, now_s - later_s / 2, part)
        block = sound.place.block(now_s)
        if block is not None:
            assert (sound.place.part, block) >= heard
            heard = (sound.place.part, block)


def test_a_rendering_knows_exactly() -> None:
    """Whatever the time is."""
    place = ExactPlace(256 / 48_000)
    place.at = 188
    assert place.block(float("nan")) == 188.0 and place.period_s == 256 / 48_000
