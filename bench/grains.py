"""How many grains at once one core renders in real time: our cloud, SuperCollider, SignalFlow.

    python bench/grains.py [--at-once 1024 2048] [--seconds 10] [--rounds 3]

The same grains for all: 256 ms of the same recording under a Hann window, at random places, each
with its own pitch (+-2 semitones) and side; SuperCollider's GrainBuf in scsynth's non-real-time
mode, SignalFlow's Granulator and our cloud block by block (`ours_filtered`: with a low-pass of its
own on every grain, which the others do not have). Each
plays in a process of its own and counts its processor time; by turns, as many rounds as asked.
Prints one JSON line: processor seconds for a second of sound, and from that grains a core.
SuperCollider needs the Debian package supercollider-server and supriya from PyPI, SignalFlow the
package signalflow; what is missing is said and left out.
"""

import argparse
import importlib.util
import json
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from instrument.signals import places
from instrument.sound.recording import ENDINGS

RATE, BLOCK = 48000, 256
GRAIN_S = 0.256
MOST_PER_PLAYER = 512
SEMITONES = 2.0
RECORDING = "improvisation_toccata"


def recording() -> Path:
    """File of the recording that all of them play."""
    return places.found("samples", ENDINGS)[RECORDING]


def players(at_once: int) -> list[int]:
    """Grains at once of each player, none above `MOST_PER_PLAYER`."""
    count = -(-at_once // MOST_PER_PLAYER)
    return [at_once // count] * count


def ours_filtered(at_once: int, seconds: float) -> float:
    """Processor seconds for a second of sound."""
    return ours(at_once, seconds, brightness=9000.0)


def ours(at_once: int, seconds: float, brightness: float = 18000.0) -> float:
    """Processor seconds for a second of sound; at a brightness of 18,000 Hz there are no filters."""
    from instrument.sound.controls import cloud
    from instrument.sound.graph import Graph
    from instrument.sound.library import Library
    from instrument.sound.voices.cloud import grains_at_once

    sound = Library({RECORDING: recording()}, RATE, patient=True).get(RECORDING)
    graph = Graph(RATE, BLOCK, seed=1)
    clouds = []
    for each in players(at_once):
        entry = cloud(1)
        controls = entry.controls.at_defaults()
        fields = {field.name: field.number for field in controls._fields}
        wanted = {
            "overlap": float(each), "size_ms": GRAIN_S * 1000, "jitter": 1.0,
            "position": 0.5, "pitch_jitter": SEMITONES, "disorder": 0.0,
            "brightness": brightness, "filter_jitter": 0.0,
        }  # fmt: skip
        for name, value in wanted.items():
            controls.values[fields[name]] = value
        sounding = grains_at_once(controls)
        if abs(sounding - each) > 1.0:
            sys.exit(f"the cloud holds {sounding:.0f} grains instead of {each}: no comparison")
        voice = entry.build(graph, sound)
        voice.update(controls)
        clouds.append(voice)
    graph.keep(graph.mix([voice.sound for voice in clouds]).out())
    blocks = int(seconds * RATE / BLOCK)
    for _ in range(RATE // BLOCK):
        graph.render()
    begun_s = time.process_time()
    for _ in range(blocks):
        graph.render()
    return (time.process_time() - begun_s) / seconds


def signalflow(at_once: int, seconds: float) -> float:
    """Processor seconds for a second of sound."""
    import signalflow as sf

    config = sf.AudioGraphConfig()
    config.sample_rate = RATE
    graph = sf.AudioGraph(config=config, output_device="dummy", start=False)
    samples, _ = soundfile.read(recording(), dtype="float32", always_2d=True)
    sound = sf.Buffer(samples.mean(axis=1)[None, :])
    total = None
    for each in players(at_once):
        clock = sf.Impulse(each / GRAIN_S)
        places_s = sf.RandomUniform(0.5, len(samples) / RATE - 1.0, clock=clock)
        rate = sf.RandomExponential(2 ** (-SEMITONES / 12), 2 ** (SEMITONES / 12), clock=clock)
        side = sf.RandomUniform(-1, 1, clock=clock)
        player = sf.Granulator(
            sound, clock=clock, pos=places_s, duration=GRAIN_S, pan=side, rate=rate, max_grains=4096
        )
        total = player if total is None else total + player
    graph.play(total)
    out = sf.Buffer(2, BLOCK)
    for _ in range(RATE // BLOCK):
        graph.render_to_buffer(out)
    begun_s = time.process_time()
    for _ in range(int(seconds * RATE / BLOCK)):
        graph.render_to_buffer(out)
    return (time.process_time() - begun_s) / seconds


def _message(*words: object) -> bytes:
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(str(words[0]))
    for word in words[1:]:
        builder.add_arg(word)  # type: ignore[arg-type]
    return bytes(builder.build().dgram)


def _score(path: Path, at_once: int, seconds: float, sound: Path) -> None:
    """An NRT score: bundles with their length before them."""
    import supriya
    from supriya.ugens import GrainBuf, Impulse, Out, TRand

    with supriya.SynthDefBuilder(density=100.0, buffer=0) as builder:
        trigger = Impulse.ar(frequency=builder["density"])
        grains = GrainBuf.ar(
            channel_count=2, trigger=trigger, duration=GRAIN_S, buffer_id=builder["buffer"],
            rate=TRand.ar(
                minimum=2 ** (-SEMITONES / 12), maximum=2 ** (SEMITONES / 12), trigger=trigger
            ),
            position=TRand.ar(minimum=0.02, maximum=0.95, trigger=trigger),
            pan=TRand.ar(minimum=-1.0, maximum=1.0, trigger=trigger),
            interpolate=2, envelope_buffer_id=-1, maximum_overlap=2 * MOST_PER_PLAYER,
        )  # fmt: skip
        Out.ar(bus=0, source=grains)
    definition = builder.build(name="grains")
    first = [
        _message("/d_recv", definition.compile()),
        _message("/b_allocRead", 0, str(sound), 0, 0),
    ]
    begin = [
        _message("/s_new", "grains", 1000 + n, 0, 0, "density", each / GRAIN_S, "buffer", 0)
        for n, each in enumerate(players(at_once))
    ]
    bundles = [(0.0, first), (0.01, begin), (seconds, [_message("/c_set", 0, 0)])]
    with path.open("wb") as file:
        for at_s, messages in bundles:
            body = b"#bundle\0" + struct.pack(">Q", int(at_s * 2**32))
            body += b"".join(struct.pack(">i", len(m)) + m for m in messages)
            file.write(struct.pack(">i", len(body)) + body)


def supercollider(at_once: int, seconds: float) -> float:
    """Processor seconds for a second of sound: a long rendering less a short one."""
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        samples, _ = soundfile.read(recording(), dtype="float32", always_2d=True)
        sound, score = Path(folder) / "mono.wav", Path(folder) / "score.osc"
        soundfile.write(sound, samples.mean(axis=1), RATE)
        for length_s in (1.0, 1.0 + seconds):
            _score(score, at_once, length_s, sound)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            words = ["scsynth", "-N", str(score), "_", str(Path(folder) / "out.wav"), str(RATE)]
            words += ["WAV", "float", "-o", "2", "-m", "262144"]
            done = subprocess.run(words, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if done.returncode:
                sys.exit(f"scsynth: {done.stdout}{done.stderr}")
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            heard, _ = soundfile.read(Path(folder) / "out.wav")
            if np.sqrt(np.mean(heard**2)) < 1e-3:
                sys.exit("scsynth rendered silence: the comparison would be worth nothing")
    return (spent[1] - spent[0]) / seconds


PLAYERS = {
    "ours": ours,
    "ours_filtered": ours_filtered,
    "supercollider": supercollider,
    "signalflow": signalflow,
}


def missing(name: str) -> str:
    """What is not here for that player, in words; empty when it can play."""
    if name == "supercollider":
        if shutil.which("scsynth") is None:
            return "scsynth is not here (apt-get install supercollider-server)"
        if importlib.util.find_spec("supriya") is None:
            return "supriya is not here (pip install supriya)"
    if name == "signalflow" and importlib.util.find_spec("signalflow") is None:
        return "signalflow is not here (pip install signalflow)"
    return ""


def compare(at_once: int, seconds: float, rounds: int) -> dict[str, object]:
    """Medians over the rounds, all players by turns."""
    here = {name: missing(name) for name in PLAYERS}
    spent: dict[str, list[float]] = {name: [] for name, fault in here.items() if not fault}
    for _ in range(rounds):
        for name in spent:
            words = [sys.executable, __file__, "--player", name]
            words += ["--at-once", str(at_once), "--seconds", str(seconds)]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{name}: {done.stderr}")
            spent[name].append(float(done.stdout.split()[-1]))
    result: dict[str, object] = {"grains_at_once": at_once}
    median = {name: statistics.median(times) for name, times in spent.items()}
    for name, share in median.items():
        result[name] = {"core_share": round(share, 3), "grains_a_core": round(at_once / share)}
        if not name.startswith("ours"):
            result[f"ours_to_{name}"] = round(share / median["ours"], 2)
    result["left_out"] = {name: fault for name, fault in here.items() if fault}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1024, 2048])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--player", choices=PLAYERS, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.player:
        print(PLAYERS[words.player](words.at_once[0], words.seconds))
        return
    for at_once in words.at_once:
        print(json.dumps(compare(at_once, words.seconds, words.rounds)), flush=True)


if __name__ == "__main__":
    main()
