"""The glitch: a row made of data, and what each of its steps sets off."""

import numpy as np
import pytest
from solo import BLOCK, RATE, Solo, db, moments

from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices.glitch import GAINS, Glitch, GlitchControls
from instrument.sound.voices.rows import NEVER, STEPS, Steps, row_of

QUIET = dict.fromkeys(GAINS, 0.0)


def tone_recording(hz: float, name: str) -> Recording:
    wave = 0.25 * np.sin(2 * np.pi * hz * np.arange(RATE * 2) / RATE)
    return Recording(name, np.stack([wave, wave], axis=1).astype(np.float32), RATE)


def glitch(channels: int = 2, seed: int = 0) -> Solo:
    recording = tone_recording(1000.0, "tone")
    return Solo(lambda graph: Glitch(graph, recording), GlitchControls, channels, seed=seed)


def onsets(sound: np.ndarray, rest_s: float) -> np.ndarray:
    """Samples at which something begins after so much silence."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-3)
    return loud[np.diff(loud, prepend=-RATE) > rest_s * RATE]


def test_the_row_is_read_from_the_bits_of_the_weights() -> None:
    """Number 128 of 255 in bits 15 to 22 is .502; a weight of zero is a silent step."""
    words = np.full(STEPS, (128 << 15) | (0x3F << 23), np.uint32)
    words[3] = 0
    row = row_of(Inner(words.view(np.float32), np.zeros(STEPS, np.float32)), "bits")
    assert row is not None
    assert row.numbers[0] == pytest.approx(128 / 255)
    assert row.numbers[3] == NEVER


def test_a_collapsed_histogram_leaves_one_class_that_hammers() -> None:
    """All samples are sevens: only steps 7, 17, 27 and so on sound, and all on one pitch."""
    classes = np.zeros(10, np.float32)
    classes[7] = 1.0
    row = row_of(Inner(moments()[0].weights, moments()[0].gradients, classes=classes), "histogram")
    assert row is not None
    assert set(np.flatnonzero(row.numbers < 0.3) % 10) == {7}
    assert len(set(row.pitches[row.numbers < NEVER])) == 1


def test_even_classes_keep_the_density_that_is_asked_for() -> None:
    """With a tenth for each class a density of .3 lets three steps in ten sound."""
    classes = np.full(10, 0.1, np.float32)
    row = row_of(Inner(moments()[0].weights, moments()[0].gradients, classes=classes), "histogram")
    assert row is not None
    assert np.mean(row.numbers < 0.3) == pytest.approx(0.3, abs=0.04)


def test_a_step_sounds_where_its_gradient_is_above_zero() -> None:
    """The row of signs, at a density of a half, is the ones and zeros of the gradients."""
    gradients = np.where(np.arange(STEPS) % 3 == 0, 0.1, -0.1).astype(np.float32)
    row = row_of(Inner(moments()[0].weights, gradients), "signs")
    assert row is not None
    assert np.array_equal(row.numbers < 0.5, gradients > 0)


def test_too_few_weights_make_no_row() -> None:
    """A show without weights keeps the row it has."""
    assert row_of(Inner(np.ones(63, np.float32), np.ones(63, np.float32)), "bits") is None


def test_steps_fall_to_the_sample_and_go_round() -> None:
    """At 100 steps a second one begins every 480 samples, across blocks and past the 64th."""
    steps = Steps(RATE, BLOCK)
    passed = [
        (block * BLOCK + at, step) for block in range(200) for at, step in steps.passed(100.0)
    ]
    assert [at for at, _ in passed] == pytest.approx([480 * n for n in range(len(passed))], abs=1)
    assert [step for _, step in passed] == [n % STEPS for n in range(len(passed))]


@pytest.mark.parametrize("name", GAINS)
def test_each_ingredient_sounds_alone_and_leaves_silence_between(name: str) -> None:
    """At four steps a second every ingredient is heard, finite, without lasting DC, and over."""
    with glitch() as solo:
        solo.put(**{**QUIET, name: 1.0}, rate=4, density=0.5, length_ms=3)
        solo.voice.hear(moments()[20])
        sound = solo.play(4.0)
    assert np.isfinite(sound).all()
    assert 0.05 < np.abs(sound).max() < 1.5
    assert abs(sound.mean()) < 1e-3 * np.abs(sound).max()
    assert np.mean(np.abs(sound).max(axis=1) < 1e-4) > 0.4


def test_nothing_turned_up_is_silence() -> None:
    """Six levels at zero: not a sample."""
    with glitch() as solo:
        assert np.abs(solo.put(**QUIET).play(1.0)).max() < 1e-9


def test_a_burst_is_a_sine_of_its_length() -> None:
    """8 ms at 3 kHz: it begins on its step, ends 8 ms later, and its pitch is the tone."""
    with glitch() as solo:
        solo.put(**{**QUIET, "bursts": 1.0}, rate=4, density=1.0, scatter=0.0, width=0.0)
        sound = solo.put(tone=3000.0, length_ms=8.0).play(2.0)
    begun = onsets(sound, 0.05)
    assert len(begun) >= 6
    assert np.diff(begun) == pytest.approx(RATE / 4, abs=3)
    piece = sound[begun[1] : begun[1] + RATE // 100, 0]
    spectrum = np.abs(np.fft.rfft(piece, RATE))
    assert abs(int(spectrum.argmax()) - 3000) < 40
    loud = np.flatnonzero(np.abs(sound[begun[1] : begun[2]]).max(axis=1) > 2e-4)
    assert loud[-1] < 0.0085 * RATE


def test_a_stutter_repeats_what_was_heard_to_the_sample() -> None:
    """Four fragments of 20 ms after each other are the same wave, but for their ends."""
    with glitch() as solo:
        solo.put(**{**QUIET, "crumbs": 1.0}, rate=4, density=1.0, width=0.0, length_ms=20)
        solo.play(0.5 - 4 * BLOCK / RATE)
        solo.put(stutter=1.0, stutter_ms=20, repeats=4)
        heard = solo.play(0.3)[:, 0]
    length = RATE // 50
    begun = int(np.flatnonzero(np.abs(heard) > 1e-2)[0])
    rounds = [heard[begun + n * length : begun + n * length + 800] for n in range(4)]
    assert db(rounds[0]) > -40
    for again in rounds[1:]:
        assert np.corrcoef(rounds[0][60:], again[60:])[0, 1] > 0.95


def test_drop_outs_cut_holes_into_what_sounds() -> None:
    """The same crumbs with drop-outs have less sound in them."""
    heard = []
    for dropouts in (0.0, 1.0):
        with glitch() as solo:
            solo.put(**{**QUIET, "crumbs": 1.0}, rate=9, density=1.0, length_ms=12)
            heard.append(np.abs(solo.put(dropouts=dropouts).play(3.0)).max(axis=1) > 1e-3)
    assert heard[1].mean() < 0.85 * heard[0].mean()


def test_clipping_makes_it_loud_and_keeps_it_inside_full_scale() -> None:
    """36 dB too much is cut off, not let through."""
    heard = []
    for clip in (0.0, 1.0):
        with glitch() as solo:
            solo.put(**{**QUIET, "crumbs": 1.0}, rate=9, density=1.0, length_ms=12, width=0.0)
            heard.append(solo.put(clip=clip).play(2.0)[RATE // 2 :])
    assert db(heard[1]) > db(heard[0]) + 3.0
    assert np.abs(heard[1]).max() < 1.0


def test_overflow_and_few_samples_alias() -> None:
    """A pure burst gains what lies between its harmonics."""

    def high_share(**values: float) -> float:
        with glitch() as solo:
            solo.put(**{**QUIET, "bursts": 1.0}, rate=8, density=1.0, scatter=0.0, tone=900.0)
            solo.put(length_ms=20.0, **values).play(0.5)
            power = np.abs(np.fft.rfft(solo.play(1.1)[:RATE, 0])) ** 2
        return float(power[4000:].sum() / power.sum())

    clean = high_share()
    assert high_share(overflow=1.0) > 10 * clean
    assert high_share(rate_reduction=16.0) > 10 * clean


def test_another_recording_is_really_played() -> None:
    """After `load` the crumbs are of 3 kHz, not of 1 kHz; the old recording may be gone."""

    def loudest_hz(sound: np.ndarray) -> int:
        return int(np.abs(np.fft.rfft(sound[:RATE, 0], RATE)).argmax())

    with glitch() as solo:
        solo.put(**{**QUIET, "crumbs": 1.0}, rate=5, density=1.0, length_ms=20)
        assert abs(loudest_hz(solo.play(1.1)) - 1000) < 40
        solo.sleep()
        other = tone_recording(3000.0, "other")
        solo.voice.load(other)
        solo.graph.keep_recordings([other])
        solo.wake()
        solo.play(0.5)
        assert abs(loudest_hz(solo.play(1.1)) - 3000) < 40


@pytest.mark.parametrize("channels", [2, 4, 8])
def test_the_same_seed_and_data_give_the_same_bytes(channels: int) -> None:
    """Everything turned up, twice, in every layout of loudspeakers."""
    heard = []
    for _ in range(2):
        with glitch(channels, seed=4) as solo:
            solo.put(**dict.fromkeys(GAINS, 0.8), rate=20, density=0.7, stutter=0.2, dropouts=0.3)
            solo.put(clip=0.3, overflow=0.2, bits=8, rate_reduction=3)
            for moment in moments()[20:23]:
                solo.voice.hear(moment)
                heard.append(solo.play(0.3))
    assert np.array_equal(np.concatenate(heard[:3]), np.concatenate(heard[3:]))
    assert heard[0].shape[1] == channels
