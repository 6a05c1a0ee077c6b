"""Streams off the samples: the definitions, and the table of values on the bundled digits."""

import numpy as np
import plain_streams
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_streams import Batch

from instrument.learning.digits import Digits
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams
from instrument.learning.slow import Nearest

NAMES = ("ink", "rms", "entropy", "similarity", "similarity_centred", "diversity", "duplicates",
         "edge", "variation", "slope", "centroid", "flatness", "nearest")  # fmt: skip
# The table was measured with ddof 1 in `diversity`, the definition says 0: hence its third digit.
TOLERANCE = dict(zip(NAMES, (.002, .002, .003, .008, .008, .003, .02, .001, .002, .08, .003, .01, .004),
                     strict=True))  # fmt: skip
TABLE = {
    "real": (.133, .332, .272, .397, .000, .188, 0, .106, .068, -3.02, .124, .143, .188),
    "twos_and_sevens": (.136, .337, .274, .431, .062, .189, 0, .106, .068, -3.12, .121, .135, .200),
    "uniform": (.500, .577, .994, .750, .663, .288, 0, .158, .334, 0.00, .384, .993, .539),
    "grey": (.500, .502, .547, .990, .985, .050, 0, .027, .056, 0.00, .383, .992, .468),
    "half": (.316, .379, .903, .742, .524, .188, 0, .111, .181, -1.52, .245, .674, .311),
    "blurred": (.134, .246, .539, .674, .030, .116, .05, .063, .038, -12.4, .063, .000, .179),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_bundled_digits_give_the_values_of_the_table(
    name: str, sets: dict[str, Batch], digits: Digits
) -> None:
    """Batches of 64, mean of 12: each stream meets the published value to its last digits."""
    streams, nearest = SampleStreams(digits.mean), Nearest(digits)
    batches = [sets[name](n) for n in range(12)]
    got = dict(zip(SAMPLE_STREAMS, np.mean([streams.measure(u * 2 - 1).copy() for u in batches], 0),
                   strict=True))  # fmt: skip
    got["nearest"] = np.mean([nearest.measure(u) for u in batches])
    for stream, value in zip(NAMES, TABLE[name], strict=True):
        assert got[stream] == pytest.approx(value, abs=TOLERANCE[stream]), stream


def test_one_image_and_its_noise_is_nearly_one_image(
    sets: dict[str, Batch], digits: Digits
) -> None:
    """What a collapse looks like, whatever the image: alike, twins everywhere, hardly diverse."""
    got = dict(zip(SAMPLE_STREAMS, SampleStreams(digits.mean).measure(sets["one_image"](0) * 2 - 1),
                   strict=True))  # fmt: skip
    assert got["similarity"] == pytest.approx(0.996, abs=0.003)
    assert got["similarity_centred"] == pytest.approx(0.993, abs=0.005)
    assert got["diversity"] == pytest.approx(0.019, abs=0.002)
    assert got["duplicates"] == 1


@pytest.mark.parametrize("name", ["real", "one_image", "uniform", "grey", "half", "blurred"])
def test_fast_streams_are_their_definitions(
    name: str, sets: dict[str, Batch], digits: Digits
) -> None:
    """The fast formulas give what loops over the definition give."""
    x = sets[name](3) * 2 - 1
    got = SampleStreams(digits.mean).measure(x)
    wanted = plain_streams.sample_streams(x, digits.mean.astype(np.float64))
    for stream, value in zip(SAMPLE_STREAMS, got, strict=True):
        assert value == pytest.approx(wanted[stream], rel=2e-4, abs=2e-5), stream


SHAPES = [(1, 28, 28), (3, 32, 32), (1, 64, 64), (1, 8, 8), (3, 8, 8), (3, 12, 12)]


def painted(shape: tuple[int, int, int], batch: int = 12) -> np.ndarray:
    """Blurred colour noise under some noise, with one twin: x float32 (B, C * S * S), -1..1 and beyond."""
    dice = np.random.default_rng(5)
    images = dice.normal(0, 1, (batch, *shape))
    for axis in (2, 3):
        images = images + np.roll(images, 1, axis) + np.roll(images, 2, axis)
    images = images / images.std() * 0.6 + 0.1 * dice.normal(0, 1, images.shape)
    images[1] = images[0] + 0.01
    return images.reshape(batch, -1).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_images_of_any_size_and_colour_follow_their_definitions(
    shape: tuple[int, int, int],
) -> None:
    """The fast formulas and the loops agree for every side, in grey and in colour."""
    x = painted(shape)
    mean = np.random.default_rng(1).random(shape, np.float32)
    streams = SampleStreams(mean)
    got = streams.measure(x)
    wanted = plain_streams.sample_streams(x, mean.astype(np.float64))
    for stream, value in zip(SAMPLE_STREAMS, got, strict=True):
        assert value == pytest.approx(wanted[stream], rel=3e-4, abs=3e-5), stream
    assert streams.u.shape == x.shape and streams.u.min() >= 0 and streams.u.max() <= 1
    assert wanted["duplicates"] == pytest.approx(2 / 12)


def test_a_digit_in_three_equal_channels_is_the_same_digit(
    sets: dict[str, Batch], digits: Digits
) -> None:
    """Grey in colour: every stream as in grey."""
    x = sets["real"](0) * 2 - 1
    grey = SampleStreams(digits.mean).measure(x)
    colour = SampleStreams(np.repeat(digits.mean, 3, axis=0)).measure(np.tile(x, (1, 3)))
    assert colour == pytest.approx(grey, rel=1e-3, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SHAPES), st.integers(2, 9), st.floats(-1, 1, width=32),
    st.integers(0, 2**32 - 1), st.booleans(),
)  # fmt: skip
def test_no_samples_make_a_stream_that_is_not_finite(
    shape: tuple[int, int, int], batch: int, level: float, seed: int, flat: bool
) -> None:
    """Blank sheets, black sheets, tiny batches: every stream stays a finite number."""
    noise = np.random.default_rng(seed).normal(0, 0 if flat else 3, (batch, int(np.prod(shape))))
    got = SampleStreams(np.zeros(shape, np.float32)).measure((level + noise).astype(np.float32))
    assert np.isfinite(got).all()


def test_a_batch_of_another_size_is_measured_too(sets: dict[str, Batch], digits: Digits) -> None:
    """Work space follows the batch."""
    streams = SampleStreams(digits.mean)
    whole = sets["real"](0) * 2 - 1
    streams.measure(whole)
    got = streams.measure(whole[:16].reshape(16, 1, 28, 28)).copy()
    assert got == pytest.approx(SampleStreams(digits.mean).measure(whole[:16]))
