"""The conductor: the one owner of the state of the show, and what moves in it by itself.

A thread of its own takes what hands post, in order; the files beside it (morph, quantise, recall, cues)
are what it works with, pure where they can be: time is handed in.
"""

from instrument.conductor.conductor import Conductor
from instrument.conductor.cue_desk import CueDesk

__all__ = ["Conductor", "CueDesk"]
