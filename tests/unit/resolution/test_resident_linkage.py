"""Which records are one person: told on a handful of people, with all the weights that ship."""

from datetime import date

import polars as pl
import pytest

from resolution.residents.linkage import link

CHEN, LIN, FU = "449901197505151236", "449901198811220028", "449901198602030018"
HOME, NEIGHBOUR = "4403040050240100001000101", "4403040050240100001000102"
BORN = date(1986, 2, 3)
SCHEMA = {
    "source_system": pl.String, "source_key": pl.String, "identifier": pl.String,
    "id_number": pl.String, "id_number_rule": pl.String, "name": pl.String,
    "courtesy_name": pl.String, "sex_code": pl.String, "birth_date": pl.Date, "phone": pl.String,
    "house_code": pl.String, "home_code": pl.String,
}  # fmt: skip
Record = dict[str, object]


def record(system: str, key: str, name: str | None = None, **stated: object) -> Record:
    number = stated.pop("number", None)
    return {"source_system": system, "source_key": key, "name": name, "identifier": number} | {
        "id_number": number, **stated
    }  # fmt: skip


def crowd() -> list[Record]:
    """Enough strangers for weights to mean something: each known to two departments."""
    people = [
        {
            "name": f"{'赵钱孙周吴郑冯褚卫蒋'[at % 10]}{'一丁七万丈三上下不与'[at // 10 % 10]}甲",
            "number": f"449901{1950 + at % 50}0{1 + at % 9}{10 + at % 18}{100 + at}X",
            "house_code": f"44030400502402{at:05d}000101",
            "phone": f"1990000{at:04d}",
        }
        for at in range(100)
    ]
    return [
        record(system, f"crowd {at}", **person)  # type: ignore[arg-type]
        for at, person in enumerate(people)
        for system in ("police.resident", "grid.population")
    ]


def linked(*records: Record, decisions: pl.DataFrame | None = None) -> dict[str, str]:
    """Return the cluster of each record that is not of the crowd, by system and key."""
    rows = pl.DataFrame([*crowd(), *records], schema=SCHEMA)
    result = link(rows, decisions=decisions) if decisions is not None else link(rows)
    told = result.clusters.filter(~pl.col("source_key").str.starts_with("crowd"))
    return {f"{system}:{key}": cluster for system, key, cluster, *_ in told.iter_rows()}


def are_one(*records: Record) -> bool:
    return len(set(linked(*records).values())) == 1


POLICE = record(
    "police.resident", "1", "傅雪梅", number=FU, birth_date=BORN, sex_code="2",
    phone="15400000001", house_code=HOME,
)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"name": "傅雪梅", "number": FU}, id="the same number"),
        pytest.param({"name": "阿梅", "number": FU}, id="the same number, called otherwise"),
        pytest.param(
            {"name": "傅雪梅", "id_number": FU[:17] + "9", "id_number_rule": "check_digit"},
            id="a mistyped number, the same name",
        ),
        pytest.param(
            {"name": "傅雪梅", "id_number": FU[:15] + "000", "id_number_rule": "excel_rounded"},
            id="a number that Excel rounded, the same name",
        ),
        pytest.param({"name": "傅雪梅", "phone": "15400000001"}, id="name and phone"),
        pytest.param(
            {"name": "傅雪梅", "birth_date": BORN, "house_code": HOME}, id="name, birthday, home"
        ),
        pytest.param(
            {"name": "付雪梅", "birth_date": BORN, "phone": "15400000001"}, id="a homophone"
        ),
        pytest.param(
            {"name": "傅雪", "birth_date": BORN, "house_code": HOME}, id="a character lost"
        ),
        pytest.param(
            {"name": "阿梅", "birth_date": BORN, "house_code": HOME}, id="her familiar name"
        ),
        pytest.param(
            {"name": "傅雪梅", "birth_date": date(1986, 3, 2), "house_code": HOME},
            id="day and month swapped",
        ),
        pytest.param(
            {"name": None, "courtesy_name": "傅女士", "phone": "15400000001"},
            id="a caller who gives surname and phone",
        ),
    ],
)
def test_records_of_one_person_meet(other: Record) -> None:
    stated = {**other}
    assert are_one(POLICE, record("grid.population", "2", stated.pop("name"), **stated))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"name": "傅雪梅", "number": LIN}, id="two numbers are two persons"),
        pytest.param({"name": "傅雪梅"}, id="a name alone says nothing"),
        pytest.param({"name": "李国强", "phone": "15400000001"}, id="a phone is shared at home"),
        pytest.param({"name": "李国强", "house_code": HOME}, id="whoever lives with her"),
        pytest.param(
            {"name": "傅雪梅", "birth_date": date(2012, 9, 30), "phone": "15400000001"},
            id="a birth date that cannot be hers",
        ),
        pytest.param(
            {"name": "傅雪梅", "house_code": NEIGHBOUR, "birth_date": date(1955, 7, 7)},
            id="a namesake in the same building",
        ),
        pytest.param(
            {"name": "傅雪芳", "birth_date": date(1986, 2, 5), "house_code": NEIGHBOUR},
            id="somebody alike next door",
        ),
    ],
)
def test_records_of_different_persons_stay_apart(other: Record) -> None:
    stated = {**other}
    assert not are_one(POLICE, record("grid.population", "2", stated.pop("name"), **stated))  # type: ignore[arg-type]


def test_two_persons_who_fit_equally_well_get_nobody() -> None:
    """Namesakes born on one day: who of them lost the number on the third record?"""
    same = {"birth_date": date(1975, 5, 15), "sex_code": "1"}
    clusters = linked(
        record("police.resident", "1", "陈俊杰", number=CHEN, **same),
        record("police.resident", "2", "陈俊杰", number=CHEN[:14] + "4561", **same),
        record("grid.population", "3", "陈俊杰", **same),
    )
    assert len(set(clusters.values())) == 3


def test_the_order_of_records_changes_nothing() -> None:
    records = [
        POLICE,
        record("grid.population", "2", "傅雪梅", phone="15400000001"),
        record("health.family_doctor_contract", "3", "傅雪梅", home_code=HOME),
        record("requests.request", "4", None, courtesy_name="傅女士", phone="15400000001"),
    ]
    forwards, backwards = linked(*records), linked(*reversed(records))
    assert forwards == backwards
    assert len(set(forwards.values())) == 1


def decision(left: str, right: str, ruling: str) -> pl.DataFrame:
    return pl.DataFrame({"left": [left], "right": [right], "decision": [ruling]})


@pytest.mark.parametrize("ruling", ["different", "unknown"])
def test_what_a_steward_parts_no_evidence_joins(ruling: str) -> None:
    weak = record("grid.population", "2", "傅雪", birth_date=BORN, house_code=HOME)
    ruled = decision("police.resident:1", "grid.population:2", ruling)
    assert len(set(linked(POLICE, weak).values())) == 1
    assert len(set(linked(POLICE, weak, decisions=ruled).values())) == 2


def test_a_steward_parts_even_records_of_one_number() -> None:
    other = record("grid.population", "2", "林志强", number=FU)
    ruled = decision("grid.population:2", "police.resident:1", "different")
    assert len(set(linked(POLICE, other, decisions=ruled).values())) == 2


def test_what_a_steward_joins_is_one_whatever_the_evidence() -> None:
    other = record("party_building.member", "2", "傅芳", phone="15499999999")
    ruled = decision("party_building.member:2", "police.resident:1", "same")
    assert len(set(linked(POLICE, other).values())) == 2
    assert len(set(linked(POLICE, other, decisions=ruled).values())) == 1


def review(*records: Record, decisions: pl.DataFrame) -> list[tuple[object, ...]]:
    rows = pl.DataFrame([*crowd(), *records], schema=SCHEMA)
    return link(rows, decisions=decisions).review.select("left", "right", "reason").rows()


def test_a_decision_that_new_evidence_contradicts_is_reported() -> None:
    other = record("grid.population", "2", "傅雪梅", number=LIN)
    same = decision("police.resident:1", "grid.population:2", "same")
    apart = decision("police.resident:1", "grid.population:2", "different")
    assert review(POLICE, other, decisions=same) == [
        ("police.resident:1", "grid.population:2", "decided_same_yet_contradicted")
    ]
    assert review(POLICE, {**other, "identifier": FU}, decisions=apart) == [
        ("police.resident:1", "grid.population:2", "decided_different_yet_alike")
    ]
