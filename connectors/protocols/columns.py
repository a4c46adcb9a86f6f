"""Finds the contract's columns among those that a source sends, and names what differs."""

from collections import Counter
from collections.abc import Callable, Sequence

from connectors.contracts import Column
from connectors.protocols.base import BatchHeldError, Drift

Normalise = Callable[[str], str]


def match(
    columns: Sequence[Column],
    sent: Sequence[str],
    drift: list[Drift],
    where: str = "",
    normalise: Normalise = str.strip,
) -> list[int]:
    """Return for each contract column its position in ``sent``.

    Columns that the contract does not know, that are missing, or that seem to have been renamed
    are noted in ``drift``.

    Raises:
        BatchHeldError: a column is missing or ambiguous; names it. Its ``lines`` are 0: whoever
            can count the rows does.
    """
    names = [normalise(name) for name in sent]
    times = Counter(names)
    wanted = [normalise(column.physical_name) for column in columns]
    if twice := [c.physical_name for c, w in zip(columns, wanted, strict=True) if times[w] > 1]:
        raise BatchHeldError(f"{where} 列名重复：{'、'.join(twice)}".strip())
    missing = [at for at, name in enumerate(wanted) if not times[name]]
    renamed = {at: sent[to] for at, to in _renamed(wanted, names).items()}
    known = {*wanted, *(normalise(name) for name in renamed.values()), ""}
    for name, normal in zip(sent, names, strict=True):
        if normal not in known:
            drift.append(Drift("added", name, f"多出的列：{name}"))
    if not missing:
        return [names.index(name) for name in wanted]
    for at in missing:
        column = columns[at].physical_name
        note = f"缺少的列：{column}"
        if at in renamed:
            note = f"疑似改名的列：{column} → {renamed[at]}"
        drift.append(Drift("renamed" if at in renamed else "missing", column, note))
    raise BatchHeldError(f"{where} {_said(columns, missing, renamed)}".strip())


def _renamed(wanted: Sequence[str], names: Sequence[str]) -> dict[int, int]:
    """Guess which missing columns were sent under other names: position in each.

    A stranger stands where the missing column stood, beside the neighbour that it has in the
    contract; or it carries the old name within its own.
    """
    strangers = {at: name for at, name in enumerate(names) if name and name not in set(wanted)}
    found: dict[int, int] = {}
    for at, name in enumerate(wanted):
        if name in names:
            continue
        before = wanted[at - 1] if at else None
        after = wanted[at + 1] if at + 1 < len(wanted) else None
        for place, stranger in strangers.items():
            left = names[place - 1] if place else None
            right = names[place + 1] if place + 1 < len(names) else None
            if name in stranger or (left == before and right == after):
                found[at] = place
                del strangers[place]
                break
    return found


def _said(columns: Sequence[Column], missing: Sequence[int], renamed: dict[int, str]) -> str:
    guesses = {at: f"（疑似改名为 {name}）" for at, name in renamed.items()}
    names = [columns[at].physical_name + guesses.get(at, "") for at in missing]
    return f"缺少列：{'、'.join(names)}"
