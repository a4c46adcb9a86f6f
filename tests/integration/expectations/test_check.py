"""``hub check`` on a real PostgreSQL: a build is checked, or marked failed with its reason."""

from pathlib import Path

import psycopg
import pytest

from expectations import marts
from expectations.marts import Build
from hub.errors import HubError
from hub.pipeline import check as pipeline
from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

SUITE = """
schema: mart
table: overview
title: 总览
owner: 数据中心
checks:
  - name: 每社区一行
    expect: expect_column_values_to_be_unique
    with: {column: code}
    why: 合计
  - name: 比率
    expect: expect_column_values_to_be_between
    columns: [share]
    with: {min_value: 0, max_value: 1}
    why: 口径
  - name: 与主题库一致
    rows: >
      select code from {table} join (
        select code, count(*) as residents from {core}.person group by code
      ) as counted using (code)
      where counted.residents <> overview.residents
    why: 对账
  - name: 较已发布版本骤降
    rows: >
      select 1 from (select sum(residents) as residents from {table}) as shown
      cross join (select sum(residents) as residents from {published}.overview) as before
      where shown.residents < before.residents * 0.7
    why: 历史
  - name: 人多
    rows: select code from {table} where residents > 2
    severity: warn
    why: 提醒
"""

TABLES = """
create schema mart_next;
create schema core_next;
create table core_next.person (name text, code text);
insert into core_next.person values ('赵一', 'a'), ('钱二', 'a'), ('孙三', 'a'), ('李四', 'b');
create table mart_next.overview (
    code text, residents bigint, share numeric, shape geometry(Point, 4326)
);
insert into mart_next.overview values ('a', 3, 0.5), ('b', 1, null);
insert into ops.build (run_id, status) values ('old', 'failed'), ('run', 'built');
"""


@pytest.fixture
def dsn(clean_warehouse: Warehouse, tmp_path: Path) -> str:
    suites = tmp_path / "suites"
    suites.mkdir()
    (suites / "overview.yaml").write_text(SUITE, encoding="utf-8")
    apply_schema(clean_warehouse.dsn())
    run(clean_warehouse.dsn(), TABLES)
    return clean_warehouse.dsn()


def run(dsn: str, statements: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statements)  # type: ignore[arg-type]


def fetch(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def check(dsn: str, site: Path, run_id: str | None = None) -> list[str]:
    said: list[str] = []
    pipeline.check_newest(dsn, site, run_id, said.append, site.parent / "suites")
    return said


def refused(dsn: str, site: Path) -> HubError:
    with pytest.raises(HubError) as caught:
        check(dsn, site)
    return caught.value


def test_a_good_build_is_marked_checked(dsn: str, tmp_path: Path) -> None:
    said = check(dsn, tmp_path / "site")
    assert said[0].split(None, 1) == ["mart.overview", "3 passed, 0 failed, 1 warned"]
    assert fetch(
        dsn, "select status, checked_at is not null from ops.build where run_id = 'run'"
    ) == [("built", True)]
    assert (tmp_path / "site" / "index.html").exists()


def test_results_name_run_build_owner_and_severity(dsn: str, tmp_path: Path) -> None:
    check(dsn, tmp_path / "site", "manual-7")
    rows = fetch(
        dsn,
        "select check_name, severity, passed, observed, expected, failed_rows"
        " from quality.check_result join ops.build using (build_id)"
        " where check_result.run_id = 'manual-7' and layer = 'mart' and table_name = 'overview'"
        " and engine = 'great_expectations' and owner = '数据中心' order by check_result_id",
    )
    assert rows == [
        ("每社区一行", "error", True, "0 行不符（共 2 行）", "不重复", 0),
        ("比率", "error", True, "0 行不符（共 2 行）", "0～1", 0),
        ("与主题库一致", "error", True, "0 行不符", "0 行", 0),
        ("人多", "warn", False, "1 行不符", "0 行", 1),
    ]


def test_checking_again_replaces_the_results(dsn: str, tmp_path: Path) -> None:
    check(dsn, tmp_path / "site")
    check(dsn, tmp_path / "site")
    assert fetch(dsn, "select count(*) from quality.check_result") == [(4,)]


def test_one_bad_row_fails_the_build_with_a_reason(dsn: str, tmp_path: Path) -> None:
    run(dsn, "update mart_next.overview set share = 1.2 where code = 'b'")
    error = refused(dsn, tmp_path / "site")
    reason = "overview 比率：实际 1 行不符（共 2 行），要求 0～1"
    assert error.exit_code == 10
    assert reason in str(error)
    assert fetch(dsn, "select status, checked_at, reason from ops.build where run_id = 'run'") == [
        ("failed", None, reason)
    ]


def test_figures_that_do_not_add_up_fail_the_build(dsn: str, tmp_path: Path) -> None:
    run(dsn, "insert into core_next.person values ('周五', 'b')")
    assert "与主题库一致：实际 1 行不符" in str(refused(dsn, tmp_path / "site"))


def test_a_drop_against_what_readers_see_fails_the_build(dsn: str, tmp_path: Path) -> None:
    run(dsn, "create schema mart; create table mart.overview as table mart_next.overview;")
    assert check(dsn, tmp_path / "site")
    run(dsn, "update mart.overview set residents = residents * 10")
    assert "较已发布版本骤降：实际 1 行不符" in str(refused(dsn, tmp_path / "site"))


def test_an_empty_table_breaks_no_rule_about_its_rows(dsn: str, tmp_path: Path) -> None:
    run(dsn, "truncate mart_next.overview")
    assert check(dsn, tmp_path / "site")[0].split(None, 1)[1] == "4 passed, 0 failed, 0 warned"


def test_a_missing_table_or_column_is_said_plainly(dsn: str, tmp_path: Path) -> None:
    run(dsn, "alter table mart_next.overview drop column share")
    assert "比率：实际 检查未能执行：column share 不存在" in str(refused(dsn, tmp_path / "site"))
    run(dsn, "drop table mart_next.overview; insert into ops.build (status) values ('built')")
    assert "overview 表已建成：实际 不存在" in str(refused(dsn, tmp_path / "site"))


def test_no_value_of_a_row_reaches_results_or_pages(dsn: str, tmp_path: Path) -> None:
    suite = SUITE + (
        "  - {name: 名字, rows: 'select p.name from {core}.person p, {table} limit 3', why: 测试}\n"
        "  - {name: 转换, rows: 'select p.name::int from {core}.person p, {table}', why: 测试}\n"
    )
    (tmp_path / "suites" / "overview.yaml").write_text(suite, encoding="utf-8")
    error = refused(dsn, tmp_path / "site")
    assert "转换：实际 检查未能执行（InvalidTextRepresentation）" in str(error)
    kept = str(error) + str(fetch(dsn, "select * from quality.check_result"))
    for page in (tmp_path / "site").rglob("*.html"):
        kept += page.read_text(encoding="utf-8")
    for name in ("赵一", "钱二", "孙三", "李四"):
        assert name not in kept


def test_nothing_is_left_open_in_the_database(dsn: str, tmp_path: Path) -> None:
    marts.check(dsn, Build("run", 2), tmp_path / "site", tmp_path / "suites")
    mine = "select count(*) from pg_stat_activity where application_name = 'hub check'"
    assert fetch(dsn, mine) == [(0,)]


def test_without_a_build_there_is_nothing_to_check(dsn: str, tmp_path: Path) -> None:
    run(dsn, "update ops.build set status = 'failed', reason = '模型报错' where run_id = 'run'")
    assert "the newest build 2 is failed (模型报错)" in str(refused(dsn, tmp_path / "site"))
    run(dsn, "truncate ops.build cascade")
    assert "run `hub build` first" in str(refused(dsn, tmp_path / "site"))


def test_a_wrong_suite_leaves_the_build_unchecked(dsn: str, tmp_path: Path) -> None:
    wrong = SUITE.replace("table: overview", "table: overwiev")
    (tmp_path / "suites" / "overview.yaml").write_text(wrong, encoding="utf-8")
    error = refused(dsn, tmp_path / "site")
    assert error.exit_code == 2
    assert "overview.yaml:3: table: must be overview" in str(error)
    assert fetch(dsn, "select status, checked_at from ops.build where run_id = 'run'") == [
        ("built", None)
    ]
