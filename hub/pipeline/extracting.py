"""Shows on a terminal how far extraction is; elsewhere lines are enough."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.contracts import Contract
from hub.console import console
from hub.pipeline.department import Say, Watch, unseen


@contextmanager
def watching(screen: Console | None = None) -> Iterator[tuple[Say, Watch]]:
    """Yield how to say a line, and how to watch rows stream by: a bar for each table.

    On anything but a terminal a line is printed as it is, and nothing is watched.
    """
    screen = screen or console()
    if not screen.is_terminal:
        yield typer.echo, unseen
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} rows"),
        TextColumn("{task.fields[rate]:,.0f} rows/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bars:

        def watch(contract: Contract, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            bar = bars.add_task(contract.identifier, total=None, rate=0.0)
            try:
                for batch in rows:
                    seconds = bars.tasks[bar].elapsed or 1
                    seen = bars.tasks[bar].completed + batch.num_rows
                    bars.update(bar, completed=seen, rate=seen / seconds, refresh=True)
                    yield batch
            finally:
                bars.update(bar, visible=False)

        yield lambda line: screen.out(line, highlight=False), watch
