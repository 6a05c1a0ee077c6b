"""The master: guard, high-pass, level and fades."""

import numpy as np
import pytest

from instrument.signals.show import PANIC_CUT, PANIC_FADE, PANIC_OFF
from instrument.sound.filters import BlockFilter, butterworth_high_pass
from instrument.sound.master import CUT_S, HIGH_PASS_HZ, START_S, Master

RATE, BLOCK = 48000, 256


def awake() -> Master:
    """A master whose soft start is over."""
    master = Master(RATE, BLOCK)
    master.fader.at = 1.0
    return master


def quiet(frames: int = BLOCK, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(3).uniform(-level, level, (frames, 2)).astype(np.float32)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_block_that_is_no_sound_becomes_silence_and_is_counted(poison: float) -> None:
    """No NaN and no infinity leaves, and the next block is heard again."""
    master = awake()
    block = quiet()
    block[17, 1] = poison
    outs = [master.process(b, 0.0) for b in (quiet(), block, *[quiet()] * 40)]
    assert master.nonfinite_blocks == 1
    assert all(np.isfinite(out).all() for out in outs)
    assert np.abs(outs[-1]).max() > 0.05


def test_the_high_pass_equals_the_filter_run_sample_by_sample() -> None:
    """The block form is the same filter: against scipy, over many blocks."""
    from scipy.signal import butter, sosfilt

    sound = np.random.default_rng(4).normal(0, 1, (BLOCK * 20, 2))
    ours = BlockFilter(butterworth_high_pass(HIGH_PASS_HZ, RATE), BLOCK)
    out = np.concatenate([ours.process(b) for b in np.split(sound, 20)])
    expected = sosfilt(butter(2, 20, "high", fs=RATE, output="sos"), sound, axis=0)
    assert np.allclose(out, expected, atol=1e-6)


def test_dc_is_taken_away_and_the_low_c_of_the_pedal_stays() -> None:
    """A constant dies within a second; 32 Hz loses less than 1 dB."""
    master = awake()
    for _ in range(188):
        out = master.process(np.full((BLOCK, 2), 0.5, np.float32), 0.0)
    assert np.abs(out).max() < 1e-4
    low = BlockFilter(butterworth_high_pass(HIGH_PASS_HZ, RATE), BLOCK)
    at = np.arange(BLOCK * 375) / RATE
    sine = np.sin(2 * np.pi * 32.7 * at)[:, None].repeat(2, axis=1)
    passed = np.concatenate([low.process(b) for b in np.split(sine, 375)])[RATE:]
    assert 20 * np.log10(passed.std() / sine.std()) > -1.0


def test_the_start_is_soft() -> None:
    """Silence at the first sample, everything after the start's time, never a jump between."""
    master = Master(RATE, BLOCK)
    blocks = int(START_S * RATE / BLOCK) + 2
    ramp = np.concatenate([master.fader.ramp(BLOCK) for _ in range(blocks - 3)])
    assert ramp[0] < 1e-6
    assert np.diff(ramp).max() < 2.1 / (START_S * RATE)
    for _ in range(4):
        master.fader.ramp(BLOCK)
    assert master.fader.at == 1.0


@pytest.mark.parametrize(
    ("panic", "fade_s", "lasts_s"), [(PANIC_FADE, 0.5, 0.5), (PANIC_CUT, 5.0, CUT_S)]
)
def test_panic_takes_its_time_to_the_sample_and_no_longer(
    panic: int, fade_s: float, lasts_s: float
) -> None:
    """A fade is over when it should be, a cut at once, and neither clicks."""
    fader = awake().fader
    fader.panic(panic, fade_s)
    ramp = np.concatenate([fader.ramp(BLOCK) for _ in range(int(lasts_s * RATE / BLOCK) + 2)])
    over = int(np.argmax(ramp == 0.0))
    assert abs(over + 1 - lasts_s * RATE) <= 2
    assert np.abs(np.diff(ramp)).max() <= 2.0 / (lasts_s * RATE)


def test_the_third_press_brings_the_sound_back() -> None:
    """Fade, cut, off: after that it is open again, over the time of the fade."""
    fader = awake().fader
    for panic in (PANIC_FADE, PANIC_CUT, PANIC_OFF):
        fader.panic(panic, 0.1)
        for _ in range(40):
            fader.ramp(BLOCK)
    assert fader.at == 1.0
    assert fader.ramp(BLOCK) is None


def test_the_end_cannot_be_taken_back() -> None:
    """Once the sound ends, panic off does not bring it back."""
    fader = awake().fader
    fader.end(0.05)
    fader.panic(PANIC_OFF, 0.1)
    for _ in range(40):
        fader.ramp(BLOCK)
    assert fader.silent


def test_level_at_the_bottom_is_off() -> None:
    """-60 dB is silence, not quiet."""
    master = awake()
    for _ in range(200):
        out = master.process(quiet(), -60.0)
    assert np.abs(out).max() < 1e-7


def test_what_begins_in_the_middle_of_a_show_does_not_come_from_another_level() -> None:
    """A standby was warmed up at full level, and the hands have turned it off since: not a sound."""
    master = awake()
    for _ in range(20):
        master.process(quiet(), 0.0)
    master.begin_in_the_middle()
    outs = [master.process(quiet(), -60.0) for _ in range(60)]
    assert np.abs(np.concatenate(outs[1:])).max() < 1e-6
