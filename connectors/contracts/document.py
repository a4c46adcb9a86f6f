"""YAML with its places: nodes that remember file and line, merged and checked for repeated keys."""

import io
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from connectors.contracts.problem import ContractError, Problem

# Airflow reads the contracts again and again: libyaml takes a tenth of the time.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> MappingNode:
    """Compose one YAML file into a mapping node.

    Raises:
        ContractError: not UTF-8, not YAML, not a mapping, or a key written twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # A safe loader: it only composes nodes, and construct() makes nothing but plain values.
        node = LOADER(_named(text, path)).get_single_node()
    except UnicodeDecodeError as error:
        raise ContractError([Problem(str(path), 1, f"is not UTF-8 ({error.reason})")]) from None
    except OSError as error:
        raise ContractError([Problem(str(path), 1, error.strerror or "unreadable")]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError([Problem(str(path), line, f"not YAML: {error.problem}")]) from None
    except yaml.YAMLError as error:
        raise ContractError([Problem(str(path), 1, f"not YAML: {error}")]) from None
    if not isinstance(node, MappingNode):
        raise ContractError([Problem(str(path), 1, "must be a mapping of fields")])
    if problems := list(_repeated_keys(node)):
        raise ContractError(problems)
    return node


def _named(text: str, path: Path) -> io.BytesIO:
    """Return a stream that bears the file's name, which marks take over."""
    stream = io.BytesIO(text.encode())
    stream.name = str(path)
    return stream


def merge(base: MappingNode, over: MappingNode) -> MappingNode:
    """Lay ``over`` on ``base``: its fields win, mappings are merged field by field.

    A mapping that names another ``type`` (of server) shares no fields and replaces the whole.
    """
    fields = {key.value: (key, value) for key, value in base.value}
    for key, value in over.value:
        known = fields.get(key.value)
        if known and _shares_fields(known[1], value):
            value = merge(known[1], value)  # noqa: PLW2901
        fields[key.value] = (key, value)
    return MappingNode(over.tag, list(fields.values()), over.start_mark, over.end_mark)


def take(node: MappingNode, name: str) -> tuple[MappingNode, Node | None]:
    """Split a mapping into all but field ``name``, and the value of that field."""
    fields = [(key, value) for key, value in node.value if key.value != name]
    rest = MappingNode(node.tag, fields, node.start_mark, node.end_mark)
    return rest, next((value for key, value in node.value if key.value == name), None)


def _shares_fields(base: Node, over: Node) -> bool:
    if not isinstance(base, MappingNode) or not isinstance(over, MappingNode):
        return False
    return _type(over) in {None, _type(base)}


def _type(node: MappingNode) -> str | None:
    found = take(node, "type")[1]
    return found.value if isinstance(found, ScalarNode) else None


def construct(node: MappingNode) -> dict[str, Any]:
    """Turn a node into plain Python values."""
    return dict(LOADER("").construct_document(node))


def place(node: Node, path: tuple[int | str, ...]) -> tuple[str, int]:
    """Find file and line (from 1) of ``path``, or of the nearest node above it that exists.

    Parts that name no field (pydantic adds the tag of a union) are passed over.
    """
    at: Node = node
    for part in path:
        found = _child(at, part)
        if found is not None:
            at = found
    return str(at.start_mark.name), at.start_mark.line + 1


def _child(node: Node, part: int | str) -> Node | None:
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: Node = node.value[part]
        return child
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == part:
                # The key's line, not the value's: a block value begins a line later.
                return _at(value, key)
    return None


def _at(value: Node, key: Node) -> Node:
    kind = type(value)
    return kind(value.tag, value.value, key.start_mark, value.end_mark)


def _repeated_keys(node: Node) -> list[Problem]:
    problems: list[Problem] = []
    if isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                mark = key.start_mark
                problems.append(Problem(mark.name, mark.line + 1, "a key must be a plain word"))
                continue
            if key.value in seen:
                mark = key.start_mark
                problems.append(Problem(mark.name, mark.line + 1, f"{key.value} is written twice"))
            seen.add(key.value)
            problems += _repeated_keys(value)
    elif isinstance(node, SequenceNode):
        for child in node.value:
            problems += _repeated_keys(child)
    return problems
