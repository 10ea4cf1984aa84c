"""A progress bar on a terminal: rows, rows per second, time left. Silent everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(wanted: bool) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that takes the rows done and all rows (0 while unknown)."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    shown = (
        TextColumn("Scoring"), BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TextColumn("{task.fields[speed]:,.0f} rows/s"), TimeRemainingColumn(),
    )
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("score", total=None, start=True, speed=0.0, visible=False)

        def show(done: int, total: int) -> None:
            elapsed = progress.tasks[0].elapsed or 0.0
            progress.update(task, completed=done, total=max(done, total), speed=done / elapsed if elapsed else 0.0, visible=True)

        yield show
