"""`guarded`: what goes wrong in a command becomes a sentence and an exit code, never a traceback."""

import os
import sys
from collections.abc import Callable

from instrument.leaving import ctrl_c_raises
from instrument.signals.mistake import Mistake
from instrument.signals.spoken import printable


def guarded(run: Callable[[], int]) -> int:
    """Run; the exit code. Main thread.

    | what comes                    | what is said               | exit code |
    |-------------------------------|----------------------------|-----------|
    | nothing                       |                            | its own   |
    | a `Mistake`                   | its sentence               | 2         |
    | the system refuses a file     | which, and why             | 2         |
    | nobody reads on (``... | head``) | nothing                  | 0         |
    | Ctrl-C                        | that it was stopped        | 130       |
    """
    try:
        with ctrl_c_raises():
            code = run()
            sys.stdout.flush()
            return code
    except Mistake as mistake:
        print(printable(str(mistake)), file=sys.stderr)  # files and devices have a say in it
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python's own last flush complains
        return 0
    except OSError as error:  # a disk that fails in the middle of a file, say
        from instrument.signals.refused import NO_ROOM, cure

        what = f"{error.filename}: " if error.filename else ""
        helps = cure(error) if error.errno in NO_ROOM else "is the disk sound?"
        why = error.strerror or error
        print(printable(f"{what}the system refuses ({why}); {helps}"), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return 130
