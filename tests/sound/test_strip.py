"""Channel strips: level, mute, solo, send, sleep, and the crossfade table of their docstring."""

from collections.abc import Callable

import numpy as np
import pytest

from instrument.signals.controls import Bank
from instrument.sound.controls import voices
from instrument.sound.engine import Engine
from instrument.sound.strip import Deck, Strip

NAMES = [entry.name for entry in voices(("drone_principal",))]
Make = Callable[..., Engine]


@pytest.fixture
def only(values: np.ndarray, bank: Bank) -> Callable[..., np.ndarray]:
    """Sets the controls so that only these voices are open, dry, at 0 dB."""

    def make(*names: str) -> np.ndarray:
        for name in NAMES:
            values[bank.number[f"sound.{name}.level"]] = 0.0 if name in names else -60.0
            values[bank.number[f"sound.{name}.space"]] = 0.0
        values[bank.number["sound.drone.breath"]] = 0.0
        return values

    return make


def play(engine: Engine, values: np.ndarray, blocks: int) -> np.ndarray:
    return np.concatenate([engine.render(values) for _ in range(blocks)])


def level_db(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-12))


def strip(engine: Engine, name: str) -> Strip:
    return next(strip for strip in engine.strips if strip.entry.name == name)


def asleep(engine: Engine) -> set[str]:
    return {one.entry.name for one in engine.strips if all(deck.asleep for deck in one.decks)}


def test_a_muted_voice_is_silent_and_asleep_whatever_its_level(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """Mute closes it, and it comes back as it was."""
    engine, values = make_engine(), only("drone")
    loud = level_db(play(engine, values, 500)[-48000:])
    values[bank.number["sound.drone.mute"]] = 1.0
    silent = level_db(play(engine, values, 400)[-10000:])
    assert silent < -100
    assert "drone" in asleep(engine)
    values[bank.number["sound.drone.mute"]] = 0.0
    assert level_db(play(engine, values, 500)[-48000:]) == pytest.approx(loud, abs=3)


def test_solo_silences_every_other_voice_and_a_soloed_mute_stays_mute(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """What is soloed is heard alone; two may be; mute is stronger than solo."""
    engine, values = make_engine(), only("drone", "noise", "cloud_1")
    play(engine, values, 20)
    values[bank.number["sound.noise.solo"]] = 1.0
    play(engine, values, 130)
    assert asleep(engine) == set(NAMES) - {"noise"}
    values[bank.number["sound.cloud_1.solo"]] = 1.0
    play(engine, values, 20)
    assert asleep(engine) == set(NAMES) - {"noise", "cloud_1"}
    values[bank.number["sound.noise.mute"]] = 1.0
    play(engine, values, 130)
    assert asleep(engine) == set(NAMES) - {"cloud_1"}


def test_the_level_is_an_amplitude_and_its_bottom_is_off(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """12 dB less is 12 dB less; -60 is silence."""
    engine, values = make_engine(), only("noise")
    loud = level_db(play(engine, values, 400)[-60000:])
    values[bank.number["sound.noise.level"]] = -12.0
    assert level_db(play(engine, values, 400)[-60000:]) == pytest.approx(loud - 12.0, abs=1.5)


def test_the_send_goes_into_the_space_and_rings_on(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """After a dry voice is cut there is silence, after a sent one the room."""
    rests = []
    for send in (0.0, 1.0):
        engine, values = make_engine(), only("noise")
        values[bank.number["sound.noise.space"]] = send
        values[bank.number["sound.noise.mute"]] = 0.0
        play(engine, values, 400)
        values[bank.number["sound.noise.mute"]] = 1.0
        rests.append(level_db(play(engine, values, 100)[-6400:]))
        engine.close()
    assert rests[1] > rests[0] + 20


def test_voices_asleep_are_not_rendered_at_all(
    make_engine: Make, only: Callable[..., np.ndarray]
) -> None:
    """Every part of a sleeping voice is stopped in the graph, so it costs nothing."""
    engine = make_engine()
    play(engine, only("drone"), 130)
    parts = [
        part
        for one in engine.strips
        for deck in one.decks
        if deck.asleep
        for part in deck.sleeper.parts
    ]
    assert parts and not any(part.isPlaying() for part in parts)
    assert all(part.isPlaying() for part in strip(engine, "drone").decks[0].sleeper.parts)


def test_a_drone_that_is_woken_reads_on_where_it_stood(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """No pass begins anew, which would be searched for in all ten heads within one block."""
    engine, values = make_engine(), only("drone")
    play(engine, values, 130)
    readers = strip(engine, "drone").decks[0].voice._readers
    before = [tuple(reader._starts) for reader in readers]
    values[bank.number["sound.drone.mute"]] = 1.0
    play(engine, values, 200)
    assert "drone" in asleep(engine)
    values[bank.number["sound.drone.mute"]] = 0.0
    play(engine, values, 3)
    moved = sum(
        one != other
        for reader, starts in zip(readers, before, strict=True)
        for one, other in zip(reader._starts, starts, strict=True)
    )
    assert moved <= 2


def test_the_crossfade_follows_its_table(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """Rests on a choice before it loads; finishes a fade first; then takes what is wanted by then."""
    engine, values = make_engine(), only("drone")
    drone = strip(engine, "drone")
    names = list(drone.entry.recordings)
    choice = bank.number["sound.drone.recording"]
    first = drone.playing
    play(engine, values, 130)
    second, third = [name for name in names if name != first][:2]
    values[choice] = names.index(second)
    play(engine, values, 10)
    assert drone.playing == first
    play(engine, values, 20)
    assert drone.playing == second
    assert [deck.asleep for deck in drone.decks] == [False, False]
    values[choice] = names.index(third)
    play(engine, values, 60)
    assert drone.playing == second, "the fade is finished first"
    play(engine, values, 450)
    assert drone.playing == third
    heard: list[Deck] = [deck for deck in drone.decks if not deck.asleep]
    assert [deck.recording.name for deck in heard if deck.recording] == [third]


def test_a_rebuilt_graph_goes_on_with_the_recordings_it_had(
    make_engine: Make, only: Callable[..., np.ndarray], bank: Bank
) -> None:
    """A NaN in mid-show does not load anything."""
    engine, values = make_engine(), only("drone")
    names = list(strip(engine, "drone").entry.recordings)
    values[bank.number["sound.drone.recording"]] = names.index("full_organ")
    play(engine, values, 300)
    before = strip(engine, "drone").recording
    values[bank.number["sound.drone.recording"]] = names.index("chiff")
    engine._rebuild()
    assert strip(engine, "drone").playing == "full_organ"
    assert strip(engine, "drone").recording is before


@pytest.mark.slow
def test_eight_channels_come_out_of_the_whole_engine_finite_and_held(
    make_engine: Make, only: Callable[..., np.ndarray]
) -> None:
    """The engine for a ring of eight: every channel sounds, none is above the ceiling."""
    engine = make_engine(channels=8)
    sound = play(engine, only("drone", "cloud_1", "noise"), 400)[-48000:]
    assert sound.shape[1] == 8
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 10 ** (-1 / 20)
    assert min(level_db(channel) for channel in sound.T) > -70


def test_what_is_not_sent_through_the_drive_stays_clean(
    make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank
) -> None:
    """A chorus past a drive at full: the same as without any; through it, another sound."""

    def take(drive: float, amount: float) -> np.ndarray:
        quiet = values.copy()
        for spec in bank:
            if spec.path.endswith(".level") and spec.path not in ("sound.master.level",):
                quiet[bank.number[spec.path]] = -60
        quiet[bank.number["sound.digits.level"]] = -6
        quiet[bank.number["sound.digits.tone_3"]] = 1.0
        quiet[bank.number["sound.digits.drive"]] = drive
        quiet[bank.number["sound.drive.amount"]] = amount
        engine = make_engine(3)
        sound = np.concatenate([engine.render(quiet).copy() for _ in range(300)])[40000:]
        engine.close()
        return sound

    clean = take(0.0, 0.0)
    assert np.abs(clean).max() > 1e-3
    assert np.allclose(take(0.0, 1.0), clean, atol=1e-5)
    assert not np.allclose(take(1.0, 1.0), clean, atol=1e-2 * np.abs(clean).max())
