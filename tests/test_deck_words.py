"""Where the deck stands, as the performer reads it."""

import pytest

from instrument.deck_words import deck_rows
from instrument.signals.frames import DeckFrame
from instrument.signals.spoken import line_text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"speed": 1.0}, "1:33 of 3:00  x1"),
        ({"speed": 0.0}, "1:33 of 3:00  holds"),
        ({"speed": 8.0, "punched": 12}, "1:33 of 3:00  x8  12 by hand"),
        ({"speed": 0.25, "looping": 1, "loop_in_s": 20.0}, "1:33 of 3:00  x0.25  loop 0:20 to 3:00"),
        ({"speed": 1.0, "looping": 1, "loop_in_s": 65.0, "loop_out_s": 20.0},
         "1:33 of 3:00  x1  loop 0:20 to 1:05"),
        ({"speed": 1.0, "hands_muted": 1, "punched": 2},
         "1:33 of 3:00  x1  hands muted"),
    ],
)  # fmt: skip
def test_the_deck_in_words(words: dict, said: str) -> None:
    """Place, length, speed; loop and hands only where there is something to tell."""
    frame = DeckFrame(
        position_s=93.4, length_s=180.0, **{"loop_in_s": -1.0, "loop_out_s": -1.0, **words}
    )
    ((heading, line),) = deck_rows(frame)
    assert (heading, line_text(line)) == ("run", said)
