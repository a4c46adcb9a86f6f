"""What stewards decide about links between records, and what waits to be decided."""

import re
from dataclasses import dataclass
from typing import Literal

from hub.errors import HubError
from hub.warehouse.apply import apply_schema
from hub.warehouse.connection import connect

Ruling = Literal["same", "different", "unknown"]
ENTITIES = ("resident", "legal_person", "component")
USAGE = 2

_QUEUE = """
select left_record, right_record, reason, probability, records, benefit
from resolve.review_queue where entity = %s order by benefit desc, left_record limit %s
"""
_DECIDE = """
insert into resolve.link_decision
    (entity, left_record, right_record, decision, decided_by, reason)
values (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Pair:
    """Two records of an entity, each as ``department.table:key``; the order says nothing."""

    entity: str
    one: str
    other: str


def waiting(address: str, entity: str, limit: int) -> list[str]:
    """Return what waits for a steward, the most useful first, one line each, numbers masked.

    Raises:
        HubError: there is no such entity, or the warehouse does not answer.
    """
    _expect(entity)
    apply_schema(address)
    with connect(address) as connection:
        rows = connection.execute(_QUEUE, [entity, limit]).fetchall()
    return [
        f"{_masked(left)}  {_masked(right)}  {reason}"
        f"  {'-' if probability is None else f'{probability:.3f}'}  {records} record(s)"
        for left, right, reason, probability, records, _ in rows
    ]


def decide(address: str, pair: Pair, ruling: Ruling, who: str, why: str) -> None:
    """Record a decision; it holds from the next build on.

    Raises:
        HubError: there is no such entity, a record is not written as ``department.table:key``, or
            the warehouse does not answer.
    """
    _expect(pair.entity)
    left, right = sorted((pair.one, pair.other))
    if left == right or any(not re.fullmatch(r"\w+\.\w+:.+", each) for each in (left, right)):
        raise HubError("name two records, each as department.table:key", USAGE)
    apply_schema(address)
    with connect(address) as connection:
        connection.execute(_DECIDE, [pair.entity, left, right, ruling, who, why])


def _expect(entity: str) -> None:
    if entity not in ENTITIES:
        raise HubError(f"there is no entity {entity}; one of {', '.join(ENTITIES)}", USAGE)


def _masked(record: str) -> str:
    """Hide identity numbers that some departments use as keys."""
    return re.sub(r"(\d{3})\d{11}(\d{2}[\dX])", r"\1***********\2", record)
