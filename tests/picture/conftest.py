from collections.abc import Callable, Iterator
from typing import Any

import pytest
from picture_rig import Rig


@pytest.fixture
def make_rig() -> Iterator[Callable[..., Rig]]:
    """Opens rigs, and closes them when the test is over."""
    rigs: list[Rig] = []

    def make(**words: Any) -> Rig:
        rig = Rig(**words)
        rigs.append(rig)
        rig.words = rig.picture.open()
        return rig

    yield make
    for rig in rigs:
        rig.picture.close()
