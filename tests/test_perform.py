"""The command `perform`, as a performer calls it: whole shows with every real part."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from free_port import free_port
from perform_stand import PATIENCE_S, PERFORM, Ear, Played, last_of, until

from instrument.runs.tape import Tape
from instrument.signals.show import END_FADE_S

QUIET = ["--headless", "--sound", "null", "--size", "320x180"]
NO_TORCH = (
    "import sys\n"
    "from instrument.cli import perform\n"
    "try: perform(sys.argv[1:])\n"
    "finally: print('torch' in sys.modules, file=sys.stderr)\n"
)
HEARD = ("/step", "/learning/heat", "/sound/drone/level/position")


def command(*words: object, port: int | None = None, code: str | None = None) -> list[str]:
    start = [sys.executable, "-c", code] if code else PERFORM
    return [*start, *map(str, words), "--osc-port", str(port or free_port())]


def played(*words: object, code: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words, code=code), capture_output=True, text=True, timeout=PATIENCE_S
    )


def steer(show: Played) -> None:
    """Three good packets and three bad ones, once the training runs; it returns when all were read."""
    ear = Ear(show, *HEARD)
    ear.until(lambda told: told.get("/step", 0) > 20, "a training that makes steps")
    ear.say("/learning/heat", 2.0)
    ear.say("/learning/quake")
    ear.say("/sound/drone/level/position", 0.9)
    ear.say("/learning/heatt", 2.0)
    ear.say("/learning/heat", float("nan"))
    ear.send(b"\xff" * 13)
    ear.values.clear()
    ear.say("/resync")  # what is told after it was asked after all the others
    ear.until(lambda told: set(told) >= set(HEARD), "everything anew")
    ear.until(lambda told: told["/learning/heat"] == pytest.approx(2.0), "the heat, moved")
    ear.until(lambda told: told[HEARD[2]] == pytest.approx(0.9), "the drone, moved")


def is_much(run: Path) -> bool:
    """Whether a run holds enough of a show to be judged."""
    last: dict[str, Any] = last_of(run)
    if not {"sound", "health"} <= set(last):
        return False
    return bool(last["sound"].blocks > 500 and last["health"].pictures > 60)


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict]]:
    """One recorded live show, steered over OSC and ended by SIGTERM."""
    folder = tmp_path_factory.mktemp("show")
    files = {name: folder / name for name in ("run.mcap", "show.json", "show.wav")}
    live = Played(
        *QUIET, "--record", files["run.mcap"], "--report", files["show.json"],
        "--capture", files["show.wav"], "--screenshot-every", 1, folder / "shots",
    )  # fmt: skip
    try:
        steer(live)
        until(lambda: is_much(files["run.mcap"]), "sound and pictures", every_s=0.5)
        until(lambda: len(list((folder / "shots").glob("*.png"))) >= 5, "screenshots")
    finally:
        code = live.end(signal.SIGTERM)
    assert code == 0, live.said
    (folder / "said.txt").write_text("\n".join(live.said))
    yield folder, json.loads(files["show.json"].read_text())


def test_sigterm_ends_a_show_with_its_report_and_exit_code_0(show: tuple[Path, dict]) -> None:
    """Everything asked for is in the report, and everything moved."""
    _, report = show
    assert (report["preset"], report["source"]) == ("glitch_organ", "live")
    assert report["learning"]["steps"] > 10
    assert report["learning"]["net"] == "pocket_mlp"
    assert report["sound"]["blocks"] > 500
    assert report["sound"]["sink"] and report["sound"]["block"] == 256
    assert report["picture"]["frames"] > 60
    assert (report["picture"]["width"], report["picture"]["height"]) == (320, 180)
    assert report["bus"]["published"] >= report["learning"]["steps"] // 2
    assert set(report["bus"]) == {"published", "sound_lost", "picture_lost", "recorder_lost"}
    assert report["start"]["first_picture_s"] > 0


def test_osc_steers_and_what_is_wrong_is_refused_counted_and_told(show: tuple[Path, dict]) -> None:
    """Three good packets are gestures; three bad ones are refused, and at least one is told."""
    folder, report = show
    assert report["hands"] == {"gestures": 3, "refused": 3}
    assert "heatt" in (folder / "said.txt").read_text()


def test_the_capture_is_a_sound_file_with_an_organ_in_it(show: tuple[Path, dict]) -> None:
    """Finite, audible, without DC, never at full scale."""
    sound, rate = soundfile.read(show[0] / "show.wav")
    assert rate == 48_000 and sound.shape[1] == 2
    assert np.isfinite(sound).all()
    assert np.sqrt(np.mean(sound**2)) > 10 ** (-45 / 20)
    assert np.abs(sound).max() < 10 ** (-0.5 / 20)
    assert np.abs(sound.mean(axis=0)).max() < 1e-3


def test_screenshots_come_by_themselves(show: tuple[Path, dict]) -> None:
    """One a second, as PNG."""
    shots = sorted((show[0] / "shots").glob("*.png"))
    assert len(shots) >= 4
    assert all(shot.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" for shot in shots)


@pytest.mark.slow
def test_a_recorded_show_is_rehearsed_on_the_same_path_without_torch(
    show: tuple[Path, dict],
) -> None:
    """The same report from another source; torch is never imported."""
    folder, live = show
    report_path = folder / "rehearsal.json"
    ended = played(
        *QUIET, "--rehearse", folder / "run.mcap", "--report", report_path, code=NO_TORCH
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1] == "False"
    report = json.loads(report_path.read_text())
    assert report["source"] == "rehearsal"
    assert report["learning"]["steps"] >= 0.8 * live["learning"]["steps"]
    assert report["sound"]["blocks"] > 500


@pytest.mark.slow
def test_a_run_renders_into_the_same_file_twice(show: tuple[Path, dict]) -> None:
    """Offline the same run and preset give the same bytes, as long as the run was."""
    folder, _ = show
    code = "from instrument.cli import instrument; instrument()"
    for name in ("one.wav", "two.wav"):
        words = ["render-sound", str(folder / "run.mcap"), "-o", str(folder / name)]
        ended = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert ended.returncode == 0, ended.stderr
    assert (folder / "one.wav").read_bytes() == (folder / "two.wav").read_bytes()
    sound, rate = soundfile.read(folder / "one.wav")
    assert np.sqrt(np.mean(sound**2)) > 10 ** (-45 / 20)
    times = [recorded.at_s for recorded in Tape(folder / "run.mcap").frames()]
    assert len(sound) / rate == pytest.approx(times[-1] - times[0] + END_FADE_S, abs=0.5)


@pytest.mark.slow
def test_ctrl_c_before_the_training_came_up_is_an_ordinary_end() -> None:
    """An early Ctrl-C still closes the show, with exit code 0."""
    show = Played(*QUIET)
    show.until_said("(live)")
    assert show.end(signal.SIGINT) == 0, show.said
    assert "Traceback" not in "\n".join(show.said)


def test_a_run_that_is_there_is_told_before_a_film_takes_its_name(tmp_path: Path) -> None:
    """The mended command line must not be refused for what the mistaken one left behind."""
    (tmp_path / "there.mcap").write_text("an earlier night")
    film = tmp_path / "film.mp4"
    ended = played(*QUIET, "--seconds", 3, "--film", film, "--record", tmp_path / "there.mcap")
    assert ended.returncode == 2 and "never written over" in ended.stderr
    assert not film.exists() and (tmp_path / "there.mcap").read_text() == "an earlier night"


@pytest.mark.slow
def test_two_shows_side_by_side_do_not_meet() -> None:
    """Each has its own bus: each counts only its own training."""
    processes = [
        subprocess.Popen(command(*QUIET, "--seconds", 6), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said


MISTAKES = {
    "unknown preset": (["--preset", "glitch_orgam"], "did you mean 'glitch_organ'"),
    "preset outside": (["--preset", "../pyproject"], "is not a name"),
    "negative seconds": (["--seconds", "-5"], "seconds"),
    "size": (["--size", "big"], "1280x720"),
    "run file": (["--rehearse", "no_such_run"], "no_such_run"),
    "net": (["--net", "pocket_mpl"], "pocket_mlp"),
    "image size": (["--image-size", "30"], "multiple of 4"),
    "image size too large": (["--image-size", "128"], "8 to 64"),
    "device": (["--device", "gpu9"], "gpu9"),
    "digits": (["--digits", "/no/such/folder"], "/no/such/folder"),
    "sound device": (["--sound", "device", "--sound-device", "no such thing"], "no such thing"),
    "display": (["--display", "42", "--fullscreen"], "42"),
    "report folder": (["--report", "/no/such/folder/show.json"], "does not exist"),
    "report into a folder": (["--report", "."], "name of a file in it"),
    "film without a name": (["--film", ""], "does not say what film to write"),
    "capture of no format": (["--capture", "z.mp3"], "a name ending in .wav or .flac does"),
    "sound of no format": (["--sound-file", "z.mp3"], "a name ending in .wav or .flac does"),
    "two files of sound": (["--sound-file", "a.wav", "--capture", "b.wav"], "cannot both be"),
    "recorded and not": (["--record", "/tmp/no.mcap", "--no-record"], "cannot both be"),
    "kept and not recorded": (["--no-record", "--keep", "5"], "with --no-record none is"),
    "behind the end": (["--rehearse", "noise_to_digits", "--at", "9:00"], "ends at 1:06"),
    "behind the last step": (
        ["--rehearse", "noise_to_digits", "--at", "step:500000"],
        "ends at step 6,",
    ),
    "net of a rehearsal": (
        ["--rehearse", "noise_to_digits", "--net", "relativistic"],
        "--net cannot be chosen with --rehearse",
    ),
    "images of a branch": (
        ["--branch", "noise_to_digits", "--digits", "mnist"],
        "--digits cannot be chosen with --branch",
    ),
    "osc address": (["--osc-listen", "300.1.1.1"], "300.1.1.1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_on_the_command_line_gets_a_sentence_and_exit_code_2(name: str) -> None:
    """What, where, what is allowed; no traceback, and nothing is left running."""
    words, expected = MISTAKES[name]
    base = [] if name == "display" else QUIET
    ended = played(*base, "--seconds", 3, *words)
    assert ended.returncode == 2, ended.stderr
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_told_with_a_cure() -> None:
    """The port is named, and the option that chooses another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        ended = subprocess.run(
            command(*QUIET, "--seconds", 3, port=port),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    assert ended.returncode == 2
    assert str(port) in ended.stderr and "--osc-port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_broken_preset_is_told_with_every_fault(tmp_path: Path) -> None:
    """Both slips of one file, each with its line."""
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "mine.toml").write_text(
        '[sound.drone]\nlevle = 3\nrecording = "no_such_recording"\n'
    )
    environment = {**os.environ, "TWOS_AND_SEVENS_HOME": str(tmp_path)}
    ended = subprocess.run(
        command(*QUIET, "--preset", "mine"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment,
    )
    assert ended.returncode == 2
    assert "mine.toml:2: no control is called 'sound.drone.levle'" in ended.stderr
    assert "mine.toml:3: 'sound.drone.recording' takes one of " in ended.stderr


def test_the_list_names_presets_runs_and_devices() -> None:
    """`perform --list` needs nothing and opens nothing."""
    ended = played("--list")
    assert ended.returncode == 0, ended.stderr
    for word in ("glitch_organ", "sine_data", "noise_to_digits", "sound devices"):
        assert word in ended.stdout
