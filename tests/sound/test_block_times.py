"""Block times."""

import numpy as np
import pytest

from instrument.sound.block_times import BlockTimes


def test_percentiles_are_those_of_all_blocks_to_three_percent() -> None:
    """Ten thousand times, counted in bins and sorted."""
    times_s = np.random.default_rng(1).lognormal(np.log(1e-3), 0.5, 10_000)
    counted = BlockTimes()
    for seconds in times_s:
        counted.add(float(seconds))
    for percent in (50.0, 99.0, 99.9):
        expected = float(np.percentile(times_s, percent))
        assert counted.percentile_s(percent) == pytest.approx(expected, rel=0.03)
    assert counted.longest_s == times_s.max()


def test_no_block_and_blocks_beyond_all_bins_are_told_too() -> None:
    """Nothing is nothing; an hour is an hour."""
    counted = BlockTimes()
    assert counted.percentile_s(50.0) == 0.0
    counted.add(3600.0)
    counted.add(0.0)
    assert counted.summary_ms()["longest"] == 3_600_000.0
