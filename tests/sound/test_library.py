"""The library beside the render thread: loading, failing, changing files, swapping in mid-play."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
import soundfile

from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound import memory
from instrument.sound.controls import sound_groups
from instrument.sound.engine import Engine
from instrument.sound.library import Library
from instrument.sound.recording import GAP, KINDS, Recording

RATE = 48000
Make = Callable[..., Library]


def sine(path: Path, hz: float, seconds: float = 20.0) -> Path:
    wave = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    soundfile.write(path, np.stack([wave, wave], axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, said: list[str]) -> Iterator[Make]:
    """A library of two sines, 220 and 330 Hz."""
    made: list[Library] = []
    paths = {
        name: sine(tmp_path / f"{name}.wav", hz) for name, hz in (("low", 220.0), ("high", 330.0))
    }

    def library(patient: bool = False, **besides: Path) -> Library:
        made.append(Library({**paths, **besides}, RATE, said.append, patient=patient))
        return made[-1]

    yield library
    for one in made:
        one.close()


def answer(library: Library, name: str, kinds: tuple[str, ...] = ()) -> Recording | None:
    """Ask as the render thread does, until there is an answer or it failed."""
    end = monotonic() + 20
    while monotonic() < end:
        recording = library.ask(name, kinds)
        if recording is not None or name in library._failed:
            return recording
        sleep(0.002)  # a render thread would be away for a block, too
    raise AssertionError("no answer")


def test_asking_does_not_wait_and_brings_what_was_asked_for_laid_out(make: Make) -> None:
    """The first answer is None; the recording comes with its tables ready."""
    library = make()
    assert library.ask("high", ("left", "mono")) is None
    recording = answer(library, "high", ("left", "mono"))
    assert recording is not None
    assert recording.name == "high"
    assert set(recording.tables) == {"left", "mono"}


def test_a_patient_library_answers_at_once(make: Make) -> None:
    """Offline nothing may depend on how long loading takes."""
    recording = make(patient=True).ask("high", ("mono",))
    assert recording is not None and "mono" in recording.tables


def test_a_failure_is_said_once_and_tried_again_when_it_is_chosen_again(
    make: Make, said: list[str], tmp_path: Path
) -> None:
    """One sentence for a broken file; mended and chosen anew it plays."""
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    library = make(bad=bad)
    assert answer(library, "bad") is None
    assert [library.ask("bad") for _ in range(5)] == [None] * 5
    assert len(said) == 1 and "bad.wav" in said[0] and "plays on" in said[0]
    sine(bad, 440.0)
    library.afresh("bad")
    assert answer(library, "bad") is not None
    assert len(said) == 1


def test_a_file_that_changes_is_loaded_anew_and_one_that_vanishes_plays_from_memory(
    make: Make, said: list[str], tmp_path: Path
) -> None:
    """Both are said, once."""
    library = make()
    first = answer(library, "high")
    assert answer(library, "high") is first
    sine(tmp_path / "high.wav", 440.0, 3.0)
    second = answer(library, "high")
    assert second is not None and second is not first and second.seconds == pytest.approx(3.0)
    assert len(said) == 1 and "changed" in said[0]
    os.remove(tmp_path / "high.wav")
    assert answer(library, "high") is second
    assert answer(library, "high") is second
    assert len(said) == 2 and "vanished" in said[1]


def test_a_file_that_was_never_loaded_and_vanishes_is_a_sentence(
    make: Make, said: list[str], tmp_path: Path
) -> None:
    """Nothing to fall back to: said, and what plays plays on."""
    library = make()
    os.remove(tmp_path / "high.wav")
    assert answer(library, "high") is None
    assert "no such file" in said[0]


@pytest.mark.slow
def test_recordings_nobody_plays_are_let_go_beyond_some_minutes(make: Make, tmp_path: Path) -> None:
    """The oldest goes first, and its memory is given back."""
    many = {f"s{n}": sine(tmp_path / f"s{n}.wav", 200.0 + n, 60.0) for n in range(6)}
    library = make(**many)
    for name in many:
        assert answer(library, name, ("mono",)) is not None
    assert list(library._kept) == ["s2", "s3", "s4", "s5"]
    assert "s0" not in library._alive
    library.close()
    memory.sweep()
    assert memory._unwanted.empty()


@pytest.mark.parametrize("kind", KINDS)
def test_a_wave_laid_out_is_the_wave(kind: str) -> None:
    """In shared memory as in an array; backwards comes after the gap."""
    sound = np.random.default_rng(1).normal(0, 0.1, (150_000, 2)).astype(np.float32)
    recording = Recording("noise", sound, RATE)
    recording.lay_out((kind,))
    wave = recording.wave(kind)
    assert np.array_equal(recording.tables[kind].samples[: len(wave)], wave)
    if kind == "there_and_back":
        assert np.array_equal(wave[:150_000], recording.mono())
        assert np.array_equal(wave[150_000 + GAP : -GAP], recording.mono()[::-1])
        assert not wave[150_000 : 150_000 + GAP].any() and not wave[-GAP:].any()


def play(engine: Engine, values: np.ndarray, blocks: int) -> np.ndarray:
    return np.concatenate([engine.render(values) for _ in range(blocks)])[:, 0]


def pitch_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * RATE / len(sound)


def test_another_recording_fades_in_without_a_click(make: Make) -> None:
    """From 220 to 330 Hz in the drone: no jump between samples that the sines would not make."""
    library = make(patient=True)
    bank = Bank.of((SHOW, *sound_groups(library.names)))
    values = bank.map(bank.defaults, np.zeros(len(bank)))
    for spec in bank:
        if spec.path.endswith(".level") and spec.path not in ("sound.master.level",):
            values[bank.number[spec.path]] = -60.0
    low, high = (library.names.index(name) for name in ("low", "high"))
    changes = {"level": 0.0, "space": 0.0, "detune": 0.0, "blend": 0.0, "breath": 0.0}
    changes |= {"brightness": 16000.0, "recording": low}
    for name, value in changes.items():
        values[bank.number[f"sound.drone.{name}"]] = value
    engine = Engine(bank, library, values=values, seed=3)
    before = play(engine, values, 700)[-RATE:]
    assert pitch_hz(before) == pytest.approx(220.0, abs=3)
    values[bank.number["sound.drone.recording"]] = high
    swap = play(engine, values, 375)
    after = play(engine, values, 375)[-RATE:]
    engine.close()
    assert pitch_hz(after) == pytest.approx(330.0, abs=3)
    own = max(np.abs(np.diff(before)).max(), np.abs(np.diff(after)).max())
    assert np.abs(np.diff(swap)).max() < 1.3 * own
    assert np.abs(swap[-24000:]).max() > 0.01


# -- where a recorded run is to sound as it is rendered ---------------------------------------------


def prompt(paths: dict[str, Path], said: list[str]) -> Library:
    return Library(paths, RATE, said.append, prompt=True)


def test_a_prompt_library_has_what_was_chosen_when_it_has_rested(
    said: list[str], tmp_path: Path
) -> None:
    """Several are chosen at once (a scene), and each is there, laid out, when it is asked for."""
    paths = {name: sine(tmp_path / f"{name}.wav", 220.0, 3.0) for name in ("a", "b", "c", "d")}
    library = prompt(paths, said)
    library.fetch()
    kinds = {"a": ("left", "right"), "b": ("mono",), "c": ("there_and_back",), "d": ("mono",)}
    for name, wanted in kinds.items():
        library.expect(name, wanted)
    for name, wanted in kinds.items():
        recording = library.ask(name, wanted)
        assert recording is not None and set(recording.tables) >= set(wanted)
    assert (library.late, said) == (0, [])
    library.close()


def test_a_prompt_library_reads_what_may_be_chosen_beforehand(
    said: list[str], tmp_path: Path
) -> None:
    """All that there are, one that cannot be read among them: that is said when it is chosen."""
    paths = {name: sine(tmp_path / f"{name}.wav", 220.0, 3.0) for name in ("a", "b")}
    paths["bad"] = tmp_path / "bad.wav"
    paths["bad"].write_text("no sound")
    library = prompt(paths, said)
    library.fetch()
    end = monotonic() + 20
    while set(library._kept) != {"a", "b"}:
        assert monotonic() < end
        sleep(0.002)
    assert said == []
    assert library.ask("bad") is None
    assert len(said) == 1 and "bad.wav" in said[0]
    library.close()


def test_what_is_not_there_in_time_is_said_and_comes_later(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sound goes on; it is counted once, and no more the rendering."""
    monkeypatch.setattr("instrument.sound.library.WAIT_S", 0.0)
    library = prompt({"a": sine(tmp_path / "a.wav", 220.0)}, said)
    assert library.ask("a") is None and library.ask("a") is None
    assert library.late == 1 and len(said) == 1 and "'a' came late" in said[0]
    assert answer(library, "a") is not None
    assert library.late == 1
    library.close()


def test_a_choice_rests_longer_where_it_has_to_be_prompt(said: list[str], tmp_path: Path) -> None:
    """The same in a rehearsal and in a rendering of it."""
    path = {"a": tmp_path / "a.wav"}
    live, rehearsal = Library(path, RATE), prompt(path, said)
    rendering = Library(path, RATE, patient=True, prompt=True)
    assert live.rest_s < rehearsal.rest_s == rendering.rest_s
