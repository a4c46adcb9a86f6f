"""Every fault of the simulator, on every protocol that knows it: where it ends, and that it heals.

The cases are those of the simulator's own catalogue; a fault that is new there fails here until
somebody has said what shall become of it.
"""

from dataclasses import dataclass

import pytest

from simulator.tables import settings
from tests.integration.chaos.conftest import SUBJECTS, Disaster

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class End:
    """What becomes of a batch under a fault: its possible states, drift, words of its reason."""

    states: str
    drift: str | None = None
    says: str = ""


FAILED, HELD, LANDED = End("failed"), End("held"), End("landed")
ENDS: dict[tuple[str, str], End] = {
    **{("refuse", protocol): FAILED for protocol in SUBJECTS},
    **{("slow", protocol): LANDED for protocol in SUBJECTS},
    ("too_many_requests", "http"): End("failed", says="HTTP 429"),
    ("too_many_requests", "http_file"): End("failed", says="HTTP 429"),
    ("server_error", "http"): End("failed", says="HTTP 500"),
    ("server_error", "http_file"): End("failed", says="HTTP 500"),
    ("expire_token", "http"): End("failed", says="HTTP 401"),
    ("skew_clock", "http"): End("failed", says="HTTP 401"),
    ("skew_clock", "postgresql"): LANDED,
    ("skew_clock", "mariadb"): LANDED,
    ("cut_connection", "http"): FAILED,
    ("cut_connection", "http_file"): FAILED,
    ("cut_connection", "sftp"): FAILED,
    # a table of some thousand rows may be read between two cuts
    ("cut_connection", "postgresql"): End("failed landed"),
    ("cut_connection", "mariadb"): End("failed landed"),
    ("page_size", "http"): End("failed", says="实际给出"),
    ("repeat_page", "http"): End("landed", says="快照不完整"),
    ("out_of_order", "http"): End("landed", says="快照不完整"),
    **{("drop_column", p): End("held", "missing", "缺少列") for p in SUBJECTS},
    **{("add_column", p): End("landed", "added") for p in SUBJECTS},
    **{("rename_column", p): End("held", "renamed", "疑似改名为") for p in SUBJECTS},
    ("change_type", "http"): End("landed held", "type"),
    ("change_type", "postgresql"): End("landed held", "type"),
    ("change_type", "mariadb"): End("landed held", "type"),
    ("truncate_file", "sftp"): LANDED,
    ("truncate_file", "http_file"): End("landed held failed"),
    ("duplicate_file", "sftp"): LANDED,
    ("forget_ok", "sftp"): End("none"),
    ("mojibake", "sftp"): HELD,
    ("mojibake", "http_file"): HELD,
}
FAULTS = {
    (fault, protocol)
    for fault, about in settings("faults").items()
    for protocol in about
    if protocol in SUBJECTS
}
EXIT_CODES = {"landed": 0, "held": 10, "failed": 11, "none": 0}


def test_somebody_has_said_what_becomes_of_every_fault() -> None:
    assert set(ENDS) == FAULTS


@pytest.mark.parametrize(("fault", "protocol"), sorted(FAULTS))
def test_a_fault_ends_where_it_should_and_the_next_run_heals(
    disaster: Disaster, fault: str, protocol: str
) -> None:
    system, table = SUBJECTS[protocol]
    contract = disaster.contract(system, table)
    end = ENDS[fault, protocol]

    with disaster.struck(system, fault):
        first = disaster.pull(system, table)
    assert_end(disaster, end, first)
    assert disaster.pull(system, table) == 0
    healed = disaster.open_rows(contract)

    with disaster.struck(system, fault):
        second = disaster.pull(system, table)
    assert second in {EXIT_CODES[state] for state in end.states.split()}
    drift = {kind for (kind,) in disaster.ask("select kind from quality.drift")}
    assert end.drift is None or end.drift in drift
    assert disaster.pull(system, table) == 0
    assert disaster.open_rows(contract) == healed
    assert disaster.unbalanced() == []


def assert_end(disaster: Disaster, end: End, code: int) -> None:
    """The first batch, struck, ended in one of its states, and says why."""
    batches = disaster.ask("select status, coalesce(reason, '') from ops.batch")
    status, reason = batches[-1] if batches else ("none", "")
    assert status in end.states.split(), reason
    assert code == EXIT_CODES[status]
    assert end.says in reason
    assert disaster.unbalanced() == []
