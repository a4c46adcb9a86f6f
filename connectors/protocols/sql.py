"""What the databases have in common: where an increment starts, and errors without secrets."""

import socket
from datetime import datetime

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.contracts import TableContract
from connectors.contracts.references import ReferenceUnresolvedError, resolve
from connectors.protocols.base import ATTEMPTS, CONNECT_SECONDS, SourceError


def settle(value: str | int) -> str:
    """Resolve a setting or secret of a contract.

    Raises:
        SourceError: what it refers to is not there.
    """
    try:
        return resolve(str(value))
    except ReferenceUnresolvedError as error:
        raise SourceError(f"契约引用的配置缺失：{error}") from None


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
