"""Reads hand-written suites: strict YAML whose every mistake is named with file and line."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.contracts import ContractError, Problem, document
from connectors.contracts.problem import explain

SUITES = Path(__file__).parent / "suites"


class SuiteError(ContractError):
    """Suites that cannot be used; the message lists ``file:line: what is wrong``."""


class Strict(BaseModel):
    """A part of a suite file: unknown fields are mistakes, and no value is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=Strict)


class SuiteSource:
    """One suite file: its content, and where in it a field stands."""

    def __init__(self, path: Path) -> None:
        """Read ``path``. Raises SuiteError when it is no YAML mapping."""
        try:
            self._node = document.read(path)
        except ContractError as error:
            raise SuiteError(error.problems) from None

    def load(self, model: type[Model]) -> Model:
        """Return the content as ``model``. Raises SuiteError with every mistake."""
        try:
            return model.model_validate(document.construct(self._node))
        except ValidationError as error:
            problems = [
                self.problem(explain(found, found["loc"]), *found["loc"])
                for found in error.errors()
            ]
            raise SuiteError(problems) from None

    def problem(self, reason: str, *where: int | str) -> Problem:
        """Say what is wrong with the field at ``where``."""
        file, line = document.place(self._node, where)
        return Problem(file, line, reason)
