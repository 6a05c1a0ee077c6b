"""Routes: how a stream pushes a control. The mapping is the composition; it belongs to the artist.

base (hand) + push (training) = what a control stands at. The two never share a variable. Every
listener computes its own pushes at its own rate from the same frames with the same function.
"""

from instrument.mapping.desk import RouteDesk, name_faults, routes_text
from instrument.mapping.live import LiveModulator
from instrument.mapping.modulator import Modulator
from instrument.mapping.route import CALM, Route
from instrument.mapping.shapes import Smoothing
from instrument.mapping.source import Of, Source
from instrument.mapping.standing import standing_still

__all__ = [
    "CALM",
    "LiveModulator",
    "Modulator",
    "Of",
    "Route",
    "RouteDesk",
    "Smoothing",
    "Source",
    "name_faults",
    "routes_text",
    "standing_still",
]
