"""The scanner: what stands in the picture is what is heard, at the place where the hair-line is."""

from collections.abc import Callable

import numpy as np
import pytest
from solo import BLOCK, RATE, Solo, db, peaks_hz

from instrument.signals.controls import Bank
from instrument.signals.frames import TileFrame
from instrument.sound.engine import Engine
from instrument.sound.hair_line import HairLine
from instrument.sound.inner import Samples, samples_of
from instrument.sound.voices.partials import TUNINGS, Partials, notes
from instrument.sound.voices.scan import Scan, ScanControls

pytestmark = pytest.mark.slow

BLOCK_S = BLOCK / RATE
LOW_HZ, SPAN, SIDE = 110.0, 5.0, 28


class Scanner(Solo):
    """The voice alone, with the hair-line that the engine moves on stage."""

    def __init__(self, **values: float | str) -> None:
        super().__init__(Scan, ScanControls)
        self.put(**{"spread": 0.0, "tilt": 0.0, **values})

    @property
    def line(self) -> HairLine:
        return self.graph.hair_line

    def show(self, images: np.ndarray, score: float = 1.0) -> "Scanner":
        """Uint8 (count, height, width), each with this score."""
        scores = np.full(len(images), score, np.float32)
        self.line.see(Samples(images[..., None], scores))
        return self

    def play(self, seconds: float) -> np.ndarray:
        blocks = []
        for _ in range(max(1, round(seconds * RATE / BLOCK))):
            self.line.advance(self.controls.rate)
            blocks.append(super().play(BLOCK_S))
        return np.concatenate(blocks)


def black(side: int = SIDE) -> np.ndarray:
    return np.zeros((64, side, side), np.uint8)


def row_hz(row: int) -> float:
    """The tone of a row in the even tuning, the top row 0."""
    return float(LOW_HZ * 2.0 ** (SPAN * (SIDE - 1 - row) / (SIDE - 1)))


def strokes() -> np.ndarray:
    """64 different images with strokes in them, black at neither side."""
    random = np.random.default_rng(4)
    images = black()
    for image in images:
        image[random.integers(0, SIDE, 4), :] = 255
        image[:, random.integers(0, SIDE, 3)] = 200
    return images


@pytest.mark.parametrize("row", [0, 9, 20, 27])
def test_a_bright_row_is_one_partial_at_its_frequency(row: int) -> None:
    """The top row is the highest, five octaves over the lowest."""
    images = black()
    images[:, row] = 255
    with Scanner().show(images) as scanner:
        sound = scanner.play(1.0)[RATE // 4 : -1, 0]
    assert peaks_hz(sound, 30.0) == pytest.approx([row_hz(row)], abs=1.5)


def test_a_white_column_is_a_chord_at_one_instant() -> None:
    """In column 14 of each image: twice a second, in the middle of each half, all partials at once."""
    images = black()
    images[:, :, 14] = 255
    with Scanner(rate=2).show(images) as scanner:
        sound = scanner.play(4.0)[:, 0]
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    begins = loud[np.diff(loud, prepend=-RATE) > RATE // 10]
    assert begins / RATE == pytest.approx(0.5 * np.arange(8) + 0.5 * 14 / SIDE, abs=0.01)
    chord = sound[begins[2] : begins[2] + round(0.5 / SIDE * RATE)]
    spectrum = np.abs(np.fft.rfft(chord, RATE))
    assert all(
        spectrum[round(row_hz(row))] > 0.2 * spectrum[round(row_hz(14))] for row in range(0, 28, 3)
    )


def test_a_falling_stroke_is_a_glide_downwards() -> None:
    """A diagonal from the upper left: each quarter of the second is lower than the one before."""
    images = black()
    images[:, np.arange(SIDE), np.arange(SIDE)] = 255
    with Scanner(smooth=1).show(images) as scanner:
        quarters = np.split(scanner.play(1.0)[: RATE // 8 * 8 - BLOCK, 0], [12000, 24000, 36000])
    heard = [max(peaks_hz(quarter, 1.0)) for quarter in quarters]
    assert heard == sorted(heard, reverse=True)
    assert heard[0] > 4 * heard[3]


def test_a_half_bright_pixel_is_a_quarter_as_loud() -> None:
    """The amplitude is the square of the pixel."""
    levels = []
    for pixel in (254, 127):
        images = black()
        images[:, 10] = pixel
        with Scanner(gate=0).show(images) as scanner:
            levels.append(db(scanner.play(1.0)[RATE // 4 :]))
    assert levels[0] - levels[1] == pytest.approx(20 * np.log10(4.0), abs=0.1)


def test_black_images_and_no_images_are_silence() -> None:
    """Also what the gate holds back is nothing at all, from the head too."""
    with Scanner(head=0.5) as scanner:
        assert not scanner.play(1.2).any()
        scanner.show(black() + np.uint8(20))
        assert not scanner.play(1.5).any()


def test_in_collapse_the_same_phrase_comes_again_and_again() -> None:
    """64 equal images, .8 s each, on harmonics of 110 Hz, which fit into that: the same to the sample."""
    heard = {}
    for name, images in (("equal", np.repeat(strokes()[:1], 64, axis=0)), ("all", strokes())):
        with Scanner(rate=1.25, tuning="harmonics").show(images) as scanner:
            scanner.play(0.8)
            heard[name] = [scanner.play(0.8) for _ in range(3)]
    assert np.abs(heard["equal"][0]).max() > 0.1
    for other in heard["equal"][1:]:
        assert other == pytest.approx(heard["equal"][0], abs=1e-5)
    assert np.abs(heard["all"][1] - heard["all"][0]).max() > 0.1


@pytest.mark.parametrize("rate", [0.25, 1.0, 16.0])
def test_nothing_clicks_at_the_border_of_two_images(rate: float) -> None:
    """No leap is higher than what the partials do by themselves, also while new samples come."""
    images = strokes()
    with Scanner(rate=rate, smooth=0.0).show(images) as scanner:
        sounds = []
        for turn in range(30):
            scanner.show(np.roll(images, turn, axis=0))
            sounds.append(scanner.play(0.1))
    sound = np.concatenate(sounds)[:, 0]
    # A curve that bends, not one that leaps: the second difference of the highest partial at full level.
    highest = 2 * np.pi * row_hz(0) / RATE
    assert np.abs(np.diff(sound, 2)).max() < np.abs(sound).max() * highest**2 * 1.5


def test_turning_anything_does_not_click() -> None:
    """Gate, tuning, tilt, belief and pitch leap from end to end; the sound goes on."""
    with Scanner(rate=0.25).show(strokes(), 0.2) as scanner:
        sounds = [scanner.play(0.2)]
        for turned in (
            {"gate": 0.5}, {"tuning": "fifths"}, {"tilt": -12}, {"belief": 1}, {"low": 30},
            {"span": 1}, {"belief": 0}, {"tuning": "harmonics"},
        ):  # fmt: skip
            sounds.append(scanner.put(**turned).play(0.2))
    sound = np.concatenate(sounds)[:, 0]
    assert (
        np.abs(np.diff(sound, 2)).max() < np.abs(sound).max() * (2 * np.pi * row_hz(0) / RATE) ** 2
    )


def test_the_head_is_the_column_itself_as_a_wave() -> None:
    """One white row of 28 is a pulse, 20 samples of 560, as often as the head reads."""
    images = black()
    images[:, 7] = 255
    with Scanner(head=1.0, head_pitch=RATE / 560).show(images) as scanner:
        scanner.play(0.5)
        sound = scanner.play(0.5)[:, 0]
    high = sound > 0.5 * sound.max()
    rises = np.flatnonzero(np.diff(high.astype(int)) == 1)
    falls = np.flatnonzero(np.diff(high.astype(int)) == -1)
    assert np.diff(rises) == pytest.approx(560, abs=1)
    assert falls[falls > rises[0]][:40] - rises[:40] == pytest.approx(20, abs=1)


def test_the_discriminators_belief_decides_how_loud_a_sample_is() -> None:
    """With belief 1 a score of a half is half the amplitude; with belief 0 it is the same."""
    levels = {}
    for belief, score in ((0, 0.5), (1, 0.5), (1, 1.0)):
        with Scanner(belief=belief).show(strokes(), score) as scanner:
            levels[belief, score] = db(scanner.play(1.0)[RATE // 4 :])
    assert levels[0, 0.5] == pytest.approx(levels[1, 1.0], abs=0.01)
    assert levels[1, 1.0] - levels[1, 0.5] == pytest.approx(6.02, abs=0.1)


def test_noise_is_equally_loud_however_it_is_tuned() -> None:
    """Any size, any scale, any tilt: white noise stays within two decibels."""
    random = np.random.default_rng(2)
    levels = []
    for side, tuning, tilt in (
        (28, "even", 0),
        (28, "fifths", -6),
        (64, "harmonics", -3),
        (8, "minor", 3),
    ):
        images = random.integers(0, 256, (64, side, side)).astype(np.uint8)
        with Scanner(tuning=tuning, tilt=tilt).show(images) as scanner:
            levels.append(db(scanner.play(3.0)))
    assert max(levels) - min(levels) < 2.0
    assert -21.0 < levels[0] < -15.0


def test_samples_of_another_size_and_in_colour_are_read_too() -> None:
    """From grey to colour, from 28 rows to 64 and 8, in the middle of an image: nothing breaks."""
    random = np.random.default_rng(1)
    with Scanner(rate=16.0, head=0.4) as scanner:
        for side, channels in ((28, 1), (64, 3), (8, 1), (28, 3)):
            images = random.integers(0, 256, (5, side, side, channels)).astype(np.uint8)
            scanner.line.see(Samples(images, np.ones(5, np.float32)))
            sound = scanner.play(4.5)
            assert np.isfinite(sound).all()
            assert np.abs(sound).max() > 0.01


@pytest.mark.parametrize("tuning", TUNINGS)
def test_notes_rise_and_fill_their_span(tuning: str) -> None:
    """From the lowest tone up, within a whole tone of the span."""
    at = notes(tuning, 4.0, SIDE)
    assert at[0] == 0.0
    assert (np.diff(at) >= 0.0).all()
    assert at[-1] == pytest.approx(4.0, abs=4 / 12)


def test_a_partial_is_a_sine_to_the_sample() -> None:
    """One partial at 1,000 Hz and full amplitude, over several blocks, is numpy's own sine."""
    partials = Partials(RATE, BLOCK, 32, 1)
    partials.tune(np.array([np.log2(1000.0)]))
    ones = np.ones((BLOCK // 32 + 1, 1))
    sound = np.concatenate([partials.play(ones) for _ in range(5)])
    assert sound == pytest.approx(np.sin(2 * np.pi * 1000 / RATE * np.arange(5 * BLOCK)), abs=1e-9)


@pytest.mark.parametrize("rate", [0.25, 3.0, 16.0])
def test_the_line_moves_at_its_rate_and_begins_again_after_64(rate: float) -> None:
    """The place is the time times the rate, modulo 64."""
    line = HairLine(RATE, BLOCK)
    for number in range(1, 40_000):
        line.advance(rate)
        expected = number * BLOCK_S * rate
        if number % 997 == 0:
            assert line.place == pytest.approx(expected % 64, abs=1e-6)
    assert 0.0 <= line.place < 64.0
    assert rate < 1.0 or expected > 64


@pytest.mark.parametrize("block", [32, 100, 256, 509, 4096])
def test_the_columns_that_are_met_are_those_of_the_place(block: int) -> None:
    """In the middle of column c of sample n it is n * 28 + c: in every block length."""
    images = np.arange(64 * SIDE).reshape(64, SIDE)[:, None, :].repeat(2, axis=1) % 251
    line = HairLine(RATE, block)
    line.see(Samples(images[..., None].astype(np.uint8), np.ones(64, np.float32)))
    for _ in range(30 * RATE // block // 8):
        begin = line.place
        line.advance(16.0)
        met = np.concatenate([
            one.columns[np.minimum(one.at.round().astype(int), len(one.columns) - 1), 0]
            for one in line.passes
        ])  # fmt: skip
        at = begin + 16.0 * line.step / RATE * np.arange(len(met))
        assert len(met) == block // line.step + 1
        column = np.floor(at * SIDE)
        middle = np.abs(at * SIDE - column - 0.5) < 0.45
        expected = column % (64 * SIDE) % 251
        assert (met[middle & (at > 1 / SIDE)] * 255).round().tolist() == expected[
            middle & (at > 1 / SIDE)
        ].tolist()


def test_new_samples_count_from_the_next_image_on() -> None:
    """In the middle of an image everything turns white: black is read to its end."""
    white = black() + np.uint8(255)
    with Scanner(rate=1.0).show(black()) as scanner:
        scanner.play(0.5)
        scanner.show(white)
        rest, following = scanner.play(0.45), scanner.play(0.2)
    assert not rest.any()
    assert np.abs(following).max() > 0.1


def test_a_frame_whose_numbers_do_not_fit_is_no_samples() -> None:
    """Scores that are no numbers are 0, and an empty frame is nothing."""
    frame = TileFrame(count=3, height=2, width=2, channels=1)
    frame.tiles[:12] = range(12)
    frame.scores[:3] = [0.5, float("nan"), 7.0]
    samples = samples_of(frame)
    assert samples is not None
    assert samples.images[2, 1, :, 0].tolist() == [10, 11]
    assert samples.scores.tolist() == [0.5, 0.0, 1.0]
    assert samples_of(TileFrame(count=64, height=64, width=65, channels=3)) is None
    assert samples_of(TileFrame(count=0, height=2, width=2, channels=1)) is None


def test_a_scanner_that_nobody_hears_still_moves(
    make_engine: Callable[..., Engine], bank: Bank, values: np.ndarray
) -> None:
    """Asleep for a second it is where it would be; turned up it reads what is there."""
    engine = make_engine()
    images = black()
    images[2:4] = 255
    engine.see(Samples(images[..., None], np.ones(64, np.float32)))
    for path, number in bank.number.items():
        if path.endswith(".level") and path != "sound.master.level":
            values[number] = -60.0
    values[bank.number["sound.scan.rate"]] = 2.0
    for _ in range(RATE // BLOCK):
        quiet = engine.render(values).copy()
    assert engine.hair_line.place == pytest.approx(2.0, abs=0.02)
    assert np.abs(quiet).max() < 1e-4
    values[bank.number["sound.scan.level"]] = 0.0
    heard = [np.abs(engine.render(values)).max() for _ in range(RATE // BLOCK // 2)]
    assert max(heard) > 0.05


def test_a_graph_built_anew_goes_on_where_the_line_was(
    make_engine: Callable[..., Engine], bank: Bank, values: np.ndarray
) -> None:
    """A NaN in the graph costs a rebuild, not the place."""
    engine = make_engine()
    values[bank.number["sound.scan.level"]] = 0.0
    for _ in range(100):
        engine.render(values)
    before = engine.hair_line.place
    engine._rebuild()
    engine.render(values)
    assert engine.hair_line.place == pytest.approx(before + BLOCK_S, abs=1e-9)


def test_the_head_comes_in_over_a_block() -> None:
    """From tones to bars at once: the tones of the block before go on where they were and fade."""
    images = black()
    images[:, 14] = 255
    with Scanner(head_pitch=10).show(images) as scanner:
        scanner.play(0.5)
        scanner.line.advance(1.0)
        before = Solo.play(scanner, BLOCK_S)[:, 0]
        scanner.put(head=1.0).line.advance(1.0)
        after = Solo.play(scanner, BLOCK_S)[:, 0]
    steepest = np.abs(np.diff(before)).max()
    assert abs(after[0] - before[-1]) < 1.1 * steepest
    assert np.abs(np.diff(after[:30])).max() < 1.5 * steepest
