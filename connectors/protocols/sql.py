"""What the databases have in common: where an increment starts, and errors without secrets."""

import socket
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.contracts import TableContract
from connectors.contracts.references import ReferenceUnresolvedError, resolve
from connectors.protocols.base import ATTEMPTS, CONNECT_SECONDS, Extraction, Since, SourceError


def settle(value: str | int) -> str:
    """Resolve a setting or secret of a contract.

    Raises:
        SourceError: what it refers to is not there.
    """
    try:
        return resolve(str(value))
    except ReferenceUnresolvedError as error:
        raise SourceError(f"契约引用的配置缺失：{error}") from None


@dataclass(frozen=True)
class Span:
    """Which rows are read by their cursor: all of them, from ``start`` on, or before ``end`` too.

    Both are written by us, never as they were sent (see :func:`span`).
    """

    start: str | None = None
    end: str | None = None

    def condition(self, cursor: str) -> str:
        """Write the span as SQL over a quoted column; an increment takes empty cursors along."""
        if self.end is not None:
            return f" where {cursor} >= '{self.start}' and {cursor} < '{self.end}'"
        if self.start is not None:
            return f" where {cursor} >= '{self.start}' or {cursor} is null"
        return ""


def span(contract: TableContract, since: Since) -> Span:
    """Return which rows to read: a range of days when one was asked for, else what is new."""
    if since.days is None:
        return Span(lower_bound(contract, since.cursor))
    after = since.days.last + timedelta(days=1)
    return Span(_written(contract, since.days.first), _written(contract, after))


def _written(contract: TableContract, day: date) -> str:
    """Write the beginning of a day as the cursor column has it."""
    kind = next(c.logical_type for c in contract.columns if c.name == contract.cursor)
    return day.isoformat() if kind == "date" else f"{day.isoformat()} 00:00:00"


def announced(contract: TableContract, since: Since) -> Extraction:
    """Return the one extraction of a table; its rows are still to be read."""
    if since.days is None:
        start = lower_bound(contract, since.cursor)
        return Extraction(contract.extract.object, iter(()), cursor_from=start)
    return Extraction(
        contract.extract.object,
        iter(()),
        cursor_from=since.days.first.isoformat(),
        cursor_to=since.days.last.isoformat(),
        mode="backfill",
    )


def lower_bound(contract: TableContract, landed: str | None) -> str | None:
    """Return where the increment starts: the landed cursor minus the late-arrival window.

    ``landed`` comes from our ledger but was sent by the source once: it is parsed and written
    anew, so that nothing else can get into a statement.
    """
    if landed is None or contract.cursor is None:
        return None
    kind = next(c.logical_type for c in contract.columns if c.name == contract.cursor)
    if kind == "integer":
        return str(int(landed))
    start = datetime.fromisoformat(landed) - contract.extract.late_arrival
    return start.date().isoformat() if kind == "date" else start.isoformat(sep=" ")


def knock(host: str, port: str) -> None:
    """See that something answers at ``host:port`` before a driver waits and retries for long.

    Raises:
        SourceError: nothing answers, a few tries with growing pauses included.
    """
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.25, max=5),
        retry=retry_if_exception_type(OSError),
        reraise=True,
    )
    try:
        retrying(lambda: socket.create_connection((host, int(port)), CONNECT_SECONDS).close())
    except ValueError:
        raise SourceError(f"端口号不是数字：{port}") from None
    except OSError as error:
        raise SourceError(f"无法连接 {host}:{port}（{error.strerror or error}）") from None


def plain(error: BaseException, *secrets: str) -> str:
    """Return the first line of a driver's message, with every secret taken out."""
    text = str(error).strip() or type(error).__name__
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text.splitlines()[0][:300]
