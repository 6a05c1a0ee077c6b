"""Sound devices by number and name. sounddevice is imported at the first use."""

from typing import Any

from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.quiet import quiet


def _all_devices() -> list[tuple[int, str, int]]:
    """Number, name with its driver behind it, and outputs of every device that has an output."""
    import sounddevice

    if not sounddevice._initialized:
        sounddevice._initialize()
    drivers = [driver["name"] for driver in sounddevice.query_hostapis()]
    return [
        (number, full_name(device, drivers), int(device["max_output_channels"]))
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_output_channels"] > 0
    ]


def full_name(device: Any, drivers: list[str]) -> str:
    """A device's name with its driver behind it, as everywhere."""
    return f"{device['name']} ({drivers[device['hostapi']]})"


def output_devices(channels: int = 2) -> list[tuple[int, str]]:
    """Number and name of every device that has at least so many outputs."""
    return [(number, name) for number, name, outputs in _all_devices() if outputs >= channels]


def find_device(wanted: str | int | None, channels: int = 2) -> int:
    """The number of a device that has so many outputs.

    `wanted` is a number, a name or a part of one, or None for the system's own choice. Raises
    `Mistake` that lists what there is, or says how many outputs the device has; `LookupError` for
    None when no device has so many. One thread at a time.
    """
    import sounddevice

    every = _all_devices()
    devices = [(number, name) for number, name, outputs in every if outputs >= channels]
    if wanted is None or wanted == "":
        default = sounddevice.default.device[1]
        numbers = [number for number, _ in devices]
        if default in numbers:
            return int(default)
        if numbers:
            return numbers[0]
        if every:
            most = max(every, key=lambda entry: entry[2])
            raise Mistake(
                f"no sound device here has {channels} outputs; '{most[1]}' has the most, "
                f"{most[2]} (--channels {2 if most[2] < 4 else 4} fits it)"
            )
        raise LookupError("no sound device")
    text = str(wanted).strip()
    number = _match(text, devices)
    if number is not None:
        return number
    small = _match(text, [(number, name) for number, name, _ in every])
    if small is not None:
        name, outputs = next((name, outputs) for other, name, outputs in every if other == small)
        raise Mistake(
            f"the sound device '{name}' has {outputs} output{'s' if outputs != 1 else ''}, "
            f"and {channels} are asked for (--channels)"
        )
    if not devices:
        raise Mistake(
            f"no sound device is called '{text}': this machine has none with {channels} outputs "
            "(leave the name away and the instrument plays to nothing, paced)"
        )
    known = ", ".join(f"{number} {name}" for number, name in devices)
    near_word = did_you_mean(text, [name for _, name in devices])
    raise Mistake(f"no sound device is called '{text}'{near_word} (there are: {known})")


def _match(text: str, devices: list[tuple[int, str]]) -> int | None:
    """The device of that number, of exactly that name, or the first with it in its name."""
    for number, _ in devices:
        if text == str(number):
            return number
    exact = [
        number
        for number, name in devices
        if text.lower() in (name.lower(), name.rpartition(" (")[0].lower())
    ]
    near = exact or [number for number, name in devices if text.lower() in name.lower()]
    return near[0] if near else None


def device_lines() -> list[str]:
    """One line for each device that can be played to: its number and name."""
    with quiet():
        return [f"{number} {name}" for number, name in output_devices()]
