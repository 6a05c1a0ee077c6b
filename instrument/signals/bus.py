"""The bus: lock-free publish-subscribe in shared memory (iceoryx2). The only module that imports it.

A publisher never waits: where a listener is slow, its oldest frames give way and it counts them.
Every running show has a name space of its own (`show`), so two can run side by side. What a killed
process left in shared memory is taken away at the next start of any show.
"""

import ctypes
import os
from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast

import iceoryx2

from instrument.signals.frames import Frame, Topic
from instrument.signals.mistake import Mistake

AnyFrame = TypeVar("AnyFrame", bound=Frame)

MAX_LISTENERS = 16

iceoryx2.set_log_level(iceoryx2.LogLevel.Fatal)


class Publisher(Generic[AnyFrame]):
    """One writer of one topic. `send` never waits and never raises past the bus; failures are counted.

    Any thread may own one, one thread at a time.
    """

    def __init__(self, port: Any, topic: Topic) -> None:
        self._port = port
        self._size = ctypes.sizeof(topic.frame)
        self.published = 0
        self.failed = 0

    def send(self, frame: AnyFrame) -> None:
        """Publish a copy of `frame`; its `sequence` is set here. Never waits."""
        cast(Any, frame).sequence = self.published
        try:
            sample = self._port.loan_uninit()
            ctypes.memmove(sample.payload_ptr, ctypes.byref(frame), frame.used_bytes())
            sample.assume_init().send()
        except Exception:
            self.failed += 1
            return
        self.published += 1

    def meet(self) -> None:
        """Look for listeners that came since, and hand them the history."""
        self._port.update_connections()

    def close(self) -> None:
        """Leave the bus."""
        self._port.delete()


class Listener(Generic[AnyFrame]):
    """One reader of one topic; `lost` counts the frames that gave way because it was slow."""

    def __init__(self, port: Any, topic: Topic) -> None:
        self._port = port
        self._type = topic.frame
        self._next: dict[int, int] = {}
        self.received = 0
        self.lost = 0

    def take(self, into: AnyFrame | None = None) -> AnyFrame | None:
        """The oldest frame that waits, copied into `into` when it is given; or None. Never waits."""
        sample = self._port.receive()
        return None if sample is None else self._copy(sample, into)

    def drain(self) -> Iterator[AnyFrame]:
        """Every frame that waits, oldest first."""
        while (frame := self.take()) is not None:
            yield frame

    def latest(self, into: AnyFrame | None = None) -> AnyFrame | None:
        """The newest frame that waits, or None; older ones are passed over, not counted as lost."""
        newest = None
        while (sample := self._port.receive()) is not None:
            if newest is not None:
                newest.delete()
            newest = sample
            self._count(sample)
        return None if newest is None else self._copy(newest, into, count=False)

    def _copy(self, sample: Any, into: AnyFrame | None, count: bool = True) -> AnyFrame:
        if count:
            self._count(sample)
        frame: Any = self._type() if into is None else into
        shared = self._type.from_address(sample.payload_ptr)
        ctypes.memmove(ctypes.byref(frame), sample.payload_ptr, shared.used_bytes())
        return cast(AnyFrame, frame)

    def _count(self, sample: Any) -> None:
        sequence = ctypes.c_uint64.from_address(sample.payload_ptr).value
        publisher = sample.header.publisher_id.value
        expected = self._next.get(publisher, sequence)
        self.lost += max(0, sequence - expected)
        self._next[publisher] = sequence + 1
        self.received += 1

    def close(self) -> None:
        """Leave the bus."""
        self._port.delete()


class Bus:
    """This process's place on the bus of one show."""

    def __init__(self, show: str) -> None:
        """`show`: name space of the running show, letters, digits, ``-`` and ``_``."""
        self.show = show
        self._services: dict[str, Any] = {}
        try:
            self._node = (
                iceoryx2.NodeBuilder.new()
                .signal_handling_mode(iceoryx2.SignalHandlingMode.Disabled)
                .create(iceoryx2.ServiceType.Ipc)
            )
        except Exception as error:
            raise Mistake(
                f"the bus cannot open shared memory ({type(error).__name__}); is there space left "
                "in /dev/shm and /tmp, and may you write there?"
            ) from error

    def _service(self, topic: Topic) -> Any:
        if topic.name not in self._services:
            name = iceoryx2.ServiceName.new(f"twos-and-sevens/{self.show}/{topic.name}")
            self._services[topic.name] = (
                self._node.service_builder(name)
                .publish_subscribe(topic.frame)
                .enable_safe_overflow(True)
                .subscriber_max_buffer_size(topic.depth)
                .subscriber_max_borrowed_samples(2)
                .history_size(topic.history)
                .max_publishers(topic.publishers)
                .max_subscribers(MAX_LISTENERS)
                .open_or_create()
            )
        return self._services[topic.name]

    def publisher(self, topic: Topic) -> Publisher[Any]:
        """A writer of `topic`."""
        builder = self._service(topic).publisher_builder()
        discard = iceoryx2.BackpressureStrategy.DiscardData
        return Publisher(builder.backpressure_strategy(discard).create(), topic)

    def listener(self, topic: Topic) -> Listener[Any]:
        """A reader of `topic`; gets the topic's history first."""
        return Listener(self._service(topic).subscriber_builder().create(), topic)

    def close(self) -> None:
        """Give back this process's place. Ports must be closed or forgotten before."""
        self._services.clear()
        self._node = None


def new_show_name() -> str:
    """A name space no other running show has."""
    return f"show-{os.getpid()}-{os.urandom(2).hex()}"
