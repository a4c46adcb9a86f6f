"""Reads hand-written suites: strict YAML whose every mistake is named with file and line."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

SUITES = Path(__file__).parent / "suites"


class SuiteError(Exception):
    """A suite file that cannot be used; the message lists ``file:line: what is wrong``."""


class Strict(BaseModel):
    """A part of a suite file: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=Strict)


def load(path: Path, model: type[Model]) -> Model:
    """Read ``path`` as ``model``. Raises SuiteError naming file and line."""
    text = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SuiteError(f"{path}:{line}: not YAML: {error.problem}") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        mistakes = [
            f"{path}:{line_of(node, one['loc'])}: {'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in error.errors()
        ]
        raise SuiteError("\n".join(mistakes)) from None


def line_of(node: yaml.Node | None, location: tuple[Any, ...]) -> int:
    """Return the line (from 1) of the deepest part of ``location`` that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for step in location:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            line = found[0][0].start_mark.line + 1
            node = found[0][1]
        else:
            break
    return line
