"""What the repository itself says, so that tests need not say it again."""

from hub.settings import REPOSITORY

CONTRACTS = REPOSITORY / "connectors" / "contracts"
DEPARTMENTS = sorted(path.parent.name for path in CONTRACTS.glob("*/department.yaml"))
