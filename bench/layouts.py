"""Draw the layouts for tablets as they stand in their files, to be looked at.

    python bench/layouts.py [FOLDER OF THE FILES] -o FOLDER

One PNG per page and program, and a sheet of four pages as docs/layouts.png shows it. What is drawn is what
the files say (places, words, colours, sizes), read back from the JSON and from the packed XML, with every
control at its default; how the two programs shade their widgets is their own business.
"""

import argparse
import json
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from instrument.house import open_house

WIDTH, HEIGHT, TABS, BAR = 1024, 768, 48, 96
SHEET = ("macro", "failure", "sound", "picture")
QUIET = {"text", "TEXT", "LABEL"}
BANK = {spec.address: spec for spec in open_house().bank}
POSITION = "/position"
SAID = {
    "/state": "wandering", "/show/standing/scene": "glitch_organ", "/show/standing/cue_name": "static",
    "/show/standing/next_name": "first strokes", "/show/standing/waits": "in 12 s",
    "/show/standing/next_note": "let it come by itself",
    "/notice": "midi: nanoKONTROL2 fader 1 -> learning.fog; it waits: move it past 40 % of its way, where "
    "the control stands",
}  # fmt: skip
"""What the show might say where no control stands."""


@dataclass
class Seen:
    """A widget as it is drawn."""

    kind: str
    box: tuple[float, float, float, float]
    colour: str
    text: str = ""
    size: int = 12
    words: tuple[str, ...] = ()
    bare: bool = False
    """Without a ground of its own."""
    filled: float = 0.2
    radius: float = 0.0
    level: float = 0.0
    """Of a fader, 0..1."""


def said_at(address: str) -> str:
    """What a text there shows while every control is at its default."""
    spec = BANK.get(address)
    if spec is None:
        return SAID.get(address, "")
    return spec.text(spec.default).partition(" ")[0]


def level_at(address: str) -> float:
    """Where a fader stands while every control is at its default."""
    spec = BANK[address.removesuffix(POSITION)]
    return spec.unmap(spec.default)


Pages = dict[str, list[Seen]]


def session_pages(path: Path) -> Pages:
    """Title -> widgets of each page of a session file."""
    root = json.loads(path.read_text(encoding="utf-8"))["content"]
    pages, bar = root["widgets"]
    below = [_of_session(w, 0, HEIGHT - BAR, BAR) for w in bar["widgets"]]
    found: Pages = {}
    for tab in pages["tabs"]:
        for depth, leaf in [(1, tab)] if not tab["tabs"] else [(2, t) for t in tab["tabs"]]:
            top = TABS * depth
            tops = _tabs([t["label"] for t in pages["tabs"]], tab["label"], 0)
            if depth == 2:
                tops += _tabs([t["label"] for t in tab["tabs"]], leaf["label"], TABS)
            inside = [_of_session(w, 0, top, HEIGHT - BAR - top) for w in leaf["widgets"]]
            found[leaf["label"]] = [*tops, *inside, *below]
    return found


def _of_session(w: dict, left: float, top: float, height: float) -> Seen:
    share = {k: float(w[k].rstrip("%")) / 100 for k in ("left", "top", "width", "height")}
    box = (
        left + share["left"] * WIDTH,
        top + share["top"] * height,
        share["width"] * WIDTH,
        share["height"] * height,
    )
    text = (
        w.get("label", w.get("default", "")) if w["type"] != "dropdown" else said_at(w["address"])
    )
    if w["type"] == "text" and "default" not in w:
        text = said_at(w["address"])
    words = tuple(w["values"]) if w["type"] == "switch" else ()
    size = int(w["css"].partition("rem")[0].rpartition(" ")[2])
    filled = max(0.2, float(w.get("alphaFillOff", 0)))
    colour = w.get("colorText", w["colorWidget"])
    return Seen(
        w["type"], box, colour, text, size, words, filled=filled,
        radius=w.get("borderRadius", 0), level=level_at(w["address"]) if w["type"] == "fader" else 0.0,
    )  # fmt: skip


def _tabs(titles: list[str], chosen: str, top: float) -> list[Seen]:
    wide = WIDTH / len(titles)
    return [
        Seen("tab on" if t == chosen else "tab", (n * wide, top, wide, TABS), "#ff9500", t, 14)
        for n, t in enumerate(titles)
    ]


def document_pages(path: Path) -> Pages:
    """Title -> widgets of each page of a .tosc file."""
    root = ElementTree.fromstring(zlib.decompress(path.read_bytes())).find("node")
    assert root is not None
    pager, bar = root.findall("children/node")
    found: Pages = {}
    below = list(_of_document(bar, 0, 0))
    _walk_pager(pager, 0, 0, [], below, found)
    return found


def _walk_pager(
    pager: ElementTree.Element,
    left: float,
    top: float,
    tops: list[Seen],
    below: list[Seen],
    found: Pages,
) -> None:
    pages = pager.findall("children/node")
    titles = [_property(page, "tabLabel") for page in pages]
    for page, title in zip(pages, titles, strict=True):
        x, y, *_ = _frame(page)
        above = [*tops, *_tabs(titles, title, top)]
        inner = page.find("children/node[@type='PAGER']")
        if inner is not None:
            _walk_pager(inner, left + x, top + y, above, below, found)
        else:
            children = page.findall("children/node")
            found[title] = [
                *above,
                *(s for c in children for s in _of_document(c, left + x, top + y)),
                *below,
            ]


def _of_document(node: ElementTree.Element, left: float, top: float) -> Iterator[Seen]:
    x, y, w, h = _frame(node)
    kind = node.get("type", "")
    if kind == "GROUP":
        for child in node.findall("children/node"):
            yield from _of_document(child, left + x, top + y)
        return
    text = next(
        (
            v.findtext("default", "")
            for v in node.findall("values/value")
            if v.findtext("key") == "text"
        ),
        "",
    )
    if kind == "LABEL":
        address = node.findtext("messages/osc/path/partial/value", "")
        text = said_at(address)
    key = "textColor" if kind in QUIET else "color"
    yield Seen(
        kind,
        (left + x, top + y, w, h),
        _colour(node, key),
        text,
        int(_property(node, "textSize") or 12),
        bare=_property(node, "background") == "0",
        radius=float(_property(node, "cornerRadius") or 0),
        level=level_at(node.findtext("messages/osc/path/partial/value", ""))
        if kind == "FADER"
        else 0.0,
    )


def _element(node: ElementTree.Element, key: str) -> ElementTree.Element | None:
    return next(
        (p.find("value") for p in node.findall("properties/property") if p.findtext("key") == key),
        None,
    )


def _property(node: ElementTree.Element, key: str) -> str:
    found = _element(node, key)
    return (found.text or "") if found is not None else ""


def _frame(node: ElementTree.Element) -> tuple[float, float, float, float]:
    frame = _element(node, "frame")
    x, y, w, h = (float(frame.findtext(k, "0")) if frame is not None else 0.0 for k in "xywh")
    return x, y, w, h


def _colour(node: ElementTree.Element, key: str) -> str:
    found = _element(node, key)
    parts = [float(found.findtext(k, "1")) if found is not None else 1.0 for k in "rgb"]
    return "#" + "".join(f"{round(p * 255):02x}" for p in parts)


def drawn(seen: list[Seen]) -> Image.Image:
    """One page as a picture."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "black")
    pen = ImageDraw.Draw(image)
    for one in seen:
        x, y, w, h = one.box
        edge = (x, y, x + w - 1, y + h - 1)
        if one.kind == "tab on":
            pen.rectangle(edge, fill=one.colour)
        elif one.kind == "tab":
            pen.rectangle(edge, fill="#202020", outline="black")
        elif one.kind in ("fader", "FADER"):
            pen.rounded_rectangle(edge, one.radius, outline=one.colour)
            full = (x, y + (h - 3) * (1.0 - one.level), x + w - 1, y + h - 1)
            pen.rectangle(full, fill=_dark(one.colour), outline=one.colour)
        elif one.words:
            each = h / len(one.words)
            for n, word in enumerate(one.words):
                row = (x, y + n * each, x + w - 1, y + (n + 1) * each - 3)
                pen.rectangle(row, fill=_dark(one.colour, 0.2), outline=one.colour)
                _write(pen, word, row, one.size, "#f5eddb")
        elif one.kind == "BOX":
            pen.rectangle(edge, fill=one.colour)
        elif one.kind == "BUTTON" and one.bare:
            pen.rectangle(edge, outline=one.colour)
        elif one.kind not in QUIET:
            pen.rounded_rectangle(
                edge, one.radius, fill=_dark(one.colour, one.filled), outline=one.colour
            )
        if one.text:
            colour = (
                "black" if one.kind == "tab on" else one.colour if one.kind in QUIET else "#f5eddb"
            )
            _write(pen, one.text, edge, one.size, colour)
    return image


def _dark(colour: str, share: float = 0.4) -> str:
    return "#" + "".join(f"{round(int(colour[n : n + 2], 16) * share):02x}" for n in (1, 3, 5))


def _write(pen: ImageDraw.ImageDraw, text: str, edge: tuple, size: int, colour: str) -> None:
    """In the middle of the place, broken at spaces as both programs do; what does not fit sticks out."""
    font = ImageFont.load_default(size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pen.textlength(longer, font) <= edge[2] - edge[0]:
            lines[-1] = longer
        else:
            lines.append(word)
    middle = ((edge[0] + edge[2]) / 2, (edge[1] + edge[3]) / 2)
    pen.multiline_text(
        middle, "\n".join(lines), colour, font, anchor="mm", align="center", spacing=2
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="?", default=Path("presets/layouts"))
    parser.add_argument("-o", "--out", type=Path, default=Path("/tmp/layouts"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    programs = {
        "open_stage_control": session_pages(asked.files / "twos_and_sevens.json"),
        "touchosc": document_pages(asked.files / "twos_and_sevens.tosc"),
    }
    for program, pages in programs.items():
        for title, seen in pages.items():
            drawn(seen).save(asked.out / f"{program}_{title.replace(' ', '_')}.png")
    sheet = Image.new("RGB", (2 * WIDTH + 24, 2 * HEIGHT + 24), "#404040")
    for n, title in enumerate(SHEET):
        sheet.paste(
            drawn(programs["touchosc"][title]), (n % 2 * (WIDTH + 24), n // 2 * (HEIGHT + 24))
        )
    sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3)).save(asked.out / "layouts.png")
    print(f"{asked.out}: {', '.join(f'{len(p)} pages of {n}' for n, p in programs.items())}")


if __name__ == "__main__":
    main()
