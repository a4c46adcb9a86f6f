"""A file that a web site offers: downloaded into a folder of ours, whole or not at all.

A download that breaks goes on where it stopped, if the site still has the same file (``Range`` and
``If-Range`` with its ETag), and starts again otherwise. The file is streamed to disk.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from connectors.contracts.sources import HttpServer
from connectors.protocols.base import SourceError
from connectors.protocols.folder import Folder
from connectors.protocols.scratch import scratch_folder
from connectors.protocols.sql import settle
from connectors.protocols.web import (
    MEGABYTE,
    Patience,
    TryAgainError,
    checked,
    new_client,
    see_status,
    silence,
)

CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
PARTIAL, UNSATISFIABLE = httpx.codes.PARTIAL_CONTENT, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE


@contextmanager
def open_http(
    server: HttpServer,
    name: str,
    wait_seconds: float = 1.0,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Folder]:
    """Download the file ``name`` and offer the folder it now lies in.

    Raises:
        SourceError: the site does not answer, refuses, leads elsewhere, or sends too much.
    """
    base = checked(settle(server.url).rstrip("/"))
    path = f"{base.path.rstrip('/')}/{server.directory.strip('/')}/{name}".replace("//", "/")
    with scratch_folder() as folder, new_client(transport) as client:
        url, target = base.copy_with(path=path), folder / name
        download = _Download(client, url, target, server.largest_mb)
        Patience(wait_seconds)(download.attempt, path)
        yield Folder(folder)


class _Download:
    """One file on its way, attempt by attempt."""

    def __init__(self, client: httpx.Client, url: httpx.URL, target: Path, largest_mb: int) -> None:
        self._client = client
        self._url = url
        self._target = target
        self._largest_mb = largest_mb
        self._mark: str | None = None  # the strong ETag of what lies in the target so far

    def attempt(self) -> None:
        """Fetch what is missing.

        Raises:
            TryAgainError: the site was busy, or the line broke.
            SourceError: another attempt would not help.
        """
        headers = {"Accept-Encoding": "identity", **self._wish()}
        try:
            with self._client.stream("GET", self._url, headers=headers) as response:
                if response.status_code == UNSATISFIABLE:
                    self._forget()
                    raise TryAgainError("断点续传的位置已失效")
                see_status(response, self._url.path)
                self._receive(response)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise silence(self._url, error) from None

    def _wish(self) -> dict[str, str]:
        done = self._target.stat().st_size if self._target.exists() else 0
        if not done or self._mark is None:
            return {}
        return {"Range": f"bytes={done}-", "If-Range": self._mark}

    def _receive(self, response: httpx.Response) -> None:
        where = self._url.path
        if response.headers.get("content-encoding", "identity") != "identity":
            raise SourceError(f"{where} 被压缩传输，无法核对长度")
        resumed = response.status_code == PARTIAL
        start, whole = self._extent(response) if resumed else (0, _length(response))
        if whole is not None and whole > self._largest_mb * MEGABYTE:
            raise SourceError(f"{where} 超过 {self._largest_mb} MB，未下载")
        mark = response.headers.get("etag", "")
        self._mark = mark if mark.startswith('"') else None
        with self._target.open("ab" if resumed else "wb") as file:
            size = start
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > self._largest_mb * MEGABYTE:
                    raise SourceError(f"{where} 超过 {self._largest_mb} MB，已中止")
                file.write(chunk)
        if whole is not None and size != whole:
            raise TryAgainError(f"声明 {whole} 字节，收到 {size} 字节")

    def _extent(self, response: httpx.Response) -> tuple[int, int | None]:
        """Return where a partial answer begins and how large the whole file is."""
        found = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if found is None or int(found[1]) != self._target.stat().st_size:
            self._forget()
            raise TryAgainError("断点续传的位置不符")
        return int(found[1]), None if found[2] == "*" else int(found[2])

    def _forget(self) -> None:
        """Begin again at the next attempt."""
        self._mark = None
        self._target.unlink(missing_ok=True)


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None
