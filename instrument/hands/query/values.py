"""The present values of the tree, out of the bus. They are taken when somebody looks, else nothing runs."""

from collections.abc import Sequence

from instrument.hands.coalesce import Arguments
from instrument.hands.readouts import (
    ControlReadout,
    DeckReadout,
    Readout,
    SoundReadout,
    StandingReadout,
    StreamReadout,
    short,
)
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec


class Values:
    """What stands at every path: `look` takes what is new, `take_changed` says where.

    Made by any thread; from then on that of the queries.
    """

    def __init__(self, bank: Bank, streams: Sequence[StreamSpec], bus: Bus) -> None:
        self._quick: tuple[Readout, ...] = (
            ControlReadout(bus, bank), StandingReadout(bus), DeckReadout(bus),
        )  # fmt: skip
        self._slow: tuple[Readout, ...] = (StreamReadout(bus, streams), SoundReadout(bus))
        self._where = {
            address: readout
            for readout in self._quick + self._slow
            for address in readout.addresses
        }
        self.slow = frozenset(address for readout in self._slow for address in readout.addresses)
        """Paths of the training and of the meters."""
        self._switches = frozenset(spec.address for spec in bank if spec.kind is Kind.BOOL)
        self._changed: dict[str, None] = {}

    def of(self, path: str) -> Arguments | None:
        """Arguments that stand at a path; None where nothing does, or not yet."""
        readout = self._where.get(path)
        arguments = None if readout is None else readout.standing().get(path)
        if arguments is None:
            return None
        if path in self._switches:
            return (bool(arguments[0]),)
        return tuple(short(each) if isinstance(each, float) else each for each in arguments)

    def look(self, slow: bool = True) -> None:
        """Take what the bus has. `slow`: the training and the meters, too."""
        for readout in self._quick + self._slow if slow else self._quick:
            self._changed.update((address, None) for address, _ in readout.listen())

    def take_changed(self) -> list[str]:
        """The paths where something else stands than when this was asked last."""
        changed = list(self._changed)
        self._changed.clear()
        return changed
