"""A million hostile packets through the whole of OSC, in this process, without sockets.

    python bench/fuzz_osc.py                       # 1,000,000 mutated packets, some 4 minutes
    python bench/fuzz_osc.py --packets 20000 --lines
    python bench/fuzz_osc.py --atheris 120         # two minutes guided by coverage (pip install atheris)
    python bench/fuzz_osc.py --replay 0/417        # one block again, to look into a fault

The target and its promises are those of the tests (`tests/hands/fuzz_target.py`): packets by UDP, TCP
(SLIP and sizes) and WebSocket, text commands, packets before the token; the turnstile is open, so that
each is read. Of every tenth block each refusal is put into words. After every hundred packets a good one
has to be played. Prints how long single packets took (processor time of the thread, so that other
programs do not count), memory, and with ``--lines`` which lines of the room of hands were run. A hang
ends with a traceback. Ends with 1 where a promise was broken, and says the block that did it.
"""

import argparse
import faulthandler
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np
from used import resident_kb

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/hands")]

HANDS = ROOT / "instrument/hands"
BLOCK = 1000
HANG_S = 30
RSS_EVERY = 100_000
GROWTH_KB = 8192
SHARES = (50, 99, 99.9, 99.99)
WAYS = ("udp", "udp", "udp", "udp", "udp", "udp", "udp", "web", "tcp", "command", "stranger", "raw")
READ_HERE = (
    "acting", "asked", "caller", "coalesce", "complaints", "crowd", "effort", "feedback", "meaning",
    "osc", "packet", "pattern", "readouts", "slip", "subscribers", "token", "turned", "waiting",
    "written", "query/client", "query/nodes", "query/tree",
)  # fmt: skip


class Playing:
    """Blocks of mutated packets against two targets, one of which says every refusal."""

    def __init__(self, seed: int, count: int = BLOCK) -> None:
        """`count`: how many packets are to come."""
        from fuzz_packets import Maker
        from fuzz_target import Target, open_turnstile

        open_turnstile()
        self._maker, self._seed = Maker, seed
        self.quick, self.telling = Target(), Target(1.1)
        self._times_s = np.zeros(count + 2 * BLOCK, np.float32)
        """Made at once, so that it is not taken for growth."""
        self._timed_count = 0
        self.slowest: tuple[float, str, bytes] = (0.0, "", b"")
        self.of_way = dict.fromkeys(WAYS, 0)

    @property
    def packets(self) -> int:
        return self.quick.packets + self.telling.packets

    def block(self, number: int) -> None:
        """`BLOCK` packets; the same number makes the same ones. Raises `Broken`, or what escaped."""
        from fuzz_target import WORD

        from instrument.hands.slip import Sized, Slip

        target = self.telling if number % 10 == 9 else self.quick
        addresses = [spec.address for spec in target.bank]
        make = self._maker(f"{self._seed}/{number}", addresses, target.utc)
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        for count in range(BLOCK):
            way = make.random.choice(WAYS)
            what: Any
            if way == "tcp":
                what = make.stream((Slip, Sized)[count % 2]().framed)
                self._timed(way, target.take_stream, what)
            elif way == "command":
                self._timed(way, target.take_command, make.command())
            elif way == "stranger":
                word = make.random.random() < 0.2
                self._timed(way, target.take_unasked, make.word(WORD) if word else make.packet())
            elif way == "raw":
                self._timed(way, target.take, make.random.randbytes(4 * make.random.randrange(64)))
            else:
                self._timed(way, target.take if way == "udp" else target.take_web, make.packet())
            if count % 100 == 99:
                target.probe((count // 100 + number % 9) / 19)
        faulthandler.cancel_dump_traceback_later()

    def _timed(self, way: str, take: Callable[[Any], None], what: Any) -> None:
        began_s = time.thread_time()
        take(what)
        took_s = time.thread_time() - began_s
        self._times_s[self._timed_count % len(self._times_s)] = took_s
        self._timed_count += 1
        self.of_way[way] += 1
        if took_s > self.slowest[0]:
            said = what if isinstance(what, bytes) else repr(what).encode()
            self.slowest = (took_s, way, said)

    def report(self) -> dict[str, Any]:
        """What was counted."""
        times_ms = 1000 * self._times_s[: self._timed_count]
        shares = {f"p{part}": round(float(np.percentile(times_ms, part)), 3) for part in SHARES}
        took_s, way, said = self.slowest
        return {
            "packets": self.packets,
            "ways": self.of_way,
            "gestures": self.quick.gestures + self.telling.gestures,
            "accepted": self.quick.hand.accepted + self.telling.hand.accepted,
            "refused": self.quick.hand.refused + self.telling.hand.refused,
            "feedback_packets": self.quick.sent + self.telling.sent,
            "longest_sentence": max(self.quick.longest_sentence, self.telling.longest_sentence),
            "ms": shares,
            "slowest": {
                "ms": round(1000 * took_s, 2), "way": way, "bytes": len(said), "head": said[:120].hex(),
            },
        }  # fmt: skip


def play(seed: int, count: int) -> int:
    """Mutate `count` packets; returns the exit code."""
    playing, memory, began_s = Playing(seed, count), [], time.monotonic()
    number, next_look = 0, 0
    while playing.packets < count:
        if playing.packets >= next_look:
            memory.append(resident_kb())
            next_look += RSS_EVERY
        try:
            playing.block(number)
        except Exception:
            print(f"broken in block {seed}/{number}", flush=True)
            raise
        number += 1
    memory.append(resident_kb())
    # The first half fills what is bounded (caches of patterns, texts, senders).
    growth_kb = memory[-1] - memory[len(memory) // 2]
    told = playing.report() | {
        "seconds": round(time.monotonic() - began_s, 1), "rss_kb": memory, "growth_kb": growth_kb,
    }  # fmt: skip
    print(json.dumps(told, indent=1))
    if growth_kb > GROWTH_KB:
        print(f"memory grows: {growth_kb} kB in the second half")
        return 1
    print("no exception left, none was caught at the last moment, every good packet was played")
    return 0


def lines_of(path: Path) -> set[int]:
    """The lines of a file that can run, inside of functions."""
    found: set[int] = set()
    rest: list[tuple[CodeType, bool]] = [(compile(path.read_text(), str(path), "exec"), False)]
    while rest:
        code, inside = rest.pop()
        if inside and code.co_flags & 2:  # a function (CO_NEWLOCALS), no class body
            found |= {
                line for _, _, line in code.co_lines() if line and line != code.co_firstlineno
            }
        rest += [(each, True) for each in code.co_consts if isinstance(each, CodeType)]
    return found


def traced(count: int) -> None:
    """Play `count` packets and print which lines of the hands they ran."""
    ran: dict[str, set[int]] = {str(HANDS / f"{name}.py"): set() for name in READ_HERE}

    def inside(frame: FrameType, event: str, _: object) -> Any:
        ran[frame.f_code.co_filename].add(frame.f_lineno)
        return inside

    sys.settrace(lambda frame, event, _: inside if frame.f_code.co_filename in ran else None)
    playing = Playing(1, count)
    for number in range(0, count // BLOCK):
        playing.block(number)
    sys.settrace(None)
    hit = total = 0
    for name, lines in ran.items():
        able = lines_of(Path(name))
        missed = sorted(able - lines)
        hit, total = hit + len(able) - len(missed), total + len(able)
        where = Path(name).relative_to(HANDS)
        print(f"{where!s:<18} {len(able) - len(missed):4} of {len(able):4} lines; not {missed}")
    print(f"{hit} of {total} lines ({100 * hit / total:.1f} %), {playing.packets} packets")


def guided(seconds: int) -> int:
    """Let atheris look for packets that reach new places; in a child, as libFuzzer ends its process."""
    if find_spec("atheris") is None:
        print("atheris is not installed; where it has wheels (Linux, x86-64): pip install atheris")
        return 2
    with tempfile.TemporaryDirectory() as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        command = [sys.executable, __file__, "--child", str(corpus), f"-max_total_time={seconds}",
                   "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={place}/",
                   "-seed=1", "-print_final_stats=1"]  # fmt: skip
        child = subprocess.run(command, capture_output=True, text=True)
        said = child.stdout + child.stderr
        rows = [
            line
            for line in said.splitlines()
            if re.match(r"#\d+\s|stat::|Done|==|.*(rror|Broken)", line)
        ]
        print("\n".join([*rows[:4], "...", *rows[-14:]]))
        for left in Path(place).glob("*-*"):
            print(left.name, left.read_bytes()[:400].hex())
    return child.returncode


def child(words: list[str]) -> None:
    """What atheris runs: the first byte chooses the way in, the rest is what comes."""
    import atheris

    with atheris.instrument_imports(
        include=["instrument.hands", "pythonosc"], enable_loader_override=False
    ):
        playing = Playing(1)
    target, count = playing.quick, 0

    def one(data: bytes) -> None:
        nonlocal count
        count += 1
        way, rest = (data[0] % 8, data[1:]) if data else (0, b"")
        if way == 1:
            target.take_stream([rest[:7], rest[7:]] if len(rest) > 7 else [rest] if rest else [])
        elif way == 2:
            target.take_web(rest)
        elif way == 3:
            target.take_command(rest.decode("utf-8", "replace"))
        elif way == 4:
            target.take_unasked(rest)
        else:
            (playing.telling if way == 5 else target).take(rest)
        if count % 100 == 0:
            target.probe(count // 100 % 89 / 89)

    make = playing._maker("atheris", [spec.address for spec in target.bank], target.utc)
    for number in range(400):
        Path(words[0], f"seed{number}").write_bytes(bytes((number % 8,)) + make.packet()[:4000])

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        make.random.seed(seed)
        if seed % 3 == 0:
            return bytes(data[:1] + make.mutated(data[1:]))[:most]
        return bytes(atheris.Mutate(data, most))

    atheris.Setup([sys.argv[0], *words], one, custom_mutator=mutate)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--lines", action="store_true", help="trace the lines (slow; take 20,000 packets)"
    )
    parser.add_argument("--atheris", type=int, metavar="SECONDS", help="guided by coverage")
    parser.add_argument("--replay", metavar="SEED/BLOCK", help="one block again")
    words = parser.parse_args()
    if words.atheris:
        return guided(words.atheris)
    if words.replay:
        seed, _, number = words.replay.partition("/")
        Playing(int(seed)).block(int(number))
        return 0
    if words.lines:
        traced(words.packets)
        return 0
    return play(words.seed, words.packets)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    sys.exit(main())
