"""What happens to requests and cases in a day: new ones come, those under way move on."""

import polars as pl

from simulator.life.day import Day
from simulator.truth import cases, requests
from simulator.truth.progress import Stage, reached


def work(day: Day) -> None:
    """Let the day pass where citizens' requests and the street's cases are dealt with."""
    district = day.district
    homes = district["dwelling"], district["building"], district["person"]
    fact, request = requests.of_day(day.date, district["fact"], homes, day.rng("requests"))
    day.note("fact", "fact", fact.select(id="fact_id", after="type_code"))
    district["fact"] = pl.concat([district["fact"], fact])
    move_on(day, "request", request, requests.STAGES, requests.ENDED)
    move_on(day, "case", cases.of_day(day.date, homes, day.rng("cases")), cases.STAGES, cases.ENDED)


def move_on(day: Day, thing: str, new: pl.DataFrame, stages: list[Stage], ended: list[str]) -> None:
    """Add what is new, and let everything reach what is planned for the day."""
    identity = f"{thing}_id"
    rows = pl.concat([day.district[thing], new])
    under_way = ~rows["state"].is_in(ended)
    now = reached(rows.filter(under_way), stages, day.date)
    for stage in stages:
        today = now.filter(pl.col(stage.column).dt.date() == day.date)
        day.note(stage.event, thing, today.select(id=identity))
    at = under_way.arg_true()
    day.district[thing] = rows.with_columns(
        rows[name].clone().scatter(at, now[name]) for name in ("state", "updated_at")
    )
