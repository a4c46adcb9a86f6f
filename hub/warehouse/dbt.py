"""Run dbt as one subprocess and read what it did from its artefacts."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.edition import CLEANING, edition
from hub.errors import HubError
from hub.settings import REPOSITORY, Settings
from hub.stack.secrets import read_secret

PROJECT = REPOSITORY / "dbt_project"
PASSED = ("success", "pass")
# Tests that also look at what is not selected would find it missing or old.
CAUTIOUS = ("--indirect-selection", "cautious")
# A task that is killed must not leave dbt writing into the schemas of the next build.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")


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


def build(
    settings: Settings, selection: str | None = None, exclusion: str | None = None
) -> list[Node]:
    """Run ``dbt build`` on the whole project or a part; return every node with its outcome.

    ``selection`` and ``exclusion`` are in dbt's syntax; a part may turn out empty.

    Raises :class:`HubError` when dbt could not start building at all (a model that does not
    compile, no connection).
    """
    home = settings.home / "dbt"
    results = home / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    command = [
        *DIE_WITH_PARENT,
        *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-format-file", "text"),
        *("--log-level-file", "info", "build", "--exclude-resource-type", "unit_test"),
        *(("--select", *selection.split(), *CAUTIOUS) if selection else ()),
        *(("--exclude", *exclusion.split()) if exclusion else ()),
    ]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | environment(settings, home),
        capture_output=True,
        text=True,
        check=False,
    )
    if not results.exists() and done.returncode == 0:
        return []
    if not results.exists():
        raise HubError(f"dbt did not start building: {_last_words(done.stdout + done.stderr)}")
    return _nodes(json.loads(results.read_text()), _manifest(home))


def environment(settings: Settings, home: Path) -> dict[str, str]:
    """Return the variables that dbt needs beside the process's own; makes ``home`` ready for it."""
    (home / "logs").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)  # dbt's artefacts quote the database's errors, and with them data
    return {
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
        "DBT_ENV_SECRET_HUB_PASSWORD": read_secret(settings, "hub_password"),
        "HUB_DBT_HOST": settings.host("postgres"),
        "HUB_PORT_POSTGRES": str(settings.port_postgres),
        "HUB_CLEANING_EDITION": edition(PROJECT, CLEANING),
    }


def _manifest(home: Path) -> dict[str, Any]:
    manifest = json.loads((home / "target" / "manifest.json").read_text())
    return {**manifest["nodes"], **manifest["sources"], **manifest["functions"]}


def _nodes(results: dict[str, Any], manifest: dict[str, Any]) -> list[Node]:
    return [_node(result, manifest) for result in results["results"]]


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


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if "Error" in line), max(len(lines) - 3, 0))
    return " ".join(re.sub(r"^\d\d:\d\d:\d\d\s+", "", line) for line in lines[start : start + 4])
