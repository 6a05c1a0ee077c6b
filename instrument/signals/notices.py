"""Notices: one sentence for the performer, from any thread or process, seen in terminal and overlay."""

from dataclasses import dataclass

from instrument.signals.frames import NoticeFrame
from instrument.signals.spoken import printable


@dataclass(frozen=True)
class Notice:
    """Who says it (a room), what, and whether it is a fault."""

    where: str
    text: str
    grave: bool = False


def notice_frame(notice: Notice, time_s: float) -> NoticeFrame:
    """The notice as a frame, printable; a long text is cut at 399 bytes, never inside a character."""
    text = (
        printable(notice.text[:399]).encode("utf-8")[:399].decode("utf-8", "ignore").encode("utf-8")
    )
    return NoticeFrame(
        time_s=time_s,
        grave=int(notice.grave),
        where=notice.where.encode("utf-8", "replace")[:15],
        text=text,
    )


def notice_of(frame: NoticeFrame) -> Notice:
    """The inverse of `notice_frame`."""
    where = bytes(frame.where).decode("utf-8", "replace")
    return Notice(where, bytes(frame.text).decode("utf-8", "replace"), bool(frame.grave))
