"""Which streams a score shows, lane by lane: a well chosen few, or what the artist names."""

from collections.abc import Sequence

from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.streams import StreamSpec, stream_numbers

USUAL = ("loss_d+loss_g", "score_real+score_fake", "similarity_centred", "diversity", "entropy",
         "grad_norm_d+grad_norm_g")  # fmt: skip
MOST_LANES = 10
MOST_TOGETHER = 3


def lanes(text: str | None, streams: Sequence[StreamSpec]) -> tuple[tuple[StreamSpec, ...], ...]:
    """The lanes of a score from the top; `text` as ``loss_g+loss_d,modes``, None the usual ones.

    Streams with a + between them share a lane. Of the usual ones those that the run lacks are left out.
    Raises `Mistake` for a name that is no stream of the run.
    """
    number = stream_numbers(streams)
    if text is None:
        usual = (tuple(n for n in lane.split("+") if n in number) for lane in USUAL)
        asked = [lane for lane in usual if lane]
    else:
        asked = [_lane(lane, number) for lane in text.split(",")]
    if len(asked) > MOST_LANES:
        raise Mistake(
            f"--streams: {len(asked)} lanes do not fit on a page; {MOST_LANES} are the most "
            "(streams with a + between them share a lane, as loss_g+loss_d)"
        )
    return tuple(tuple(streams[number[name]] for name in lane) for lane in asked)


def _lane(text: str, known: dict[str, int]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split("+"))
    for name in names:
        if name not in known:
            raise Mistake(
                f"--streams: this run has no stream '{name}'{did_you_mean(name, known)} "
                "('instrument streams' lists them)"
            )
    if len(names) > MOST_TOGETHER:
        raise Mistake(
            f"--streams {text}: {len(names)} streams in one lane cannot be told apart; "
            f"{MOST_TOGETHER} are the most"
        )
    return names
