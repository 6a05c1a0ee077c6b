"""The engine on the real graph."""

import gc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instrument.signals.controls import Bank, Group
from instrument.signals.show import PANIC_CUT
from instrument.sound import graph as pyo
from instrument.sound.controls import sound_groups, voices
from instrument.sound.engine import Engine
from instrument.sound.inner import Inner, Samples
from instrument.sound.library import Library

GROUPS = sound_groups(("drone_principal",))
NAMES = [entry.name for entry in voices(("drone_principal",))]
TOP = 10 ** (-1 / 20)


def play(engine: Engine, values: np.ndarray, blocks: int) -> np.ndarray:
    return np.concatenate([engine.render(values) for _ in range(blocks)])


def level_db(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-12))


def test_the_same_values_give_the_same_bytes(
    make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank, inner: Inner
) -> None:
    """Offline rendering is deterministic, moving controls and weights included."""

    def take(seed: int) -> bytes:
        engine = make_engine(seed)
        moving = values.copy()
        blocks = []
        for number in range(300):
            moving[bank.number["sound.cloud_2.density"]] = 5 + number
            moving[bank.number["sound.glitch.density"]] = number / 300
            moving[bank.number["sound.drive.amount"]] = number / 600
            if number == 60:
                engine.hear(inner)
            blocks.append(engine.render(moving))
        engine.close()
        return np.concatenate(blocks).tobytes()

    first = take(7)
    assert take(7) == first
    assert take(8) != first


def test_at_rest_it_sounds_and_breathes_without_a_click(
    make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank
) -> None:
    """Drone alone: heard, no DC, no jump between samples that an organ would not make."""
    for name in NAMES:
        if name != "drone":
            values[bank.number[f"sound.{name}.level"]] = -60
    sound = play(make_engine(), values, 1500)[96000:]
    assert -45 < level_db(sound) < -15
    assert np.abs(sound.mean(axis=0)).max() < 1e-3
    assert np.abs(np.diff(sound, axis=0)).max() < 0.3 * np.abs(sound).max()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_voice_is_heard_alone_and_off_is_silence(
    name: str, make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank, inner: Inner
) -> None:
    """A voice at 0 dB sounds by itself; at -60 dB it falls asleep, and it wakes again."""
    for other in NAMES:
        values[bank.number[f"sound.{other}.level"]] = -60
    values[bank.number["sound.space.level"]] = -60
    for digit in range(10):
        values[bank.number[f"sound.digits.tone_{digit}"]] = 0.8
    engine = make_engine()
    engine.hear(inner)
    engine.see(Samples(np.full((64, 28, 28, 1), 128, np.uint8), np.ones(64, np.float32)))
    own = bank.number[f"sound.{name}.level"]
    values[own] = 0
    loud = level_db(play(engine, values, 500)[64000:])
    values[own] = -60
    silent = level_db(play(engine, values, 400)[-25600:])
    values[own] = 0
    again = level_db(play(engine, values, 500)[64000:])
    assert loud > -50
    assert silent < -100
    assert again > loud - 10


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.path)
def test_every_control_at_both_ends_gives_finite_bounded_sound(
    group: Group, make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank
) -> None:
    """Each control at its lowest and highest, all voices loud: finite, below the ceiling."""
    for name in NAMES:
        values[bank.number[f"sound.{name}.level"]] = 6
    engine = make_engine()
    play(engine, values, 40)
    for spec in (bank.spec(spec.path) for spec in group.specs):
        number = bank.number[spec.path]
        for value in (spec.low, spec.high):
            moved = values.copy()
            moved[number] = value
            sound = play(engine, moved, 25)
            assert np.isfinite(sound).all(), spec.path
            assert np.abs(sound).max() <= TOP, spec.path
    assert engine.master.nonfinite_blocks == 0


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_corner_of_all_controls_gives_finite_bounded_sound(
    data: st.DataObject, one_engine: Engine, bank: Bank
) -> None:
    """All controls at arbitrary places at once, jumping between them."""
    places = data.draw(
        st.lists(st.sampled_from([0.0, 0.3, 0.7, 1.0]), min_size=len(bank), max_size=len(bank))
    )
    values = bank.map(np.array(places, np.float32), np.zeros(len(bank)))
    values[bank.number["show.panic"]] = 0
    sound = play(one_engine, values, 30)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= TOP
    assert one_engine.master.nonfinite_blocks == 0


@pytest.fixture(scope="module")
def one_engine(bank: Bank, library: Library) -> Engine:
    return Engine(bank, library)


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_a_nan_in_the_graph_is_silenced_counted_and_healed(
    poison: float, make_engine: Callable[..., Engine], values: np.ndarray
) -> None:
    """A NaN that lives in a filter costs one rebuild, and the sound comes back."""
    engine = make_engine()
    before = level_db(play(engine, values, 400)[-25600:])
    graph = engine.graph
    bad = pyo.TableIndex(graph.table(np.full(4, poison)), pyo.Sig(1))
    graph.keep(pyo.ButLP(bad, 1000).out())
    struck = play(engine, values, 4)
    assert np.isfinite(struck).all()
    assert engine.master.nonfinite_blocks >= 1
    assert engine.rebuilds == 1
    after = level_db(play(engine, values, 400)[-25600:])
    assert engine.rebuilds == 1
    assert after > before - 12


def test_a_value_that_is_no_number_is_answered_with_the_last_good_one(
    make_engine: Callable[..., Engine], values: np.ndarray
) -> None:
    """NaN among the values changes nothing."""
    engine = make_engine()
    play(engine, values, 10)
    sound = play(engine, np.full_like(values, np.nan), 400)
    assert np.isfinite(sound).all()
    assert level_db(sound[-25600:]) > -50
    assert engine.master.nonfinite_blocks == 0


def test_panic_cut_silences_everything_within_two_blocks_of_its_time(
    make_engine: Callable[..., Engine], values: np.ndarray, bank: Bank
) -> None:
    """Reverb and all: after a cut there is digital silence."""
    engine = make_engine()
    play(engine, values, 300)
    values[bank.number["show.panic"]] = PANIC_CUT
    sound = play(engine, values, 20)
    assert not sound[int(0.012 * 48000) + 512 :].any()


@pytest.mark.slow
def test_rebuilding_many_times_does_not_crash(
    make_engine: Callable[..., Engine], values: np.ndarray
) -> None:
    """The graph can be thrown away and made anew in mid-play."""
    engine = make_engine()
    for _ in range(5):
        play(engine, values, 20)
        engine._rebuild()
        gc.collect()
    assert np.abs(play(engine, values, 200)).max() > 1e-3
