"""A file on a web site: fetched whole or not at all, resumed where it broke, read only once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contracts import FileContract
from connectors.contracts.problem import ContractError
from connectors.contracts.sources import HttpServer
from connectors.protocols.base import Since, SourceError
from connectors.protocols.files import FileSource
from connectors.protocols.folder import open_folder
from connectors.protocols.http_file import open_http
from tests.support import contracts as given

Answer = Callable[[httpx.Request], httpx.Response]
CONTENT = "编号,树种,种植日期\n1,榕树,2020-01-01\n2,木棉,2021-01-01\n".encode()
HALF = len(CONTENT) // 2
MARK = '"v1"'


def fetch(answer: Answer, largest_mb: int = 1) -> bytes:
    """Download the site's one file; nothing waits."""
    server = HttpServer(
        type="http", url="https://data.example/site/", directory="/open", largest_mb=largest_mb
    )
    transport = httpx.MockTransport(answer)
    with open_http(server, "trees.csv", wait_seconds=0.0, transport=transport) as folder:
        (entry,) = folder.list()
        target = Path(folder._directory) / "copy"
        folder.fetch(entry.name, target)
        return target.read_bytes()


def broken(content: bytes) -> Iterator[bytes]:
    """A body whose line breaks behind ``content``."""
    yield content
    raise httpx.ReadError("the line broke")


class Site:
    """Answers as told, one answer per request, and remembers what it was asked."""

    def __init__(self, *answers: Callable[[], httpx.Response] | httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer

    def asked_for(self, header: str) -> list[str | None]:
        return [request.headers.get(header) for request in self.asked]


def whole(**headers: str) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, headers=headers, content=CONTENT)


def cut(**headers: str) -> Callable[[], httpx.Response]:
    length = {"content-length": str(len(CONTENT))}
    return lambda: httpx.Response(
        200, headers={**length, **headers}, content=broken(CONTENT[:HALF])
    )


def rest(start: int = HALF, said: str | None = None) -> Callable[[], httpx.Response]:
    said = said or f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
    return lambda: httpx.Response(
        206, headers={"content-range": said, "etag": MARK}, content=CONTENT[start:]
    )


def test_the_file_lies_below_the_url_and_comes_uncompressed() -> None:
    site = Site(whole())
    assert fetch(site) == CONTENT
    assert str(site.asked[0].url) == "https://data.example/site/open/trees.csv"
    assert site.asked_for("accept-encoding") == ["identity"]


def test_a_download_that_broke_goes_on_where_it_stopped() -> None:
    site = Site(cut(etag=MARK), rest())
    assert fetch(site) == CONTENT
    assert site.asked_for("range") == [None, f"bytes={HALF}-"]
    assert site.asked_for("if-range") == [None, MARK]


def test_another_file_in_the_meantime_is_fetched_from_its_beginning() -> None:
    assert fetch(Site(cut(etag=MARK), whole(etag='"v2"'))) == CONTENT


@pytest.mark.parametrize("mark", [{}, {"etag": 'W/"v1"'}])
def test_what_cannot_be_known_to_be_the_same_is_not_resumed(mark: dict[str, str]) -> None:
    site = Site(cut(**mark), whole())
    assert fetch(site) == CONTENT
    assert site.asked_for("range") == [None, None]


@pytest.mark.parametrize(
    "odd",
    [
        rest(HALF - 3),
        rest(said="bytes */9"),
        lambda: httpx.Response(416),
    ],
)
def test_an_answer_that_does_not_fit_begins_it_again(odd: Callable[[], httpx.Response]) -> None:
    site = Site(cut(etag=MARK), odd, whole(etag=MARK))
    assert fetch(site) == CONTENT
    assert site.asked_for("range")[-1] is None


def test_a_file_that_ends_early_is_asked_for_again() -> None:
    short = {"content-length": str(len(CONTENT) + 5)}
    site = Site(lambda: httpx.Response(200, headers=short, content=iter([CONTENT])), whole())
    assert fetch(site) == CONTENT


@pytest.mark.parametrize(("status", "headers"), [(503, {}), (429, {"Retry-After": "0"})])
def test_a_busy_site_is_asked_again(status: int, headers: dict[str, str]) -> None:
    busy = httpx.Response(status, headers=headers)
    assert fetch(Site(busy, busy, whole())) == CONTENT


def test_a_site_that_stays_broken_is_an_error_that_names_the_file() -> None:
    site = Site(httpx.Response(500))
    with pytest.raises(SourceError, match=r"/site/open/trees\.csv 连续 4 次请求失败：HTTP 500"):
        fetch(site)
    assert len(site.asked) == 4


LONG = {"content-length": str(3 << 20)}
HOPELESS = {
    "转向 evil.example，已拒绝": lambda: httpx.Response(
        302, headers={"location": "https://user:word@evil.example/x"}
    ),
    "HTTP 404": lambda: httpx.Response(404),
    "超过 1 MB，未下载": lambda: httpx.Response(200, headers=LONG, content=iter([b"x"])),
    "超过 1 MB，已中止": lambda: httpx.Response(200, content=iter([bytes(1 << 20), b"x"])),
    "被压缩传输": lambda: httpx.Response(
        200, headers={"content-encoding": "br"}, stream=httpx.ByteStream(b"x")
    ),
}


@pytest.mark.parametrize(("reason", "answer"), HOPELESS.items())
def test_what_another_attempt_would_not_help_fails_at_once(reason: str, answer: Any) -> None:
    site = Site(answer)
    with pytest.raises(SourceError, match=reason):
        fetch(site)
    assert len(site.asked) == 1


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FileContract]:
    monkeypatch.setenv("PARKS_URL", "https://data.example")

    def make(**extract: Any) -> FileContract:
        declared = {**given.FILES, "object": "trees.csv", "mode": "snapshot", **extract}
        found = given.tree_contract(
            tmp_path,
            given.table(extract=declared),
            server={"type": "http", "url": "${PARKS_URL}", "directory": "/open"},
        )
        assert isinstance(found, FileContract)
        return found

    return make


@pytest.mark.parametrize("extract", [{"object": "trees_*.csv"}, {"ok_flag": ".ok"}])
def test_a_contract_names_one_file_of_a_site(contract: Callable, extract: dict[str, str]) -> None:
    with pytest.raises(ContractError, match="a web site cannot be listed"):
        contract(**extract)


class TestWholeTables:
    """Mode ``snapshot``: which of the files are news."""

    @pytest.fixture
    def read(self, contract: Callable[..., FileContract], tmp_path: Path) -> Callable:
        folder = tmp_path / "drop"
        folder.mkdir()
        extract = given.FILES | {"mode": "snapshot", "object": "trees_*.csv"}
        declared = given.tree_contract(
            tmp_path / "dropped",
            given.table(extract=extract),
            server={"type": "folder", "directory": str(folder)},
        )

        def new(files: dict[str, bytes], since: Since) -> list[tuple[str, str | None]]:
            for name, content in files.items():
                (folder / name).write_bytes(content)
            source = FileSource(declared, lambda: open_folder(declared.server), settle_seconds=0)
            return [(e.source_ref, e.source_sha256) for e in source.extractions(since)]

        return new

    def test_each_new_file_is_one_state_of_the_table_in_the_order_of_names(
        self, read: Callable
    ) -> None:
        found = read({"trees_2.csv": CONTENT, "trees_1.csv": CONTENT}, Since())
        assert [name for name, _ in found] == ["trees_1.csv", "trees_2.csv"]

    def test_the_same_file_is_not_read_twice(self, read: Callable) -> None:
        (one,) = read({"trees_1.csv": CONTENT}, Since())
        assert read({}, Since(files=frozenset({one}), newest=one)) == []

    def test_a_table_that_is_again_what_it_once_was_is_news(self, read: Callable) -> None:
        (one,) = read({"trees_1.csv": CONTENT}, Since())
        since = Since(files=frozenset({one}), newest=("trees_1.csv", "another version"))
        assert read({}, since) == [one]

    def test_a_file_that_comes_late_is_no_news_any_more(self, read: Callable) -> None:
        since = Since(newest=("trees_2.csv", "x"))
        assert read({"trees_1.csv": CONTENT}, since) == []
