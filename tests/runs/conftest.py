"""Fixtures of the runs."""

from collections.abc import Iterator

import pytest

from instrument.signals.bus import Bus, new_show_name


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


@pytest.fixture
def tonight() -> Iterator[Bus]:
    """The bus of another show, on which a run is played back."""
    bus = Bus(new_show_name())
    yield bus
    bus.close()
