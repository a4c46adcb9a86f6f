"""Scales beyond the street: the whole of 福田, and all Shenzhen made part by part."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import shapely
from stdnum.cn import ric
from typer.testing import CliRunner

from simulator import home as simulator_home
from simulator.cli import app
from simulator.home import generate_home, shown_file
from simulator.life.advance import VIEWS
from simulator.parquet import ROWS_PER_GROUP
from simulator.tables import table
from simulator.truth import ground
from simulator.truth.place import PEOPLE, Part, parts, places

LARGEST_STREET = "440306018"  # 西乡街道 has 25 communities


def small_parts(*_: object) -> list[Part]:
    """One small community each of two streets of another area, far down the list."""
    yantian = [part for part in parts("city", 1) if part.code.startswith("440308")]
    return [replace(part, places=part.places[:1]) for part in yantian[:2]]


@pytest.fixture(scope="module")
def two_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of two parts."""
    home = tmp_path_factory.mktemp("city") / "district"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulator_home, "parts", small_parts)
        generate_home(home, "city", 3)
    return home


class TestThePlan:
    def test_the_real_list_has_79_streets_and_788_communities(self) -> None:
        assert len(places("city", 1)) == 788
        assert len({place.street_code for place in places("city", 1)}) == 79
        assert table("communities")["code"].is_unique().all()
        assert set(table("communities")["street_code"]) == set(table("streets")["code"])

    @pytest.mark.parametrize(
        ("scale", "communities", "residents"),
        [
            ("community", 1, 26_959),
            ("street", 12, 328_000),
            ("district", 93, 1_550_000),
            ("city", 788, 17_700_000),
        ],
    )
    def test_a_scale_has_its_communities_and_residents(
        self, scale: str, communities: int, residents: int
    ) -> None:
        plan = places(scale, 1)
        assert len(plan) == communities
        assert sum(place.profile["residents"] for place in plan) == residents

    def test_the_plan_is_the_same_for_every_seed(self) -> None:
        plans = [[(p.code, p.profile) for p in places("district", seed)] for seed in (1, 2)]
        assert plans[0] == plans[1]

    def test_a_part_is_a_street_or_a_slice_of_a_large_one(self) -> None:
        found = parts("city", 1)
        assert [p.code for part in found for p in part.places] == [
            p.code for p in places("city", 1)
        ]
        assert len({part.code for part in found}) == len(found)
        assert all(len({p.street_code for p in part.places}) == 1 for part in found)
        assert max(len(part.places) for part in found) <= 13
        slices = [part for part in found if part.code.startswith(LARGEST_STREET)]
        assert [part.opens_street for part in slices] == [True, False]

    def test_the_first_residents_are_whole_communities_up_to_that_number(self) -> None:
        few = [p for part in parts("city", 1, 500_000) for p in part.places]
        sizes = [place.profile["residents"] for place in few]
        assert sum(sizes) >= 500_000 > sum(sizes[:-1])
        assert [p.code for p in few] == [p.code for p in places("city", 1)[: len(few)]]

    def test_organisation_codes_suffice_for_the_district(self) -> None:
        last = places("city", 1)[len(places("district", 1))]
        assert last.organisations_before <= 99_999

    def test_no_two_communities_share_serials(self) -> None:
        plan = places("city", 1)
        people = [place.first_person for place in plan]
        assert people[:2] == [0, PEOPLE]
        assert people == sorted(set(people))
        assert people[-1] + 100_000 < 10**8, "eight digits, and a phone number for each"
        components = [(place.county_code, place.first_component) for place in plan]
        assert len(set(components)) == len(components)
        assert max(serial for _, serial in components) + 5_000 < 10**6


class TestTheGround:
    @pytest.mark.parametrize("street", ["440304001", LARGEST_STREET])
    def test_communities_tile_their_street(self, street: str) -> None:
        areas = list(ground.communities(street).values())
        outline = ground.outline(street)
        assert shapely.union_all(areas).symmetric_difference(outline).area < outline.area / 10_000
        assert sum(area.area for area in areas) == pytest.approx(outline.area, rel=1e-4)

    def test_no_two_streets_overlap(self) -> None:
        outlines = [ground.outline(code) for code in table("streets")["code"]]
        together = shapely.union_all(outlines).area
        assert together == pytest.approx(sum(outline.area for outline in outlines), rel=1e-6)


class TestTheParts:
    def test_tables_go_on_from_part_to_part_under_one_numbering(self, two_parts: Path) -> None:
        for view in VIEWS:
            keys = pl.read_parquet(shown_file(two_parts, view)).rename(
                {served: name for name, served in view.headers.items()}
            )[view.key]
            assert keys.is_unique().all(), view.table
            if view.numbering is not None:
                assert keys.str.strip_prefix(view.numbering).cast(pl.Int64).to_list() == [
                    *range(1, len(keys) + 1)
                ]

    def test_people_of_all_parts_have_numbers_of_their_own(self, two_parts: Path) -> None:
        people = pl.read_parquet(two_parts / "truth/person.parquet")
        assert people["community_code"].n_unique() == 2
        for column in ("person_id", "id_number", "phone"):
            assert people[column].drop_nulls().is_unique().all(), column
        numbers = people["id_number"].drop_nulls()
        assert [n[-1] for n in numbers[:500]] == [ric.calc_check_digit(n) for n in numbers[:500]]
        assert (numbers.str.slice(2, 2) == "99").all()
        here = people.filter(pl.col("residence_kind") == 1)["registered_address"]
        assert here.str.starts_with("广东省深圳市盐田区").all()

    def test_each_street_has_its_own_committee(self, two_parts: Path) -> None:
        organisations = pl.read_parquet(two_parts / "truth/party_organisation.parquet")
        roots = organisations.filter(pl.col("parent_code").is_null())["name"]
        assert sorted(roots) == ["梅沙街道党工委", "盐田街道党工委"]
        assert organisations["organisation_code"].is_unique().all()

    def test_records_and_ledger_cover_all_parts(self, two_parts: Path) -> None:
        record = pl.read_parquet(two_parts / "truth/record/police.resident.parquet")
        people = pl.read_parquet(two_parts / "truth/person.parquet")
        assert set(record["id"]) == set(people["person_id"])
        dirty = pl.read_parquet(two_parts / "truth/dirty_cell.parquet")
        residents = dirty.filter((pl.col("system") == "police") & (pl.col("table") == "resident"))
        assert set(residents["key"]) <= set(record["key"])

    def test_health_leaves_a_file_per_part(self, two_parts: Path) -> None:
        names = sorted(path.name for path in (two_parts / "systems/health/outbox").glob("*.csv"))
        assert names == [
            "jtys_qy_20261120_440308001-1.csv",
            "jtys_qy_20261120_440308002-1.csv",
        ]

    def test_row_groups_stay_small(self, two_parts: Path) -> None:
        about = pq.read_metadata(two_parts / "truth/person.parquet")
        sizes = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
        assert max(sizes) <= ROWS_PER_GROUP
        assert about.metadata[b"synthetic"] == b"true"

    def test_the_same_seed_gives_the_same_bytes(
        self, two_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(simulator_home, "parts", small_parts)
        again = tmp_path / "again"
        generate_home(again, "city", 3)
        for path in (path for path in two_parts.rglob("*") if path.is_file()):
            assert (again / path.relative_to(two_parts)).read_bytes() == path.read_bytes(), path

    def test_a_city_does_not_live_on(self, two_parts: Path) -> None:
        result = CliRunner().invoke(app, ["advance", "--home", str(two_parts)])
        assert "live on" in str(result.exception)
