"""From the first page of a resource to its last, in the style that the service pages in."""

from collections.abc import Iterator
from typing import Any

from connectors.contracts.rest import (
    CursorPaging,
    LinkPaging,
    OffsetPaging,
    PagePaging,
    RestExtract,
)
from connectors.protocols.base import SourceError
from connectors.protocols.json_rows import dig
from connectors.protocols.rest_client import Answer, RestClient

Rows = list[Any]


class Pages:
    """Walks through one resource; each answer must hold a list, and the total must be met.

    ``parameters`` go with the first request and, where pages are asked for by position, with
    every one.
    """

    def __init__(
        self, client: RestClient, extract: RestExtract, parameters: dict[str, str]
    ) -> None:
        self._client = client
        self._extract = extract
        self._where = extract.object
        self._parameters = parameters
        self._seen = 0
        self._total: int | None = None

    def all(self) -> Iterator[Rows]:
        """Yield the rows page by page.

        Raises:
            SourceError: a page cannot be had, is no page, or comes again and again.
        """
        match self._extract.paging:
            case PagePaging() as paging:
                pages = self._by_number(paging)
            case OffsetPaging() as paging:
                pages = self._by_offset(paging)
            case CursorPaging() as paging:
                pages = self._by_mark(paging)
            case LinkPaging() as paging:
                pages = self._by_link(paging)
            case None:
                pages = iter([self._rows(self._get({}))])
        yield from pages
        if self._total is not None and self._seen != self._total:
            raise SourceError(f"{self._where} 声明共 {self._total} 条，实际给出 {self._seen} 条")

    def _by_number(self, paging: PagePaging) -> Iterator[Rows]:
        number: int = paging.first
        before = None
        while True:
            size = {paging.size_parameter: str(paging.page_size)}
            found = self._rows(self._get({paging.page_parameter: str(number), **size}))
            self._see_progress(found, before)
            yield found
            # a short page is the last: after it, numbers would no longer say which rows are meant
            if self._is_met() or len(found) < paging.page_size:
                return
            number, before = number + 1, found

    def _by_offset(self, paging: OffsetPaging) -> Iterator[Rows]:
        before = None
        while True:
            size = {paging.size_parameter: str(paging.page_size)}
            found = self._rows(self._get({paging.offset_parameter: str(self._seen), **size}))
            self._see_progress(found, before)
            yield found
            # with a total, a service may give fewer rows than asked for: the offset still holds
            short = len(found) < paging.page_size if self._total is None else not found
            if self._is_met() or short:
                return
            before = found

    def _by_mark(self, paging: CursorPaging) -> Iterator[Rows]:
        asked = {paging.size_parameter: str(paging.page_size)}
        marks: set[str] = set()
        while True:
            answer = self._get(asked)
            yield self._rows(answer)
            mark = self._next(answer, paging.next)
            if mark is None:
                return
            self._see_new(mark, marks)
            asked = {**asked, paging.cursor_parameter: mark}

    def _by_link(self, paging: LinkPaging) -> Iterator[Rows]:
        size = paging.page_size
        answer = self._get({} if size is None else {paging.size_parameter: str(size)})
        links: set[str] = set()
        while True:
            yield self._rows(answer)
            link = answer.link if paging.next is None else self._next(answer, paging.next)
            if link is None:
                return
            self._see_new(link, links)
            answer = self._client.follow(link, answer, self._where)

    def _get(self, parameters: dict[str, str]) -> Answer:
        return self._client.get(self._where, {**self._parameters, **parameters})

    def _rows(self, answer: Answer) -> Rows:
        found = dig(answer.document, self._extract.rows)
        if not isinstance(found, list):
            raise SourceError(f"{self._where} 的应答里没有列表 {self._extract.rows}")
        if self._extract.total is not None:
            total = dig(answer.document, self._extract.total)
            if not (isinstance(total, str) and total.isdecimal()):  # numbers are kept as text
                raise SourceError(f"{self._where} 的应答里没有总数 {self._extract.total}")
            self._total = int(total)
        self._seen += len(found)
        return found

    def _next(self, answer: Answer, path: str) -> str | None:
        found = dig(answer.document, path)
        if found is None or found is False or found == "":
            return None
        if not isinstance(found, str):
            raise SourceError(f"{self._where} 的应答里 {path} 不是下一页的标记")
        return str(found)

    def _is_met(self) -> bool:
        return self._total is not None and self._seen >= self._total

    def _see_progress(self, found: Rows, before: Rows | None) -> None:
        """Without a total, a service that ignores our position would be read for ever."""
        if self._total is None and found and found == before:
            raise SourceError(f"{self._where} 一再给出同一页")

    def _see_new(self, mark: str, marks: set[str]) -> None:
        if mark in marks:
            raise SourceError(f"{self._where} 一再指向同一页")
        marks.add(mark)
