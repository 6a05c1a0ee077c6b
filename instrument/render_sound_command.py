"""The command `instrument render-sound`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from instrument.arguments import between
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write, reason
from instrument.written_over import check_folder, check_stems, check_target


def add(commands: Any) -> None:
    """Declare it among the tools."""
    declare = commands.add_parser(
        "render-sound", help="a recorded run through a preset into a sound file"
    ).add_argument
    declare("run", help="name or file of the run")
    declare("--preset", default="glitch_organ", metavar="NAME")
    declare("-o", "--out", type=Path, required=True, metavar="FILE.wav", help="or .flac")
    declare("--samples", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder of your own recordings; may be said again")  # fmt: skip
    declare("--stems", type=Path, metavar="FOLDER",
        help="also each voice, the space and the drive by themselves, as WAV")  # fmt: skip
    declare("--force", action="store_true", help="write over what is there")
    _as_on_stage(declare)


def _as_on_stage(add: Callable[..., object]) -> None:
    """What a rehearsal was given, its rendering must be given too, or it sounds otherwise."""
    whole = between(int, 22050, 192000, "sample rate")
    add("--sample-rate", type=whole, default=48000, metavar="HZ", help="as in perform (48000)")
    add("--block", type=between(int, 32, 4096, "block"), default=256, metavar="N",
        help="as in perform (256)")  # fmt: skip
    add("--channels", type=int, choices=(2, 4, 8), default=2, help="as in perform (2)")
    add("--seed", type=between(int, 0, 2**31 - 1, "seed"), default=7, metavar="N",
        help="as in perform (7)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Render as asked; the exit code. A file is there whole or not at all. Raises `Mistake`."""
    from instrument.sound.capture import check_sound_file

    out: Path = arguments.out
    check_sound_file(out)
    check_target(out, arguments.force)
    check_stems(arguments.stems, arguments.force)
    check_folder(out)
    try:
        with TemporaryDirectory(prefix=f".{out.name}.", dir=out.absolute().parent) as beside:
            said = _render(arguments, Path(beside))
    except KeyboardInterrupt:
        print(
            f"{out} is not made: stopped by Ctrl-C; the same command begins anew", file=sys.stderr
        )
        return 130
    except (OSError, RuntimeError) as error:  # libsndfile's own are of the second kind
        if isinstance(error, OSError):
            raise cannot_write(out, error) from error
        raise Mistake(f"{out}: cannot be written ({reason(error)})") from error
    print(said)
    return 0


def _render(arguments: argparse.Namespace, beside: Path) -> str:
    """Make all of it in a folder beside, and put it in its place; what is to be said."""
    from rich.progress import Progress

    from instrument.offline import render_sound
    from instrument.render_work import move_stems
    from instrument.runs.tape import find_run
    from instrument.show_house import house_of_show

    run, out, stems = find_run(arguments.run), arguments.out, arguments.stems
    with Progress(transient=True) as bar:
        task = bar.add_task(f"{run.stem} through {arguments.preset}", total=1.0)
        made = render_sound(
            run,
            arguments.preset,
            beside / out.name,
            house_of_show(arguments.preset, arguments.samples),
            sample_rate=arguments.sample_rate,
            block=arguments.block,
            channels=arguments.channels,
            seed=arguments.seed,
            progress=lambda share: bar.update(task, completed=share),
            stems=None if stems is None else beside / "stems",
        )
    (beside / out.name).replace(out)
    if stems is not None:
        for sentence in move_stems(beside / "stems", stems):
            print(sentence)
    return (
        f"{out}: {made.seconds:.1f} s, {made.loudness_lufs:.1f} LUFS, "
        f"true peak {made.true_peak_dbtp:.1f} dBTP"
    )
