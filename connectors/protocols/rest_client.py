"""One HTTP service: asked patiently, in bounded answers, and never followed to another host."""

from dataclasses import dataclass
from typing import Any, Self

import httpx

from connectors.contracts.rest import RestServer
from connectors.protocols.base import SourceError
from connectors.protocols.json_rows import parse
from connectors.protocols.rest_identity import RefusedError, identity
from connectors.protocols.sql import settle
from connectors.protocols.web import (
    MEGABYTE,
    Patience,
    checked,
    new_client,
    see_status,
    silence,
)

REFUSED = {401, 403}


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
        self._base = checked(settle(server.url).rstrip("/"))
        self._largest_mb = largest_mb
        self._identity = identity(server, self._log_in)
        self._patiently = Patience(wait_seconds)
        self._client = new_client(transport)

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
                _see_identity(response, where)
                see_status(response, where)
                content = self._content(response, where)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise silence(url, error) from None
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


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def _see_identity(response: httpx.Response, where: str) -> None:
    status = response.status_code
    if status in REFUSED:
        raise RefusedError(where, f"HTTP {status}", expired=status == httpx.codes.UNAUTHORIZED)
