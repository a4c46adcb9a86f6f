"""``hub resolve``: say which records mean the same thing, between the two phases of dbt."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hub.pipeline.resolving.addresses import resolve_addresses
from hub.pipeline.resolving.buildings import resolve_buildings
from hub.pipeline.resolving.components import resolve_components
from hub.pipeline.resolving.legal_persons import resolve_legal_persons
from hub.pipeline.resolving.residents import resolve_residents, train_residents
from hub.settings import Settings
from hub.warehouse.apply import apply_schema
from hub.warehouse.connection import dsn
from hub.warehouse.tables import Tables, one_transaction

# In this order: what is found out about places helps to tell people apart.
STEPS: dict[str, Callable[[Tables], None]] = {
    "addresses": resolve_addresses,
    "buildings": resolve_buildings,
    "components": resolve_components,
    "legal persons": resolve_legal_persons,
    "residents": resolve_residents,
}


@dataclass(frozen=True)
class Step:
    """What was resolved, and how long it took."""

    name: str
    seconds: float


def resolve(settings: Settings, *, training: bool = False) -> list[Step]:
    """Resolve everything that dbt staged, in one transaction; return what each step took.

    With ``training``, the weights of evidence are learnt anew from these records first, and kept.

    Raises:
        HubError: the warehouse does not answer, or nothing has been staged yet.
    """
    address = dsn("hub", hub=settings)
    apply_schema(address)
    done = []
    steps = {"training": train_residents, **STEPS} if training else STEPS
    with one_transaction(address) as tables:
        for name, step in steps.items():
            started = time.perf_counter()
            step(tables)
            done.append(Step(name, time.perf_counter() - started))
    return done
