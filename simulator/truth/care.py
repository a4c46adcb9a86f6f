"""What the district does for people: old-age benefit, family doctors, chronic-disease visits."""

from datetime import date

import numpy as np
import polars as pl

from simulator.randomness import pick
from simulator.tables import settings
from simulator.truth.names import full_names, surnames
from simulator.truth.place import Place, dates_before, today


def old_age_benefits(place: Place, person: pl.DataFrame) -> pl.DataFrame:
    """Return the files of registered people of 80 and more; ``ended`` when they died or left."""
    rng, rules = place.rng("old age"), settings("habits")["old_age"]
    due = ((person["age"] >= 80) & (person["residence_kind"] <= 2)).to_numpy()
    rows = person[pick(rng, due, round(int(due.sum()) * rules["covered"]))]
    bands = list(rules["bands"].items())
    band = pl.when(pl.col("age") >= 100).then(2).when(pl.col("age") >= 90).then(1).otherwise(0)
    return rows.select(
        "person_id",
        "community_code",
        band=band.replace_strict({i: name for i, (name, _) in enumerate(bands)}),
        amount=band.replace_strict({i: amount for i, (_, amount) in enumerate(bands)}),
        ended=pl.col("presence") != "living",
        last_paid=pl.coalesce("gone_date", pl.lit(today())).dt.strftime("%Y%m"),
        noticed=pl.lit(None, pl.Date),
    )


def family_doctor_contracts(place: Place, person: pl.DataFrame) -> pl.DataFrame:
    """Return contracts in force or lapsed within a year, one per person, with labels."""
    rng, habits = place.rng("family doctor"), settings("habits")
    living = person.filter(pl.col("presence") == "living")
    share = habits["family_doctor"]["signed"]
    age = living["age"].to_numpy()
    chance = np.select([age < 7, age >= 65], [share["child"], share["elderly"]], share["adult"])
    luck = rng.random(len(living))
    signed = living.filter(pl.Series(luck < chance))
    count = len(signed)
    doctors = full_names(
        rng, surnames(rng, 8), rng.random(8) < 0.4, rng.integers(1970, 1995, 8)
    ).unique(maintain_order=True)
    lived = (pl.lit(today()) - pl.col("birth_date")).dt.total_days()
    start = np.minimum(rng.integers(1, 420, count), signed.select(lived).to_series().to_numpy())
    rows = signed.select(
        "person_id",
        "community_code",
        centre=pl.lit(f"{place.name}健康服务中心"),
        doctor=doctors.gather(rng.integers(0, len(doctors), count)),
        signed=dates_before(start),
        ends=dates_before(start - 365 * habits["family_doctor"]["years"]),
        labels=labels(signed["age"], rng),
    )
    return rows.select(contract_id(), pl.all())


def contract_id() -> pl.Expr:
    """Return what tells a person's contracts apart: the day of signing."""
    day = pl.col("signed").dt.strftime("%Y%m%d")
    return (pl.col("person_id") + "-" + day).alias("contract_id")


def labels(age: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return the labels that a contract bears, by age and by who is ill."""
    marks = [
        pl.when(pl.col("age") >= 65).then(pl.lit("老年人")),
        pl.when(pl.col("age") < 7).then(pl.lit("儿童")),
        *(
            pl.when(pl.Series(has)).then(pl.lit(name))
            for name, has in _diseases(age.to_numpy(), rng).items()
        ),
    ]
    joined = pl.concat_str(marks, separator=";", ignore_nulls=True).replace("", "一般人群")
    return pl.DataFrame({"age": age}).select(joined).to_series()


def _diseases(age: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return for each disease who has it, by the highest age band reached."""
    rules = settings("habits")["chronic"]
    diseases = {"高血压": rules["hypertension"], "糖尿病": rules["diabetes"]}
    return {
        name: rng.random(len(age))
        < np.select([age >= limit for limit in sorted(bands, reverse=True)],
                    [bands[limit] for limit in sorted(bands, reverse=True)], 0.0)
        for name, bands in diseases.items()
    }  # fmt: skip


def followups(contract: pl.DataFrame, rng: np.random.Generator, day: date) -> pl.DataFrame:
    """Return the visits of the month before ``day`` to contracted people with chronic disease."""
    rules = settings("habits")["chronic"]
    each = [
        contract.filter(pl.col("labels").str.contains(name)).with_columns(disease=pl.lit(name))
        for name in ("高血压", "糖尿病")
    ]
    rows = pl.concat(each)
    rows = rows[pick(rng, np.ones(len(rows), bool), round(len(rows) * rules["seen_in_month"]))]
    count = len(rows)
    sick = (rows["disease"] == "糖尿病").to_numpy()
    sugar = np.where(sick, rng.normal(7.4, 1.6, count), rng.normal(5.3, 0.6, count))
    since_month_end = (day - day.replace(day=1)).days
    visited = dates_before(since_month_end + rng.integers(1, 31, count), day)
    return rows.select(
        pl.format("{}-{}-{}", "person_id", "disease", pl.lit(f"{day:%Y%m}")).alias("visit_id"),
        "person_id",
        "community_code",
        "disease",
        "doctor",
        visited=visited,
        systolic=pl.Series(np.clip(rng.normal(138, 14, count), 95, 210).astype(np.int64)),
        diastolic=pl.Series(np.clip(rng.normal(85, 9, count), 55, 125).astype(np.int64)),
        glucose=pl.Series(np.round(np.clip(sugar, 3.2, 18.0), 1)),
    )
