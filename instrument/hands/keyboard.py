"""The keyboard in the window: key names in, gestures and commands out. Knows no window."""

from collections.abc import Callable

from instrument.clock import Clock
from instrument.hands.asked import Asked, next_choice
from instrument.hands.keys import (
    COMMANDS,
    FINE_STEP,
    LEAVE_WITHIN_S,
    ROWS,
    SHIFTS,
    STEP,
    Act,
    Command,
    Row,
)
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.spec import Spec

WHO = "key"


class Keyboard:
    """Follows the table of keys; rows whose control the show does not have drop out. Main thread.

    A key that the window repeats while it is down goes on stepping; nothing else happens twice.
    """

    def __init__(
        self,
        bank: Bank,
        position: Callable[[str], float],
        post: Callable[[Gesture], None],
        clock: Clock,
    ) -> None:
        """`position`: where the conductor has a path, 0..1."""
        self.bank = bank
        self.rows = tuple(row for row in ROWS if row.path in bank and _fits(row, bank))
        self._position = position
        self._asked = Asked(position, clock)
        self._post = post
        self._clock = clock
        self._keys = {
            key: (row, number) for row in self.rows for number, key in enumerate(row.keys)
        }
        self._commands = {row.key: row.command for row in COMMANDS}
        self._down: set[str] = set()
        self._before_pause: dict[str, float] = {}
        self._leave_by_s = float("-inf")

    def press(self, key: str) -> Command | None:
        """A key went down (or is repeated); the command it stands for, if it is one. Main thread."""
        repeated = key in self._down
        self._down.add(key)
        if key in self._commands:
            return None if repeated else self._command(self._commands[key])
        if key in self._keys:
            row, number = self._keys[key]
            if row.act is Act.STEP or not repeated:
                self._move(row, number)
        return None

    def release(self, key: str) -> None:
        """A key came up. Main thread."""
        self._down.discard(key)
        if key in self._keys:
            row, _ = self._keys[key]
            if row.act is Act.HOLD:
                self._ask(row.path, 0.0)

    def release_all(self) -> None:
        """The window lost the keyboard: nothing is held any more. Main thread."""
        for key in tuple(self._down):
            self.release(key)

    def _command(self, command: Command) -> Command:
        if command is not Command.LEAVE_ASKED:
            return command
        leaves = self._clock() <= self._leave_by_s
        self._leave_by_s = self._clock() + LEAVE_WITHIN_S
        return Command.LEAVE if leaves else Command.LEAVE_ASKED

    def _move(self, row: Row, number: int) -> None:
        spec = self.bank.spec(row.path)
        now = self._asked.position(row.path)
        match row.act:
            case Act.STEP:
                self._ask(row.path, now + self._step(spec) * (1 if number == 0 else -1))
            case Act.NEXT:
                self._ask(row.path, next_choice(spec, now))
            case Act.CHOOSE:
                if number < len(spec.choices):
                    self._ask(row.path, spec.unmap(float(number)))
            case Act.NUMBER:
                self._ask(row.path, spec.unmap(number + 1.0))
            case Act.TOGGLE:
                self._ask(row.path, 0.0 if now >= 0.5 else 1.0)
            case Act.HOLD:
                self._ask(row.path, 1.0)
            case Act.PAUSE:
                self._pause(row.path, now)
            case Act.HOME | Act.FIRE:
                self._ask(row.path, spec.unmap(spec.default))
            case Act.BACK:
                self._ask(row.path, spec.unmap(-spec.default))

    def _step(self, spec: Spec) -> float:
        fine = not self._down.isdisjoint(SHIFTS)
        step = FINE_STEP if fine else STEP
        return max(step, 1.0 / (spec.high - spec.low)) if spec.is_whole else step

    def _pause(self, path: str, now: float) -> None:
        if now > 0.0:
            self._before_pause[path] = now
            self._ask(path, 0.0)
        else:
            spec = self.bank.spec(path)
            self._ask(path, self._before_pause.get(path, spec.unmap(spec.default)))

    def _ask(self, path: str, position: float) -> None:
        position = min(1.0, max(0.0, position))
        self._asked.remember(path, position)
        self._post(Gesture(path, position, WHO, self._clock()))

    def help_lines(self) -> list[str]:
        """The map of keys with present values, aligned for a monospaced face. Main thread."""
        table = [
            (_keys_text(row), row.path.partition(".")[2], self._value(row), row.does)
            for row in self.rows
        ]
        table += [(command.key, "", "", command.does) for command in COMMANDS]
        widths = [max(len(line[column]) for line in table) for column in range(3)]
        lines = [
            f"{keys:<{widths[0]}}  {name:<{widths[1]}}  {value:<{widths[2]}}  {does}"
            for keys, name, value, does in table
        ]
        return [*lines, f"{'shift':<{widths[0]}}  finer steps"]

    def _value(self, row: Row) -> str:
        if row.act in (Act.FIRE, Act.BACK, Act.NUMBER, Act.HOME, Act.PAUSE, Act.CHOOSE):
            return ""
        spec = self.bank.spec(row.path)
        return spec.text(spec.map(self._position(row.path)))


def _fits(row: Row, bank: Bank) -> bool:
    return row.act not in (Act.NEXT, Act.CHOOSE) or len(bank.spec(row.path).choices) > 0


def _keys_text(row: Row) -> str:
    if row.act in (Act.CHOOSE, Act.NUMBER):
        return f"{row.keys[0]} .. {row.keys[-1]}"
    return " ".join(row.keys)
