"""Fixtures of the hands."""

import pytest
from stand import Stand


@pytest.fixture
def stand() -> Stand:
    return Stand()
