"""The tools around the show: lists, the doctor, and the tables of docs/ made from the declarations."""

import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from instrument.hands.keys import COMMANDS, ROWS
from instrument.house import House, open_house
from instrument.learning.streams import STREAMS
from instrument.picture.look_page import look_page
from instrument.presets import headline, preset_names
from instrument.salvage import page
from instrument.salvage.listing import entries
from instrument.salvage.table import lines
from instrument.signals import places
from instrument.signals.mistake import Mistake
from instrument.signals.spec import Kind, Spec

MARK = "<!-- made by `instrument docs`; what is below this line is overwritten -->"


def run(command: str, check: bool = False) -> int:
    """One tool by its name; returns the exit code. Raises `Mistake`."""
    if command == "docs":
        return docs(check)
    tools: dict[str, Callable[[], None]] = {
        "controls": print_controls,
        "streams": print_streams,
        "keys": print_keys,
        "list": print_lists,
        "doctor": print_doctor,
    }
    tools[command]()
    return 0


PIPE_WIDTH = 400
"""Columns where nobody looks: one line for each row, for grep."""


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def print_lists() -> None:
    """Presets, runs and sound devices."""
    from instrument.sound.devices import device_lines

    console = _console()
    console.print("presets", style="bold")
    for name in preset_names():
        console.print(f"  {name:<16} {headline(name)}", markup=False)
    console.print("runs", style="bold")
    for line in lines(entries(), time.time()):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print("sound devices", style="bold")
    for line in device_lines() or ["none: perform goes on without one"]:
        console.print(f"  {line}", markup=False)


def _rows(house: House) -> list[tuple[str, ...]]:
    return [
        (spec.address, _type(spec), spec.allowed, spec.text(spec.default), spec.group, spec.help)
        for spec in house.bank
    ]


def _type(spec: Spec) -> str:
    return f"{spec.kind.value}, {spec.curve.value}" if spec.kind is Kind.FLOAT else spec.kind.value


CONTROL_HEAD = ("address", "type", "allowed", "default", "kind", "what it does")
STREAM_HEAD = ("stream", "0..1 of a route", "unit", "what it says", "formula")
KEY_HEAD = ("key", "what it does")


def _stream_rows() -> list[tuple[str, ...]]:
    return [
        (s.name, f"{s.low:g}..{s.high:g}", s.unit, s.help, s.formula or ", ".join(s.choices))
        for s in STREAMS
    ]


def _key_rows(house: House) -> list[tuple[str, ...]]:
    rows = [(" / ".join(row.keys), row.does) for row in ROWS if row.path in house.bank]
    return [*rows, *((command.key, command.does) for command in COMMANDS)]


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for number, title in enumerate(head):
        table.add_column(title, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table, markup=False)


def print_controls() -> None:
    """Every control of the show."""
    _print_table(CONTROL_HEAD, _rows(open_house()))


def print_streams() -> None:
    """Every stream of the training."""
    _print_table(STREAM_HEAD, _stream_rows())


def print_keys() -> None:
    """The keyboard map."""
    _print_table(KEY_HEAD, _key_rows(open_house()))


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)


def _control_page(house: House) -> str:
    """A table for each group of controls under its address, and a line to jump from."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in _rows(house):
        groups.setdefault(row[0].rpartition("/")[0], []).append(row)
    links = " · ".join(f"[{name}](#{name.replace('/', '')})" for name in groups)
    tables = (f"## {name}\n\n{_markdown(CONTROL_HEAD, rows)}" for name, rows in groups.items())
    return "\n\n".join((links, *tables))


def pages() -> dict[str, str]:
    """Name in docs/ of each derived page, and its text below the mark."""
    house = open_house()
    return {
        "controls.md": _control_page(house),
        "streams.md": _markdown(STREAM_HEAD, _stream_rows()),
        "keys.md": _markdown(KEY_HEAD, _key_rows(house)),
        "looks.md": look_page(house.looks, _markdown),
        "runs.md": _markdown(page.HEAD, page.topic_rows()),
    }


def docs(check: bool, folder: Path | None = None) -> int:
    """Write the derived pages of docs/, or (`check`) say which are out of date."""
    folder = folder or places.PACKAGE.parent / "docs"
    if not folder.is_dir():
        raise Mistake(f"{folder} does not exist: `instrument docs` is for a checkout of the source")
    stale = []
    for name, derived in pages().items():
        path = folder / name
        before = (
            path.read_text(encoding="utf-8") if path.is_file() else f"# {path.stem}\n\n{MARK}\n"
        )
        head, mark, _ = before.partition(MARK)
        if not mark:
            raise Mistake(
                f"{path}: the line '{MARK}' is missing; put it where the table shall begin"
            )
        text = f"{head}{MARK}\n\n{derived}\n"
        if text != before or not path.is_file():
            stale.append(str(path.relative_to(folder.parent)))
            if not check:
                path.write_text(text, encoding="utf-8")
    stale += _layouts(folder.parent / "presets" / "layouts", check)
    if check and stale:
        raise Mistake(f"out of date: {', '.join(stale)}; `instrument docs` writes them anew")
    return 0


def _layouts(folder: Path, check: bool) -> list[str]:
    """Write the shipped layouts for tablets where they are out of date (`check`: only name them)."""
    from instrument.hands.layouts.files import files, same

    stale = []
    for name, content in files(open_house().bank).items():
        path = folder / name
        if folder.is_dir() and not (path.is_file() and same(name, path.read_bytes(), content)):
            stale.append(str(path.relative_to(folder.parent.parent)))
            if not check:
                path.write_bytes(content)
    return stale


PARTS = (
    "twos-and-sevens", "torch", "torchvision", "numpy", "pyo", "moderngl", "pygame", "pygame-ce",
    "python-osc", "iceoryx2", "rtmixer", "sounddevice", "soundfile", "mcap",
)  # fmt: skip


def print_doctor() -> None:
    """What this machine has, in words a performer can act on."""
    console = _console()
    console.print(f"python {platform.python_version()} on {platform.platform()}", markup=False)
    found = {}
    for part in PARTS:
        try:
            found[part] = importlib.metadata.version(part)
        except importlib.metadata.PackageNotFoundError:
            continue
    console.print("  ".join(f"{part} {version}" for part, version in found.items()), markup=False)
    for label, look in (
        ("bus", _bus_line),
        ("sound", _sound_line),
        ("priority", _priority_line),
        ("picture", _picture_line),
        ("learning", _learning_line),
    ):
        try:
            text = look()
        except Exception as error:
            text = f"FAULT: {error}"
        console.print(f"{label:<9}{text}", markup=False)
    if "pygame" in found and "pygame-ce" in found:
        console.print(
            "FAULT: pygame and pygame-ce are both installed and break each other; "
            "`pip uninstall pygame pygame-ce`, then install this instrument again"
        )
    console.print(f"{'yours':<9}{_own_line(places.home())}", markup=False)


def _own_line(home: Path) -> str:
    """The performer's own folder, and whether a show can be recorded into it."""
    what = f"{home} (presets, samples, shaders and runs of your own)"
    if fault := places.home_fault():
        return f"FAULT: {fault}"
    there = home / "runs"
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{what}; FAULT: {there} cannot be written, so no show is recorded there"
    return f"{what}; {shutil.disk_usage(there).free / 1e9:.1f} GB are free"


def _bus_line() -> str:
    from instrument.signals.bus import Bus, new_show_name
    from instrument.signals.frames import METRICS, MetricFrame

    bus = Bus(new_show_name())
    publisher, listener = bus.publisher(METRICS), bus.listener(METRICS)
    publisher.send(MetricFrame(step=7))
    frame = listener.take()
    publisher.close()
    listener.close()
    bus.close()
    if frame is None:
        raise Mistake("a frame that was sent did not arrive; is /dev/shm full?")
    return "shared memory works"


def _sound_line() -> str:
    from instrument.sound.devices import device_lines

    lines = device_lines()
    return "; ".join(lines) if lines else "no sound device: perform goes on without one"


def _priority_line() -> str:
    from instrument.sound.urgency import real_time_allowed

    if real_time_allowed():
        return "real-time scheduling is allowed: the sound goes before everything else"
    return (
        "no real-time scheduling: the sound plays as any other program "
        "(on Linux the group `audio` with `rtprio 20` in /etc/security/limits.d allows it)"
    )


def _picture_line() -> str:
    from instrument.picture.window import Window, WindowConfig

    window = Window(WindowConfig(64, 64))
    words = window.words
    window.close()
    return words


def _learning_line() -> str:
    import torch

    if torch.cuda.is_available():
        return f"torch on CUDA ({torch.cuda.get_device_name()})"
    if torch.backends.mps.is_available():
        return "torch on Apple's GPU (mps)"
    return f"torch on the CPU ({torch.get_num_threads()} threads at most; the training takes one)"
