"""Pictures of a recorded run, frame by frame: the same twice, at the right times, as they were on stage."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from instrument.offline_picture import OfflinePicture, inner_size, pictures, recorded_sound
from instrument.runs.reel import Reel
from instrument.runs.tape import Tape, find_run
from instrument.signals.frames import SoundFrame
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

SMALL = {"size": (160, 90), "rate": 15.0}


@pytest.fixture(scope="module")
def run() -> Path:
    return find_run("noise_to_digits")


def digest(run: Path, seconds: float, **words: object) -> str:
    whole = hashlib.sha256()
    for _, rgb in pictures(run, seconds=seconds, **{**SMALL, **words}):
        whole.update(rgb.tobytes())
    return whole.hexdigest()


def test_a_run_gives_the_same_pixels_twice_and_others_with_another_look(run: Path) -> None:
    """Same run, preset and size: the same bytes; a chosen look is really shown."""
    first = digest(run, 5.0)
    assert digest(run, 5.0) == first
    assert digest(run, 5.0, look="barcode") != first


def test_pictures_come_at_exact_times_and_as_large_as_asked(run: Path) -> None:
    """One for each fifteenth of a second from 0 on, each pixel of the inner picture twice as large."""
    told = list(pictures(run, seconds=4.0, lines=60, size=(322, 120), rate=15.0))
    assert [now_s for now_s, _ in told] == [number / 15.0 for number in range(60)]
    last = told[-1][1]
    assert last.shape == (120, 322, 3) and last.dtype == np.uint8
    assert np.array_equal(last[0::2], last[1::2]) and np.array_equal(last[:, 0::2], last[:, 1::2])
    assert last.std() > 2.0


def test_a_run_is_drawn_to_its_end_and_fades_to_black(run: Path) -> None:
    """As long as the run and the fade; the last picture is black, and nothing was lost or refused."""
    length_s = [recorded.at_s for recorded in Tape(run).frames()]
    whole_s = length_s[-1] - length_s[0] + 0.7
    with OfflinePicture(run, "glitch_organ", (32, 18), rate=4.0) as offline:
        peaks = [max(shown.read()) for _, shown in offline.draw()]
    assert len(peaks) / 4.0 == pytest.approx(whole_s, abs=0.5)
    assert peaks[-1] <= 2 < max(peaks[-8:-4])
    assert offline.picture.lost == 0 and offline.picture.faults == 0
    assert offline.picture.data.steps_seen == sum(
        recorded.topic == "metrics" for recorded in Tape(run).frames()
    )


def test_the_inner_size_does_not_adapt_where_time_stands_still(run: Path) -> None:
    """However long a picture really takes, offline it is as fine as was asked."""
    with OfflinePicture(run, "glitch_organ", (640, 360), rate=1000.0) as offline:
        sizes = {shown.size for (_, shown), _ in zip(offline.draw(), range(300), strict=False)}
    assert sizes == {(640, 360)}


def test_the_picture_hears_the_sound_that_is_handed_in(run: Path) -> None:
    """A sound frame reaches the picture with the first picture that is not before it."""
    loud = SoundFrame(time_s=0.5, rms=0.25, peak=0.5)
    with OfflinePicture(run, "glitch_organ", (32, 18), rate=10.0, sound=[loud]) as offline:
        levels = []
        for now_s, _ in offline.draw():
            levels.append(offline.picture.data.sound_level)
            if now_s >= 0.6:
                break
    assert levels == [0.0] * 5 + [0.25] * 2
    assert Reel(run).length_s == pytest.approx(offline.seconds - 0.7)
    assert list(recorded_sound(run)) == []


def test_whole_pixels_only() -> None:
    """The enlargement is the whole number nearest to what was wished for."""
    assert inner_size((1920, 1080), 360) == ((640, 360), 3)
    assert inner_size((1280, 720), None) == ((1280, 720), 1)
    assert inner_size((320, 180), 360) == ((320, 180), 1)


def test_a_look_that_is_not_there_and_a_rate_that_cannot_be_are_mistakes(run: Path) -> None:
    """Each in one sentence with what is allowed."""
    with pytest.raises(Mistake, match="barcode"):
        next(pictures(run, look="barcod", **SMALL))
    with pytest.raises(Mistake, match=r"0\.1 to 1000"):
        next(pictures(run, rate=float("nan"), size=(32, 18)))
