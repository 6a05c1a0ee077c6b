"""The stage: every part of a show by its name, wired on one screen. Main process, main thread."""

import sys
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from instrument import presets
from instrument.captions import Captions
from instrument.clock import wall_clock
from instrument.conductor import Conductor, CueDesk
from instrument.filming import Filming
from instrument.front import Front
from instrument.health import UNGUARDED, Health
from instrument.house import House
from instrument.leaving import signals_end
from instrument.legend import Legend, Things, things_of
from instrument.mapping import LiveModulator, Modulator, RouteDesk, standing_still
from instrument.options import Options
from instrument.performer_view_process import PerformerViewProcess
from instrument.picture.events import KeyEvent
from instrument.picture.picture import Picture
from instrument.picture.sharing.outlet import kind_of
from instrument.picture.sharing.share import Share
from instrument.preset_watch import PresetWatch
from instrument.pulse import Pulse, Signs
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Recorder, check_new
from instrument.runs.recording import Recording
from instrument.scenes import SceneShelf, choices_of
from instrument.show_house import house_of_show
from instrument.show_report import milestones, write_report
from instrument.signals import places
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.due import FAR_S
from instrument.signals.mistake import Mistake
from instrument.signals.refused import check_takes
from instrument.signals.routes import RouteEdit
from instrument.signals.show import END_FADE_S
from instrument.sound.supervisor import SoundProcess
from instrument.sound_config import sound_config
from instrument.sources import branch, choose
from instrument.table import Table
from instrument.terminal import Terminal
from instrument.written_over import check_target

READY_WAIT_S = 10.0
SWITCH_INTERVAL_S = 0.0005
"""How long a busy thread may keep the others waiting; at the default 5 ms a flood of OSC starves its
polite senders (p95 99.7 ms instead of about 5)."""
MOST_STANDING = 6
"""So many routes that cannot move are told one by one."""


class Show:
    """One show from curtain to curtain. Everything a performer can get wrong raises `Mistake` early."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = wall_clock
        self.house: House = house_of_show(options.preset, options.samples)
        self.bus = Bus(new_show_name())
        self.chosen = choose(options, self.house, self.bus, self.clock, lambda: self.conductor)
        self.source, self.preset = self.chosen.source, self.chosen.preset
        positions = self.preset.positions(self.house.bank)
        routes, streams, bank = self.preset.routes, self.source.streams, self.house.bank
        self.routes = RouteDesk(routes, streams, bank)
        self.shelf = self._shelf()
        self.conductor = Conductor(
            bank, positions, self.bus, self.clock, self.routes, self.shelf, self.preset.name
        )
        self.cues = CueDesk(self.conductor, self.preset.cues, streams, self.bus)
        self.conductor.ride(self.cues)
        self.conductor.obey("deck.branch", lambda _: branch(self.source, self.conductor))
        self.preset_watch = PresetWatch(
            presets.path_of(options.preset),
            self.house.vocabulary(streams),
            self.conductor.change_routes,
            self._say_of_routes,
        )
        self.conductor.recall.gone_to.append(lambda scene: self.preset_watch.follow(scene.name))
        self.table = Table(
            options, streams, self.bus, self.clock, self.conductor,
            edit_route=self._edit_route, names=self._names,
        )  # fmt: skip
        self.sound = SoundProcess(
            sound_config(options, self.bus.show, self.house, self.preset, streams),
            self.bus,
            positions=lambda: [self.conductor.position(spec.path) for spec in self.house.bank],
            standby=options.standby,
        )
        self.modulator = LiveModulator(
            Modulator(routes, streams, bank), self.bus, self.clock, far=FAR_S
        )
        self.picture = Picture(
            options.picture,
            self.house.looks,
            self.house.bank,
            self.source.streams,
            self.modulator.values,
            self.bus,
            self.clock,
        )
        self.terminal = Terminal(Health(self.bus, streams, bank.specs, self.clock))
        self.pulse = Pulse(self.bus, self.clock, self._signs)
        things = things_of(self.house.looks, streams)
        self.captions = Captions(
            Legend(streams, things),
            lambda: self.modulator.modulator,
            self.table.keyboard.help_lines,
            lambda: self.terminal.rows,
            self.clock,
            unguarded=not options.picture.flash_guard,
        )
        self.view = self._performer_view(things)
        self.front = Front(
            self.picture, self.table, self.captions, self.view, self.conductor, self.leave
        )
        self.recorder = self._recorder()
        self.filming = self._filming()
        self.shares: list[Share] = []
        self.began_s = self.clock()
        self.first_picture_s: float | None = None
        self.leaving = ""

    def _shelf(self) -> SceneShelf:
        """The scenes of the set list, and those that cues go to, read before the curtain."""
        choices = choices_of(self.source.description, self.chosen.memory_mb)
        shelf = SceneShelf(
            self.house.vocabulary(self.source.streams),
            lambda text: self.conductor.say(text, where="scene"),
            choices,
            lambda: self.conductor.recall.name,
        )
        cues = [cue.scene for cue in self.preset.cues if cue.scene]
        self.broken_scenes = shelf.load([self.preset.name, *cues])
        return shelf

    def _edit_route(self, edit: RouteEdit) -> None:
        """A hand turns a key of a route. Raises `Mistake`. Any thread."""
        self.routes.check(edit)
        self.conductor.change_routes(edit)

    def _say_of_routes(self, text: str) -> None:
        self.conductor.say(text, where="routes")

    def _say_what_stands_still(self) -> None:
        positions = self.preset.positions(self.house.bank)
        told = standing_still(self.preset.routes, positions, self.house.bank, self.source.streams)
        for sentence in told[:MOST_STANDING]:
            self._say_of_routes(sentence)
        if len(told) > MOST_STANDING:
            self._say_of_routes(f"and {len(told) - MOST_STANDING} more that cannot move")

    def _say_of_looks(self) -> None:
        """What cannot be played is left out; `Mistake` where the preset shows it."""
        positions, faults = self.preset.positions(self.house.bank), self.picture.left_out
        for sentence in self.house.check_looks(f"the preset {self.preset.name}", positions, faults):
            self.conductor.say(sentence, True, where="picture")

    def _performer_view(self, things: Things) -> PerformerViewProcess | None:
        options = self.options
        if not options.performer_view:
            return None
        config = {
            "show": self.bus.show,
            "streams": [stream.to_dict() for stream in self.source.streams],
            "controls": [spec.to_dict() for spec in self.house.bank],
            "routes": [route.to_dict() for route in self.preset.routes],
            "things": things,
            "cues": [(cue.name, cue.timing) for cue in self.preset.cues],
            "display": options.performer_display,
            "headless": options.picture.window.headless,
        }
        return PerformerViewProcess(
            config,
            lambda name, pressed: self.picture.events.append(KeyEvent(name, pressed)),
            lambda text, grave: self.conductor.say(text, grave, where="view"),
        )

    def _names(self) -> dict[str, list[str]]:
        """What scenes and cues are called. Cues without names are gone to by number, all of them."""
        cues = [cue.name for cue in self.preset.cues]
        scenes = [name for name in dict.fromkeys(self.shelf.set_list.names) if name]
        return {"scene": scenes, "cue": cues if all(cues) and len(set(cues)) == len(cues) else []}

    def _recorder(self) -> Recorder | None:
        options = self.options
        own = places.home() / "runs" if options.automatic and options.rehearse is None else None
        self.recording = Recording(
            options.record, own, self.preset.name, options.keep_gb, datetime.now()
        )
        if self.recording.path is None:
            return None
        header = RunHeader(
            preset=self.preset.name,
            preset_text=self.preset.text,
            source=self.source.description,
            streams=self.source.streams,
            controls=[spec.path for spec in self.house.bank],
            seed=self.source.description.get("seed", options.learning.seed),
            sample_rate=options.sample_rate,
            block=options.block,
            automatic=self.recording.automatic,
        )
        return Recorder(self.recording.path, self.bus, header)

    def _filming(self) -> Filming | None:
        options = self.options
        if options.film is None:
            return None
        return Filming(
            options.film,
            self.picture,
            self.sound,
            lambda text, grave: self.conductor.say(text, grave, where="film"),
            keep_sound=options.capture is not None or options.sound_file is not None,
        )

    def _say_of_recording(self, text: str, grave: bool) -> None:
        self.conductor.say(text, grave, where="recorder")

    def _say_of_sharing(self, text: str) -> None:
        self.conductor.say(text, True, where="share")

    def _share(self, stack: ExitStack) -> None:
        size, rate = self.picture.window_size, self.options.picture.rate
        for what in self.options.share:
            share = Share(what, size, rate, self._say_of_sharing)
            stack.callback(share.close)
            self.shares.append(share)
            self.picture.hand_pixels_to(share)
            self.conductor.say(share.words, where="share")

    def play(self) -> None:
        """Open the curtain, play, close it. Raises `Mistake` for what only opening can tell."""
        with ExitStack() as stack:
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            stack.enter_context(signals_end(self.leave))
            self.terminal.start()  # and ended last: it hears what the conductor says in its end
            stack.callback(self.terminal.stop)
            self.conductor.start()
            stack.callback(self.conductor.stop)
            self.table.start(stack)
            if self.filming is not None:
                stack.callback(self.filming.give_sound)
            self.sound.start()
            stack.callback(self.sound.stop)
            self.conductor.say(f"{self.preset.title} ({self.source.kind})")
            if self.chosen.words:
                self.conductor.say(self.chosen.words, where="branch")
            self._say_what_stands_still()
            for sentence in self.broken_scenes:
                self.conductor.say(sentence, where="scene")
            self.shelf.start()
            stack.callback(self.shelf.stop)
            self.preset_watch.start()
            stack.callback(self.preset_watch.stop)
            window = self.picture.open()
            stack.callback(self.picture.close)
            self.conductor.say(window, where="picture")
            self._say_of_looks()
            self.shelf.check_looks(
                lambda who, at: self.house.check_looks(who, at, self.picture.left_out)
            )
            if not self.options.picture.flash_guard:
                self.conductor.say(f"{UNGUARDED}, as asked", grave=True, where="picture")
            if self.view is not None:
                self.view.start()
                stack.callback(self.view.stop)
            if self.filming is not None:
                self.filming.start()
                stack.callback(self.filming.stop)
            self._share(stack)
            self._wait_for_sound()
            if self.recording.start(self.recorder, self._say_of_recording):
                assert self.recorder is not None
                stack.callback(self.recorder.stop)
            self.source.start()
            stack.callback(self.source.stop)
            self.cues.raise_curtain()
            self._loop()
            self._fade()

    def leave(self, reason: str) -> None:
        """Ask the show to end; the first reason stands. Any thread."""
        self.leaving = self.leaving or reason

    def _wait_for_sound(self) -> None:
        """Draw until the sound process is up, so that the window is alive from the first moment."""
        deadline_s = self.clock() + READY_WAIT_S
        while not self.leaving and self.clock() < deadline_s:
            self.picture.draw()
            self.first_picture_s = self.first_picture_s or self.clock()
            ready = self.sound.ready()
            if ready is not None:
                self.conductor.say(ready, where="sound")
                return
        if not self.leaving:
            raise Mistake(
                f"the sound process did not come up within {READY_WAIT_S:g} s; is the sound device "
                "held by another program? (--sound null plays without one)"
            )

    def _loop(self) -> None:
        seconds = self.options.seconds
        while not self.leaving:
            self.picture.draw()
            self.front.attend()
            self.pulse.beat()
            self.sound.poll()
            if self.picture.closed:
                self.leave("the window was closed")
            if seconds is not None and self.clock() - self.began_s >= seconds:
                self.leave(f"{seconds:g} seconds are over")
            if self.source.ended:
                self.leave("the run is over")

    def _signs(self) -> Signs:
        picture = self.picture
        return Signs(
            pictures=picture.pictures,
            late=picture.late_frames,
            held=picture.pictures_held,
            film_dropped=0 if self.filming is None else self.filming.dropped,
            refused=self.table.refused,
            gestures=self.conductor.gestures,
            look=picture.look,
            size=picture.inner_size,
            unguarded=not self.options.picture.flash_guard,
        )

    def _fade(self) -> None:
        """The sound fades in its own process; the picture goes on until it is gone."""
        self.conductor.say(f"the end: {self.leaving}")
        self.sound.begin_end()
        deadline_s = self.clock() + END_FADE_S
        self.picture.fade_out(END_FADE_S)
        while self.clock() < deadline_s:
            self.picture.draw()

    def report(self) -> dict[str, Any]:
        """What happened, counted. After `play`."""
        sound = self.sound.report()
        lost = sound.pop("metric_frames_lost", 0)
        return {
            "preset": self.preset.name,
            "source": self.source.kind,
            "seconds": round(self.clock() - self.began_s, 3),
            "learning": self.source.report(),
            "sound": sound,
            "picture": self.picture.report(),
            "recorder": None if self.recorder is None else self.recorder.report(),
            "film": None if self.filming is None else self.filming.report(),
            "share": [share.report() for share in self.shares],
            "bus": {
                "published": self.source.published,
                "sound_lost": lost,
                "picture_lost": self.picture.lost,
                "recorder_lost": self.recorder.lost if self.recorder else 0,
            },
            **self.table.report(),
            "start": milestones(self.first_picture_s, self.terminal.health),
        }


def perform(options: Options) -> dict[str, Any]:
    """A whole show; returns its report. Raises `Mistake`."""
    for path in (options.record, options.report, options.capture, options.sound_file):
        if path is not None and not path.absolute().parent.is_dir():
            raise Mistake(
                f"{path}: the folder {path.absolute().parent} does not exist; make it first"
            )
        if path is not None and not path.exists():
            check_takes(path)
    if options.record is not None:
        check_new(options.record)
    check_target(options.report, force=True)
    for what in options.share:
        kind_of(what)
    show = Show(options)
    show.play()
    report = show.report()
    if options.report is not None:
        write_report(report, options.report)
    return report
