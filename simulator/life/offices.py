"""How a system's table follows the truth: only what changed is written again, with new dirt.

A cell that was wrong stays as wrong as it was, until what it is about changes or the department
corrects it. The ledger of dirty cells and the list of who is who follow.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from simulator.dirt.soil import Rules, repeat_rows, soil
from simulator.life.day import DAYS_PER_YEAR, EVENT, Day
from simulator.systems.view import View, office_hours
from simulator.tables import settings
from simulator.truth.district import IDENTITY, District

CHANGED = "_changed"  # the day of a row's last change, kept by systems that deliver changes


@dataclass(frozen=True)
class Office:
    """A table of a system: what it shows, whom its records mean, which cells are wrong."""

    view: View
    shown: pl.DataFrame
    record: pl.DataFrame
    dirty: pl.DataFrame

    def follow(self, day: Day, before: District) -> "Office":
        """Return the table after a day that began with ``before``."""
        touched = day.ids(self.view.of)
        if not len(touched):
            return self
        rng = day.rng(f"office {self.view.system} {self.view.table}")
        rows_now = _clean(self.view, day.district, touched)
        known = self.record.filter(pl.col("until").is_null() & _among("id", touched))
        gone = known.join(rows_now.select("id"), on="id", how="anti", maintain_order="left")
        stay = known.join(rows_now.select("id"), on="id", how="semi", maintain_order="left")
        new = rows_now.join(known.select("id"), on="id", how="anti", maintain_order="left")
        office = self._strike(gone["key"], day.date)
        office = office._change(stay, _clean(self.view, before, touched), rows_now, day.date, rng)
        return office._enter(new, day.date, rng)

    def _strike(self, keys: pl.Series, day: date) -> "Office":
        """Drop records that the system has no more."""
        if not len(keys):
            return self
        until = pl.when(_among("key", keys) & pl.col("until").is_null()).then(pl.lit(day))
        return replace(
            self,
            shown=self.shown.filter(~_among(self.view.key, keys)),
            record=self.record.with_columns(until=until.otherwise("until")),
            dirty=self.dirty.filter(~_among("key", keys)),
        )

    def _change(
        self,
        stay: pl.DataFrame,
        was: pl.DataFrame,
        now: pl.DataFrame,
        day: date,
        rng: np.random.Generator,
    ) -> "Office":
        """Write anew the cells whose truth changed."""
        view = self.view
        place = self._places(stay["key"])
        was, now = (self._of_records(stay, clean) for clean in (was, now))
        soiled, ledger = soil(now.with_columns(NO_COPY), view.key, _rules(view), rng, few=True)
        old = self.shown[place]
        columns = [name for name in now.columns if name not in {view.key, view.stamp}]
        differs = {name: was[name].ne_missing(now[name]) for name in columns}
        rows = old.with_columns(
            pl.when(differs[name]).then(soiled[name]).otherwise(old[name]).alias(name)
            for name in columns
        )
        rewritten = pl.concat(
            pl.DataFrame({"key": old[view.key].filter(mask)}).with_columns(column=pl.lit(name))
            for name, mask in differs.items()
        )
        cells = ["key", "column"]
        kept = self.dirty.join(rewritten, on=cells, how="anti", maintain_order="left")
        fresh = view.entered(ledger).join(rewritten, on=cells, how="semi", maintain_order="left")
        seen = pl.any_horizontal(rows[name].ne_missing(old[name]) for name in columns)
        visible = pl.select(seen).to_series()
        rows = _stamped(rows, view, day, visible, now)
        return replace(self, shown=_put(self.shown, rows, place), dirty=pl.concat([kept, fresh]))

    def _enter(self, new: pl.DataFrame, day: date, rng: np.random.Generator) -> "Office":
        """Add rows for what is new to the system, some of them twice."""
        if not len(new):
            return self
        view, rules = self.view, _rules(self.view)
        rows = repeat_rows(new, rules, rng, few=True)
        ids, copy_of = rows["id"], rows["_copy_of"]
        rows = rows.drop("id")
        if view.numbering is not None:
            last = self.record["key"].str.strip_prefix(view.numbering).cast(pl.Int64).max()
            rows = view.numbered(rows, int(last or 0) + 1)  # type: ignore[arg-type]
        rows, ledger = soil(rows.with_columns(_copy_of=copy_of), view.key, rules, rng, few=True)
        all_ = pl.Series([True] * len(rows))
        rows = _stamped(rows.with_columns(self._extra()), view, day, all_, rows)
        record = pl.DataFrame({"key": rows[view.key], "id": ids}).with_columns(
            since=pl.lit(day), until=pl.lit(None, pl.Date)
        )
        return replace(
            self,
            shown=pl.concat([self.shown, rows.select(self.shown.columns)]),
            record=pl.concat([self.record, record]),
            dirty=pl.concat([self.dirty, view.entered(ledger)]),
        )

    def correct(self, day: Day) -> tuple["Office", pl.DataFrame]:
        """Let the department put right some of the cells that are wrong; return the events too."""
        rng = day.rng(f"corrections {self.view.system} {self.view.table}")
        able = pl.col("kind") != "duplicate"
        drawn = pl.Series(
            rng.random(len(self.dirty)) * DAYS_PER_YEAR < settings("life")["corrections"]
        )
        together = ["key", "kind"]  # cells that went wrong together are put right together
        found = self.dirty.filter(drawn & self.dirty.select(able).to_series()).select(together)
        right = self.dirty.join(found.unique(), on=together, how="semi", maintain_order="left")
        right = right.with_columns(_at=self._places(right["key"])).drop_nulls("_at")
        if not len(right):
            return self, pl.DataFrame(schema=EVENT)
        shown = self.shown
        for (column,), cells in right.group_by("column", maintain_order=True):
            place = cells["_at"]
            clean = cells["clean"].cast(shown.schema[str(column)])
            shown = shown.with_columns(shown[str(column)].clone().scatter(place, clean))
        place = right["_at"].unique(maintain_order=True)
        rows = shown[place]
        shown = _put(
            shown, _stamped(rows, self.view, day.date, pl.Series([True] * len(rows))), place
        )
        events = right.select(
            day=pl.lit(day.date),
            event=pl.lit("correction"),
            thing=pl.lit(f"{self.view.system}.{self.view.table}.") + pl.col("column"),
            id="key",
            before="dirty",
            after="clean",
        ).cast(EVENT)  # type: ignore[arg-type]
        dirty = self.dirty.join(
            right.select("key", "column"), on=["key", "column"], how="anti", maintain_order="left"
        )
        return replace(self, shown=shown, dirty=dirty), events

    def _places(self, keys: pl.Series) -> pl.Series:
        """Return where the rows of these keys lie."""
        at = self.shown.select(pl.col(self.view.key).alias("key")).with_row_index("at")
        found = pl.DataFrame({"key": keys}).join(at, on="key", how="left", maintain_order="left")
        return found["at"]

    def _of_records(self, stay: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
        """Return the clean rows of records, under the records' keys."""
        rows = stay.select("key", "id").join(clean, on="id", how="left", maintain_order="left")
        rows = rows.drop("id", *([self.view.key] if self.view.key in rows.columns else []))
        return rows.rename({"key": self.view.key})

    def _extra(self) -> list[pl.Expr]:
        return [pl.lit(None, pl.Date).alias(CHANGED)] if CHANGED in self.shown.columns else []


NO_COPY = pl.lit(None, pl.Int64).alias("_copy_of")


def _rules(view: View) -> Rules:
    rules: Rules = settings("dirt")[view.system].get(view.table, {})
    return rules


def _among(column: str, values: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(values.to_list())


def _clean(view: View, district: District, ids: pl.Series) -> pl.DataFrame:
    """Return the clean rows of some things, each with its ``id``."""
    identity = IDENTITY[view.of]
    part = district[view.of].filter(_among(identity, ids))
    rows = view.rows({**district, view.of: part})
    return rows.with_columns(id=part[identity])


def _put(rows: pl.DataFrame, part: pl.DataFrame, place: pl.Series) -> pl.DataFrame:
    """Return rows with some replaced."""
    if not len(place):
        return rows
    return rows.with_columns(
        rows[name].clone().scatter(place, part[name])
        for name in part.columns
        if not part[name].equals(rows[name].gather(place), null_equal=True)
    )


def _stamped(
    rows: pl.DataFrame,
    view: View,
    day: date,
    which: pl.Series,
    truth: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return rows with the moment, or day, of their change, where they did change.

    A live system knows the moment at which the ``truth`` changed; all else happens in office hours.
    """
    marks = {}
    if view.stamp is not None:
        moment = pl.lit(day).cast(pl.Datetime("us")) + office_hours()
        if view.live:
            moment = pl.lit(truth[view.stamp]) if truth is not None else pl.max_horizontal(
                view.stamp, moment
            )  # fmt: skip
        marks[view.stamp] = pl.when(which).then(moment).otherwise(view.stamp)
    if CHANGED in rows.columns:
        marks[CHANGED] = pl.when(which).then(pl.lit(day)).otherwise(CHANGED)
    return rows.with_columns(**marks)
