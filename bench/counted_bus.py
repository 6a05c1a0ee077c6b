"""`Counted`: a bus for benches that turn the clock by hand and wait until every frame is recorded."""

from typing import Any

from instrument.runs.recorder import Rates
from instrument.signals.bus import Bus, Listener, Publisher
from instrument.signals.frames import Topic


class Counted(Bus):
    """A place on the bus that knows how many of the frames that are recorded went through it."""

    def __init__(self, show: str, rates: Rates) -> None:
        """`rates`: what the recorder keeps."""
        super().__init__(show)
        self._rates = rates
        self._ports: list[Publisher[Any] | Listener[Any]] = []

    def publisher(self, topic: Topic) -> Publisher[Any]:
        port = super().publisher(topic)
        if self._rates.of(topic) != 0:
            self._ports.append(port)
        return port

    def listener(self, topic: Topic) -> Listener[Any]:
        port = super().listener(topic)
        self._ports.append(port)
        return port

    @property
    def published(self) -> int:
        return sum(port.published for port in self._ports if isinstance(port, Publisher))

    @property
    def received(self) -> int:
        return sum(port.received for port in self._ports if isinstance(port, Listener))
