"""dbt's unit tests: the rules of survivorship and history as specifications beside the models."""

import os
import subprocess
import sys

import pytest

from hub.pipeline.build import build
from hub.warehouse import dbt_process
from tests.integration.warehouse.district import district, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


def test_every_unit_test_of_the_models_passes(empty_warehouse: Warehouse) -> None:
    """They need the tables that they stand in for, so the district is built first."""
    land(empty_warehouse, district())
    build(empty_warehouse.settings)
    home = empty_warehouse.settings.home / "dbt"
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "test", "--select", "test_type:unit"],
        cwd=dbt_process.PROJECT,
        env=os.environ | dbt_process.environment(empty_warehouse.settings, home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
