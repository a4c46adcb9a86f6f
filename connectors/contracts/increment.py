"""How much of a table is fetched: the whole of it, or what is new by a cursor column."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import model_validator

from connectors.contracts.base import Duration, SnakeName, Strict


class Increment(Strict):
    """A snapshot of the whole table, or what is new since a cursor, minus ``late_arrival``.

    An increment never shows what was deleted: ``reconcile`` says how often the keys are read.
    """

    mode: Literal["snapshot", "cursor"]
    cursor: SnakeName | None = None
    late_arrival: Duration = timedelta(0)
    reconcile: Duration | None = None

    def whole(self) -> Self:
        """Return the same extract as a snapshot of the whole table."""
        nothing = {"cursor": None, "late_arrival": timedelta(0), "reconcile": None}
        return self.model_copy(update={"mode": "snapshot", **nothing})

    @model_validator(mode="after")
    def _cursor_fits_mode(self) -> Self:
        if (self.mode == "cursor") != (self.cursor is not None):
            raise ValueError("mode: cursor and the field cursor belong together")
        if self.reconcile is not None and self.mode != "cursor":
            raise ValueError("reconcile belongs to mode: cursor; a snapshot shows what is gone")
        return self
