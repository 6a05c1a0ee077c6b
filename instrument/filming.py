"""`Filming`: a film of a show with its sound, from the first picture to the last. Main thread.

While it is played the pictures go into the film and the sound into a capture beside it, each by itself: a
show that is killed leaves both. At the end the one is put into the other, where it was heard.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from instrument.picture.film import Film
from instrument.picture.film_file import film_format
from instrument.picture.film_sound import Anchor, Piece, join
from instrument.picture.picture import Picture
from instrument.signals.mistake import Mistake
from instrument.sound.supervisor import SoundProcess

Say = Callable[[str, bool], None]
"""A sentence, and whether it is grave."""


def own_capture(film: Path) -> Path:
    """Where the sound of a film waits to be put into it. Raises `Mistake` for a name of no film."""
    film_format(film)
    return film.with_suffix(".wav")


class Filming:
    """One film of one show. Faults are said once, and the show goes on."""

    def __init__(
        self, path: Path, picture: Picture, sound: SoundProcess, say: Say, keep_sound: bool
    ) -> None:
        """Checks the names; raises `Mistake`. `keep_sound`: the performer asked for the capture, too."""
        film_format(path)
        for file in (path,) if keep_sound else (path, own_capture(path)):
            if file.exists():
                raise Mistake(f"{file}: is there already, and a film is never written over")
        self._path, self._picture, self._sound, self._say = path, picture, sound, say
        self._keep_sound = keep_sound
        self._film: Film | None = None
        self.with_sound = False

    @property
    def dropped(self) -> int:
        """Pictures that are not in the film because it could not follow."""
        return 0 if self._film is None else self._film.dropped

    def start(self) -> None:
        """Begin with the next picture; the window is open. Raises `Mistake`."""
        width, height = self._picture.window_size
        # Colour is kept for pairs of pixels.
        size = (width // 2 * 2, height // 2 * 2)
        rate = self._picture.config.rate
        self._film = Film(self._path, size, rate, lambda text: self._say(text, True))
        self._picture.hand_pixels_to(self._film)

    def stop(self) -> None:
        """The last picture was shown; the window is still there."""
        if self._film is not None:
            self._picture.hand_the_rest_over()
            self._film.close()

    def give_sound(self) -> None:
        """Put the sound into the film; the sound process has ended."""
        film, captures = self._film, self._sound.captures
        if film is None or film.began_s is None:
            self._clear(captures)
            return
        began_s = film.began_s
        pieces = [
            Piece(
                path, [Anchor(at["sample"], at["at_s"] - began_s, at["begins"]) for at in anchors]
            )
            for path, anchors in captures
            if anchors
        ]
        try:
            join(self._path, pieces, self._path, film.last_s - began_s)
        except Mistake as mistake:
            self._say(f"{mistake}; the sound lies beside it", True)
            return
        self.with_sound = bool(pieces)
        self._clear(captures)
        dropped = f", {film.dropped} pictures were left out" if film.dropped else ""
        self._say(f"{self._path}: {film.pictures} pictures{dropped}", False)

    def _clear(self, captures: Sequence[tuple[Path, Any]]) -> None:
        if not self._keep_sound:
            for path, _ in captures:
                with contextlib.suppress(OSError):
                    path.unlink()

    def report(self) -> dict[str, Any]:
        """What was counted."""
        film = self._film
        return {
            "file": str(self._path),
            "pictures": 0 if film is None else film.pictures,
            "dropped": self.dropped,
            "sound": self.with_sound,
            "failed": "" if film is None else film.failed,
        }
