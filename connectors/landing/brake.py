"""The brake: what suddenly seems to be gone in numbers is not believed before somebody looked."""

from connectors.landing.stored import StoredBatch

# Fewer lost keys than this never stop a batch: in a table of ten, one is a tenth.
FEW = 20


class TooManyLostError(Exception):
    """A batch would close more keys than its contract allows; nothing of it was merged."""

    def __init__(self, batch: StoredBatch, lost: int, opened: int) -> None:
        share, limit = lost / opened, batch.contract.gate.max_lost_keys
        super().__init__(
            f"{opened:,} 个在用主键中有 {lost:,} 个（{share:.1%}）突然消失，超过契约允许的"
            f" {limit:.0%}（gate.max_lost_keys），未入库；请向来源核实：属实则执行"
            f" hub hold release {batch.batch_id}，否则等来源恢复后重新拉取"
        )


def allowed(batch: StoredBatch, opened: int) -> int:
    """Return how many of ``opened`` keys the batch may close because it does not show them."""
    share = batch.contract.gate.max_lost_keys
    if share < 1 and not batch.received:
        return 0  # nothing at all came: that is a fault, however small the table
    return max(FEW - 1, int(share * opened))


def check(batch: StoredBatch, lost: int, opened: int) -> None:
    """Raise TooManyLostError when ``lost`` of ``opened`` keys are too many."""
    if lost > allowed(batch, opened):
        raise TooManyLostError(batch, lost, opened)
