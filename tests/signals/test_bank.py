"""The bank: every control has a number, and mapping all at once is mapping each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.show import SHOW
from instrument.signals.spec import Curve, choice, number, trigger, whole


class Voice(Controls):
    level = Control(number(-60.0, 6.0, -14.0, "level", unit="dB"))
    cutoff = Control(number(20.0, 20000.0, 1000.0, "cutoff", unit="Hz", curve=Curve.EXPONENTIAL))
    drive = Control(number(0.0, 10.0, 1.0, "drive", curve=Curve.POWER))
    bits = Control(whole(1, 16, 8, "bits"))
    mode = Control(choice(("soft", "hard"), "soft", "mode"))
    hit = Control(trigger("hit"))


DRONE, CLOUD = Group("sound.drone", Voice), Group("sound.cloud", Voice)
BANK = Bank.of((SHOW, DRONE, CLOUD))


@given(arrays(np.float32, len(BANK), elements=st.floats(-0.5, 1.5, width=32)))
def test_mapping_all_at_once_is_mapping_each(positions: np.ndarray) -> None:
    """`Bank.map` gives what `Spec.map` gives, for every control and any positions."""
    values = BANK.map(positions, np.empty(len(BANK)))
    for spec, position, value in zip(BANK, positions, values, strict=True):
        assert value == pytest.approx(spec.map(float(position)), rel=1e-6, abs=1e-9)


def test_mapping_does_not_touch_the_positions() -> None:
    """The positions handed in are the conductor's and stay as they are."""
    positions = np.full(len(BANK), 0.5, np.float32)
    BANK.map(positions, np.empty(len(BANK)))
    assert (positions == 0.5).all()


def test_bound_group_is_a_live_view() -> None:
    """A voice sees the values that its owner writes, under its own names."""
    values = np.zeros(len(BANK))
    cloud = BANK.bind(CLOUD, values)
    values[BANK.number["sound.cloud.cutoff"]] = 440.0
    assert cloud.cutoff == 440.0 and cloud.level == 0.0


def test_defaults_are_positions_in_order() -> None:
    """Defaults stand where the specs say."""
    values = BANK.map(BANK.defaults, np.empty(len(BANK)))
    assert values[BANK.number["sound.drone.level"]] == pytest.approx(-14.0, abs=1e-4)
    assert values[BANK.number["sound.drone.cutoff"]] == pytest.approx(1000.0, rel=1e-5)
    assert values[BANK.number["show.panic"]] == 0.0


def test_numbers_are_places_in_the_list_of_groups() -> None:
    """The first group comes first; each control is found by its path."""
    assert BANK.number["show.panic"] == 0
    assert BANK.specs[BANK.number["sound.cloud.drive"]].path == "sound.cloud.drive"
    assert "sound.cloud.drive" in BANK and "sound.cloud.drvie" not in BANK
    acts = [spec.path for spec in BANK.triggers() if spec.path.startswith("sound.")]
    assert acts == ["sound.drone.hit", "sound.cloud.hit"]


def test_one_path_twice_is_refused() -> None:
    """Two controls never share an address."""
    with pytest.raises(ValueError, match="share one path"):
        Bank.of((DRONE, DRONE))


def test_classes_do_not_share_their_fields() -> None:
    """A control declared in one voice appears in no other."""

    class Other(Controls):
        level = Control(number(0.0, 1.0, 0.5, "other"))

    assert [spec.name for spec in Other.specs("x")] == ["level"]
    assert len(Voice.specs("y")) == 6
    assert Other.at_defaults().level == 0.5
    assert Other.level.help == "other"
