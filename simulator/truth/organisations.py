"""Companies and social organisations of a community, with credit codes that belong to nobody."""

import numpy as np
import polars as pl

from simulator import identifiers
from simulator.randomness import Ints, choose
from simulator.tables import settings
from simulator.truth.place import Place, dates_before

SOCIAL_KINDS = {"51": "社会团体", "52": "民办非企业单位", "53": "基金会"}


def enterprises(place: Place, building: pl.DataFrame) -> pl.DataFrame:
    """Return the non-public enterprises in operation; a party branch serves the ``covered``."""
    rng, habits = place.rng("enterprises"), settings("habits")
    count, words = place.profile["enterprises"], habits["words"]
    first, second = (pl.Series(words["brand"]).gather(rng.integers(0, 20, count)) for _ in "ab")
    industry = pl.Series(words["industry"]).gather(rng.integers(0, len(words["industry"]), count))
    weights = pl.Series(
        building["use_code"].replace_strict({"01": 1, "06": 12, "03": 60, "04": 30})
    )
    at = choose(rng, weights.to_list(), count)
    covered = rng.permutation(count) < round(count * habits["party"]["enterprise_coverage"])
    return building[at].select(
        credit_code=identifiers.credit_codes(
            "91", place.organisations_before + np.arange(1, count + 1), place.county_code
        ),
        name=pl.lit("深圳市仿真") + first + second + industry + "有限公司",
        address="address",
        building_code="building_code",
        community_code="community_code",
        founded=dates_before(rng.integers(200, 7300, count)),
        covered=pl.Series(covered),
    )


def social_organisations(place: Place, building: pl.DataFrame, adult: pl.DataFrame) -> pl.DataFrame:
    """Return the social organisations; ``dissolved`` ones are no longer there."""
    rng, habits = place.rng("social organisations"), settings("habits")
    count, kinds = place.profile["social_organisations"], habits["words"]["social_kind"]
    order = np.arange(count)
    kind = pl.Series(list(kinds.values())).gather(order % len(kinds))
    at: Ints = rng.integers(0, len(building), count)
    before = place.organisations_before + place.profile["enterprises"]
    codes = credit_codes_of(kind, before + np.arange(1, count + 1), place.county_code)
    return building[at].select(
        credit_code=codes,
        name=pl.lit(f"{place.name}仿真")
        + pl.Series(habits["words"]["brand"]).gather((order // len(kinds) * 3) % 20)
        + pl.Series(list(kinds)).gather(order % len(kinds)),
        kind=kind.replace_strict(SOCIAL_KINDS),
        representative=adult["name"].gather(rng.integers(0, len(adult), count)),
        address="address",
        building_code="building_code",
        community_code="community_code",
        founded=dates_before(rng.integers(400, 7300, count)),
        inspection=pl.Series(["合格", "基本合格", "不合格"]).gather(
            choose(rng, (0.9, 0.07, 0.03), count)
        ),
        dissolved=pl.Series(rng.random(count) < 0.06),
    )


def credit_codes_of(kinds: pl.Series, serials: Ints, county: str = "440304") -> pl.Series:
    """Return credit codes of several kinds, one per serial."""
    by_kind = pl.DataFrame(
        {kind: identifiers.credit_codes(kind, serials, county) for kind in SOCIAL_KINDS}
    )
    choice = pl.coalesce(pl.when(kinds == kind).then(kind) for kind in SOCIAL_KINDS)
    return by_kind.select(choice).to_series()
