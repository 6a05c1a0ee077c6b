"""The bar of a command that reads a run once."""

import io
from collections.abc import Iterator

import pytest
import rich

from instrument.share_bar import share_bar


@pytest.fixture
def screen() -> Iterator[io.StringIO]:
    """A terminal that remembers what it was given."""
    screen = io.StringIO()
    rich.reconfigure(file=screen, force_terminal=True, width=80)
    yield screen
    rich.reconfigure()


def test_a_bar_is_drawn_only_when_something_is_read(screen: io.StringIO) -> None:
    """What is refused before is a sentence alone."""
    with pytest.raises(ValueError, match="refused"), share_bar("tonight"):
        raise ValueError("refused")
    assert "tonight" not in screen.getvalue()
    with share_bar("tonight") as bar:
        bar(0.0)
        bar(1.0)
    assert "tonight" in screen.getvalue() and "100%" in screen.getvalue()
