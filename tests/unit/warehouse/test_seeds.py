"""The seeds fit the contracts, the models and each other."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from connectors.contracts import load_contracts
from hub.settings import REPOSITORY

SEEDS = REPOSITORY / "dbt_project" / "seeds"
CONTRACTS = load_contracts(REPOSITORY / "connectors" / "contracts")


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_code_list_that_a_contract_names_exists() -> None:
    named = {column.code_list for contract in CONTRACTS for column in contract.columns}
    regions = {row["level"] for row in rows("region")}  # code_alias has them from there
    assert named - {None} <= {row["list"] for row in rows("code_list")} | regions


def test_a_spelling_stands_for_one_code_of_its_list() -> None:
    """An alias may not be the code, the name or an alias of another code."""
    spellings = Counter(
        (row["list"], spelling)
        for row in rows("code_list")
        for spelling in {row["code"], row["name"], *filter(None, row["aliases"].split("|"))}
    )
    assert [each for each, count in spellings.items() if count > 1] == []


def test_communities_are_the_twelve_of_the_street() -> None:
    communities = [row for row in rows("region") if row["level"] == "community"]
    assert len(communities) == 12
    assert {row["parent_code"] for row in communities} == {"440304005000"}
    assert {row["region_code"] for row in communities if row["short_name"] == "沙嘴"} == {
        "440304005024"
    }


def test_authority_names_departments_that_have_contracts() -> None:
    departments = {contract.department for contract in CONTRACTS}
    assert {row["department"] for row in rows("authority")} <= departments


@pytest.mark.parametrize("mart", ["community_overview", "grid_overview"])
def test_every_figure_of_a_mart_is_defined(mart: str) -> None:
    described = yaml.safe_load(Path(SEEDS / "../models/mart/_mart.yml").read_text(encoding="utf-8"))
    [model] = [each for each in described["models"] if each["name"] == mart]
    figures = {
        column["name"]
        for column in model["columns"]
        if column["data_type"] == "bigint" or column["data_type"].startswith("numeric")
    }
    assert figures <= {row["metric"] for row in rows("metric_definition")}
