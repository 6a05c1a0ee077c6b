"""A bar for what is read once from its beginning to its end."""

import contextlib
from collections.abc import Callable, Iterator

from rich.progress import Progress, TaskID


@contextlib.contextmanager
def share_bar(words: str) -> Iterator[Callable[[float], None]]:
    """Takes how far it is, 0..1. It is drawn from the first time on: what is refused before has none."""
    tasks: list[TaskID] = []
    with Progress(transient=True) as bar:

        def show(share: float) -> None:
            if not tasks:
                tasks.append(bar.add_task(words, total=1.0))
            bar.update(tasks[0], completed=share)

        yield show
