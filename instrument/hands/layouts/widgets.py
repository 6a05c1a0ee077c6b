"""What stands on a page, before it is written for one program: widgets with their place and meaning.

Places are pixels of a tablet of 1024 x 768, from the top left corner of the page.
"""

from dataclasses import dataclass
from enum import Enum

from instrument.hands.layouts.tones import Tone

WIDTH, HEIGHT = 1024, 768
TABS, BAR = 48, 96
"""Heights of a row of tabs, and of the bar below all pages."""


class Kind(Enum):
    """What a widget does."""

    CAPTION = "caption"
    """Fixed text."""
    SAID = "said"
    """Text that comes from the show at the address `hears`."""
    FADER = "fader"
    """Sends and hears a position 0..1."""
    TOGGLE = "toggle"
    """On, off; sends and hears a position 0 or 1."""
    HOLD = "hold"
    """On while a finger is on it; sends and hears a position 0 or 1."""
    PRESS = "press"
    """Sends `argument` once when it is touched; None: no argument at all."""
    CHOICE = "choice"
    """One of a few words, all in sight; sends and hears the word."""
    MENU = "menu"
    """One of many words; sends and hears the word."""


@dataclass(frozen=True)
class Box:
    """A place in pixels."""

    left: float
    top: float
    width: float
    height: float

    def inset(self, margin: float) -> "Box":
        """The box without a margin on all sides."""
        return Box(
            self.left + margin, self.top + margin, self.width - 2 * margin, self.height - 2 * margin
        )

    def part(self, top: float, height: float) -> "Box":
        """A slice over the whole width; `top` from the top of this box."""
        return Box(self.left, self.top + top, self.width, height)


@dataclass(frozen=True)
class Widget:
    """One widget. `sends` and `hears` are OSC addresses, empty where there is none.

    `steps` is how many values a fader has (0: all of them), `decimals` how a number is said, `size`
    that of the letters in pixels.
    """

    kind: Kind
    id: str
    box: Box
    tone: Tone
    text: str = ""
    size: int = 12
    path: str = ""
    sends: str = ""
    hears: str = ""
    argument: float | str | None = None
    choices: tuple[str, ...] = ()
    steps: int = 0
    decimals: int = 2


@dataclass(frozen=True)
class Page:
    """A page: widgets, or pages of its own."""

    title: str
    widgets: tuple[Widget, ...] = ()
    pages: tuple["Page", ...] = ()


@dataclass(frozen=True)
class Layout:
    """All pages, and the bar below them that is always there."""

    pages: tuple[Page, ...]
    bar: tuple[Widget, ...] = ()

    def leaves(self) -> tuple[Page, ...]:
        """The pages with widgets, in order."""
        return tuple(leaf for page in self.pages for leaf in (page.pages or (page,)))

    def widgets(self) -> tuple[Widget, ...]:
        """Every widget, those of the bar last."""
        return (*(w for page in self.leaves() for w in page.widgets), *self.bar)
