"""The weights: what the network sounds like, from weights and gradients of a recorded run."""

import numpy as np
import pytest
from solo import BLOCK, RATE, Solo, db, moments

from instrument.sound.inner import Inner
from instrument.sound.voices.waves import LOUDNESS, centred, read, scan, wave
from instrument.sound.voices.weights import FADE_S, Weights, WeightsControls, layer_of


def heard(
    seconds: float = 0.5, channels: int = 2, at: int = 20, **values: float | str
) -> np.ndarray:
    """The steady sound of one moment."""
    with Solo(Weights, WeightsControls, channels) as solo:
        solo.put(**values)
        solo.voice.hear(moments()[at])
        solo.play(0.5)
        return solo.play(seconds)


@pytest.mark.parametrize("what", ["weights", "gradients"])
@pytest.mark.parametrize("reading", ["values", "exponent", "mantissa"])
@pytest.mark.parametrize("raw", [0.0, 1.0])
def test_every_reading_is_equally_loud_and_has_no_dc(what: str, reading: str, raw: float) -> None:
    """Real weights of a recorded run in all twelve manners, about as loud.

    Gradients as they are lie between -25 and -20 dB, from moment to moment of the runs.
    """
    sound = heard(what=what, reading=reading, raw=raw, pitch=60.0)
    assert np.isfinite(sound).all()
    assert -25.5 < db(sound) < -12.0
    assert abs(sound.mean()) < 2e-3
    assert np.abs(sound).max() < 1.5


def test_a_raw_scan_is_the_weights_themselves() -> None:
    """Two turns a second: one turn is the slice, each number held for its share of it."""
    with Solo(Weights, WeightsControls) as solo:
        solo.put(raw=1.0, pitch=2.0, drive=0.0, spread=0.0, low_cut=20.0, high_cut=18000.0)
        solo.voice.hear(moments()[20])
        solo.play(0.5)
        turn = solo.play(0.6)[: RATE // 2, 0]
    slice_ = scan(moments()[20].weights.astype(float))
    expected = slice_[np.arange(RATE // 2) * len(slice_) // (RATE // 2)]
    # Where in its turn it is does not matter: the best of all shifts.
    spectra = np.fft.fft(turn) * np.conj(np.fft.fft(expected))
    alike = np.fft.ifft(spectra).real / np.sqrt((turn**2).sum() * (expected**2).sum())
    assert alike.max() > 0.9


def test_smooth_is_a_drone_at_the_pitch_and_raw_is_harsh() -> None:
    """At 100 turns a second all power lies on multiples of 100 Hz; raw has far more above 4 kHz."""
    smooth, raw = (
        np.abs(np.fft.rfft(heard(1.1, raw=raw, pitch=100.0, spread=0.0)[:RATE, 0])) ** 2
        for raw in (0.0, 1.0)
    )
    harmonics = sum(smooth[100 * n - 2 : 100 * n + 3].sum() for n in range(1, 100))
    assert harmonics > 0.98 * smooth.sum()
    assert raw[4000:].sum() / raw.sum() > 5 * smooth[4000:].sum() / smooth.sum()


def test_a_high_pitch_does_not_alias() -> None:
    """At 1,500 turns a second nothing lies between the harmonics of the smooth wave."""
    power = (
        np.abs(np.fft.rfft(heard(1.1, raw=0.0, pitch=1500.0, spread=0.0, drive=0.0)[:RATE, 0])) ** 2
    )
    near = np.zeros(len(power), bool)
    for n in range(1, 16):
        near[1500 * n - 3 : 1500 * n + 4] = True
    assert power[~near].sum() < 1e-4 * power.sum()


def test_snow_in_the_mantissa_and_a_drone_in_the_exponent() -> None:
    """From one recorded moment to the next exponents stay alike; mantissa bits are new."""
    before, after = moments()[30].weights, moments()[31].weights

    def alike(reading: str) -> float:
        return float(np.corrcoef(read(before, reading), read(after, reading))[0, 1])

    assert alike("exponent") > 0.6
    assert alike("mantissa") < 0.35


def test_new_weights_fade_in_without_a_click() -> None:
    """With other gradients thirty times a second the sound never leaps."""
    with Solo(Weights, WeightsControls) as solo:
        solo.put(raw=0.0, pitch=20.0, what="gradients", spread=0.0, drive=0.0)
        pieces = []
        for moment in moments()[:30]:
            solo.voice.hear(moment)
            pieces.append(solo.play(1 / 30))
    sound = np.concatenate(pieces)[RATE // 4 :, 0]
    # The steepest a wave of 96 harmonics gets by itself at this pitch and loudness.
    assert np.abs(np.diff(sound)).max() < 4 * LOUDNESS * 2 * np.pi * 96 * 20.0 / RATE


def test_only_the_newest_waits_for_a_crossfade_to_end() -> None:
    """Three moments within one crossfade: afterwards the third is heard, as if alone."""
    with Solo(Weights, WeightsControls) as solo:
        solo.put(raw=1.0, pitch=2.0)
        for moment in moments()[10:13]:
            solo.voice.hear(moment)
            solo.play(BLOCK / RATE)
        solo.play(3 * FADE_S + 0.5 - 3 * BLOCK / RATE)
        late = solo.play(0.2)
    with Solo(Weights, WeightsControls) as solo:
        solo.put(raw=1.0, pitch=2.0)
        solo.voice.hear(moments()[12])
        solo.play(3 * FADE_S + 0.5)
        alone = solo.play(0.2)
    assert np.corrcoef(late[:, 0], alone[: len(late), 0])[0, 1] > 0.5


def test_a_layer_too_high_is_the_last_there_is() -> None:
    """Layers are numbered from 1, the generator's first; 0 is all of them."""
    inner = Inner(np.arange(9, dtype=np.float32), np.zeros(9, np.float32), (0, 4, 7), 2)
    assert layer_of(inner, inner.weights, 0).tolist() == list(range(9))
    assert layer_of(inner, inner.weights, 2).tolist() == [4, 5, 6]
    assert layer_of(inner, inner.weights, 16).tolist() == [7, 8]


def test_weights_that_are_all_the_same_are_silence() -> None:
    """A dead layer has nothing to say, and no number is divided by zero."""
    assert not centred(np.full(64, 3.0)).any()
    assert not wave(np.zeros(2), 8).any()
    with Solo(Weights, WeightsControls) as solo:
        solo.voice.hear(Inner(np.zeros(0, np.float32), np.zeros(0, np.float32)))
        assert np.abs(solo.play(0.3)).max() < 1e-9


@pytest.mark.parametrize("channels", [2, 4, 8])
def test_the_readers_of_the_loudspeakers_lie_apart(channels: int) -> None:
    """With spread no two loudspeakers say the same; without it all do."""
    apart = heard(channels=channels, spread=0.5, raw=1.0)
    together = heard(channels=channels, spread=0.0, raw=1.0)
    alike = np.abs(np.corrcoef(apart.T) - np.eye(channels)).max()
    assert apart.shape[1] == channels
    assert alike < 0.4
    assert np.corrcoef(together.T).min() > 0.99


def test_drive_bends_and_holds_the_level() -> None:
    """Full drive is within 3 dB of none, while it is moved too."""
    with Solo(Weights, WeightsControls) as solo:
        solo.put(drive=0.0, pitch=50.0)
        solo.voice.hear(moments()[20])
        solo.play(0.5)
        levels = [db(solo.put(drive=drive).play(0.1)) for drive in (0.0, 1.0, 1.0, 0.0, 0.0)]
    assert max(levels) - min(levels) < 3.5
