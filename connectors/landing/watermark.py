"""How far a cursor has come: the greatest plausible cursor value of a batch."""

from datetime import datetime, timedelta

import polars as pl

from connectors.contracts import Contract

ISO = r"^(\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?)"
# A clock that runs ahead is believed for a day; a date far in the future must not make us blind
# to everything that comes before it.
BELIEVED = timedelta(days=1)


class Watermark:
    """Follows the cursor column of one batch.

    ISO moments and whole numbers are understood; any other spelling leaves the watermark unset,
    so that the next run reads everything again rather than too little.
    """

    def __init__(self, contract: Contract) -> None:
        self._column = contract.cursor
        kinds = {column.name: column.logical_type for column in contract.columns}
        self._integer = self._column is not None and kinds[self._column] == "integer"
        self._greatest: int | str | None = None

    def see(self, frame: pl.DataFrame) -> None:
        """Take note of more rows."""
        if self._column is None:
            return
        values = frame[self._column]
        if self._integer:
            found = values.str.strip_chars().cast(pl.Int64, strict=False).max()
        else:
            moments = values.str.extract(ISO).str.replace("T", " ", literal=True)
            horizon = (datetime.now() + BELIEVED).isoformat(sep=" ")  # noqa: DTZ005 - source's clock
            found = moments.filter(moments <= horizon).max()
        if isinstance(found, int | str):
            self._greatest = found if self._greatest is None else max(self._greatest, found)

    def value(self) -> str | None:
        """Return the watermark as text for the ledger."""
        return None if self._greatest is None else str(self._greatest)
