"""The benches that ask whether the network can be heard and seen: their measures, not their results."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from legibility_classes import Classifier, apart, drops, shuffled, trial
from legibility_features import LEVEL, features
from legibility_labels import STATES, WITNESSES, Told, agrees, clips, even, named_seconds
from legibility_runs import PHASES, Phase, ShowClock

RATE = 48_000
TIMES = np.arange(RATE) / RATE
SINE = 0.2 * np.sin(2 * np.pi * 440 * TIMES)
HISS = 0.2 * np.random.default_rng(0).standard_normal(RATE)
CLICKS = np.where(np.arange(RATE) % (RATE // 8) < 20, 0.9, 0.0)


def test_sine_is_narrow_and_noise_is_wide() -> None:
    """Flatness in dB is near 0 for noise and far below for a tone; the centroid is where the tone is."""
    sine, hiss = features(SINE, RATE), features(HISS, RATE)
    assert sine["flatness_mean"] < -20 < -5 < hiss["flatness_mean"] <= 0
    assert sine["centroid_mean"] == pytest.approx(np.log2(440 / 20), abs=0.05)
    assert sine["crossings_mean"] == pytest.approx(880 / RATE, rel=0.03)
    assert hiss["spread_mean"] > 4 * sine["spread_mean"]
    assert sine["crest"] == pytest.approx(3.01, abs=0.1)


def test_clicks_are_counted() -> None:
    """Eight clicks a second are about eight onsets; a tone has none but its own beginning."""
    assert 6 <= features(CLICKS, RATE)["onsets"] <= 9
    assert features(SINE, RATE)["onsets"] <= 2
    assert features(CLICKS, RATE)["crest"] > 15


def test_width_tells_mono_from_two_noises() -> None:
    """Two equal channels have no sides; two that know nothing of each other have half of all."""
    other = 0.2 * np.random.default_rng(1).standard_normal(RATE)
    narrow, wide = (features(np.stack([HISS, right], axis=1), RATE) for right in (HISS, other))
    assert narrow["width"] == 0 and narrow["channels_alike"] == pytest.approx(1)
    assert wide["width"] == pytest.approx(0.5, abs=0.02) and abs(wide["channels_alike"]) < 0.02


def test_silence_and_a_single_click_have_finite_features() -> None:
    """No sound makes a number that is none."""
    click = np.zeros((RATE, 2))
    click[100] = 1.0
    for sound in (np.zeros(RATE), click, np.full(RATE, 0.5)):
        assert np.isfinite(list(features(sound, RATE).values())).all()


def test_only_the_level_features_hear_a_fader() -> None:
    """Twice as loud moves the features in LEVEL and hardly any other."""
    once, twice = features(HISS, RATE), features(2 * HISS, RATE)
    moved = {name for name in once if abs(once[name] - twice[name]) > 1e-3}
    assert moved == set(LEVEL)


def _clouds(apart_by: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two classes, ten clips each in four runs, five features; they differ in the first."""
    x = np.random.default_rng(3).standard_normal((80, 5))
    y, runs = np.arange(80) % 2, np.arange(80) // 20
    x[:, 0] += apart_by * y
    return x, y, runs


def test_two_classes_that_lie_apart_are_told_apart() -> None:
    """Runs that were never heard are named right, and the feature that tells is found."""
    x, y, runs = _clouds(6.0)
    result = trial(x, y, runs, 2)
    assert result.right > 0.97 and len(result.accuracy) == 6
    assert result.confusion.sum() == 6 * 40
    assert drops(x, y, runs, list("abcde"), 2)[0][0] == "a"
    assert apart(x, y, list("abcde"), 0, 1)[0][0] == "a"


def test_shuffled_names_are_guessed() -> None:
    """The control is near chance, however far the classes lie apart."""
    assert shuffled(*_clouds(6.0), 2).mean() == pytest.approx(0.5, abs=0.12)
    assert trial(*_clouds(0.0), 2).right == pytest.approx(0.5, abs=0.15)


def test_a_feature_that_never_moves_does_no_harm() -> None:
    """A constant column is not divided by its deviation of nothing."""
    x, y, _ = _clouds(6.0)
    x[:, 4] = 7.0
    assert (Classifier(x, y, 2)(x) == y).mean() > 0.97


def _told(seconds: list[dict[str, float]]) -> Told:
    """Ten metric frames a second that say the same all second long."""
    times = np.arange(10 * len(seconds)) / 10
    names = {name for ranges in WITNESSES.values() for name in ranges}
    return Told(times, {n: np.repeat([s[n] for s in seconds], 10) for n in names})


def _saying(state: str) -> dict[str, float]:
    """Streams in the middle of all that this state asks for, zero elsewhere."""
    names = {name: 0.0 for ranges in WITNESSES.values() for name in ranges}
    return names | {name: (low + high) / 2 for name, (low, high) in WITNESSES[state].items()}


def test_no_second_can_be_two_states() -> None:
    """What bears out one state bears out no other."""
    for state in STATES:
        assert [other for other in STATES if agrees(other, _saying(state))] == [state]


def test_a_second_whose_streams_disagree_has_no_name() -> None:
    """The hand says collapse, the streams of second 5 say healthy: no clip lies over it."""
    phases = [Phase("before", "", 1.0, 10.0), Phase("held", "collapse", 11.0, 10.0)]
    seconds = [_saying("collapse")] * 12
    seconds[5] = _saying("healthy")
    named = named_seconds(_told(seconds), phases)
    assert [state for state, _ in named] == [""] * 3 + ["collapse"] * 2 + [""] + ["collapse"] * 6
    assert [clip.begin_s for clip in clips(named)] == [6.0, 8.0]


def test_clips_stay_within_one_phase_and_are_chosen_evenly() -> None:
    """Two phases that show the same state are not glued together."""
    named = [("noise", "birth")] * 5 + [("noise", "forgotten")] * 4 + [("", "learning")]
    found = clips(named)
    assert [(clip.phase, clip.begin_s) for clip in found] == [("birth", 0.0), ("forgotten", 5.0)]
    assert even(found, 1) == [found[0]] and even(found, 9) == found


def test_every_state_has_a_phase_long_enough_for_a_clip() -> None:
    """The protocol leads through all five."""
    assert {phase.state for phase in PHASES} - {""} == set(STATES)
    assert all(phase.seconds >= 8 for phase in PHASES if phase.state)


def test_the_clock_counts_steps_and_never_goes_back() -> None:
    """Ten steps at ten a second are one second, whatever the pace is afterwards."""
    steps = [0]
    clock = ShowClock(steps, 10.0)
    begin = clock()
    steps[0] = 10
    clock.go_on(100.0)
    assert clock() - begin == pytest.approx(1.0)
    steps[0] = 60
    assert clock() - begin == pytest.approx(1.5)
