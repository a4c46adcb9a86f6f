"""A resource is read to its last page, in whatever style its service pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.protocols.base import Days, Since, SourceError
from connectors.protocols.rest import RestSource
from tests.support.rest import TREES, Answer, page, rows, source

Make = Callable[..., RestSource]
BY_NUMBER = {"style": "page", "page_size": 2}
BY_OFFSET = {"style": "offset", "page_size": 2}
BY_MARK = {"style": "cursor", "page_size": 2, "next": "data.next"}
BY_LINK = {"style": "link", "next": "data.next", "page_size": 2}
INCREMENT = {"mode": "cursor", "cursor": "changed", "since": "from", "late_arrival": "2d"}
TREE = {"code": "1", "species": "榕树", "changed": "2026-11-21 08:00:00"}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda answer, paging, **extract: source(tmp_path, answer, {}, paging=paging, **extract)


class TestByNumber:
    def test_names_and_first_number_are_the_services_own(self, make: Make) -> None:
        own = {"page_parameter": "pn", "size_parameter": "ps", "first": 0}

        def answer(request: httpx.Request) -> httpx.Response:
            number, size = (int(request.url.params[name]) for name in ("pn", "ps"))
            return page(TREES[number * size : (number + 1) * size])

        assert rows(make(answer, {**BY_NUMBER, **own})) == TREES

    def test_a_service_that_ignores_the_number_is_not_read_for_ever(self, make: Make) -> None:
        with pytest.raises(SourceError, match="一再给出同一页"):
            rows(make(lambda _: page(TREES[:2]), BY_NUMBER))

    def test_only_the_page_that_failed_is_asked_for_again(self, make: Make) -> None:
        asked: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            number = int(request.url.params["page"])
            asked.append(str(number))
            if asked.count("2") == 1 and number == 2:
                raise httpx.RemoteProtocolError("cut in the middle", request=request)
            return page(TREES[(number - 1) * 2 : number * 2])

        assert rows(make(answer, BY_NUMBER)) == TREES
        assert asked == ["1", "2", "2", "3"]


class TestByOffset:
    @staticmethod
    def serve(most: int, total: int | None = None) -> Answer:
        def answer(request: httpx.Request) -> httpx.Response:
            at, size = (int(request.url.params[name]) for name in ("offset", "limit"))
            return page(TREES[at : at + min(size, most)], total)

        return answer

    def test_rows_are_asked_for_from_where_we_are(self, make: Make) -> None:
        assert rows(make(self.serve(2), BY_OFFSET)) == TREES

    def test_a_service_that_gives_fewer_than_asked_for_is_read_on(self, make: Make) -> None:
        answer = self.serve(1, total=len(TREES))
        assert rows(make(answer, BY_OFFSET, total="data.total")) == TREES

    def test_a_total_that_is_never_met_is_an_error(self, make: Make) -> None:
        with pytest.raises(SourceError, match="声明共 9 条，实际给出 5 条"):
            rows(make(self.serve(2, total=9), BY_OFFSET, total="data.total"))


class TestByMark:
    @pytest.mark.parametrize("end", [None, "", False])
    def test_pages_are_read_until_no_mark_is_left(self, make: Make, end: Any) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            at = int(request.url.params.get("cursor", "0"))
            return page(TREES[at : at + 2], next=at + 2 if at + 2 < len(TREES) else end)

        assert rows(make(answer, BY_MARK)) == TREES

    def test_an_empty_page_may_lead_on(self, make: Make) -> None:
        pages = {"": page([], next="a"), "a": page(TREES)}
        answer = lambda request: pages[request.url.params.get("cursor", "")]  # noqa: E731
        assert rows(make(answer, BY_MARK)) == TREES

    def test_a_mark_that_comes_again_is_an_error(self, make: Make) -> None:
        with pytest.raises(SourceError, match="一再指向同一页"):
            rows(make(lambda _: page(TREES[:2], next="a"), BY_MARK))

    def test_a_mark_that_is_no_text_is_an_error(self, make: Make) -> None:
        with pytest.raises(SourceError, match=r"data\.next 不是下一页的标记"):
            rows(make(lambda _: page(TREES[:2], next={"at": 2}), BY_MARK))


class TestByLink:
    @pytest.mark.parametrize("start", ["https://parks.example/api/trees", "/api/trees", ""])
    def test_links_in_the_answer_are_followed(self, make: Make, start: str) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            at = int(request.url.params.get("from", "0"))
            link = f"{start}?from={at + 2}" if at + 2 < len(TREES) else None
            assert request.url.path == "/api/trees"
            return page(TREES[at : at + 2], next=link)

        assert rows(make(answer, BY_LINK)) == TREES

    def test_links_in_the_header_are_followed(self, make: Make) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            at = int(request.url.params.get("from", "0"))
            found = page(TREES[at : at + 2])
            if at + 2 < len(TREES):
                found.headers["link"] = f'</api/trees?from={at + 2}>; rel="next"'
            return found

        assert rows(make(answer, {"style": "link"})) == TREES

    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.example/api/trees",
            "//evil.example/x",
            "http://parks.example/api/trees",
            "https://parks.example:8443/api/trees",
            "https://user:pw@parks.example/api/trees",
            "file:///etc/passwd",
        ],
    )
    def test_a_link_elsewhere_is_not_followed(self, make: Make, link: str) -> None:
        asked: list[httpx.URL] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return page(TREES[:2], next=link)

        with pytest.raises(SourceError, match="在另一主机") as caught:
            rows(make(answer, BY_LINK))
        assert len(asked) == 1
        assert "pw" not in str(caught.value)

    def test_a_link_in_a_circle_is_an_error(self, make: Make) -> None:
        with pytest.raises(SourceError, match="一再指向同一页"):
            rows(make(lambda _: page(TREES[:2], next="?from=2"), BY_LINK))


class TestIncrement:
    @pytest.fixture
    def asked(self) -> list[httpx.URL]:
        return []

    @pytest.fixture
    def increment(self, make: Make, asked: list[httpx.URL]) -> RestSource:
        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return page([TREE])

        return make(answer, None, **INCREMENT)

    def test_the_first_time_everything_is_asked_for(
        self, increment: RestSource, asked: list[httpx.URL]
    ) -> None:
        assert rows(increment) == [TREE]
        assert dict(asked[0].params) == {}

    def test_then_what_changed_since_but_for_late_arrivals(
        self, increment: RestSource, asked: list[httpx.URL]
    ) -> None:
        since = Since("2026-11-20 10:11:12")
        (extraction,) = increment.extractions(since)
        assert extraction.cursor_from == "2026-11-18 10:11:12"
        assert rows(increment, since) == [TREE]
        assert dict(asked[0].params) == {"from": "2026-11-18 10:11:12"}

    def test_days_are_read_again_from_the_first_of_them_on(
        self, increment: RestSource, asked: list[httpx.URL]
    ) -> None:
        since = Since("2026-11-20 10:11:12", days=Days.of("2026-03-01", "2026-03-31"))
        (extraction,) = increment.extractions(since)
        assert (extraction.mode, extraction.cursor_to) == ("backfill", "2026-03-31")
        list(extraction.rows)
        assert dict(asked[0].params) == {"from": "2026-03-01 00:00:00"}

    def test_every_page_is_asked_for_since_the_same_moment(self, make: Make) -> None:
        moments: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            moments.append(request.url.params["from"])
            number = int(request.url.params["page"])
            return page([{**TREE, "code": str(number)}] if number < 3 else [])

        paging = {"style": "page", "page_size": 1}
        got = rows(make(answer, paging, **INCREMENT), Since("2026-11-20 00:00:00"))
        assert len(got) == 2
        assert moments == ["2026-11-18 00:00:00"] * 3


def test_an_answer_larger_than_agreed_is_not_read_to_its_end(make: Make) -> None:
    given: list[int] = []

    def endless() -> Any:
        for number in range(1_000):
            given.append(number)
            yield b" " * (1 << 16)

    source_ = make(lambda _: httpx.Response(200, content=endless()), None, largest_answer_mb=1)
    with pytest.raises(SourceError, match="应答超过 1 MB"):
        rows(source_)
    assert len(given) < 20


def test_a_packed_answer_is_measured_unpacked(make: Make) -> None:
    import gzip

    bomb = gzip.compress(b" " * (3 << 20))
    assert len(bomb) < 10_000
    answer = httpx.Response(200, headers={"content-encoding": "gzip"}, content=bomb)
    with pytest.raises(SourceError, match="应答超过 1 MB"):
        rows(make(lambda _: answer, None, largest_answer_mb=1))
