"""Numbers on the command line: bounds as a performer reads them."""

import argparse

import pytest

from instrument.arguments import between


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
