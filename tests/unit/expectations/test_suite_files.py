"""Hand-written suites are checked before any run; every mistake has its file and line."""

from pathlib import Path

import pytest

from connectors.contracts import Contract
from expectations.landed_files import lint, rules_for, unknown_tables
from expectations.mart_files import load_suites
from expectations.suite_files import SuiteError

Contracts = dict[str, Contract]


def mistakes(contract: Contract, folder: Path, text: str) -> str:
    """What is said of a landed suite with this text, without the folder's name."""
    (folder / f"{contract.raw_table}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError) as caught:
        rules_for(contract, folder)
    return str(caught.value).replace(f"{folder}/", "")


def mart_mistakes(folder: Path, text: str) -> str:
    """What is said of a mart suite with this text, without the folder's name."""
    (folder / "overview.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError) as caught:
        load_suites(folder)
    return str(caught.value).replace(f"{folder}/", "")


HEAD = "department: police\ntable: building\nrules:\n"
RULE = "  - name: 经度空值率\n    metric: {}\n    column: {}\n    max: {}\n    why: 地图\n"
MART = "schema: mart\ntable: overview\ntitle: 总览\nowner: 数据中心\nchecks:\n"


def test_every_suite_of_the_repository_is_right(contracts: Contracts) -> None:
    assert all(rules_for(contract) for contract in contracts.values())
    assert unknown_tables(contracts.values()) == []
    assert {file.table for file, _ in load_suites()} >= {"community_overview", "department_status"}


def test_a_table_without_a_suite_has_only_the_rules_of_its_contract(
    contracts: Contracts, tmp_path: Path
) -> None:
    assert rules_for(contracts["police.building"], tmp_path) == []


def test_a_rule_is_read_as_it_stands(contracts: Contracts, tmp_path: Path) -> None:
    text = HEAD + RULE.format("null_share", "jd", 0.05)
    (tmp_path / "police__building.yaml").write_text(text, encoding="utf-8")
    (rule,) = rules_for(contracts["police.building"], tmp_path)
    check = rule.check()
    assert (check.name, check.column, check.expected) == ("经度空值率", "jd", "≤ 5%")
    assert check.severity == "error"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD + RULE.format("null_shere", "jd", 0.05),
            "police__building.yaml:5: rules.0.metric: must be one of",
        ),
        (
            HEAD + RULE.format("null_share", "longitude", 0.05),
            "police__building.yaml:6: 经度空值率: the contract has no column longitude",
        ),
        (
            HEAD + RULE.format("received", "jd", 1),
            "police__building.yaml:4: rules.0: metric received needs no column",
        ),
        (
            HEAD + RULE.format("max_value", "ldmc", 1),
            "police__building.yaml:6: 经度空值率: extremes are kept of L1 numbers only",
        ),
        (
            HEAD + RULE.format("null_share", "jd", "half"),
            "police__building.yaml:7: rules.0.max: must be a number",
        ),
        (
            HEAD + "  - {name: 经度, metric: null_share, column: jd, why: 地图}\n",
            "police__building.yaml:4: rules.0: a rule needs min, max or both",
        ),
        (
            HEAD + "  - {name: 经度, metric: null_share, column: jd, min: 1, max: 0, why: 地图}\n",
            "police__building.yaml:4: rules.0: min 1.0 is above max 0.0",
        ),
        (
            HEAD + RULE.format("null_share", "jd", 0.05) + "    maximum: 3\n",
            "police__building.yaml:9: rules.0.maximum: is not a field",
        ),
        (HEAD + "  - name: [\n", "police__building.yaml:5: not YAML"),
        (
            HEAD.replace("building", "house") + RULE.format("null_share", "jd", 0.05),
            "police__building.yaml:2: table: must be building",
        ),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    contracts: Contracts, tmp_path: Path, text: str, said: str
) -> None:
    assert mistakes(contracts["police.building"], tmp_path, text).startswith(said)


def test_all_suites_are_checked_before_a_run(contracts: Contracts, tmp_path: Path) -> None:
    lint(contracts.values())
    for table in ("building", "resident"):
        text = f"department: police\ntable: {table}\nrules: []\n"
        (tmp_path / f"police__{table}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=r"police__building\.yaml:3") as caught:
        lint(contracts.values(), tmp_path)
    assert "police__resident.yaml:3" in str(caught.value)


def test_a_suite_of_a_retired_table_is_found(contracts: Contracts, tmp_path: Path) -> None:
    (tmp_path / "police__horse.yaml").write_text("", encoding="utf-8")
    found = unknown_tables(contracts.values(), tmp_path)
    assert [path.name for path in found] == ["police__horse.yaml"]


def test_an_expectation_is_repeated_for_each_column(tmp_path: Path) -> None:
    text = MART + (
        "  - name: 比率\n    expect: expect_column_values_to_be_between\n"
        "    columns: [a, b]\n    with: {min_value: 0, max_value: 1}\n    why: 比率\n"
    )
    (tmp_path / "overview.yaml").write_text(text, encoding="utf-8")
    ((_, checks),) = load_suites(tmp_path)
    assert [(c.name, c.column, c.expected) for c in checks] == [
        ("比率：a", "a", "0～1"),
        ("比率：b", "b", "0～1"),
    ]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("{name: 行, expect: expect_nothing, why: 无}", "has no ExpectNothing"),
        (
            "{name: 行, expect: expect_column_values_to_be_unique, why: 无}",
            "overview.yaml:6: 行: column: field required",
        ),
        (
            "{name: 行, expect: expect_table_row_count_to_be_between, with: {minimum: 1}, why: 无}",
            "overview.yaml:6: 行: minimum: extra fields not permitted",
        ),
        ("{name: 行, why: 无}", "overview.yaml:6: checks.0: a check has either expect or rows"),
        ("{name: 行, rows: select 1, why: 无}", "checks.0: rows reads {table}"),
        (
            "{name: 行, rows: 'select 1 from {table}, {marts}.x', why: 无}",
            "may name {core}, {mart}",
        ),
        ("{name: 行, rows: 'select {1 from {table}', why: 无}", "overview.yaml:6: checks.0: "),
    ],
)
def test_a_check_that_could_not_run_is_refused(tmp_path: Path, check: str, said: str) -> None:
    assert said in mart_mistakes(tmp_path, MART + f"  - {check}\n")


def test_the_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "another.yaml").write_text("schema: raw\n", encoding="utf-8")
    said = mart_mistakes(tmp_path, MART + "  - {name: 行, why: 无}\n")
    assert "another.yaml:1: schema" in said
    assert "overview.yaml:6" in said
