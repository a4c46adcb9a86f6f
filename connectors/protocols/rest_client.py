"""One HTTP service: asked patiently, in bounded answers, and never followed to another host."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.contracts.rest import RestServer
from connectors.protocols.base import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, SourceError
from connectors.protocols.json_rows import parse
from connectors.protocols.rest_identity import RefusedError, identity
from connectors.protocols.sql import settle

LONGEST_WAIT = 60.0
BUSY = 429
REDIRECT = range(300, 400)
REFUSED = {401, 403}
MEGABYTE = 1 << 20


class _TryAgainError(Exception):
    """Worth another attempt; ``after`` is the server's own wish in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True)
class Answer:
    """A JSON answer (numbers as text), where it came from, and what its header ``Link`` says."""

    document: Any
    url: httpx.URL
    link: str | None = None


class RestClient:
    """Talks to one service in the way its contract says; closed with the ``with`` block."""

    def __init__(
        self,
        server: RestServer,
        largest_mb: int,
        wait_seconds: float = 1.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = httpx.URL(_checked(settle(server.url).rstrip("/")))
        self._largest_mb = largest_mb
        self._identity = identity(server, self._log_in)
        self._backoff = wait_random_exponential(multiplier=wait_seconds, max=LONGEST_WAIT)
        self._client = httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,  # departments are not reached through this machine's web proxy
            verify=ssl.create_default_context(),  # the system's authorities, or SSL_CERT_FILE
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, parameters: dict[str, str]) -> Answer:
        """Ask for a resource of the service.

        Raises:
            SourceError: it does not answer, refuses us, leads elsewhere, or answers no JSON.
        """
        return self._ask(self._at(path).copy_merge_params(parameters), path)

    def follow(self, link: str, answer: Answer, path: str) -> Answer:
        """Ask for the page that an answer links to.

        Raises:
            SourceError: as for ``get``, or the link leads to another host.
        """
        try:
            url = answer.url.join(link)
        except httpx.InvalidURL:
            raise SourceError(f"{path} 的下一页地址无法解析") from None
        if _origin(url) != _origin(self._base) or url.userinfo:
            raise SourceError(f"{path} 的下一页在另一主机 {url.host}，已拒绝")
        return self._ask(url, path)

    def _at(self, path: str) -> httpx.URL:
        return self._base.copy_with(path=self._base.path.rstrip("/") + path)

    def _ask(self, url: httpx.URL, where: str) -> Answer:
        def ask() -> Answer:
            return self._once("GET", url, where, self._identity.headers())

        try:
            return self._patiently(ask, where)
        except RefusedError as refused:
            if not (refused.expired and self._identity.renew()):
                raise
        return self._patiently(ask, where)

    def _log_in(self, path: str, credentials: dict[str, str]) -> Any:
        def ask() -> Answer:
            return self._once("POST", self._at(path), path, {}, credentials)

        return self._patiently(ask, path).document

    def _patiently(self, ask: Callable[[], Answer], where: str) -> Answer:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(_TryAgainError),
            wait=self._wait,
            reraise=True,
        )
        try:
            return retrying(ask)
        except _TryAgainError as error:
            raise SourceError(f"{where} 连续 {ATTEMPTS} 次请求失败：{error}") from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, _TryAgainError) else None
        return self._backoff(state) if asked is None else min(asked, LONGEST_WAIT)

    def _once(
        self,
        method: str,
        url: httpx.URL,
        where: str,
        headers: dict[str, str],
        body: dict[str, str] | None = None,
    ) -> Answer:
        try:
            with self._client.stream(method, url, headers=headers, json=body) as response:
                _see_status(response, where)
                content = self._content(response, where)
        except (httpx.TransportError, httpx.DecodingError) as error:
            place = url.netloc.decode()  # host and port, without credentials
            raise _TryAgainError(f"{place} 无应答（{type(error).__name__}）") from None
        document = parse(content, where)
        code = document.get("code", "0") if isinstance(document, dict) else "0"
        if code in self._identity.expired_codes:
            raise RefusedError(where, f"错误码 {code}", expired=True)
        if code != "0":
            raise SourceError(f"{where} 返回错误码 {str(code)[:40]}")
        return Answer(document, url, response.links.get("next", {}).get("url"))

    def _content(self, response: httpx.Response, where: str) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._largest_mb * MEGABYTE:
                raise SourceError(f"{where} 的应答超过 {self._largest_mb} MB，已中止")
        return bytes(content)


def _checked(url: str) -> str:
    try:
        known = httpx.URL(url)
    except httpx.InvalidURL:
        known = httpx.URL("")
    if known.scheme not in {"http", "https"} or not known.host:
        raise SourceError("服务地址无法解析，请检查 server.url")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def _see_status(response: httpx.Response, where: str) -> None:
    status = response.status_code
    if status == BUSY or response.is_server_error:
        raise _TryAgainError(f"HTTP {status}", _retry_after(response))
    if status in REDIRECT:
        host = urlsplit(response.headers.get("location", "")).netloc.rpartition("@")[2]
        raise SourceError(f"{where} 要求转向 {host or '另一地址'}，已拒绝")
    if status in REFUSED:
        raise RefusedError(where, f"HTTP {status}", expired=status == httpx.codes.UNAUTHORIZED)
    if not response.is_success:
        raise SourceError(f"{where} 返回 HTTP {status}")


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After in seconds; the other form, a date, is left to our own backoff."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
