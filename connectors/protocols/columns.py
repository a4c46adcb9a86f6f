"""Finds the contract's columns among those that a source sends."""

from collections import Counter
from collections.abc import Callable, Sequence

from connectors.contracts import Column
from connectors.protocols.base import BatchHeldError

Normalise = Callable[[str], str]


def match(
    columns: Sequence[Column],
    sent: Sequence[str],
    drift: list[str],
    where: str = "",
    normalise: Normalise = str.strip,
) -> list[int]:
    """Return for each contract column its position in ``sent``.

    Columns that the contract does not know are noted in ``drift``.

    Raises:
        BatchHeldError: a column is missing or ambiguous; names it. Its ``lines`` are 0: whoever
            can count the rows does.
    """
    names = [normalise(name) for name in sent]
    times = Counter(names)
    wanted = [normalise(column.physical_name) for column in columns]
    if missing := [c.physical_name for c, w in zip(columns, wanted, strict=True) if not times[w]]:
        raise BatchHeldError(f"{where} 缺少列：{'、'.join(missing)}".strip())
    if twice := [c.physical_name for c, w in zip(columns, wanted, strict=True) if times[w] > 1]:
        raise BatchHeldError(f"{where} 列名重复：{'、'.join(twice)}".strip())
    extra = [name for name, n in zip(sent, names, strict=True) if n and n not in set(wanted)]
    drift += [f"多出的列：{name}" for name in extra]
    return [names.index(w) for w in wanted]
