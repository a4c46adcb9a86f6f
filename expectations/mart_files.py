"""Hand-written suites for built tables: ``suites/mart/<table>.yaml``."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from connectors.contracts import Problem
from expectations.check import Check, Severity, in_words, number
from expectations.suite_files import SUITES, Strict, SuiteError, SuiteSource

FOLDER = SUITES / "mart"
PLACEHOLDERS = {"table", "core", "mart", "published"}
NO_ROWS = "UnexpectedRowsExpectation"


class CheckFile(Strict):
    """One check: either ``rows`` (a query that must find nothing) or an expectation.

    ``expect`` names a Great Expectations class in its snake form and ``with`` its arguments;
    ``columns`` repeats it for each column. In ``rows``, ``{table}`` is the table itself, ``{core}``
    and ``{mart}`` the schemas being checked, ``{published}`` what readers see of this layer now
    (the check is left out while that has no such table); other braces are doubled.
    """

    name: str = Field(min_length=1)
    expect: str | None = Field(default=None, pattern=r"^expect_[a-z_]+$")
    arguments: dict[str, Any] = Field(default_factory=dict, alias="with")
    columns: list[str] = Field(default_factory=list)
    rows: str | None = None
    severity: Severity = "error"
    why: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.expect is None) == (self.rows is None):
            raise ValueError("a check has either expect or rows")
        if self.rows is not None and (self.arguments or self.columns):
            raise ValueError("with and columns belong to expect, not to rows")
        if self.rows is not None:
            used = {field for _, field, _, _ in Formatter().parse(self.rows) if field is not None}
            if "table" not in used or not used <= PLACEHOLDERS:
                raise ValueError("rows reads {table}, and may name {core}, {mart}, {published}")
        return self


class SuiteFile(Strict):
    """All checks of one built table."""

    layer: Literal["core", "mart"] = Field(alias="schema")
    table: str
    title: str
    owner: str
    checks: list[CheckFile] = Field(min_length=1)


def load_suites(folder: Path = FOLDER) -> list[tuple[SuiteFile, list[Check]]]:
    """Read every suite with its checks, in the order of the file names.

    Raises SuiteError with every mistake of every file, arguments that Great Expectations would
    refuse included.
    """
    loaded: list[tuple[SuiteFile, list[Check]]] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            loaded.append(_load(path))
        except SuiteError as error:
            problems += error.problems
    if problems:
        raise SuiteError(problems)
    return loaded


def _load(path: Path) -> tuple[SuiteFile, list[Check]]:
    source = SuiteSource(path)
    suite = source.load(SuiteFile)
    problems: list[Problem] = []
    if suite.table != path.stem:
        problems.append(source.problem(f"table: must be {path.stem}, as the file's name", "table"))
    checks = []
    for position, one in enumerate(suite.checks):
        for check in _checks(one):
            checks.append(check)
            problems += [
                source.problem(f"{one.name}: {reason}", "checks", position)
                for reason in _refused(check)
            ]
    if problems:
        raise SuiteError(list(dict.fromkeys(problems)))
    return suite, checks


def _checks(one: CheckFile) -> Iterator[Check]:
    if one.rows is not None:
        # Great Expectations insists on {batch}, but writes it now with an alias, now without.
        arguments = {"unexpected_rows_query": f"/* {{batch}} */ {one.rows}"}
        yield Check(one.name, NO_ROWS, arguments, "0 行", None, one.severity, "count", one.why)
        return
    kind = "".join(word.capitalize() for word in str(one.expect).split("_"))
    columns: list[str | None] = [*one.columns] or [one.arguments.get("column")]
    for column in columns:
        arguments = one.arguments | ({"column": column} if column else {})
        name = f"{one.name}：{column}" if len(one.columns) > 1 else one.name
        yield Check(
            name=name,
            expectation=kind,
            arguments=arguments,
            expected=_expected(kind, arguments),
            column=column,
            severity=one.severity,
            unit="value",
            why=one.why,
        )


def _expected(kind: str, arguments: dict[str, Any]) -> str:
    words = _limit(kind, arguments)
    share = arguments.get("mostly")
    return f"{words}（至少 {number(share, 'share')} 的行）" if share is not None else words


def _limit(kind: str, arguments: dict[str, Any]) -> str:
    if kind.endswith("ToBeBetween"):
        return in_words(arguments.get("min_value"), arguments.get("max_value"), "value")
    if kind == "ExpectColumnValuesToBeInSet":
        return "取值 " + "、".join(map(str, arguments.get("value_set", [])))
    words = {
        "ExpectColumnValuesToBeUnique": "不重复",
        "ExpectColumnValuesToNotBeNull": "不为空",
        "ExpectCompoundColumnsToBeUnique": "组合不重复",
        "ExpectColumnValueLengthsToEqual": f"{arguments.get('value')} 位",
    }
    return words.get(kind, kind)


def _refused(check: Check) -> Iterator[str]:
    """Say why Great Expectations would refuse to build the check."""
    import great_expectations.expectations as gxe
    from great_expectations.compatibility import pydantic

    kind = getattr(gxe, check.expectation, None)
    if kind is None:
        yield f"Great Expectations has no {check.expectation}"
        return
    try:
        kind(**check.arguments)
    except pydantic.ValidationError as error:
        for found in error.errors():
            yield f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
