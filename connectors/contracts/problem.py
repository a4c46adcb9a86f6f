"""What is wrong with a contract, where, and in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import ErrorDetails

PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a contract (misspelt?)",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping of fields",
    "string_too_short": "must not be empty",
}
TELLING = {
    "value_error": "{error}",
    "literal_error": "must be one of {expected}, not {found}",
    "string_pattern_mismatch": "{found} does not look like {pattern}",
    "union_tag_invalid": "{tag!r} is unknown; known: {expected_tags}",
    "union_tag_not_found": "must say which {discriminator} it is",
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong: ``file:line: reason``."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class ContractError(Exception):
    """Everything wrong with a set of contracts, one problem per line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def explain(error: ErrorDetails, path: Sequence[int | str]) -> str:
    """Say in plain words what pydantic found at ``path``."""
    where = ".".join(str(part) for part in path)
    return f"{where}: {_reason(error)}" if where else _reason(error)


def _reason(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in TELLING:
        return TELLING[kind].format(found=repr(error["input"]), **context)
    return error["msg"][:1].lower() + error["msg"][1:]
