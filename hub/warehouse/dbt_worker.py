"""dbt, kept for several orders: each line of standard input is the arguments of one.

Answers one line of JSON per order: ``error``, null when dbt succeeded or only nodes failed (which
its artefacts tell). Whatever dbt itself prints goes to standard error.
"""

import json
import os
import sys

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest


def main() -> None:
    """Read the project once, then carry out orders until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    project = dbtRunner().invoke(["--quiet", "parse"])
    for line in sys.stdin:
        done = _invoke(json.loads(line), project)
        error = None if done.exception is None else str(done.exception)
        print(json.dumps({"error": error}), file=answers, flush=True)


def _invoke(arguments: list[str], project: dbtRunnerResult) -> dbtRunnerResult:
    if not isinstance(project.result, Manifest):
        return project
    return dbtRunner(manifest=project.result).invoke(arguments)


if __name__ == "__main__":
    main()
