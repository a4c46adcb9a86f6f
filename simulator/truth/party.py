"""Party organisations and their members."""

import numpy as np
import polars as pl

from simulator.randomness import pick
from simulator.tables import settings
from simulator.truth.place import Place, dates_before

STREET_COMMITTEE = "001"
LEVELS = {"committee": "党委", "general": "党总支", "branch": "党支部"}


def street_committee() -> pl.DataFrame:
    """Return the street's own committee, parent of every community's."""
    return _rows(
        code=pl.Series([STREET_COMMITTEE]),
        name=pl.Series(["沙头街道党工委"]),
        level="党委",
        parent=None,
        unit_kind="机关",
        unit_name=pl.Series(["沙头街道办事处"]),
        unit_code=None,
        community_code=None,
        founded=pl.Series(["1983-07-01"]).str.to_date(),
    )


def organisations(
    place: Place, grid: pl.DataFrame, enterprise: pl.DataFrame, social: pl.DataFrame
) -> pl.DataFrame:
    """Return a community's party organisations, the community committee first.

    Branches of grids belong to the community, those of enterprises to a general branch of the
    new organisations; a joint branch serves several enterprises and names none.
    """
    rng, party = place.rng("party organisations"), settings("habits")["party"]
    top = f"{STREET_COMMITTEE}.{place.code[9:]}"
    covered = enterprise.filter("covered")
    own = covered.sample(fraction=1, shuffle=True, seed=place.index)[
        : max(1, round(len(covered) * party["own_branch"]))
    ]
    joint = -(-(len(covered) - len(own)) // party["enterprises_per_joint_branch"])
    served = social.filter(~pl.col("dissolved"))[: max(1, len(social) // 4)]
    groups = -(-len(grid) // party["grids_per_branch"])
    short, number = place.short_name, lambda n: pl.Series(np.arange(1, n + 1)).cast(pl.String)
    frames = [
        _level(place, rng, f"{top}", f"{short}社区党委", "党委", STREET_COMMITTEE),
        _level(place, rng, f"{top}.900", f"{short}社区两新组织党总支", "党总支", top),
        _many(place, rng, f"{top}.1", f"{short}社区网格第" + number(groups) + "党支部", top, "社区",
              pl.Series([place.name]).new_from_index(0, groups), None),
        _many(place, rng, f"{top}.900.2", f"{short}社区商圈楼宇第" + number(joint) + "联合党支部",
              f"{top}.900", "非公企业", pl.Series([None] * joint, dtype=pl.String), None),
        _many(place, rng, f"{top}.900.4", own["name"] + "党支部", f"{top}.900", "非公企业",
              own["name"], own["credit_code"]),
        _many(place, rng, f"{top}.900.6", served["name"] + "党支部", f"{top}.900", "社会组织",
              served["name"], served["credit_code"]),
    ]  # fmt: skip
    return pl.concat(frames)


def _level(
    place: Place, rng: np.random.Generator, code: str, name: str, level: str, parent: str
) -> pl.DataFrame:
    return _rows(
        code=pl.Series([code]),
        name=pl.Series([name]),
        level=level,
        parent=parent,
        unit_kind="社区",
        unit_name=pl.Series([place.name]),
        unit_code=None,
        community_code=place.code,
        founded=dates_before(rng.integers(3000, 9000, 1)),
    )


def _many(
    place: Place,
    rng: np.random.Generator,
    prefix: str,
    name: pl.Series,
    parent: str,
    unit_kind: str,
    unit_name: pl.Series,
    unit_code: pl.Series | None,
) -> pl.DataFrame:
    """Return branches numbered on from ``prefix`` (which ends in the digit of their range)."""
    number = pl.Series(np.arange(1, len(name) + 1)).cast(pl.String).str.zfill(3)
    return _rows(
        code=prefix + number,
        name=name,
        level="党支部",
        parent=parent,
        unit_kind=unit_kind,
        unit_name=unit_name,
        unit_code=unit_code,
        community_code=place.code,
        founded=dates_before(rng.integers(200, 6000, len(name))),
    )


def _rows(
    *,
    code: pl.Series,
    name: pl.Series,
    level: str,
    parent: str | None,
    unit_kind: str,
    unit_name: pl.Series,
    unit_code: pl.Series | None,
    community_code: str | None,
    founded: pl.Series,
) -> pl.DataFrame:
    return pl.DataFrame({"organisation_code": code, "name": name}).select(
        "organisation_code",
        "name",
        level=pl.lit(level),
        parent_code=pl.lit(parent, pl.String),
        unit_kind=pl.lit(unit_kind),
        unit_name=unit_name,
        unit_credit_code=pl.lit(None, pl.String) if unit_code is None else unit_code,
        community_code=pl.lit(community_code, pl.String),
        founded=founded,
    )


def members(place: Place, adult: pl.DataFrame, organisation: pl.DataFrame) -> pl.DataFrame:
    """Return the members: adults of Chinese nationality, each in one branch of the community."""
    rng, party = place.rng("party members"), settings("habits")["party"]
    able = (adult["residence_kind"] <= 4).to_numpy() & (adult["age"] >= 20).to_numpy()
    count = round(int(able.sum()) * party["member_share"])
    person = adult[pick(rng, able, count)]
    branches = organisation.filter(pl.col("level") == LEVELS["branch"])
    new = rng.random(count) < party["in_new_organisations"]
    in_new = branches.filter(pl.col("unit_kind") != "社区")["organisation_code"]
    in_grid = branches.filter(pl.col("unit_kind") == "社区")["organisation_code"]
    code = np.where(
        new,
        in_new.gather(rng.integers(0, len(in_new), count)).to_numpy(),
        in_grid.gather(rng.integers(0, len(in_grid), count)).to_numpy(),
    )
    years = (person["age"] - 18).to_numpy() * rng.beta(2, 2, count)
    probationary = rng.random(count) < party["probationary"]
    days = np.where(probationary, rng.integers(5, 360, count), 380 + (years * 360).astype(int))
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
    """Add each organisation's ``secretary`` (a name): its longest-standing member.

    Organisations without members of their own take one of the community's, in turn.
    """
    named = member.join(person.select("person_id", "name"), on="person_id", maintain_order="left")
    eldest = named.sort("joined", "person_id").group_by("organisation_code", maintain_order=True)
    secretary = eldest.agg(pl.col("name").first().alias("secretary"))
    spare = named.sort("joined", "person_id")["name"]
    rows = organisation.join(secretary, on="organisation_code", how="left", maintain_order="left")
    order = pl.int_range(pl.len()) % max(len(spare), 1)
    return rows.with_columns(
        pl.col("secretary").fill_null(spare.gather(rows.select(order).to_series()))
    )
