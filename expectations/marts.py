"""The gate on built tables: judge a build before readers see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from expectations import results
from expectations.check import Check, Outcome, Suite
from expectations.mart_files import FOLDER, NO_ROWS, SuiteFile, load_suites

_TABLES = "select table_schema || '.' || table_name from information_schema.tables"
PUBLISHED = "{published}"
_BUILT = Check("表已建成", "", {}, "存在")


@dataclass(frozen=True)
class Build:
    """What is checked: its run and number, and what its schemas end in (``_next``, or nothing)."""

    run_id: str
    build_id: int
    suffix: str = "_next"

    def schema(self, layer: str) -> str:
        """Return the name of a layer's schema in this build."""
        return f"{layer}{self.suffix}"


def check(dsn: str, build: Build, docs_dir: Path, folder: Path = FOLDER) -> list[Outcome]:
    """Run every suite of ``folder`` on the tables of ``build``, in one Great Expectations run.

    A table that is missing fails its suite. Every result goes to ``quality.check_result``, the
    pages to the section ``mart`` of the Data Docs under ``docs_dir``. Raises SuiteError when a
    suite is wrong.
    """
    from expectations import data_docs, engine

    there = _tables(dsn)
    suites = [_suite(file, checks, build, there) for file, checks in load_suites(folder)]
    built = [suite for suite in suites if f"{build.schema(suite.layer)}.{suite.table}" in there]
    missing = [Outcome(suite, _BUILT, False, "不存在") for suite in suites if suite not in built]
    targets = [(suite, build.schema(suite.layer)) for suite in built]
    finished = engine.run_tables(dsn, targets)
    outcomes = [*missing, *(outcome for one in finished for outcome in one.outcomes)]
    results.write(dsn, build.run_id, outcomes, build.build_id)
    data_docs.publish(finished, data_docs.Section("mart", "集市与主题库"), build.run_id, docs_dir)
    return outcomes


def summary(outcomes: Sequence[Outcome], shown: int = 5) -> str:
    """Say in one line which blocking checks failed; empty when none did."""
    blocking = [f"{one.suite.table} {one.sentence}" for one in outcomes if one.blocks]
    more = f"；另有 {len(blocking) - shown} 项" if len(blocking) > shown else ""
    return "；".join(blocking[:shown]) + more


def per_table(outcomes: Sequence[Outcome]) -> list[str]:
    """Say in one line per table how many checks passed, failed and warned."""
    tables: dict[str, list[Outcome]] = {}
    for one in outcomes:
        tables.setdefault(f"{one.suite.layer}.{one.suite.table}", []).append(one)
    return [f"{name:<28} {_counts(its)}" for name, its in tables.items()]


def _counts(outcomes: Sequence[Outcome]) -> str:
    failed = sum(one.blocks for one in outcomes)
    passed = sum(one.passed for one in outcomes)
    warned = len(outcomes) - failed - passed
    return f"{passed} passed, {failed} failed, {warned} warned"


def _suite(file: SuiteFile, checks: Sequence[Check], build: Build, there: set[str]) -> Suite:
    comparable = f"{file.layer}.{file.table}" in there
    names = {
        "{table}": f"{build.schema(file.layer)}.{file.table}",
        "{core}": build.schema("core"),
        "{mart}": build.schema("mart"),
        PUBLISHED: file.layer,
    }
    return Suite(
        name=f"{file.layer}.{file.table}",
        title=file.title,
        layer=file.layer,
        department=None,
        table=file.table,
        owner=file.owner,
        checks=tuple(
            _placed(check, names)
            for check in checks
            if comparable or PUBLISHED not in str(check.arguments)
        ),
    )


def _placed(check: Check, names: dict[str, str]) -> Check:
    """Put the names of the build's tables and schemas into a query."""
    if check.expectation != NO_ROWS:
        return check
    query = str(check.arguments["unexpected_rows_query"])
    for placeholder, name in names.items():
        query = query.replace(placeholder, name)
    return replace(check, arguments={"unexpected_rows_query": query})


def _tables(dsn: str) -> set[str]:
    """Name every table the role may read, as ``schema.table``."""
    import psycopg

    with psycopg.connect(dsn) as connection:
        return {str(name) for (name,) in connection.execute(_TABLES)}
