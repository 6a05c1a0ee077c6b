"""What the sound process of a show is told on its first line; see `sound_stage`."""

from collections.abc import Sequence
from typing import Any

from instrument.filming import own_capture
from instrument.house import House
from instrument.options import Options
from instrument.presets import Preset
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec
from instrument.sound.capture import check_sound_file


def sound_config(
    options: Options, show: str, house: House, preset: Preset, streams: Sequence[StreamSpec]
) -> dict[str, Any]:
    """As JSON takes it. Raises `Mistake`.

    `show` is its name on the bus, `streams` are those of the source.
    """
    capture = options.capture
    if capture is not None and options.sound_file is not None:
        raise Mistake(
            "--sound-file and --capture cannot both be: each writes what is heard into a file; leave "
            "--capture away, or --sound-file where it is to be heard as well"
        )
    if options.film is not None and capture is None and options.sound_file is None:
        capture = own_capture(options.film)
    for path in (capture, options.sound_file):
        if path is not None:
            check_sound_file(path)
    return {
        "show": show,
        "controls": [spec.to_dict() for spec in house.bank],
        "positions": preset.positions(house.bank).tolist(),
        "routes": [route.to_dict() for route in preset.routes],
        "streams": [stream.to_dict() for stream in streams],
        "recordings": {name: str(path) for name, path in house.recordings.items()},
        "sink": options.sink,
        "device": options.sound_device,
        "file": str(options.sound_file) if options.sound_file else None,
        "capture": str(capture) if capture else None,
        "sample_rate": options.sample_rate,
        "block": options.block,
        "ring_blocks": options.ring_blocks,
        "channels": options.channels,
        "seed": options.learning.seed,
        "dated": options.rehearse is not None,
    }
