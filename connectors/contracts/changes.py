"""What changed between two states of the contracts, and what of it breaks those who read the data.

Breaking is what may make a query, a report or an agreement wrong that was right before: a column
or table that goes, another type or key, values that may now be missing, data less protected or
less fresh than promised. Everything else is a change that readers need not prepare for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contracts.model import Contract
from connectors.contracts.parts import Column

# Every value of the first may be read as the second.
WIDER_TYPES = {("integer", "number"), ("date", "timestamp")}
FIELDS_OF_COLUMN = {
    "physical_name": "physicalName",
    "business_name": "businessName",
    "description": "description",
    "logical_type": "logicalType",
    "classification": "classification",
    "primary_key": "primaryKey",
    "required": "required",
    "code_list": "codeList",
}
SHARING = ("无条件共享", "有条件共享", "不予共享")


@dataclass(frozen=True)
class Change:
    """One change of one table's contract, in one line."""

    table: str
    what: str
    breaking: bool = False

    def __str__(self) -> str:
        return f"{self.table}: {'BREAKING ' if self.breaking else ''}{self.what}"


def compare(before: Iterable[Contract], after: Iterable[Contract]) -> list[Change]:
    """Return every change, table by table in the order of their names."""
    old = {contract.identifier: contract for contract in before}
    new = {contract.identifier: contract for contract in after}
    changes: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            changes.append(Change(name, "table removed", breaking=True))
        elif name not in old:
            changes.append(Change(name, "table added"))
        else:
            changes += _of_table(old[name], new[name])
    return changes


def unannounced(
    changes: Iterable[Change], before: Iterable[Contract], after: Iterable[Contract]
) -> list[Change]:
    """Return the breaking changes of tables whose major version did not rise with them."""
    old = {contract.identifier: _major(contract) for contract in before}
    new = {contract.identifier: _major(contract) for contract in after}
    return [
        change
        for change in changes
        if change.breaking and new.get(change.table, 0) <= old.get(change.table, 0)
    ]


def _major(contract: Contract) -> int:
    return int(contract.version.partition(".")[0])


def _of_table(old: Contract, new: Contract) -> Iterator[Change]:
    table = new.identifier
    then, now = dict(_flat(_declared(old))), dict(_flat(_declared(new)))
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            what = f"{path} {_shown(then.get(path))} → {_shown(now.get(path))}"
            yield Change(table, what, _breaks(path, then.get(path), now.get(path)))
    yield from _of_columns(table, old.columns, new.columns)


def _declared(contract: Contract) -> dict[str, Any]:
    """What a contract says beside its columns; durations by name."""
    found = contract.model_dump(exclude={"schema_", "sla_properties"}, by_alias=True)
    found["slaProperties"] = {sla.name: sla.duration for sla in contract.sla_properties}
    return found


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _breaks(path: str, then: Any, now: Any) -> bool:
    if path == "slaProperties.latency":
        return bool(now > then)
    if path == "authority.sharing":
        return SHARING.index(now) > SHARING.index(then)
    return False


def _of_columns(table: str, old: tuple[Column, ...], new: tuple[Column, ...]) -> Iterator[Change]:
    then, now = ({column.name: column for column in columns} for columns in (old, new))
    for name in sorted(then.keys() | now.keys()):
        if name not in now:
            yield Change(table, f"column {name} removed", breaking=True)
        elif name not in then:
            part_of_key = now[name].primary_key
            what = f"column {name} added{' to the key' if part_of_key else ''}"
            yield Change(table, what, breaking=part_of_key)
        else:
            yield from _of_column(table, then[name], now[name])


def _of_column(table: str, old: Column, new: Column) -> Iterator[Change]:
    for field, written in FIELDS_OF_COLUMN.items():
        then, now = getattr(old, field), getattr(new, field)
        if then != now:
            what = f"column {new.name}: {written} {_shown(then)} → {_shown(now)}"
            yield Change(table, what, _breaks_column(field, then, now))


def _breaks_column(field: str, then: Any, now: Any) -> bool:
    match field:
        case "logical_type":
            return (then, now) not in WIDER_TYPES
        case "primary_key":
            return True
        case "required":
            return not now  # values may be missing that never were
        case "classification":
            return bool(now < then)  # personal data would come to be shown
        case "code_list":
            return then is not None
        case _:
            return False


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
