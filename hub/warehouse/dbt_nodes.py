"""What dbt did, read from its artefacts: nodes with their outcomes, without anybody's data."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSED = ("success", "pass")


@dataclass(frozen=True)
class Subject:
    """The model, seed or source table that a test looks at."""

    layer: str
    department: str | None
    table: str
    owner: str | None


@dataclass(frozen=True)
class Node:
    """What became of one node: a model, seed, function or test.

    ``status`` is dbt's: success, pass, warn, fail, error or skipped. ``failures`` counts rows.
    """

    name: str
    kind: str
    status: str
    message: str
    failures: int
    subject: Subject
    severity: str = "error"
    test: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    sql: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the build cannot go on with this."""
        return self.status in ("fail", "error")


def read_nodes(target: Path) -> list[Node]:
    """Return every node of the run whose artefacts lie in ``target``, with its outcome."""
    results = json.loads((target / "run_results.json").read_text())
    manifest = json.loads((target / "manifest.json").read_text())
    declared = {**manifest["nodes"], **manifest["sources"], **manifest["functions"]}
    return [_node(result, declared) for result in results["results"]]


def _node(result: dict[str, Any], manifest: dict[str, Any]) -> Node:
    declared = manifest[result["unique_id"]]
    test = declared.get("test_metadata") or {}
    arguments = test.get("kwargs", {})
    return Node(
        name=declared["name"],
        kind=declared["resource_type"],
        status=result["status"],
        message=without_values(result["message"] or ""),
        failures=result["failures"] or 0,
        subject=_subject(manifest[_looked_at(declared)]),
        severity=(declared["config"].get("severity") or "error").lower(),
        test=test.get("name", declared["name"]),
        arguments={name: value for name, value in arguments.items() if name != "model"},
        sql=result.get("compiled_code") or "",
    )


def _looked_at(declared: dict[str, Any]) -> str:
    """Return the id of the node itself, or of what a test is attached to (or first depends on)."""
    if declared["resource_type"] != "test":
        return str(declared["unique_id"])
    return str(declared.get("attached_node") or declared["depends_on"]["nodes"][0])


def _subject(declared: dict[str, Any]) -> Subject:
    layer, *rest = declared["fqn"][1:]
    by_department = layer == "staging" and len(rest) > 1
    meta = declared["config"].get("meta") or {}
    return Subject(
        layer=layer if declared["resource_type"] == "model" else declared["schema"],
        department=rest[0] if by_department else None,
        table=declared["name"],
        owner=meta.get("owner"),
    )


def without_values(message: str) -> str:
    """Reduce a database error to its first sentence, values taken out: they may be personal."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith("Database Error in")), "")
    return re.sub(r"\"[^\"]*\"|'[^']*'|\([^)]*=[^)]*\)|\d{6,}", "…", first)


def failures(nodes: Iterable[Node]) -> list[str]:
    """Say in one line each what stops the build; what was merely skipped by it is not listed."""
    return [_line(node) for node in nodes if node.blocks]


def _line(node: Node) -> str:
    where = f"{node.subject.layer}.{node.subject.table}"
    if node.status == "fail":
        return f"{where}: {node.test} {_of(node.arguments)}failed on {node.failures} rows"
    return f"{node.kind} {where}: {node.message}"


def _of(arguments: dict[str, Any]) -> str:
    column = arguments.get("column_name") or arguments.get("columns")
    return f"({column if isinstance(column, str) else ', '.join(column)}) " if column else ""
