"""Numbers on the command line: bounds as a performer reads them."""

import argparse

import pytest

from instrument.arguments import at, between


@pytest.mark.parametrize(
    ("low", "high", "text", "said"),
    [
        (0, 2**31 - 1, "-1", "0 to 2,147,483,647 is allowed"),
        (0.1, 1e6, "0", "0.1 to 1,000,000 is allowed"),
        (32, 4096, "5000", "32 to 4096 is allowed"),
    ],
)
def test_bounds_are_told_in_plain_digits(low: float, high: float, text: str, said: str) -> None:
    """No 1e+06 in a sentence for somebody on stage."""
    with pytest.raises(argparse.ArgumentTypeError, match=said):
        between(type(low), low, high, "number")(text)


@pytest.mark.parametrize("text", ["1:99", "1:60", "0:60.5", "1:75:00", "1:00:60"])
def test_a_time_has_no_minute_of_ninety_nine_seconds(text: str) -> None:
    """A slip of the fingers is not counted on: nobody meant 2:39."""
    with pytest.raises(argparse.ArgumentTypeError, match="behind a colon 0 to 59 is allowed"):
        at(text)


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("159", 159.0),
        ("1:33", 93.0),
        ("90:00", 5400.0),
        ("1:59:59.5", 7199.5),
        ("0:59.999", 59.999),
    ],
)
def test_a_time_is_seconds_or_minutes_or_hours(text: str, second: float) -> None:
    """Where nothing stands before them, seconds and minutes may be many."""
    assert at(text).second == pytest.approx(second)
