"""dbt, kept for several orders: each line of standard input is the arguments of one.

Says in lines of JSON how far an order is (``finished`` nodes of ``total``), and in its last one
``success`` and ``error``, null when only nodes failed (its artefacts tell which). What dbt itself
prints goes to standard error.
"""

import ast
import json
import os
import sys
from collections.abc import Iterator
from threading import Lock
from typing import IO, Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.clients.jinja import _render_cache
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

# Nobody reads what dbt would print: its artefacts tell, and its own log keeps the lines.
SILENT = ("--log-level", "none")


def main() -> None:
    """Read the project once, then carry out orders until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    project = dbtRunner().invoke([*SILENT, "parse"])
    if isinstance(project.result, Manifest):
        _spare_templates(project.result)
    for line in sys.stdin:
        done = _carry_out(json.loads(line), project, Counting(answers))
        error = None if done.exception is None else str(done.exception)
        _answer(answers, error=error, success=done.success)


class Counting:
    """Says after each node how many of the order's nodes are finished."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers = answers
        self._one_at_a_time = Lock()  # nodes finish in threads of their own
        self._total = 0
        self._finished = 0

    def __call__(self, event: EventMsg) -> None:
        """Take one of dbt's events."""
        with self._one_at_a_time:
            if event.info.name == "LogStartLine":
                self._total = event.data.total
            if event.info.name == "NodeFinished":
                self._finished += 1
                _answer(self._answers, finished=self._finished, total=self._total)


def _carry_out(
    arguments: list[str], project: dbtRunnerResult, counting: Counting
) -> dbtRunnerResult:
    if not isinstance(project.result, Manifest):
        return project
    return dbtRunner(manifest=project.result, callbacks=[counting]).invoke([*SILENT, *arguments])


def _spare_templates(project: Manifest) -> None:
    """Have arguments of tests without Jinja stand for themselves, unless they are Python literals.

    dbt would make a template of each, with every macro in its context: some milliseconds apiece,
    and there are hundreds of them.
    """
    for node in project.nodes.values():
        test = getattr(node, "test_metadata", None)
        for text in _texts(test.kwargs) if test else ():
            if "{" not in text and not _is_literal(text):
                _render_cache[text] = text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def _answer(answers: IO[str], **told: Any) -> None:
    print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()
