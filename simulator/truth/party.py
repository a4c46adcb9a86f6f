"""Party organisations and their members."""

import numpy as np
import polars as pl

from simulator.randomness import pick
from simulator.tables import settings
from simulator.truth.place import Place, dates_before

GENERAL_BRANCH = "900"
BRANCH = "党支部"


def _street_code(place: Place) -> str:
    return f"{place.street_number:03d}"


def street_committee(place: Place) -> pl.DataFrame:
    """Return the own committee of the street of a community, parent of every community's."""
    return pl.DataFrame({"name": [f"{place.street_name}党工委"]}).select(
        organisation_code=pl.lit(_street_code(place)),
        name="name",
        level=pl.lit("党委"),
        parent_code=pl.lit(None, pl.String),
        unit_kind=pl.lit("机关"),
        unit_name=pl.lit(f"{place.street_name}办事处"),
        unit_credit_code=pl.lit(None, pl.String),
        community_code=pl.lit(None, pl.String),
        founded=pl.date(1983, 7, 1),
    )


def organisations(
    place: Place, grid: pl.DataFrame, enterprise: pl.DataFrame, social: pl.DataFrame
) -> pl.DataFrame:
    """Return a community's party organisations: committee, general branch, branches.

    Branches of grids belong to the community, those of enterprises and social organisations to
    its general branch; a joint branch serves several enterprises and names none.
    """
    rng, short = place.rng("party organisations"), place.short_name
    committee = f"{_street_code(place)}.{place.code[9:]}"
    general = f"{committee}.{GENERAL_BRANCH}"
    upper = pl.DataFrame({"name": [f"{short}社区党委", f"{short}社区两新组织党总支"]}).select(
        organisation_code=pl.Series([committee, general]),
        name="name",
        level=pl.Series(["党委", "党总支"]),
        parent_code=pl.Series([_street_code(place), committee]),
        unit_kind=pl.lit("社区"),
        unit_name=pl.lit(place.name),
        unit_credit_code=pl.lit(None, pl.String),
    )
    of_grids = _branches(committee, _grid_units(place, grid))
    of_new = _branches(general, _new_units(place, enterprise, social, rng))
    rows = pl.concat([upper, of_grids, of_new])
    return rows.with_columns(
        community_code=pl.lit(place.code),
        founded=dates_before(rng.integers(200, 6000, len(rows))),
    )


def _branches(parent: str, units: pl.DataFrame) -> pl.DataFrame:
    """Return one branch per unit, numbered in three digits under its parent."""
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(3)
    return units.select(
        pl.format("{}.{}", pl.lit(parent), number).alias("organisation_code"),
        "name",
        pl.lit(BRANCH).alias("level"),
        pl.lit(parent).alias("parent_code"),
        "unit_kind",
        "unit_name",
        "unit_credit_code",
    )


def _grid_units(place: Place, grid: pl.DataFrame) -> pl.DataFrame:
    """Return the branches that share the community's grids among them."""
    count = -(-len(grid) // settings("habits")["party"]["grids_per_branch"])
    return _numbered(f"{place.short_name}社区网格第", count, "党支部").with_columns(
        unit_kind=pl.lit("社区"),
        unit_name=pl.lit(place.name),
        unit_credit_code=pl.lit(None, pl.String),
    )


def _new_units(
    place: Place, enterprise: pl.DataFrame, social: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return joint branches, and branches of single enterprises and social organisations."""
    party = settings("habits")["party"]
    covered = enterprise.filter("covered")
    single = round(len(covered) * party["own_branch"])
    joint = -(-(len(covered) - single) // party["enterprises_per_joint_branch"])
    alive = social.filter(~pl.col("dissolved"))
    own = [
        (covered[pick(rng, np.ones(len(covered), bool), single)], "非公企业"),
        (alive.head(len(social) // 4), "社会组织"),
    ]
    return pl.concat(
        [
            _numbered(f"{place.short_name}社区商圈楼宇第", joint, "联合党支部").with_columns(
                unit_kind=pl.lit("非公企业"),
                unit_name=pl.lit(None, pl.String),
                unit_credit_code=pl.lit(None, pl.String),
            ),
            *(
                units.select(
                    name=pl.col("name") + BRANCH,
                    unit_kind=pl.lit(kind),
                    unit_name="name",
                    unit_credit_code="credit_code",
                )
                for units, kind in own
            ),
        ]
    )


def _numbered(before: str, count: int, after: str) -> pl.DataFrame:
    number = pl.Series(np.arange(1, count + 1)).cast(pl.String)
    return pl.DataFrame({"name": before + number + after})


def members(place: Place, adult: pl.DataFrame, organisation: pl.DataFrame) -> pl.DataFrame:
    """Return the members: adults of Chinese nationality, each in one branch of the community."""
    rng, party = place.rng("party members"), settings("habits")["party"]
    able = (adult["residence_kind"] <= 4).to_numpy() & (adult["age"] >= 20).to_numpy()
    count = round(int(able.sum()) * party["member_share"])
    person = adult[pick(rng, able, count)]
    branches = organisation.filter(pl.col("level") == BRANCH)
    new = rng.random(count) < party["in_new_organisations"]
    in_new = branches.filter(pl.col("unit_kind") != "社区")["organisation_code"]
    in_grid = branches.filter(pl.col("unit_kind") == "社区")["organisation_code"]
    code = np.where(
        new,
        in_new.gather(rng.integers(0, len(in_new), count)).to_numpy(),
        in_grid.gather(rng.integers(0, len(in_grid), count)).to_numpy(),
    )
    years = (person["age"] - 20).to_numpy() * rng.beta(2, 2, count)
    probationary = rng.random(count) < party["probationary"]
    days = np.where(probationary, rng.integers(5, 360, count), 370 + (years * 360).astype(int))
    return person.select(
        "person_id",
        organisation_code=pl.Series(code.astype(str)),
        joined=dates_before(days.astype(np.int64)),
        probationary=pl.Series(probationary),
        community_code="community_code",
    )


def secretaries(
    organisation: pl.DataFrame, member: pl.DataFrame, person: pl.DataFrame
) -> pl.DataFrame:
    """Add each organisation's ``secretary`` (a name): its longest-standing member below 60.

    Organisations without such a member of their own take one of the community's, in turn.
    """
    people = person.select("person_id", "name", "age")
    able = (
        member.join(people, on="person_id", maintain_order="left")
        .filter(pl.col("age") < 60)
        .sort("joined", "person_id")
    )
    secretary = able.group_by("organisation_code", maintain_order=True).agg(
        pl.col("name").first().alias("secretary")
    )
    rows = organisation.join(secretary, on="organisation_code", how="left", maintain_order="left")
    spare = able["name"].gather(np.arange(len(rows)) % len(able))
    return rows.with_columns(pl.col("secretary").fill_null(spare))
