"""What all HTTP sources have in common: patience, verified TLS, and no way to another host."""

import ssl
from collections.abc import Callable
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.protocols.base import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, SourceError

T = TypeVar("T")
LONGEST_WAIT = 60.0
BUSY = 429
REDIRECT = range(300, 400)
MEGABYTE = 1 << 20


class TryAgainError(Exception):
    """Worth another attempt; ``after`` is the server's own wish in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


def new_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return a client that follows no redirect and no proxy, and gives up on silence."""
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,  # departments are not reached through this machine's web proxy
        verify=_authorities(),
        transport=transport,
    )


@cache
def _authorities() -> ssl.SSLContext:
    """Return whom we trust: the system's authorities, or SSL_CERT_FILE; slow to read, so once."""
    return ssl.create_default_context()


def checked(url: str) -> httpx.URL:
    """Return the address of a service.

    Raises:
        SourceError: it is none.
    """
    try:
        known = httpx.URL(url)
    except httpx.InvalidURL:
        known = httpx.URL("")
    if known.scheme not in {"http", "https"} or not known.host:
        raise SourceError("服务地址无法解析，请检查 server.url")
    return known


def silence(url: httpx.URL, error: Exception) -> TryAgainError:
    """Say who did not answer, without credentials."""
    return TryAgainError(f"{url.netloc.decode()} 无应答（{type(error).__name__}）")


def see_status(response: httpx.Response, where: str) -> None:
    """Accept an answer of success.

    Raises:
        TryAgainError: the server is busy or broken.
        SourceError: it leads elsewhere, or says no.
    """
    status = response.status_code
    if status == BUSY or response.is_server_error:
        raise TryAgainError(f"HTTP {status}", _retry_after(response))
    if status in REDIRECT:
        host = urlsplit(response.headers.get("location", "")).netloc.rpartition("@")[2]
        raise SourceError(f"{where} 要求转向 {host or '另一地址'}，已拒绝")
    if not response.is_success:
        raise SourceError(f"{where} 返回 HTTP {status}")


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After in seconds; the other form, a date, is left to our own backoff."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None


class Patience:
    """Tries a few times, after random and growing pauses or as long as the server asks for."""

    def __init__(self, wait_seconds: float = 1.0) -> None:
        self._backoff = wait_random_exponential(multiplier=wait_seconds, max=LONGEST_WAIT)

    def __call__(self, ask: Callable[[], T], where: str) -> T:
        """Return what ``ask`` returns, sooner or later.

        Raises:
            SourceError: it never did, or it raised this itself.
        """
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(TryAgainError),
            wait=self._wait,
            reraise=True,
        )
        try:
            return retrying(ask)
        except TryAgainError as error:
            raise SourceError(f"{where} 连续 {ATTEMPTS} 次请求失败：{error}") from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, TryAgainError) else None
        return self._backoff(state) if asked is None else min(asked, LONGEST_WAIT)
