"""The command `instrument layouts`."""

import argparse
from pathlib import Path
from typing import Any

from instrument.arguments import between
from instrument.signals.mistake import Mistake


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "layouts", help="pages for a tablet: files for Open Stage Control and TouchOSC"
    ).add_argument
    port = between(int, 1, 65535, "port")
    declare(
        "-o", "--out", type=Path, default=Path("."), metavar="FOLDER", help="(the one you are in)"
    )
    declare(
        "--preset",
        default="glitch_organ",
        metavar="NAME",
        help="pages for what a show has that begins with this preset",
    )
    declare("--host", default="127.0.0.1", metavar="ADDRESS",
        help="of the show, as Open Stage Control sees it (127.0.0.1)")  # fmt: skip
    declare("--port", type=port, default=9000, metavar="N", help="of the show (9000)")
    declare("--reply-port", type=port, default=9001, metavar="N",
        help="where the tablet listens in TouchOSC (9001)")  # fmt: skip
    declare("--samples", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder of your own recordings; may be said again")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write both files; the exit code. Raises `Mistake`."""
    from instrument import set_list
    from instrument.hands.layouts.files import files
    from instrument.show_house import house_of_show

    host = _plain_host(arguments.host)
    house = house_of_show(arguments.preset, arguments.samples)
    folder: Path = arguments.out
    scenes = set_list.read().names
    made = files(house.bank, host, arguments.port, arguments.reply_port, scenes)
    for name, content in made.items():
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise Mistake(f"{path} cannot be written ({error.strerror}); say another -o") from error
        print(f"{path}: {len(content) / 1000:.0f} kB")
    return 0


def _plain_host(host: str) -> str:
    """The host if it can stand before a colon in a session; else `Mistake`."""
    if not host or not all(c.isalnum() or c in ".-" for c in host) or not host.isascii():
        raise Mistake(
            f"--host '{host}' is no address; a name or an IPv4 address such as 192.168.1.20 is meant"
        )
    return host
