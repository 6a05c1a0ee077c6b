"""What `instrument midi` prints: the MIDI devices that are here, their profiles, and what moves what."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from instrument.hands.midi.entry import EVERY_BANK, NOTHING, Entry
from instrument.hands.midi.hand import MAP_NAME
from instrument.hands.midi.map_file import MapFile
from instrument.hands.midi.names import Names, is_through
from instrument.hands.midi.ports import Ports
from instrument.hands.midi.profile import Profile, load_profiles, profile_for
from instrument.house import open_house
from instrument.signals import places
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake, did_you_mean

HEAD = ("device", "element", "control", "how", "bank")
PIPE_WIDTH = 200


def show(profile: str | None, system: str) -> None:
    """Print a profile by its name, else devices and map. Raises `Mistake`."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH)
    profiles = load_profiles(lambda text, _grave: console.print(text, markup=False))
    bank = open_house().bank
    if profile is not None:
        _print_profile(console, _named(profile, profiles), bank)
        return
    devices = _print_devices(console, profiles, system)
    _print_map(console, devices, profiles, bank)


def _named(name: str, profiles: Sequence[Profile]) -> Profile:
    known = {profile.name: profile for profile in profiles}
    if name not in known:
        near = did_you_mean(name, known)
        raise Mistake(
            f"no profile is called '{name}'{near} (there are: {', '.join(sorted(known))})"
        )
    return known[name]


def _print_devices(console: Console, profiles: Sequence[Profile], system: str) -> list[str]:
    ports = Ports(lambda _device, _message: None, lambda _text, _grave: None, system=system)
    found: list[str] = []
    if ports.find() and ports.system is not None:
        names = Names(ports.system)
        names.update(ports.listed(outputs=False))
        found = [device for port, device in names.of.items() if not is_through(port)]
        console.print(f"MIDI inputs ({ports.system.value})", style="bold")
    else:
        console.print("no MIDI here: no ALSA sequencer, no JACK server; perform goes on without")
    ports.close()
    for device in found:
        profile = profile_for(device, profiles)
        console.print(f"  {device:<28} {profile.title if profile else 'no profile'}", markup=False)
    console.print("profiles", style="bold")
    for profile in profiles:
        console.print(f"  {profile.name:<28} {profile.title}", markup=False)
    return found


def _print_map(
    console: Console, devices: Sequence[str], profiles: Sequence[Profile], bank: Bank
) -> None:
    """The performer's own map, and that of the profiles of the devices that are here."""
    path = places.home() / MAP_NAME
    file = MapFile(path, lambda text, _grave: console.print(text, markup=False))
    file.read()
    table = Table(*HEAD, box=None, header_style="bold")
    own = {(entry.device, entry.source) for entry in file.entries}
    for entry in file.entries:
        table.add_row(*_row(entry, profile_for(entry.device, profiles), bank))
    for device in devices:
        profile = profile_for(device, profiles)
        for entry in () if profile is None else profile.entries:
            if (device, entry.source) not in own:
                table.add_row(device, *_row(entry, profile, bank)[1:])
    console.print(f"map ({path})", style="bold", markup=False)
    console.print(table if table.row_count else "  nothing is mapped yet: , in the window learns")


def _print_profile(console: Console, profile: Profile, bank: Bank) -> None:
    console.print(profile.title, style="bold", markup=False)
    if profile.note:
        console.print(profile.note, markup=False)
    table = Table("element", "sends", "light", "control", "how", box=None, header_style="bold")
    for element in profile.elements.values():
        entries = [entry for entry in profile.entries if entry.source == element.source]
        light = "it goes where it is told" if element.follows else ""
        light = light or ("" if element.light is None else f"{element.light.on} on")
        rows = [_row(entry, profile, bank)[2:4] for entry in entries] or [("", "")]
        for control, how in rows:
            table.add_row(element.name, element.source.words, light, control, how)
    console.print(table)


def _row(entry: Entry, profile: Profile | None, bank: Bank) -> tuple[str, str, str, str, str]:
    element = None if profile is None else profile.element(entry.source)
    bank_words = "" if entry.bank == EVERY_BANK else str(entry.bank)
    control = entry.control if entry.control != NOTHING else "nothing"
    how = ", ".join(_how(entry, bank))
    where = entry.source.words if element is None else element.name
    return entry.device, where, control, how, bank_words


def _how(entry: Entry, bank: Bank) -> Iterator[str]:
    if entry.control == NOTHING:
        return
    if entry.control not in bank:
        yield "sleeps: this show has no such control"
        return
    act = entry.act_on(bank.spec(entry.control))
    yield act.value
    if entry.value is not None:
        yield f"{entry.value:g}"
    if entry.word:
        yield entry.word
    if act.value == "follow":
        yield entry.takeover.value
    if (entry.low, entry.high) != (0.0, 1.0):
        yield f"{entry.low:g}..{entry.high:g}"
    if entry.invert:
        yield "inverted"
