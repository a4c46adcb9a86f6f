"""A warehouse for a whole module: building it with dbt takes seconds."""

from collections.abc import Iterator

import pytest

from tests.support.warehouse import Warehouse


@pytest.fixture(scope="module")
def empty_warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The warehouse without any schema of ours, for every test of the module together."""
    warehouse.clean()
    yield warehouse
    warehouse.clean()
