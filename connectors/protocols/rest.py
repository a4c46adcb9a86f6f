"""HTTP services answering JSON: signed, paged, retried, and never led to another host."""

import hashlib
import secrets
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow as pa
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.contracts import RestContract
from connectors.contracts.sources import GeojsonFormat, Paging
from connectors.protocols.base import (
    ATTEMPTS,
    CONNECT_SECONDS,
    READ_SECONDS,
    Extraction,
    Since,
    SourceError,
)
from connectors.protocols.json_rows import Rows, dig, features, parse
from connectors.protocols.sql import settle

LONGEST_WAIT = 60.0
BUSY = 429
REDIRECT = range(300, 400)
REFUSED = {401, 403}


class _TryAgainError(Exception):
    """Worth another attempt; ``after`` is the server's own wish in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class RestSource:
    """Reads one resource to its end; the answer's ``code`` must be 0, its total must be met."""

    def __init__(
        self,
        contract: RestContract,
        wait_seconds: float = 1.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._contract = contract
        self._transport = transport
        self._backoff = wait_random_exponential(multiplier=wait_seconds, max=LONGEST_WAIT)

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction: the whole resource."""
        drift: list[str] = []
        where = self._contract.extract.object
        paged = self._contract.extract.paging is not None
        yield Extraction(source_ref=where, rows=self._rows(drift), drift=drift, paged=paged)

    def _rows(self, drift: list[str]) -> Iterator[pa.RecordBatch]:
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        rows = Rows(self._contract.columns, drift, self._contract.extract.object)
        client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,  # departments are not reached through this machine's web proxy
            verify=ssl.create_default_context(),  # the system's authorities, or SSL_CERT_FILE
            transport=self._transport,
        )
        with client:
            for found in self._pages(client):
                yield rows.batch(found)
        rows.finish()

    def _pages(self, client: httpx.Client) -> Iterator[list[Any]]:
        extract = self._contract.extract
        if isinstance(extract.format, GeojsonFormat):
            yield features(self._ask(client, {}), extract.object)
        elif extract.paging is None:
            found, total = self._page(self._ask(client, {}))
            self._see_total(len(found), total)
            yield found
        else:
            yield from self._all_pages(client, extract.paging)

    def _all_pages(self, client: httpx.Client, paging: Paging) -> Iterator[list[Any]]:
        number, seen = 1, 0
        while True:
            answer = self._ask(client, {"page": str(number), "pageSize": str(paging.page_size)})
            found, total = self._page(answer)
            seen += len(found)
            if found:
                yield found
            short = len(found) < paging.page_size
            if short or (total is not None and seen >= total):
                self._see_total(seen, total)
                return
            number += 1

    def _page(self, answer: Any) -> tuple[list[Any], int | None]:
        extract = self._contract.extract
        found = dig(answer, extract.rows)
        if not isinstance(found, list):
            raise SourceError(f"{extract.object} 的应答里没有列表 {extract.rows}")
        if extract.total is None:
            return found, None
        total = dig(answer, extract.total)
        if not (isinstance(total, str) and total.isdecimal()):  # numbers are kept as text
            raise SourceError(f"{extract.object} 的应答里没有总数 {extract.total}")
        return found, int(total)

    def _see_total(self, seen: int, total: int | None) -> None:
        if total is not None and seen != total:
            where = self._contract.extract.object
            raise SourceError(f"{where} 声明共 {total} 条，实际给出 {seen} 条")

    def _ask(self, client: httpx.Client, parameters: dict[str, str]) -> Any:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(_TryAgainError),
            wait=self._wait,
            reraise=True,
        )
        try:
            return retrying(self._attempt, client, parameters)
        except _TryAgainError as error:
            where = self._contract.extract.object
            raise SourceError(f"{where} 连续 {ATTEMPTS} 次请求失败：{error}") from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, _TryAgainError) else None
        return self._backoff(state) if asked is None else min(asked, LONGEST_WAIT)

    def _attempt(self, client: httpx.Client, parameters: dict[str, str]) -> Any:
        where = self._contract.extract.object
        url = settle(self._contract.server.url).rstrip("/") + where
        try:
            response = client.get(url, params=parameters, headers=self._signed())
        except httpx.TransportError as error:
            place = urlsplit(url).netloc.rpartition("@")[2]
            raise _TryAgainError(f"{place} 无应答（{type(error).__name__}）") from None
        except httpx.InvalidURL:
            raise SourceError("服务地址无法解析，请检查 server.url") from None
        if response.status_code == BUSY or response.is_server_error:
            raise _TryAgainError(f"HTTP {response.status_code}", _retry_after(response))
        if response.status_code in REDIRECT:
            host = urlsplit(response.headers.get("location", "")).netloc.rpartition("@")[2]
            raise SourceError(f"{where} 要求转向 {host or '另一地址'}，已拒绝")
        if response.status_code in REFUSED:
            raise SourceError(f"{where} 拒绝了我们的身份（HTTP {response.status_code}）")
        if not response.is_success:
            raise SourceError(f"{where} 返回 HTTP {response.status_code}")
        answer = parse(response.content, where)
        if isinstance(answer, dict) and answer.get("code", "0") != "0":
            raise SourceError(f"{where} 返回错误码 {str(answer['code'])[:40]}")
        return answer

    def _signed(self) -> dict[str, str]:
        signature = self._contract.server.signature
        if signature is None:
            return {}
        key, secret = settle(signature.app_key), settle(signature.app_secret)
        stamp, nonce = str(time.time_ns() // 1_000_000), secrets.token_hex(16)
        signed = hashlib.new(signature.algorithm, f"{key}{stamp}{nonce}{secret}".encode())
        return {
            "X-App-Key": key,
            "X-Timestamp": stamp,
            "X-Nonce": nonce,
            "X-Sign": signed.hexdigest(),
        }


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After in seconds; the other form, a date, is left to our own backoff."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
