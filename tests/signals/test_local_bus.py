"""The bus inside one thread behaves as the real one does, seen through its ports."""

import pytest

from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import METRICS, TILES, MetricFrame, TileFrame
from instrument.signals.local_bus import LocalBus


@pytest.fixture(params=["shared", "local"])
def bus(request: pytest.FixtureRequest) -> Bus:
    """One after the other: what holds for one must hold for both."""
    return LocalBus() if request.param == "local" else Bus(new_show_name())


def test_every_listener_gets_a_copy_of_every_frame_in_order(bus: Bus) -> None:
    """Changing the frame after `send` changes nothing that was sent; sequences count from 0."""
    first, second = bus.listener(METRICS), bus.listener(METRICS)
    publisher = bus.publisher(METRICS)
    frame = MetricFrame()
    for step in (5, 6, 7):
        frame.step = step
        publisher.send(frame)
    assert [(f.sequence, f.step) for f in first.drain()] == [(0, 5), (1, 6), (2, 7)]
    newest = second.latest(MetricFrame())
    assert newest is not None and newest.step == 7
    assert second.take() is None and second.latest() is None
    assert (second.received, second.lost, publisher.published) == (3, 0, 3)


def test_a_late_listener_gets_the_history_and_only_that(bus: Bus) -> None:
    """The newest tiles wait for who comes late, metrics do not; only the used bytes travel."""
    tiles, metrics = bus.publisher(TILES), bus.publisher(METRICS)
    for step in (1, 2):
        frame = TileFrame(step=step, count=1, height=2, width=2, channels=1)
        frame.tiles[:4] = [step] * 4
        tiles.send(frame)
        metrics.send(MetricFrame(step=step))
    late, nothing = bus.listener(TILES), bus.listener(METRICS)
    tiles.meet()
    heard = late.take()
    assert heard is not None and heard.step == 2 and list(heard.tiles[:5]) == [2, 2, 2, 2, 0]
    assert late.take() is None and nothing.take() is None


def test_a_closed_listener_hears_no_more() -> None:
    """What it left behind does not grow."""
    bus = LocalBus()
    listener, publisher = bus.listener(METRICS), bus.publisher(METRICS)
    listener.close()
    publisher.send(MetricFrame())
    assert listener.take() is None
