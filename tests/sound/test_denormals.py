"""Denormals in the render thread."""

import sys
import threading

import numpy as np
import pytest

from instrument.sound.denormals import denormals_flushed, flush_denormals

TINY = {np.float32: 1e-38, np.float64: 1e-307}


def products() -> list[float]:
    """Of numbers whose product is a denormal: by NumPy, which is what the master computes with."""
    return [
        float((np.full(64, tiny, kind) * kind(0.01)).max()) for kind, tiny in TINY.items()
    ]  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can do it")
def test_a_denormal_product_is_zero_in_that_thread_and_nowhere_else() -> None:
    """Flushed in the thread that asked; the others are left as they were."""
    heard: list[list[float]] = []

    def work() -> None:
        heard.append(products())
        assert flush_denormals()
        heard.append(products())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert all(heard[0])
    assert heard[1] == [0.0, 0.0]
    assert all(products())


def test_it_ends_where_it_is_only_meant_for_a_while() -> None:
    """A rendering in the main thread leaves it as it was."""
    with denormals_flushed() as done:
        inside = products()
    assert not done or inside == [0.0, 0.0]
    assert all(products())
