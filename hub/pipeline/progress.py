"""Shows how runs go: a table that redraws itself on a terminal, one line per change elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

SIGNS = {
    "success": "[green]✓[/]",
    "failed": "[red]✗[/]",
    "running": "[cyan]▶[/]",
    "queued": "[dim]·[/]",
    "skipped": "[dim]–[/]",
}


@dataclass
class Progress:
    """What is known of each part: ``update`` it as often as you like."""

    console: Console
    _rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)
    _live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Draw while the block runs."""
        if not self.console.is_terminal:
            yield self
            return
        with Live(console=self.console, refresh_per_second=4, get_renderable=self._table) as live:
            self._live = live
            try:
                yield self
            finally:
                self._live = None

    def update(self, rows: Mapping[str, tuple[str, str]]) -> None:
        """Take the state and the detail of each part, by title."""
        if self._live is None:
            for title, row in rows.items():
                if self._rows.get(title) != row:
                    self.note(f"{title}: {' '.join(filter(None, row))}")
        self._rows.update(rows)

    def note(self, text: str) -> None:
        """Say something that stays on the screen."""
        self.console.out(f"{self._elapsed()}  {text}", highlight=False)

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes:02d}:{seconds:02d}"

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for title, (state, detail) in self._rows.items():
            table.add_row(SIGNS.get(state, " "), title, detail)
        table.add_row("", f"[dim]{self._elapsed()}[/]", "")
        return table
