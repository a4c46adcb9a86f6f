"""What changed in contracts: each change in one line, what breaks readers named as such."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connectors.contracts import catalogue, load_contracts
from connectors.contracts.changes import Change, compare
from hub.cli import contract as contract_verbs
from hub.cli.main import app
from tests.support import contracts as given

contract_verbs.register(app)

HEIGHT = given.column("height", "树高", logicalType="integer", codeList="heights")
COLUMNS = [*given.TREE, HEIGHT]


def hub(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["contract", *map(str, arguments)])


def changes(tmp_path: Path, columns: list[dict[str, Any]], **fields: Any) -> list[Change]:
    """Compare the tree's contract with one that has other columns or fields."""
    before = load_contracts(given.write(tmp_path / "before", given.table(COLUMNS)))
    after = load_contracts(given.write(tmp_path / "after", given.table(columns, **fields)))
    return compare(before, after)


def with_height(**changed: Any) -> list[dict[str, Any]]:
    return [*given.TREE, {**HEIGHT, **changed}]


@pytest.mark.parametrize(
    ("columns", "what", "breaking"),
    [
        (COLUMNS, None, False),
        (given.TREE, "column height removed", True),
        ([*COLUMNS, given.column("girth")], "column girth added", False),
        ([*COLUMNS, given.key("plot")], "column plot added to the key", True),
        (with_height(logicalType="number"), "height: logicalType integer → number", False),
        (with_height(logicalType="string"), "height: logicalType integer → string", True),
        (with_height(physicalName="高度"), "height: physicalName 树高 → 高度", False),
        (with_height(required=True), "height: required False → True", False),
        (with_height(classification="L3"), "height: classification L1 → L3", False),
        (with_height(codeList="sizes"), "height: codeList heights → sizes", True),
    ],
)
def test_a_changed_column_breaks_readers_or_not(
    tmp_path: Path, columns: list[dict[str, Any]], what: str | None, breaking: bool
) -> None:
    found = changes(tmp_path, columns)
    assert [change.breaking for change in found] == ([breaking] if what else [])
    assert what is None or what in str(found[0])


@pytest.mark.parametrize(
    ("field", "value", "what", "breaking"),
    [
        ("version", "1.1.0", "version 1.0.0 → 1.1.0", False),
        ("slaProperties", [{"property": "latency", "value": 9, "unit": "d"}], "latency", True),
        ("slaProperties", [{"property": "latency", "value": 1, "unit": "d"}], "latency", False),
        ("authority", {"sharing": "有条件共享"}, "authority.sharing 无条件共享 → 有条件共享", True),
        ("drift", {"added": "hold"}, "drift.added warn → hold", False),
    ],
)
def test_a_changed_promise_breaks_readers_or_not(
    tmp_path: Path, field: str, value: Any, what: str, breaking: bool
) -> None:
    (found,) = changes(tmp_path, COLUMNS, **{field: value})
    assert what in found.what
    assert found.breaking is breaking


def test_what_may_now_be_missing_or_shown_breaks_readers(tmp_path: Path) -> None:
    before = [*given.TREE, {**HEIGHT, "required": True, "classification": "L3"}]
    old = load_contracts(given.write(tmp_path / "old", given.table(before)))
    new = load_contracts(given.write(tmp_path / "new", given.table(COLUMNS)))
    found = compare(old, new)
    assert {change.what.split(": ")[1].split()[0] for change in found if change.breaking} == {
        "required", "classification",
    }  # fmt: skip


def test_the_history_of_the_repository_is_what_one_compares_with(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", tmp_path, *identity, *arguments], check=True,
                       capture_output=True)  # fmt: skip

    folder = given.write(tmp_path / "contracts", given.table(COLUMNS))
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert hub("diff", "HEAD", folder).stdout == "0 changes, 0 of them breaking\n"
    given.write(folder, given.table(given.TREE))
    assert hub("diff", "HEAD", folder).stdout.splitlines() == [
        "parks.tree: BREAKING column height removed",
        "1 changes, 1 of them breaking",
    ]
    assert hub("breaking", "HEAD", folder).exit_code == 1
    given.write(folder, given.table(given.TREE, version="2.0.0"))
    announced = hub("breaking", "HEAD", folder)
    assert announced.exit_code == 0
    assert "column height removed (announced by its version)" in announced.stdout
    unknown = hub("diff", "no-such-commit", folder)
    assert unknown.exit_code == 2


def test_one_file_is_compared_with_its_own_table_only(tmp_path: Path) -> None:
    before = given.write(tmp_path / "before", given.table(COLUMNS))
    after = given.write(tmp_path / "after", given.table(given.TREE))
    shown = hub("diff", before / "parks" / "tree.yaml", after).stdout
    assert "parks.tree: BREAKING column height removed" in shown
    assert hub("diff", before, after).stdout == shown


def test_the_catalogue_tells_people_everything_and_always_the_same(tmp_path: Path) -> None:
    folder = given.write(tmp_path / "contracts", given.table(COLUMNS))
    assert hub("docs", tmp_path / "out", folder).stdout.startswith("2 pages")
    page = (tmp_path / "out" / "parks" / "tree.md").read_text()
    assert "# 树木（公园）" in page
    assert "| 责任单位 | 公园管理科 |" in page
    assert "| `height` | 树高 | 树高 | 整数 | L1 公开 |  |  | `heights` | The height. |" in page
    assert "| 多出的列 | 接受并提示 |" in page
    assert "${" not in page, "addresses and secrets are none of the reader's business"
    index = (tmp_path / "out" / "README.md").read_text()
    assert "[树木](parks/tree.md) | `raw.parks__tree` | 逐个文件" in index
    contracts = load_contracts(folder)
    assert catalogue.pages(contracts) == catalogue.pages(contracts[::-1])
