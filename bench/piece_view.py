"""The performer's view at a moment of a run: ``python bench/piece_view.py RUN.mcap SECONDS OUT.png``.

The run is said again on a bus of its own by a clock turned by hand, and the view hears it as in a show.
"""

import sys
from pathlib import Path

import pygame

from instrument import presets
from instrument.clock import HandClock
from instrument.house import open_house
from instrument.legend import things_of
from instrument.performer_view import PAGES_PER_S, PerformerView
from instrument.picture.performer_page import PerformerPage
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import TOPICS


def main(run: str, seconds: str, out: str) -> None:
    """Hear the run to its so-manieth second, and draw the page as it is then."""
    tape, bus, clock = Tape(Path(run)), Bus(new_show_name()), HandClock(0.0)
    preset = tape.header.preset
    house = open_house(clouds=presets.clouds_asked(preset))
    checked = presets.load(preset, house.vocabulary(tape.header.streams))
    config = {
        "show": bus.show,
        "streams": [stream.to_dict() for stream in tape.header.streams],
        "controls": [spec.to_dict() for spec in house.bank],
        "routes": [route.to_dict() for route in checked.routes],
        "things": things_of(house.looks, tape.header.streams),
        "cues": [(cue.name, cue.timing) for cue in checked.cues],
    }
    publishers = {topic.name: bus.publisher(topic) for topic in TOPICS}
    view, began_s, drawn_s = None, 0.0, 0.0
    for recorded in tape.frames():
        clock.now_s = recorded.frame.time_s
        if view is None:
            view, began_s = PerformerView(config, bus, clock), clock()
        publishers[recorded.topic].send(recorded.frame)
        if clock() - drawn_s >= 1.0 / PAGES_PER_S:
            drawn_s = clock()
            view.listen()
        if clock() - began_s >= float(seconds):
            break
    assert view is not None, "an empty run"
    surface = pygame.Surface((1280, 720))
    PerformerPage().draw(surface, view.page())
    pygame.image.save(surface, out)
    view.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
