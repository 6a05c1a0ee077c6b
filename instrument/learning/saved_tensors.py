"""Moments of a training as tensors in the safetensors format, and back: bit for bit, or compact.

Written piece by piece, without a second copy, so that the trainer can say one part between two steps
(`saving`). Read by the library, whose checks are those of the format; ours are those of the net.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from instrument.learning.collapse import CollapseLoop
from instrument.learning.course import Course, Moment
from instrument.learning.deeds import Mark
from instrument.learning.gestures import BANK, LEARNING, PLACE
from instrument.learning.healing import Healing
from instrument.learning.learner import Learner
from instrument.learning.saved import Facts, SavedMoment
from instrument.learning.snapshot import Snapshot

NAMES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.uint8: "U8",
}  # fmt: skip


# To the file.


def facts_of(course: Course, moment: Moment, compact: bool) -> Facts:
    """What there is to say of a moment of this course."""
    learner = course.learner
    return Facts(
        net=learner.net, seed=learner.seed, batch=learner.batch, size=learner.digits.side,
        channels=learner.digits.channels, images=learner.digits.digest,
        device=learner.device.type, steps=moment.mark.steps, age=moment.learner.age,
        loop=asdict(moment.loop), healing=moment.healing.left, anti_left=moment.anti_left,
        heat_factor=moment.heat_factor, controls=tuple(spec.name for spec in LEARNING.specs),
        compact=compact,
    )  # fmt: skip


def tensors_of(
    course: Course, moment: Moment, stands: np.ndarray, compact: bool = False
) -> dict[str, Tensor]:
    """The tensors of a moment, by name, on the devices where they lie; views of it where they can be.

    `stands`: where the faders stand, float32 (learning controls,).
    """
    snapshot = moment.learner
    tensors = _stored("core", snapshot.core, compact)
    if snapshot.slot is not None:
        tensors |= _stored("slot", snapshot.slot, compact)
    if snapshot.anchor is not None:
        tensors["anchor"] = snapshot.anchor
    return tensors | {
        "adam_steps": snapshot.adam_steps, "spins": snapshot.spins, "z0": course.learner.z0,
        "felt": torch.from_numpy(moment.positions), "stands": torch.from_numpy(stands),
        "dice": snapshot.dice,
    }  # fmt: skip


def _stored(name: str, state: Tensor, compact: bool) -> dict[str, Tensor]:
    if not compact:
        return {name: state}
    return {f"{name}_theta": state[0].half(), f"{name}_squares": state[2].bfloat16()}


def pieces_of(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> list[memoryview]:
    """The text of a safetensors file in pieces: header, then the bytes of each tensor (on the host)."""
    views = [t.reshape(-1).view(torch.uint8).numpy().data for t in tensors.values()]
    entries: dict[str, object] = {"__metadata__": dict(metadata)}
    at = 0
    for (name, tensor), view in zip(tensors.items(), views, strict=True):
        entries[name] = {
            "dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
            "data_offsets": [at, at + len(view)],
        }  # fmt: skip
        at += len(view)
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [memoryview(struct.pack("<Q", len(text)) + text), *views]


def content_of(course: Course, moment: Moment, stands: np.ndarray, compact: bool = False) -> bytes:
    """A moment as the text of a safetensors file, at once. The moment lies on the CPU."""
    metadata = facts_of(course, moment, compact).to_metadata()
    return b"".join(pieces_of(tensors_of(course, moment, stands, compact), metadata))


# From the file.


def begin(course: Course, saved: SavedMoment) -> np.ndarray:
    """Let a course that has made no step go on from a saved moment; where the faders stood then.

    Raises ValueError where its tensors are not those of this net, or no numbers.
    """
    learner = course.learner
    tensors = _loaded(saved.content)
    moment = _moment(saved.facts, tensors, learner)
    learner.z0.copy_(_part(tensors, "z0", tuple(learner.z0.shape)))
    course.begin_from(moment)
    if saved.facts.device == learner.device.type:
        learner.dice.set_state(moment.learner.dice)
    return _positions(saved.facts, tensors, "stands")


def _loaded(content: bytes) -> dict[str, Tensor]:
    try:
        return dict(load(content))
    except SafetensorError as error:
        raise ValueError(f"no safetensors file ({error})") from None
    except Exception as error:  # what the library makes of bytes that lie
        raise ValueError(f"its tensors cannot be read ({type(error).__name__})") from None


def _moment(facts: Facts, tensors: Mapping[str, Tensor], learner: Learner) -> Moment:
    slots = learner.state.shape[1] - learner.core
    core = _state(tensors, "core", learner.core, facts.compact)
    slot = None
    if "slot" in tensors or "slot_theta" in tensors:
        slot = _state(tensors, "slot", slots, facts.compact)
    spins = (len(learner.spin_g.memory) + len(learner.spin_d.memory),)
    anchor = None
    if "anchor" in tensors:
        anchor = _part(tensors, "anchor", tuple(learner.anchor.shape))
    adam_steps = _part(tensors, "adam_steps", (3,))
    if bool((adam_steps < 0).any()):
        raise ValueError("its 'adam_steps' are below 0")
    snapshot = Snapshot(
        core, slot, adam_steps, _part(tensors, "spins", spins), _dice(facts, tensors, learner),
        facts.age, anchor,
    )  # fmt: skip
    return Moment(
        Mark(facts.steps, 0), snapshot, CollapseLoop(**facts.loop), Healing(facts.healing),
        facts.anti_left, facts.heat_factor, _positions(facts, tensors, "felt"),
    )  # fmt: skip


def _state(tensors: Mapping[str, Tensor], name: str, count: int, compact: bool) -> Tensor:
    """(3, count): weights and moments, out of either form."""
    if compact:
        state = torch.zeros(3, count)
        state[0] = _part(tensors, f"{name}_theta", (count,), torch.float16)
        state[2] = _part(tensors, f"{name}_squares", (count,), torch.bfloat16)
    else:
        state = _part(tensors, name, (3, count))
    if bool((state[2] < 0).any()):
        raise ValueError(f"its '{name}' has squares below 0")
    return state


def _part(
    tensors: Mapping[str, Tensor],
    name: str,
    shape: Sequence[int],
    kind: torch.dtype = torch.float32,
) -> Tensor:
    """One tensor, of its shape and type, all finite. Raises ValueError."""
    part = tensors.get(name)
    if part is None:
        raise ValueError(f"'{name}' is not in it")
    if part.dtype is not kind or tuple(part.shape) != tuple(shape):
        raise ValueError(
            f"its '{name}' is {tuple(part.shape)} {part.dtype}, where this net has {tuple(shape)} {kind}"
        )
    if kind.is_floating_point and not bool(torch.isfinite(part).all()):
        raise ValueError(f"its '{name}' holds what is no number")
    return part


def _dice(facts: Facts, tensors: Mapping[str, Tensor], learner: Learner) -> Tensor:
    """Where the dice are. On another kind of device they cannot be the same: those of the seed are."""
    if facts.device != learner.device.type:
        return learner.dice.get_state()
    dice = _part(tensors, "dice", learner.dice.get_state().shape, torch.uint8)
    try:
        torch.Generator(learner.device).set_state(dice)
    except RuntimeError:
        raise ValueError("its 'dice' are none") from None
    return dice


def _positions(facts: Facts, tensors: Mapping[str, Tensor], name: str) -> np.ndarray:
    """Positions of today's learning controls, float32; one that was not there then is at its default."""
    stored = _part(tensors, name, (len(facts.controls),)).numpy()
    if not bool(((stored >= 0.0) & (stored <= 1.0)).all()):
        raise ValueError(f"its '{name}' has positions outside 0..1")
    positions = BANK.defaults.copy()
    for control, position in zip(facts.controls, stored, strict=True):
        if control in PLACE:
            positions[PLACE[control]] = position
    return positions
