"""The digits that are learned: bundled, the full MNIST, or a folder of the performer's own images."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument.signals.mistake import Mistake

BUNDLED = Path(__file__).parent / "data" / "mnist10k.npz"
BUNDLED_SHA256 = "01a649acf97bc53c9bbc1a378d3087f5a8f67ccf25746dab384bcbe11feed658"
HELD_OUT = 1000
SIDE = 28
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MOST_IMAGES = 100_000
MOST_PIXELS = 64_000_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Digits:
    """`images` uint8 (N, 28, 28) to train on, 0 = background; `name` for the run file and the report."""

    name: str
    images: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean image, float32 (28, 28), 0..1."""
        return (self.images.mean(axis=0, dtype=np.float64) / 255.0).astype(np.float32)


def check_digits(where: str) -> None:
    """Raise `Mistake` where `load_digits` would find nothing to read; quick, before the curtain."""
    if where == "bundled":
        if not BUNDLED.is_file():
            raise Mistake(f"{BUNDLED}: the bundled digits are missing; install the instrument anew")
    elif where != "mnist" and not _candidates(Path(where)):
        raise Mistake(
            f"{where}: no images in this folder; {', '.join(ENDINGS)} are read, "
            "folders inside it too (is it the right folder?)"
        )


def load_digits(where: str, say: Say) -> Digits:
    """The digits of ``bundled``, ``mnist`` or a folder. `say` hears of fall-backs and skipped files."""
    if where == "bundled":
        return Digits("bundled", load_bundled()[0][:-HELD_OUT])
    if where == "mnist":
        return _load_mnist(say)
    return _load_folder(Path(where), say)


def load_bundled() -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (10000, 28, 28) and labels uint8 (10000,); the last 1,000 are held out of training."""
    try:
        with np.load(BUNDLED, allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"]
        whole = hashlib.sha256(images.tobytes()).hexdigest() == BUNDLED_SHA256
    except Exception as error:
        raise Mistake(
            f"{BUNDLED}: the bundled digits cannot be read ({type(error).__name__}); "
            "install the instrument anew"
        ) from error
    if not whole:
        raise Mistake(f"{BUNDLED}: the bundled digits are damaged; install the instrument anew")
    return images, labels


def _load_mnist(say: Say) -> Digits:
    """The 60,000 through torchvision's cache or mirror; else the bundled ones, with a word about it."""
    try:
        from torchvision.datasets import MNIST

        cache = Path.home() / ".cache" / "twos-and-sevens"
        images = MNIST(str(cache), train=True, download=True).data.numpy()
    except Exception as error:
        reason = str(error).splitlines()[0][:120] if str(error) else ""
        say(
            f"the full MNIST cannot be had ({type(error).__name__}{': ' if reason else ''}{reason}); "
            "training on the 9,000 bundled digits instead"
        )
        return load_digits("bundled", say)
    return Digits("mnist", np.ascontiguousarray(images, np.uint8))


def _candidates(folder: Path) -> list[Path]:
    """Image files below a folder, by their endings, in a fixed order."""
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
    return found[:MOST_IMAGES]


def _load_folder(folder: Path, say: Say) -> Digits:
    """Every readable image below the folder: grey, 28x28, dark background. The others are counted."""
    images, broken = [], []
    for path in _candidates(folder):
        try:
            images.append(read_image(path))
        except Exception:
            broken.append(path)
    if not images:
        raise Mistake(
            f"{folder}: none of its {len(broken)} image files can be read"
            f"{f' (the first is {broken[0].name})' if broken else ''}; PNG and JPEG are sure to be"
        )
    if broken:
        say(f"{folder}: {len(broken)} files are no images and were passed over ({broken[0].name})")
    return Digits(folder.name, np.stack(images))


def read_image(path: Path) -> np.ndarray:
    """One image as uint8 (28, 28), grey, whole (letter-boxed), transparent parts black."""
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too large")
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    ground = Image.new("RGBA", upright.size, (0, 0, 0, 255))
    grey = Image.alpha_composite(ground, upright).convert("L")
    if grey.size != (SIDE, SIDE):
        grey = ImageOps.pad(grey, (SIDE, SIDE), Image.Resampling.BOX, color=0)
    return np.asarray(grey, np.uint8)
