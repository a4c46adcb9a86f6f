"""Reads and checks contracts: everything that can be wrong is found here, before any run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from yaml.nodes import MappingNode, ScalarNode

from connectors.contracts import document
from connectors.contracts.model import CONTRACT_KINDS, Contract
from connectors.contracts.problem import ContractError, Problem, explain

SHARED = "department.yaml"
SERVERS = "servers"  # of a department that has more than one, by name


def load_contracts(directory: Path) -> list[Contract]:
    """Load every contract below ``directory``, sorted by department and table.

    Args:
        directory: holds one folder per department with ``department.yaml`` and one YAML file
            per table.

    Raises:
        ContractError: with every problem of every file.
    """
    contracts: list[Contract] = []
    problems: list[Problem] = []
    folders = [d for d in sorted(directory.glob("*")) if d.is_dir() and any(d.glob("*.y*ml"))]
    if not folders:
        problems.append(Problem(str(directory), 1, "holds no folder with contracts"))
    for folder in folders:
        found, wrong = _department(folder)
        contracts += found
        problems += wrong
    if problems:
        raise ContractError(problems)
    return contracts


def load_department(folder: Path) -> list[Contract]:
    """Load the contracts of one department, so that a fault in another's does not matter.

    Raises:
        ContractError: with every problem of this department's files.
    """
    contracts, problems = _department(folder)
    if problems:
        raise ContractError(problems)
    return contracts


def by_department(contracts: list[Contract]) -> dict[str, list[Contract]]:
    """Group contracts by department, both sorted by name."""
    groups: dict[str, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda c: c.identifier):
        groups.setdefault(contract.department, []).append(contract)
    return groups


def _department(folder: Path) -> tuple[list[Contract], list[Problem]]:
    contracts: list[Contract] = []
    problems: list[Problem] = []
    shared_path = folder / SHARED
    try:
        shared = document.read(shared_path)
    except ContractError as error:
        return [], list(error.problems)
    for path in sorted(folder.glob("*.y*ml")):
        if path == shared_path:
            continue
        try:
            contracts.append(_contract(shared, path))
        except ContractError as error:
            problems += error.problems
    # A fault of department.yaml shows up in every table: say it once.
    return contracts, list(dict.fromkeys(problems))


def _contract(shared: MappingNode, path: Path) -> Contract:
    node = _with_server(shared, document.read(path))
    values = document.construct(node)
    problems: list[Problem] = []
    contract: Contract | None = None
    try:
        contract = _kind(values).model_validate(values)
    except ValidationError as error:
        problems += _explained(error, node, values)
    if contract is not None:
        problems += _misplaced(contract, path, node)
    if problems or contract is None:
        raise ContractError(problems)
    return contract


def _with_server(shared: MappingNode, own: MappingNode) -> MappingNode:
    """Lay a table over its department; ``server: name`` is one of the department's ``servers``."""
    shared, servers = document.take(shared, SERVERS)
    rest, server = document.take(own, "server")
    if not isinstance(server, ScalarNode):
        return document.merge(shared, own)
    named = document.take(servers, server.value)[1] if isinstance(servers, MappingNode) else None
    if named is None:
        mark = server.start_mark
        reason = f"server: department.yaml has no {server.value} among its servers"
        raise ContractError([Problem(str(mark.name), mark.line + 1, reason)])
    shared, _ = document.take(shared, "server")
    key = ScalarNode(server.tag, "server", named.start_mark, named.end_mark)
    fields = [*rest.value, (key, named)]
    return document.merge(shared, MappingNode(own.tag, fields, own.start_mark, own.end_mark))


def _kind(values: Mapping[str, Any]) -> type[Contract]:
    server = values.get("server")
    kind = server.get("type") if isinstance(server, dict) else None
    return CONTRACT_KINDS.get(kind, Contract) if isinstance(kind, str) else Contract


def _explained(
    error: ValidationError, node: MappingNode, values: Mapping[str, Any]
) -> Iterator[Problem]:
    unknown_server = _kind(values) is Contract
    for found in error.errors():
        if unknown_server and found["loc"][:1] == ("extract",):
            continue  # what may stand there depends on the server, which is wrong itself
        path = _written(found["loc"], values)
        file, line = document.place(node, path)
        yield Problem(file, line, explain(found, path))


def _written(path: tuple[int | str, ...], values: Any) -> tuple[int | str, ...]:
    """Drop from an error's path the parts that nobody wrote (tags of unions)."""
    kept: list[int | str] = []
    for position, part in enumerate(path):
        known = isinstance(values, list) and isinstance(part, int)
        if isinstance(values, dict) and part in values:
            known = True
        if known:
            kept.append(part)
            values = values[part]
        elif position == len(path) - 1:
            kept.append(part)
    return tuple(kept)


def _misplaced(contract: Contract, path: Path, node: MappingNode) -> Iterator[Problem]:
    if contract.department != path.parent.name:
        file, line = document.place(node, ("department",))
        yield Problem(file, line, f"department: must be {path.parent.name}, the folder's name")
    if contract.table != path.stem:
        file, line = document.place(node, ("schema", 0, "name"))
        yield Problem(file, line, f"schema.0.name: must be {path.stem}, the file's name")
