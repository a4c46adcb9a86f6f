"""How a source differs from its contract, and from what it was: found per batch, never guessed.

Which columns came is seen by the protocols (:mod:`connectors.protocols.columns`); what only shows
in comparison is found here: types that changed since the last landed batch, and codes that no
code list knows. The contract says for each kind whether the batch is held for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import polars as pl

from connectors.contracts import Column, Contract
from connectors.contracts.parts import Strictness
from connectors.protocols.base import Drift

CodeLists = Mapping[str, frozenset[str]]
NO_CODE_LISTS: CodeLists = MappingProxyType({})
SHOWN_CODES = 5
MOST_CODES = 1000  # a column that holds no codes at all need not be listed whole


def strictness(contract: Contract, drift: Drift) -> Strictness:
    """Return what the contract says of a difference of this kind."""
    found: Strictness = getattr(contract.drift, drift.kind)
    return found


def reason_to_hold(contract: Contract, found: Iterable[Drift]) -> str | None:
    """Say why a batch must be held for its differences; ``None``: it need not."""
    holding = [str(one) for one in found if strictness(contract, one) == "hold"]
    return "；".join(holding) + "（契约 drift：hold）" if holding else None


def changed_types(
    columns: Sequence[Column], types: Mapping[str, str], before: Mapping[str, str], *, whole: bool
) -> list[Drift]:
    """Compare how the source types its columns now with what it last said of each.

    A type may be several joined by ``|``, as JSON does not fix them; fewer are no difference, but
    none at all in a ``whole`` table is: no row has a value any more. Where ``types`` is empty
    nothing is known.
    """
    found = []
    for column in columns if types else ():
        now, then = types.get(column.name), before.get(column.name)
        if then is None or (now is None and not whole):
            continue
        if now is None or not set(now.split("|")) <= set(then.split("|")):
            note = f"类型变化的列：{column.physical_name}（{then} → {now or '全部为空'}）"
            found.append(Drift("type", column.physical_name, note))
    return found


class UnknownCodes:
    """Collects the codes of a batch that their code list does not know; spellings it knows pass."""

    def __init__(self, columns: Iterable[Column], code_lists: CodeLists) -> None:
        self._lists = {
            column: code_lists[column.code_list]
            for column in columns
            if column.code_list and column.code_list in code_lists
        }
        self._unknown: dict[Column, dict[str, int]] = {column: {} for column in self._lists}

    def see(self, frame: pl.DataFrame) -> None:
        """Take note of more accepted rows."""
        for column, known in self._lists.items():
            counted = frame[column.name].drop_nulls().value_counts()
            unknown = self._unknown[column]
            for value, rows in counted.iter_rows():
                code = value.strip()
                if code and code not in known and (code in unknown or len(unknown) < MOST_CODES):
                    unknown[code] = unknown.get(code, 0) + rows

    def result(self) -> list[Drift]:
        """Return one difference per column; values of public (L1) columns only are shown."""
        return [
            Drift("code_list", column.physical_name, _codes(column, unknown))
            for column, unknown in self._unknown.items()
            if unknown
        ]


def _codes(column: Column, unknown: Mapping[str, int]) -> str:
    shown = ""
    if column.classification == "L1":
        most = sorted(unknown, key=lambda code: (-unknown[code], code))[:SHOWN_CODES]
        shown = f"：{'、'.join(most)}{' 等' if len(unknown) > SHOWN_CODES else ''}"
    rows = sum(unknown.values())
    return (
        f"编码表 {column.code_list} 之外的值：{column.physical_name} 列"
        f" {len(unknown)} 种 {rows:,} 行{shown}"
    )
