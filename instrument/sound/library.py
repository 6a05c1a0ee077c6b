"""The library: the recordings of a show by name, loaded when they are first wanted."""

from collections.abc import Callable, Mapping
from pathlib import Path

from instrument.signals.mistake import Mistake
from instrument.sound.recording import Recording
from instrument.sound.recordings import load


class Library:
    """Recordings by name. `get` waits, `ask` never does."""

    def __init__(
        self,
        paths: Mapping[str, Path],
        sample_rate: int,
        say: Callable[[str], None] = lambda sentence: None,
        *,
        patient: bool = False,
    ) -> None:
        """`paths` of all recordings there are. `say` takes a sentence for the performer when one
        cannot be loaded while the show plays. With `patient`, `ask` loads at once (offline)."""
        self._paths = paths
        self._sample_rate = sample_rate
        self._say = say
        self._patient = patient
        self._loaded: dict[str, Recording] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All recordings there are, in the order in which a control chooses them."""
        return tuple(self._paths)

    def get(self, name: str) -> Recording:
        """The recording of that name; loads it here and now. Raises `Mistake`."""
        if name not in self._loaded:
            if name not in self._paths:
                raise Mistake(
                    f"no recording is called '{name}' (there are: {', '.join(self._paths)})"
                )
            self._loaded[name] = load(self._paths[name], self._sample_rate)
        return self._loaded[name]

    def ask(self, name: str) -> Recording | None:
        """The recording if it is here; else None, and it is on its way. Render thread."""
        return self.get(name)
