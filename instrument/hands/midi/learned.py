"""From what a hand moved to the entry that is kept."""

from instrument.hands.midi.entry import EVERY_BANK, Act, Entry
from instrument.hands.midi.recognise import Found
from instrument.hands.midi.relative import Encoding
from instrument.signals.spec import Kind, Spec

BASE_BANK = 1
"""What is learned in it holds in every bank that has nothing of its own there."""


def entry_for(device: str, found: Found, spec: Spec, bank: int) -> Entry:
    """The entry for what was found and the control it is to move, learned in a bank."""
    is_trigger = spec.kind is Kind.TRIGGER
    plain = not spec.choices and not spec.names and not spec.is_whole
    return Entry(
        device,
        found.source,
        spec.path,
        act=Act.TURN if found.encoding is not None and not is_trigger else None,
        encoding=found.encoding or Encoding.TWOS,
        press=found.press,
        velocity=found.velocity and is_trigger and plain,
        bank=EVERY_BANK if bank == BASE_BANK else bank,
    )
