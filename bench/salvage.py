"""Harmed run files through all that reads runs: list, check, repair, Tape and Reel.

    python bench/salvage.py                        # 20,000 files, some 15 minutes
    python bench/salvage.py --files 500 --seed b
    python bench/salvage.py --seconds 600 --seed c
    python bench/salvage.py --replay 417           # one file again; it is kept as /tmp/harmed.mcap

The harm is done by `tests/salvage/mutations.py`: bits, cuts, swaps, insertions, doubled and zeroed
ranges, lengths of 100 GB, chunks that unpack to 64 MB or claim 100 GB, headers nested 100,000 deep, harm
inside chunks with the checksum made right again, thousands of channels, two runs in one file, records in
another order. The promises are those of `tests/salvage/salvage_target.py`; every new file is checked.
Prints the longest processor time of each reader for one file, and memory. A hang ends with a traceback.
Ends with 1 where a promise was broken, and says which file did it; or where a file took more than 5 s of
processor time in one reader, or half a gigabyte.
"""

import argparse
import faulthandler
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from used import forget_peak, peak_kb, resident_kb

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/salvage")]
SHM = Path("/dev/shm")
HANG_S = 120
BOUND_S = 5.0
"""Processor time that a reader may take for one of these files, all below 1 MB."""
BOUND_KB = 512 * 1024
KEPT = Path("/tmp/harmed.mcap")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--seed", default="a")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--replay", type=int, help="number of the one file to look into")
    arguments = parser.parse_args()
    from mutations import Mutator
    from run_stand import run_bytes
    from salvage_target import Original, Target

    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as name:
        folder = Path(name)
        originals = []
        for number, (form, finished) in enumerate(((2, True), (2, False), (1, True), (1, False))):
            path = folder / f"original{number}.mcap"
            path.write_bytes(run_bytes(format=form, finished=finished))
            originals.append(Original(path))
        target, ways, began_s = Target(folder), Counter[str](), time.monotonic()
        before_kb, most_kb, broken, taken = resident_kb(), 0, 0, 0
        first, count = arguments.first, arguments.files
        if arguments.replay is not None:
            first, count = arguments.replay, 1
        for number in range(first, first + count):
            mutator = Mutator(f"{arguments.seed}/{number}", [each.content for each in originals])
            harmed = mutator.next()
            ways.update(mutator.way.split("+"))
            must = originals[mutator.number].still_in(harmed) if mutator.is_sure else ()
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            forget_peak()
            try:
                if arguments.replay is not None:
                    KEPT.write_bytes(harmed)
                target.take(harmed, must)
            except Exception:
                broken += 1
                print(f"file {arguments.seed}/{number} ({mutator.way}):", flush=True)
                traceback.print_exc(limit=-6)
            most_kb = max(most_kb, peak_kb())
            taken += 1
            if taken % 500 == 0:
                print(f"{taken:,} files, {time.monotonic() - began_s:.0f} s", flush=True)
            if time.monotonic() - began_s > arguments.seconds:
                break
        faulthandler.cancel_dump_traceback_later()
    print(f"{taken:,} files, {broken} broken promises, {time.monotonic() - began_s:.0f} s")
    print(", ".join(f"{name} {number:,}" for name, number in sorted(target.counts.items())))
    print("harm: " + ", ".join(f"{way} {number:,}" for way, number in sorted(ways.items())))
    print("longest, ms of processor time: " + ", ".join(
        f"{name} {longest_s * 1e3:.0f}" for name, longest_s in target.slowest.items()))  # fmt: skip
    print(f"memory: {before_kb / 1024:.0f} MB before, {most_kb / 1024:.0f} MB at most")
    slow = [name for name, longest_s in target.slowest.items() if longest_s > BOUND_S]
    if slow or most_kb - before_kb > BOUND_KB:
        print(f"beyond {BOUND_S:g} s or {BOUND_KB // 1024} MB: {', '.join(slow) or 'memory'}")
        return 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
