"""Which checks a landed batch must pass: those its contract implies, then those written by hand."""

from dataclasses import dataclass

from connectors.contracts import Contract
from expectations.check import Check, Severity, Unit, in_words
from expectations.profiles import LandedBatch, Metric

_METRIC_WORDS: dict[str, tuple[str, Unit]] = {
    "received": ("收到行数", "count"),
    "rejected_share": ("拒收率", "share"),
    "volume_drop": ("较上一批减少", "share"),
    "missing_columns": ("缺失列数", "count"),
    "drifted_columns": ("结构变化", "count"),
    "unprofiled_rows": ("未画像行数", "count"),
    "null_share": ("空值率", "share"),
    "type_ok_share": ("类型合格率", "share"),
    "distinct_count": ("不同值个数", "count"),
    "min_length": ("最短长度", "count"),
    "max_length": ("最长长度", "count"),
    "min_value": ("最小值", "value"),
    "max_value": ("最大值", "value"),
}


@dataclass(frozen=True)
class Rule:
    """A limit on one metric of a batch or of one of its columns.

    A rule says nothing about a batch of fewer than ``min_rows`` rows: of three newborns, all lack
    an identity number.
    """

    name: str
    metric: Metric
    column: str | None = None
    min: float | None = None
    max: float | None = None
    severity: Severity = "error"
    why: str = "来自合同"
    min_rows: int = 0

    @property
    def cell(self) -> str:
        """Where the metric stands in the one-row frame that Great Expectations reads."""
        words = _METRIC_WORDS[self.metric][0]
        return f"{self.column} {words}" if self.column else words

    def check(self) -> Check:
        """Return the rule as a check for Great Expectations."""
        unit = _METRIC_WORDS[self.metric][1]
        limits = {"min_value": self.min, "max_value": self.max}
        return Check(
            name=self.name,
            expectation="ExpectColumnMaxToBeBetween",
            arguments={"column": self.cell} | {k: v for k, v in limits.items() if v is not None},
            expected=in_words(self.min, self.max, unit),
            column=self.column,
            severity=self.severity,
            unit=unit,
            why=self.why,
        )


def derived(contract: Contract, batch: LandedBatch) -> list[Rule]:
    """Return the rules that the contract implies for this batch.

    A snapshot is measured against the last landed batch; an increment may be empty; a file may not.
    Where a contract tolerates a share of bad rows, a small batch may have one: a single bad row
    must not hold back the ten good ones beside it.
    """
    rejected = contract.gate.max_rejected_share
    if rejected and batch.received:
        rejected = max(rejected, 1 / batch.received)
    rules = [
        Rule("缺失列数", "missing_columns", max=0),
        Rule("未画像的合格行数", "unprofiled_rows", min=0, max=0),
        Rule("与合同不符的结构", "drifted_columns", max=0, severity="warn"),
        Rule("拒收率", "rejected_share", max=rejected),
        *_volume(contract, batch),
    ]
    for column in contract.columns:
        title = column.business_name
        if column.required:
            rules.append(Rule(f"{title}空值率（必填）", "null_share", column.name, max=0))
        if column.logical_type != "string":
            name = f"{title}类型合格率"
            least = _least_type_share(contract, batch, column.name)
            rules.append(Rule(name, "type_ok_share", column.name, min=least))
    return rules


def _least_type_share(contract: Contract, batch: LandedBatch, column: str) -> float:
    least = contract.gate.min_type_share
    filled = batch.filled(column)
    return min(least, (filled - 1) / filled) if least < 1 and filled else least


def _volume(contract: Contract, batch: LandedBatch) -> list[Rule]:
    if batch.mode in {"files", "stream"}:
        return [Rule("文件行数", "received", min=1)]
    if batch.mode != "snapshot":
        return []
    if not batch.last_received:
        return [Rule("首批行数", "received", min=1, severity="warn")]
    return [
        Rule("快照行数", "received", min=1),
        Rule("行数较上一批减少", "volume_drop", max=contract.gate.max_volume_drop),
    ]
