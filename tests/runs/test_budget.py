"""The bytes of an hour: bounded on any net, by thinning what is heavy and nothing else."""

import pytest

from instrument.clock import HandClock
from instrument.runs.budget import HEAVY, LOOK_S, Budget


def spend(
    budget: Budget, clock: HandClock, seconds: float, rates: dict[str, float]
) -> dict[str, int]:
    """An hour's worth of topics, `rates` in bytes per second at full rate, packed to .7."""
    kept = dict.fromkeys(rates, 0)
    until_s = clock() + seconds
    written = getattr(budget, "spent", 0.0)
    while clock() < until_s:
        clock.advance(0.5)
        for topic, per_s in rates.items():
            size = per_s * 0.5 * (budget.scale if topic in HEAVY else 1.0)
            if budget.keeps(topic):
                budget.count(topic, int(size))
                kept[topic] += int(size)
                written += 0.7 * size
        budget.look(clock(), int(written))
    budget.spent = written  # type: ignore[attr-defined]
    return kept


@pytest.mark.parametrize("light_per_s", [1_000, 100_000, 300_000])
@pytest.mark.parametrize("heavy_per_s", [10_000, 100_000, 4_000_000])
def test_no_hour_is_larger_than_the_bound(light_per_s: float, heavy_per_s: float) -> None:
    """Whatever the net, at most 1 GB is written in an hour, and in ten not more than ten times that."""
    clock = HandClock(50.0)
    budget = Budget()
    budget.begin(clock())
    for hour in range(1, 11):
        kept = spend(budget, clock, 3600, {"metrics": light_per_s, "tiles": heavy_per_s})
        assert budget.spent <= hour * 1e9 + 2e6  # type: ignore[attr-defined]
    assert kept["tiles"] > 0
    assert kept["metrics"] == pytest.approx(light_per_s * 3600, rel=0.001), (
        "metrics are never thinned"
    )


def test_what_fits_is_not_thinned() -> None:
    """A small net keeps its usual rates for the whole night."""
    clock = HandClock()
    budget = Budget()
    budget.begin(clock())
    spend(budget, clock, 3600, {"metrics": 50_000, "tiles": 100_000, "weights": 60_000})
    assert budget.scale == 1.0


def test_a_net_that_grows_small_is_kept_in_full_again() -> None:
    """After half an hour of heavy frames the rates come back within minutes."""
    clock = HandClock()
    budget = Budget()
    budget.begin(clock())
    spend(budget, clock, 1800, {"tiles": 4_000_000})
    assert budget.scale < 0.2
    spend(budget, clock, 600, {"tiles": 50_000})
    assert budget.scale == 1.0


def test_the_budget_looks_seldom() -> None:
    """A single burst of bytes does not throw the rates about."""
    budget = Budget()
    budget.count("tiles", 10**7)
    budget.look(LOOK_S / 2, 10**7)
    assert budget.scale == 1.0


def test_a_burst_of_a_saved_moment_does_not_starve_the_rest() -> None:
    """Five megabytes at once, every minute and a half, leave the heavy topics more than half."""
    clock = HandClock()
    budget = Budget()
    budget.begin(clock())
    scales = []
    written = 0.0
    for second in range(600):
        clock.advance(1.0)
        burst = 5_000_000 if second % 90 == 0 else 0
        heavy = 150_000 * budget.scale
        budget.count("snapshots", burst)
        budget.count("tiles", int(heavy))
        written += 0.8 * (burst + heavy)
        budget.look(clock(), int(written))
        scales.append(budget.scale)
    assert min(scales) > 0.5
