"""What an agreement is worth: learnt by Splink without labels, then applied to pairs."""

import logging
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from resolution.residents.candidates import with_levels
from resolution.residents.comparisons import Weights, comparisons
from resolution.residents.features import HOMES, homes

COMPARED = (
    "unique_id", "name", "sound", "shape", "surname", "sex", "born", "phones", "homes", "buildings",
    "communities",
)  # fmt: skip
TRAINING_PERSONS = 40_000
STRANGERS = 2_000_000  # random pairs from which chance agreement is learnt
STARTING_CHANCE = 1e-5  # only where training starts
SEED = 7
THREADS = 2
LEAST_AGREEMENT = 0.002  # people move, change phones, and are mistyped beyond recognition
LEAST_CHANCE = 1e-6  # however rare it is that strangers agree, it happens: phones are handed on
LEAST_PERSONS = 1_000


def train(rows: pl.DataFrame) -> Weights:
    """Learn the weights from records that carry the same number, and from random pairs.

    Takes features with ``cluster`` and ``identifier``. Agreement among records of one number is
    learnt by expectation maximisation, chance agreement by sampling strangers (of phone and home,
    by counting: no sample shows what is so rare).
    """
    numbered = rows.filter(pl.col("identifier").is_not_null())
    people = numbered["identifier"].unique().sort()
    if len(people) > TRAINING_PERSONS:
        people = people.sample(TRAINING_PERSONS, seed=SEED).sort()
    sample = _as_profiles(numbered.filter(pl.col("identifier").is_in(people.implode())))
    linker = _linker(sample, _settings(comparisons(), STARTING_CHANCE))
    linker.training.estimate_u_using_random_sampling(
        max_pairs=STRANGERS, seed=SEED, min_count_per_level=None
    )
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("identifier"))
    return _smoothed(linker.misc.save_model_to_json(), _coincidences(rows))


def score(
    weights: Weights, persons: int, profiles: pl.DataFrame, pairs: pl.DataFrame
) -> pl.DataFrame:
    """Return ``left``, ``right`` (clusters) and ``weight`` (bits) of the best-matching profiles.

    Takes profiles (:func:`resolution.residents.candidates.profiles`), pairs of their clusters, and
    how many persons a record may be of: the more there are, the less an agreement says.
    """
    ids = profiles.select("unique_id", "cluster")
    compared = pairs.join(ids, left_on="left", right_on="cluster").join(
        ids, left_on="right", right_on="cluster", suffix="_r"
    )
    settings = _settings(comparisons(weights), 1 / max(persons, LEAST_PERSONS))
    linker = _linker(profiles.select(COMPARED), settings)
    blocked = compared.select(
        match_key=pl.lit("0"), join_key_l="unique_id", join_key_r="unique_id_r"
    )
    linker.table_management.register_blocked_pairs_for_predict(
        linker._db_api.register(blocked.to_arrow())
    )
    found = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
    weight = found.select("unique_id_l as unique_id, unique_id_r, match_weight as weight").pl()
    return (
        compared.join(weight, on=["unique_id", "unique_id_r"])
        .group_by("left", "right")
        .agg(pl.col("weight").max())
    )


def _linker(rows: pl.DataFrame, settings: dict[str, Any]) -> Linker:
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(duckdb.connect(":memory:", config={"threads": THREADS}))
    return Linker(api.register(rows.to_arrow()), settings, log_level=None)


def _settings(compared: list[Any], chance: float) -> dict[str, Any]:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=compared,
        blocking_rules_to_generate_predictions=[block_on("name")],
        probability_two_random_records_match=chance,
        retain_matching_columns=False,
    ).create_settings_dict("duckdb")


def _as_profiles(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as profiles of one record each, with the birth date that the record states."""
    single = rows.select(
        "cluster", "identifier", "name", "surname", "sex",
        born=pl.coalesce("birth_date", "born"),
        phones=pl.concat_list("phone").list.drop_nulls(),
        homes=pl.concat_list(HOMES).list.drop_nulls().list.unique(),
    )  # fmt: skip
    return with_levels(single).select(*COMPARED, "identifier")


def _smoothed(trained: dict[str, Any], counted: dict[str, dict[str, float]]) -> Weights:
    """Take the shares out of Splink's model; none is 0 or 1, for no evidence is absolute."""
    return {
        comparison["output_column_name"]: {
            level["label_for_charts"]: (
                max(level.get("m_probability") or 0.0, LEAST_AGREEMENT),
                max(
                    counted.get(comparison["output_column_name"], {}).get(
                        level["label_for_charts"], level.get("u_probability") or 0.0
                    ),
                    LEAST_CHANCE,
                ),
            )
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        }
        for comparison in trained["comparisons"]
    }


def _coincidences(rows: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Return how often two strangers share a phone or a dwelling."""
    persons = rows["cluster"].n_unique()
    return {
        "phones": {"same phone": _coincidence(rows.select("cluster", "phone"), persons)},
        "homes": {"same dwelling": _coincidence(homes(rows, "cluster"), persons)},
    }


def _coincidence(keys: pl.DataFrame, persons: int) -> float:
    shared = keys.drop_nulls().unique().group_by(pl.nth(1)).len()["len"].cast(pl.Float64)
    return float((shared * (shared - 1)).sum()) / (persons * max(persons - 1, 1))
