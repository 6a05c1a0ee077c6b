"""A performer's own folder of pictures, with anything in it, as images and kinds."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from instrument.signals.mistake import Mistake

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MOST_IMAGES = 100_000
MOST_BYTES = 600_000_000
"""All images together: 48,828 of 64x64 in colour; more would crowd out the show."""
MOST_PIXELS = 64_000_000
MOST_KINDS = 10
WORTH_A_WORD = 2000
"""More images than this take long enough to say so."""


def find_images(folder: Path) -> list[Path]:
    """Image files below a folder, by their endings, in a fixed order; nothing hidden."""
    if not folder.exists():
        raise Mistake(
            f"{folder}: there is no such folder of images (digits are 'bundled', 'mnist' or a folder)"
        )
    if not folder.is_dir():
        raise Mistake(f"{folder} is a file; a folder of images is wanted")
    try:
        found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    except OSError as error:
        raise Mistake(f"{folder}: the folder cannot be read ({error.strerror})") from error
    return [path for path in found if not _hidden(path.relative_to(folder))]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def read_folder(
    folder: Path, say: Callable[[str], None], size: int = 28, channels: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Every readable image, uint8 (N, channels, size, size), and its kind, uint8 (N,).

    The kind is the number of the first folder inside `folder` that it lies in, where there are 2 to
    10 of those (images beside them are one more); else all are of kind 0. `say` hears what was left out.
    """
    found = find_images(folder)
    most = min(MOST_IMAGES, MOST_BYTES // (size * size * channels))
    taken = _evenly(found, most)
    if len(taken) > WORTH_A_WORD:
        say(f"{folder}: reading {len(taken):,} images")
    images = np.empty((len(taken), channels, size, size), np.uint8)
    places: list[str] = []
    broken: list[Path] = []
    for path in taken:
        try:
            images[len(places)] = read_image(path, size, channels)
        except Exception:
            broken.append(path)
        else:
            inside = path.relative_to(folder).parts
            places.append(inside[0] if len(inside) > 1 else "")
    if not places:
        raise Mistake(
            f"{folder}: none of its {len(broken)} image files can be read"
            f"{f' (the first is {broken[0].name})' if broken else ''}; PNG and JPEG are sure to be, "
            f"up to {MOST_PIXELS // 1_000_000} million pixels"
        )
    if broken:
        say(
            f"{folder}: {len(broken)} files are no images, or are too large, and were passed over "
            f"({broken[0].name})"
        )
    if len(found) > most:
        say(f"{folder}: {most:,} of its {len(found):,} images are taken, evenly chosen")
    return images[: len(places)], kinds_of(places)


def _evenly(found: list[Path], most: int) -> list[Path]:
    if len(found) <= most:
        return found
    return [found[i * len(found) // most] for i in range(most)]


def kinds_of(places: list[str]) -> np.ndarray:
    """Numbers of the folders in sorted order, uint8 (N,); "" is beside them. All 0 without 2 to 10."""
    names = sorted(set(places))
    folders = sum(bool(name) for name in names)
    if folders < 2 or len(names) > MOST_KINDS:
        return np.zeros(len(places), np.uint8)
    number = {name: i for i, name in enumerate(names)}
    return np.array([number[place] for place in places], np.uint8)


def read_image(path: Path, size: int = 28, channels: int = 1) -> np.ndarray:
    """One image as uint8 (channels, size, size), whole (letter-boxed), transparent parts black."""
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too large")
        opened.draft("RGB", (4 * size, 4 * size))  # a large JPEG is read at a fraction of its size
        upright = _eight_bit(ImageOps.exif_transpose(opened)).convert("RGBA")
    ground = Image.new("RGBA", upright.size, (0, 0, 0, 255))
    picture = Image.alpha_composite(ground, upright).convert("L" if channels == 1 else "RGB")
    if picture.size != (size, size):
        picture = ImageOps.pad(picture, (size, size), Image.Resampling.BOX, color=0)
    pixels = np.asarray(picture, np.uint8).reshape(size, size, channels)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _eight_bit(picture: "Image") -> "Image":
    """Sixteen bits, or numbers, as eight: Pillow would cut them off at 255."""
    from PIL import Image

    if picture.mode != "F" and not picture.mode.startswith("I"):
        return picture
    values = np.nan_to_num(np.asarray(picture, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = values.max(initial=0.0)
    white = 65535.0 if top > 255.0 else 255.0 if top > 1.0 or picture.mode != "F" else 1.0
    if picture.mode.startswith("I;16"):
        white = 65535.0
    return Image.fromarray(np.clip(values / white * 255.0, 0, 255).round().astype(np.uint8))
