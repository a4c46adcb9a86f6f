"""Known codes: every spelling that the warehouse's lists and regions know."""

from pathlib import Path

from hub.pipeline import code_lists


def test_a_list_knows_codes_names_and_aliases(tmp_path: Path) -> None:
    (tmp_path / "code_list.csv").write_text("list,code,name,aliases\nsex,1,男,男性|M\nsex,2,女,\n")
    (tmp_path / "region.csv").write_text("region_code,level,name,short_name,aliases\n")
    assert code_lists.load(tmp_path) == {"sex": {"1", "男", "男性", "M", "2", "女"}}


def test_each_level_of_regions_is_a_list() -> None:
    known = code_lists.load()
    assert {"440304005024", "沙嘴社区", "沙嘴"} <= known["community"]
    assert "沙头街道" in known["street"]
    assert "沙头街道" not in known["community"]
