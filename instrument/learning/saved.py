"""`SavedMoment`: a moment of a training as the text of a safetensors file, to go on from. No torch.

tensor             | what it holds
-------------------|------------------------------------------------------------------------------------
core               | float32 (3, N): weights and both Adam moments of G and D
slot               | float32 (3, M): the same of D's second place; not there before `choir` opened it
adam_steps, spins  | float32: how often Adam has stepped, the vectors of the power iterations
z0, anchor         | float32: the latents of the tiles; the image a collapse goes to, where there is one
dice               | uint8: where the random numbers are
felt, stands       | float32 (controls,): what the training felt, breath and all; where the faders stood

In the compact form `core` is `core_theta` (float16) and `core_squares` (bfloat16, the second moment),
`slot` alike; Adam's first moment, a memory of some steps, begins anew. The metadata are `Facts`, each JSON.
`saved_tensors` makes tensors of it, `saving` says it on the bus.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from instrument.learning.config import LearningConfig
from instrument.learning.healing import STEPS as HEAL_STEPS
from instrument.signals.mistake import Mistake

VERSION = 1
MOST_BYTES = 256 * 1024 * 1024
"""More than the largest net at 64 pixels in colour takes."""
MOST_HEADER_BYTES = 256 * 1024
LOOP = {
    "pull": float,
    "_aim": float,
    "_sum": float,
    "_home": float,
    "_held": bool,
    "_repel_left": int,
}
"""The fields of `collapse.CollapseLoop`, and what they are."""
MOST_STEPS = 2**53
FAR = 1e6
"""No number of the loop is as large as this."""


@dataclass(frozen=True)
class Facts:
    """What a saved moment says of its training besides its tensors."""

    net: str
    seed: int
    batch: int
    size: int
    channels: int
    images: str
    """Digest of what was learned (`Digits.digest`)."""
    device: str
    """``cpu``, ``cuda`` or ``mps``: whose dice they are."""
    steps: int
    """Made when it was taken; the training that goes on from here counts on."""
    age: int
    loop: Mapping[str, Any]
    """The fields of the collapse loop."""
    healing: int
    anti_left: int
    heat_factor: float
    controls: tuple[str, ...]
    """Names of the learning controls, in the order of `felt` and `stands`."""
    compact: bool = False
    version: int = VERSION

    def to_metadata(self) -> dict[str, str]:
        """As stored in the file: each entry JSON."""
        return {name: json.dumps(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "Facts":
        """The inverse of `to_metadata`. Raises ValueError for what cannot have been."""
        record = {name: json.loads(text) for name, text in metadata.items()}
        if record.get("version") != VERSION:
            raise ValueError(
                f"it is of version {record.get('version')!r}, {VERSION} can be read here"
            )
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in record]:
            raise ValueError(f"it does not say '{missing[0]}'")
        facts = cls(**{name: record[name] for name in names})
        facts._check()
        return replace(facts, controls=tuple(facts.controls))

    def _check(self) -> None:
        for name in ("net", "images", "device"):
            if type(getattr(self, name)) is not str:
                raise ValueError(f"its '{name}' is no text")
        most = {"seed": 2**63 - 1, "batch": 1024, "size": 64, "channels": 3, "steps": MOST_STEPS,
                "age": MOST_STEPS, "healing": HEAL_STEPS, "anti_left": 1_000_000}  # fmt: skip
        for name, high in most.items():
            _within(name, getattr(self, name), int, 0, high)
        _within("heat_factor", self.heat_factor, float, 0.0, 1.0)
        if type(self.compact) is not bool:
            raise ValueError("its 'compact' is neither true nor false")
        if not isinstance(self.loop, dict) or self.loop.keys() != LOOP.keys():
            raise ValueError("its collapse loop is another one")
        for name, kind in LOOP.items():
            _within(name, self.loop[name], kind, -FAR, FAR)
        if not isinstance(self.controls, list) or not all(type(c) is str for c in self.controls):
            raise ValueError("its controls have no names")
        try:
            self.config(LearningConfig())
        except Mistake as mistake:
            raise ValueError(str(mistake)) from None

    def config(self, wished: LearningConfig) -> LearningConfig:
        """`wished` with all that this moment decides; digits, device and memory stay. Raises `Mistake`."""
        return replace(
            wished, net=self.net, seed=self.seed, batch=self.batch, size=self.size,
            channels=self.channels,
        )  # fmt: skip


def _within(name: str, value: Any, kind: Any, low: float, high: float) -> None:
    if type(value) is not kind or not low <= value <= high:
        raise ValueError(f"its '{name}' is {value!r}")


@dataclass(frozen=True)
class SavedMoment:
    """One of them, read: its facts have been checked, its tensors not yet."""

    content: bytes
    """The text of a safetensors file."""
    facts: Facts
    run: str = ""
    """Name of the run that it was found in."""
    at_s: float = 0.0
    """Seconds from the beginning of that run."""
    number: int = 0
    """Its place among the saved moments of that run."""

    @cached_property
    def digest(self) -> str:
        """BLAKE2b of the content, 32 hex digits."""
        return digest_of(self.content)


def digest_of(content: bytes) -> str:
    """BLAKE2b, 32 hex digits."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def read(content: bytes, run: str = "", at_s: float = 0.0, number: int = 0) -> SavedMoment:
    """A saved moment of the text of a safetensors file. Raises ValueError, for whatever is in it."""
    try:
        facts = Facts.from_metadata(_metadata(content))
    except (TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"its facts cannot be read ({type(error).__name__})") from None
    return SavedMoment(content, facts, run, at_s, number)


def stands_of(saved: SavedMoment) -> dict[str, float]:
    """Where the learning controls stood, 0..1, by name. Raises ValueError. Without torch."""
    try:
        begin, end = _header(saved.content)["stands"]["data_offsets"]
        size = 8 + int.from_bytes(saved.content[:8], "little")
        stored = np.frombuffer(saved.content[size + begin : size + end], "<f4")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"its 'stands' cannot be read ({type(error).__name__})") from None
    if len(stored) != len(saved.facts.controls) or not ((stored >= 0) & (stored <= 1)).all():
        raise ValueError("its 'stands' are not where controls can be")
    return dict(zip(saved.facts.controls, stored.tolist(), strict=True))


def _metadata(content: bytes) -> Mapping[str, str]:
    metadata = _header(content).get("__metadata__")
    if not isinstance(metadata, dict):
        raise ValueError("it is a safetensors file, but no moment of a training")
    return metadata


def _header(content: bytes) -> Any:
    size = int.from_bytes(content[:8], "little")
    if not 2 <= size <= min(MOST_HEADER_BYTES, len(content) - 8) or len(content) > MOST_BYTES:
        raise ValueError("it is cut short, or no safetensors file")
    return json.loads(content[8 : 8 + size])
