"""Digits from wherever they come: bundled, or a performer's folder with anything in it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from instrument.learning import digits as room
from instrument.learning.config import LearningConfig
from instrument.learning.digits import check_digits, load_digits
from instrument.signals.mistake import Mistake


def test_bundled_digits_are_whole_and_keep_a_thousand_aside() -> None:
    """9,000 to train on; their checksum was right or there would be a Mistake."""
    digits = load_digits("bundled", print)
    assert digits.images.shape == (9000, 28, 28) and digits.images.dtype == np.uint8
    assert digits.mean.shape == (28, 28) and 0.1 < digits.mean.mean() < 0.17


def test_damaged_digits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong pixel, or no archive at all, is said and not trained on."""
    with np.load(room.BUNDLED) as stored:
        images, labels = stored["images"].copy(), stored["labels"]
    images[5, 5, 5] ^= 1
    path = tmp_path / "digits.npz"
    np.savez(path, images=images, labels=labels)
    monkeypatch.setattr(room, "BUNDLED", path)
    with pytest.raises(Mistake, match="damaged"):
        load_digits("bundled", print)
    path.write_bytes(b"x")
    with pytest.raises(Mistake, match="cannot be read"):
        load_digits("bundled", print)


def test_a_folder_of_images_becomes_grey_squares(tmp_path: Path) -> None:
    """Any mode and size: grey, 28x28, whole image kept; transparency is black; the name is the folder's."""
    Image.new("RGB", (280, 280), (255, 0, 0)).save(tmp_path / "a.png")
    Image.new("RGBA", (28, 28), (255, 255, 255, 0)).save(tmp_path / "b.png")
    (tmp_path / "inner").mkdir()
    Image.new("L", (56, 28), 255).save(tmp_path / "inner" / "c.bmp")
    (tmp_path / "notes.txt").write_text("no image")
    digits = load_digits(str(tmp_path), print)
    assert digits.name == tmp_path.name and digits.images.shape == (3, 28, 28)
    assert digits.images[0].mean() == pytest.approx(76, abs=1)
    assert digits.images[1].max() == 0
    assert digits.images[2][14].mean() == 255 and digits.images[2][0].max() == 0


def test_garbage_among_images_is_passed_over_and_told(tmp_path: Path) -> None:
    """The readable ones are trained on; one sentence counts the others."""
    Image.new("L", (28, 28), 9).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    said: list[str] = []
    assert len(load_digits(str(tmp_path), said.append).images) == 1
    assert len(said) == 1 and "2 files" in said[0]


@pytest.mark.parametrize("where", ["", "no/such/folder", "file.png"])
def test_a_place_without_images_is_a_mistake(where: str, tmp_path: Path) -> None:
    """Empty folder, no folder, a file: told before anything starts."""
    (tmp_path / "file.png").write_bytes(b"")
    (tmp_path / "file.png").rename(tmp_path / "x") if not where else None
    with pytest.raises(Mistake):
        check_digits(str(tmp_path / where))


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.sampled_from(room.ENDINGS))
def test_files_of_any_bytes_never_raise_but_a_mistake(
    tmp_path: Path, files: list[bytes], ending: str
) -> None:
    """Whatever lies in the folder: digits, or a Mistake that names it."""
    for old in tmp_path.iterdir():
        old.unlink()
    for number, content in enumerate(files):
        (tmp_path / f"{number}{ending}").write_bytes(content)
    try:
        digits = load_digits(str(tmp_path), lambda sentence: None)
    except Mistake as mistake:
        assert str(tmp_path) in str(mistake)
    else:
        assert digits.images.shape[1:] == (28, 28)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"net": "pocket_mpl"}, "did you mean 'pocket_mlp'"),
        ({"device": "cud"}, "did you mean 'cuda'"),
        ({"device": "cpu:3"}, "no device"),
        ({"device": "cuda:x"}, "no device"),
        ({"batch": 1}, "batch of 1"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_a_wrong_choice_is_told_with_what_is_allowed(wrong: dict[str, object], hint: str) -> None:
    """Nets, devices, batch and seed are checked at once."""
    with pytest.raises(Mistake, match=hint):
        LearningConfig(**wrong)  # type: ignore[arg-type]
