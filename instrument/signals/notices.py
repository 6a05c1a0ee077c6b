"""Notices: one sentence for the performer, from any thread or process, seen in terminal and overlay."""

from dataclasses import dataclass

from instrument.signals.frames import NoticeFrame
from instrument.signals.spoken import printable
from instrument.signals.texts import field_of, text_of


@dataclass(frozen=True)
class Notice:
    """Who says it (a room), what, and whether it is a fault."""

    where: str
    text: str
    grave: bool = False


def notice_frame(notice: Notice, time_s: float) -> NoticeFrame:
    """The notice as a frame, printable; a long text is cut at 399 bytes, never inside a character."""
    return NoticeFrame(
        time_s=time_s,
        grave=int(notice.grave),
        where=field_of(notice.where, 15),
        text=field_of(printable(notice.text[:399]), 399),
    )


def notice_of(frame: NoticeFrame) -> Notice:
    """The inverse of `notice_frame`."""
    return Notice(text_of(frame.where), text_of(frame.text), bool(frame.grave))
