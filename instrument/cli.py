"""The two commands: `perform` (live and rehearsal) and `instrument` (tools)."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from instrument import (
    __version__,
    export_command,
    layouts_command,
    midi_command,
    render_command,
    render_sound_command,
    runs_command,
    score_command,
)
from instrument.arguments import At, at, between, size
from instrument.guarded import guarded
from instrument.learning.config import NETS, SIZE_HIGH, SIZE_LOW
from instrument.leaving import leave
from instrument.signals.mistake import Mistake

EPILOG = """\
perform                                   the glitch organ, live
perform --preset sine_data --fullscreen   another preset on the whole screen
perform --rehearse noise_to_digits        a recorded run instead of a training
perform --record tonight.mcap             record while playing
perform --list                            presets, runs, sound devices
"""


class _Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one sentence and not the whole usage."""

    def error(self, message: str) -> NoReturn:
        print(
            f"{self.prog}: {message} ('{self.prog} --help' shows what is allowed)", file=sys.stderr
        )
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="perform",
        description="Play the training of a neural network: a GAN learns digits, you steer it, "
        "its inner data is the sound and the picture.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--preset",
        default="glitch_organ",
        metavar="NAME",
        help="scene to begin with (glitch_organ)",
    )
    add("--list", action="store_true", help="list presets, runs and sound devices, then leave")
    add(
        "--rehearse",
        metavar="RUN",
        help="play a recorded run instead of training: a name or a file",
    )
    add(
        "--branch",
        metavar="RUN",
        help="go on live with the training of a recorded run, from a saved moment of it",
    )
    add("--at", type=at, metavar="WHERE",
        help="where in that run, 1:33, 93.5 or step:5000 (its beginning)")  # fmt: skip
    add("--mute-hands", action="store_true",
        help="rehearse without the recorded hands: the training alone, played by yours")  # fmt: skip
    add("--record", type=Path, metavar="RUN.mcap", help="write this show to a run file")
    add("--no-record", action="store_true",
        help="record nothing; else every show goes into a file of its own, see docs/runs.md")  # fmt: skip
    add("--keep", type=between(float, 0.1, 1e6, "GB"), metavar="GB",
        help="of such files the oldest go when all take more (10)")  # fmt: skip
    seconds = between(float, 0.1, 1e6, "seconds")
    add("--seconds", type=seconds, metavar="N", help="end by itself after N seconds")
    add(
        "--report",
        type=Path,
        metavar="FILE.json",
        help="write what was counted to a file at the end",
    )
    add("--version", action="version", version=f"twos-and-sevens {__version__}")

    group = parser.add_argument_group("learning").add_argument
    nets = "; ".join(f"{name}: {facts.help}" for name, facts in NETS.items())
    group("--net", metavar="NET", help=f"{nets} (default: the preset's)")
    group("--digits", metavar="WHAT", help="bundled (the default), mnist, or a folder of images")
    group("--image-size", type=between(int, SIZE_LOW, SIZE_HIGH, "image size"), metavar="N",
          help="pixels a side, a multiple of 4 from 8 to 64 (the preset's, else 28)")  # fmt: skip
    group("--colour", action=argparse.BooleanOptionalAction, default=None,
          help="learn in colour, red, green and blue, or in grey (the preset's, else grey)")  # fmt: skip
    group("--device", default="auto", metavar="WHERE", help="auto, cpu, cuda or mps")
    group(
        "--seed",
        type=between(int, 0, 2**31 - 1, "seed"),
        default=7,
        metavar="N",
        help="of the training and of the dice of the sound (7)",
    )

    group = parser.add_argument_group("sound").add_argument
    group(
        "--sound",
        choices=("device", "null"),
        default="device",
        help="null plays to nobody, in time",
    )
    group("--sound-device", metavar="NAME", help="part of the device's name, or its number")
    group("--sound-file", type=Path, metavar="FILE", help="render into a file instead of a device")
    group("--samples", type=Path, action="append", default=[], metavar="FOLDER",
          help="a folder of recordings besides your own and the shipped ones (again for more)")  # fmt: skip
    group("--capture", type=Path, metavar="FILE.wav", help="also write what is heard to a file")
    group(
        "--sample-rate",
        type=between(int, 22050, 192000, "sample rate"),
        default=48000,
        metavar="HZ",
    )
    group(
        "--block",
        type=between(int, 32, 4096, "block"),
        default=None,
        metavar="N",
        help="samples (256; 128 with --low-latency)",
    )
    group("--ring-blocks", type=between(float, 1, 64, "ring of blocks"), default=None, metavar="N",
          help="blocks rendered ahead, also a fraction such as 1.5: few are quick, 4 are safe "
          "(4; with --low-latency 3, or 1.25 for blocks above 128)")  # fmt: skip
    group("--low-latency", action="store_true",
          help="a gesture is heard within 15 ms: --block 128 --ring-blocks 3; give a JACK server "
          "periods of 128, too (where it has 256: --low-latency --block 256)")  # fmt: skip
    group("--channels", type=int, choices=(2, 4, 8), default=2,
          help="loudspeakers, on a ring round the audience when more than 2 (2)")  # fmt: skip
    group("--no-standby", action="store_true",
          help="no second sound process in waiting: saves 220 MB, a crash is heard for longer")  # fmt: skip

    group = parser.add_argument_group("picture").add_argument
    group("--size", type=size, default=(1280, 720), metavar="WxH", help="of the window (1280x720)")
    group("--fullscreen", action="store_true", help="the whole screen")
    group(
        "--display",
        type=between(int, 0, 63, "display"),
        default=None,
        metavar="N",
        help="which screen, from 0",
    )
    group("--headless", action="store_true", help="draw off-screen")
    group("--lines", type=between(int, 120, 4320, "lines"), default=360, metavar="N",
          help="height of the picture in hard pixels, shown enlarged by whole ones (360; a graphics card "
          "draws 1080 and 2160, too)")  # fmt: skip
    group("--picture-rate", type=between(float, 1.0, 240.0, "pictures per second"), default=60.0,
          metavar="HZ", help="pictures per second; the rate of your display is best (60)")  # fmt: skip
    group("--vsync", action="store_true",
          help="show pictures between two of the display: nothing is torn, a period later")  # fmt: skip
    group("--performer-view", nargs="?", type=between(int, 0, 63, "display"), default=None,
          const=-1, metavar="DISPLAY",
          help="a second window for the performer alone, or the whole of this display")  # fmt: skip
    group("--no-flash-guard", action="store_true",
          help="let every flash through: a danger to some who watch; the window warns")  # fmt: skip
    every = between(float, 0.05, 1e6, "seconds")
    group(
        "--screenshot-every", nargs=2, metavar=("S", "FOLDER"), help="a screenshot every S seconds"
    )
    group("--share", action="append", default=[], metavar="WHERE",
          help="give the picture to other programs: ndi[:NAME], syphon[:NAME] (macOS), spout[:NAME] "
          "(Windows), camera[:DEVICE] (again for more)")  # fmt: skip
    group("--film", type=Path, metavar="FILE.mp4", help="film the show, with its sound (or .mkv)")

    group = parser.add_argument_group("hands").add_argument
    port = between(int, 1, 65535, "port")
    group("--osc-port", type=port, default=9000, metavar="N", help="UDP port for OSC (9000)")
    group("--osc-listen", default="127.0.0.1", metavar="ADDRESS",
          help="address to listen on; only this machine unless asked")  # fmt: skip
    group("--osc-allow", action="append", default=[], metavar="ADDRESS",
          help="a sender that may play (again for more); needed with --osc-listen")  # fmt: skip
    group("--osc-out", action="append", default=[], metavar="HOST:PORT[:PATTERN]",
          help="tell this receiver what stands: all controls, or what the pattern names (again for "
          "more)")  # fmt: skip
    group("--osc-tcp-port", type=port, default=None, metavar="N", help="TCP port for OSC, too")
    group("--osc-token", default=os.environ.get("TWOS_AND_SEVENS_OSC_TOKEN", ""), metavar="WORD",
          help="every sender has to say /token WORD first; others on this machine see a command line, so "
          "better set TWOS_AND_SEVENS_OSC_TOKEN")  # fmt: skip
    group("--query-port", type=port, default=None, metavar="N",
          help="TCP port for OSCQuery, HTTP and WebSocket (9002, or any where that is in use)")  # fmt: skip
    group(
        "--no-query",
        action="store_true",
        help="no OSCQuery: other programs cannot look up the controls",
    )
    group("--announce", action=argparse.BooleanOptionalAction, default=True,
          help="tell other programs by zeroconf where the show is (yes)")  # fmt: skip
    group("--no-midi", action="store_true", help="hear no MIDI controllers")
    group("--midi", action="append", default=[], metavar="NAME",
          help="hear only devices with this in their names (again for more)")  # fmt: skip
    group("--midi-system", choices=("auto", "alsa", "jack"), default="auto",
          help="whose MIDI ports, on Linux (ALSA's, else those of a JACK server)")  # fmt: skip
    group("--midi-virtual", action="store_true",
          help="a MIDI input of our own that other programs play (not on Windows)")  # fmt: skip
    group("--link", action="store_true",
          help="open Ableton Link: everybody in the network may set the tempo")  # fmt: skip
    parser.set_defaults(every=every)
    return parser


def _usual_ring(block: int, low_latency: bool) -> float:
    """Blocks rendered ahead unless somebody says otherwise: 21 ms, or 7 to 8 ms."""
    if not low_latency:
        return 4.0
    return 3.0 if block <= 128 else 1.25


def _perform(arguments: argparse.Namespace) -> int:
    if arguments.list:
        from instrument import tools

        tools.print_lists()
        return 0
    from instrument.learning.choices import folded
    from instrument.learning.config import LearningConfig
    from instrument.options import Options
    from instrument.picture.picture import PictureConfig
    from instrument.picture.window import WindowConfig
    from instrument.stage import perform

    every, folder, view = None, None, arguments.performer_view
    block = arguments.block or (128 if arguments.low_latency else 256)
    if arguments.osc_allow and arguments.osc_listen == Options.osc_host:
        raise Mistake(
            "--osc-allow lets nobody in while only this machine is listened to; add --osc-listen with "
            "the address that this machine has in their network"
        )
    if arguments.branch is not None and arguments.rehearse is not None:
        raise Mistake(
            "--branch and --rehearse cannot both be; rehearse the run and branch from it while it plays "
            "(docs/branch.md), or leave --rehearse away"
        )
    if arguments.record is not None and arguments.no_record:
        raise Mistake("--record and --no-record cannot both be; leave one of them away")
    if arguments.keep is not None and arguments.no_record:
        raise Mistake(
            "--keep says how much the shows of before may take when another is recorded, and with "
            "--no-record none is; leave one of them away"
        )
    if arguments.at is not None and arguments.branch is None and arguments.rehearse is None:
        raise Mistake("--at says where in a recorded run; name the run with --rehearse or --branch")
    if arguments.mute_hands and arguments.rehearse is None:
        raise Mistake("--mute-hands is about the hands of a recorded run; name it with --rehearse")
    if arguments.screenshot_every:
        try:
            every = arguments.every(arguments.screenshot_every[0])
        except argparse.ArgumentTypeError as error:
            raise Mistake(f"--screenshot-every {error}") from None
        folder = Path(arguments.screenshot_every[1])
    said = {"net": arguments.net, "image_size": arguments.image_size, "colour": arguments.colour}
    asked = {key: value for key, value in said.items() if value is not None}
    digits = {} if arguments.digits is None else {"digits": arguments.digits}
    recorded = "branch" if arguments.branch is not None else "rehearse"
    if getattr(arguments, recorded) is not None and (own := [*asked, *digits]):
        raise Mistake(
            f"--{own[0].replace('_', '-')} cannot be chosen with --{recorded}: net and images are those of "
            "the recorded training"
        )
    learning = LearningConfig(**digits, device=arguments.device, seed=arguments.seed)
    options = Options(
        preset=arguments.preset,
        rehearse=arguments.rehearse,
        branch=arguments.branch,
        at=arguments.at or At(),
        mute_hands=arguments.mute_hands,
        record=arguments.record,
        automatic=not arguments.no_record,
        keep_gb=Options.keep_gb if arguments.keep is None else arguments.keep,
        seconds=arguments.seconds,
        report=arguments.report,
        learning=folded(learning, asked, asked=()),
        asked=frozenset(asked),
        picture=PictureConfig(
            window=WindowConfig(
                width=arguments.size[0],
                height=arguments.size[1],
                fullscreen=arguments.fullscreen,
                display=arguments.display,
                headless=arguments.headless,
                vsync=arguments.vsync,
            ),
            rate=arguments.picture_rate,
            lines=arguments.lines,
            flash_guard=not arguments.no_flash_guard,
            screenshot_every_s=every,
            screenshot_folder=folder,
        ),
        sink="file" if arguments.sound_file else arguments.sound,
        sound_device=arguments.sound_device,
        sound_file=arguments.sound_file,
        capture=arguments.capture,
        film=arguments.film,
        share=tuple(arguments.share),
        samples=tuple(arguments.samples),
        sample_rate=arguments.sample_rate,
        block=block,
        ring_blocks=arguments.ring_blocks or _usual_ring(block, arguments.low_latency),
        channels=arguments.channels,
        standby=not arguments.no_standby,
        performer_view=view is not None,
        performer_display=None if view == -1 else view,
        link=arguments.link,
        midi=not arguments.no_midi,
        midi_only=tuple(arguments.midi),
        midi_system=arguments.midi_system,
        midi_virtual=arguments.midi_virtual,
        osc_host=arguments.osc_listen,
        osc_port=arguments.osc_port,
        osc_allow=tuple(arguments.osc_allow),
        osc_token=arguments.osc_token,
        osc_out=tuple(arguments.osc_out),
        osc_tcp_port=arguments.osc_tcp_port,
        query=not arguments.no_query,
        query_port=arguments.query_port,
        announce=arguments.announce,
    )
    perform(options)
    return 0


def perform(words: Sequence[str] | None = None) -> NoReturn:
    """The command `perform`."""
    arguments = _parser().parse_args(words)
    leave(guarded(lambda: _perform(arguments)))


def instrument(words: Sequence[str] | None = None) -> NoReturn:
    """The command `instrument`: tools around the show."""
    parser = _Parser(prog="instrument", description="Tools around the show.")
    parser.add_argument("--version", action="version", version=f"twos-and-sevens {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="TOOL", parser_class=_Parser
    )
    commands.add_parser("controls", help="every control: OSC address, range, default, help")
    commands.add_parser("streams", help="every stream of the training")
    commands.add_parser("keys", help="the keyboard map")
    commands.add_parser("list", help="presets, runs and sound devices")
    commands.add_parser("doctor", help="what this machine has for sound, picture and training")
    docs = commands.add_parser("docs", help="write the tables in docs/ from the declarations")
    docs.add_argument("--check", action="store_true", help="only say whether they are up to date")
    render_sound_command.add(commands)
    render_command.add(commands)
    score_command.add(commands)
    export_command.add(commands)
    layouts_command.add(commands)
    midi_command.add(commands)
    runs_command.add(commands)
    check = commands.add_parser(
        "verify", help="make a recorded training again from its seed and deeds, bit for bit"
    )
    check.add_argument("run", help="name or file of the run")
    check.add_argument("--json", type=Path, metavar="FILE.json", help="also write what was found")
    arguments = parser.parse_args(words)

    def run() -> int:
        if arguments.command == "render-sound":
            return render_sound_command.run(arguments)
        if arguments.command == "render":
            return render_command.run(arguments)
        if arguments.command == "score":
            return score_command.run(arguments)
        if arguments.command == "export":
            return export_command.run(arguments)
        if arguments.command == "layouts":
            return layouts_command.run(arguments)
        if arguments.command == "midi":
            return midi_command.run(arguments)
        if arguments.command == "runs":
            return runs_command.run(arguments)
        if arguments.command == "verify":
            from instrument.verify import verify

            return verify(arguments.run, arguments.json)
        from instrument import tools

        return tools.run(arguments.command, check=getattr(arguments, "check", False))

    raise SystemExit(guarded(run))
