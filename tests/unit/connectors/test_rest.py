"""A REST source: signed, paged, patient, and not to be led astray."""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contracts import RestContract
from connectors.protocols.base import BatchHeldError, Since, SourceError
from connectors.protocols.rest import RestSource
from tests.support import contracts as given

Answer = Callable[[httpx.Request], httpx.Response]
SECRET = "s3cret"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RestSource]:
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("APP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("APP_KEY", "hub")
    monkeypatch.setenv("PARKS_URL", "https://parks.example/api/")

    def source(answer: Answer, algorithm: str = "sha256", **extract: Any) -> RestSource:
        declared = {
            "object": "/trees",
            "mode": "snapshot",
            "paging": {"style": "page", "page_size": 2},
            "total": "data.total",
            **extract,
        }
        signature = {
            "algorithm": algorithm,
            "app_key": "${APP_KEY}",
            "app_secret": "${file:APP_SECRET_FILE}",
        }
        contract = given.tree_contract(
            tmp_path,
            given.table([given.key("code"), given.column("species")], extract=declared),
            server={"type": "rest", "url": "${PARKS_URL}", "signature": signature},
        )
        assert isinstance(contract, RestContract)
        return RestSource(contract, wait_seconds=0.0, transport=httpx.MockTransport(answer))

    return source


def rows(source: RestSource) -> list[dict[str, Any]]:
    (extraction,) = source.extractions(Since())
    return [row for batch in extraction.rows for row in batch.to_pylist()]


def page(found: list[Any], total: Any) -> httpx.Response:
    return httpx.Response(
        200, json={"code": 0, "msg": "ok", "data": {"total": total, "rows": found}}
    )


TREES = [{"code": str(number), "species": "榕树"} for number in range(5)]


def paged(request: httpx.Request) -> httpx.Response:
    number, size = (int(request.url.params[name]) for name in ("page", "pageSize"))
    return page(TREES[(number - 1) * size : number * size], len(TREES))


def test_all_pages_are_read_until_the_total_is_met(make: Callable[..., RestSource]) -> None:
    assert rows(make(paged)) == TREES


def hmac_sha256(text: str) -> str:
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


SIGNATURES = {
    "md5": lambda text: hashlib.md5(f"{text}{SECRET}".encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda text: hashlib.sha256(f"{text}{SECRET}".encode()).hexdigest(),
    "hmac_sha256": hmac_sha256,
}


@pytest.mark.parametrize("algorithm", list(SIGNATURES))
def test_every_request_is_signed_anew(make: Callable[..., RestSource], algorithm: str) -> None:
    nonces = []

    def answer(request: httpx.Request) -> httpx.Response:
        stamp, nonce = request.headers["x-timestamp"], request.headers["x-nonce"]
        signed = SIGNATURES[algorithm](f"hub{stamp}{nonce}")
        assert (request.headers["x-app-key"], request.headers["x-sign"]) == ("hub", signed)
        nonces.append(nonce)
        return paged(request)

    rows(make(answer, algorithm))
    assert len(set(nonces)) == 3


@pytest.mark.parametrize("total", [4, 6])
def test_a_total_that_is_not_met_is_an_error(make: Callable[..., RestSource], total: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        return page(TREES[(number - 1) * 2 : number * 2], total)

    if total == 4:  # the third page would be one too many: it is never asked for
        assert len(rows(make(answer))) == 4
        return
    with pytest.raises(SourceError, match="声明共 6 条，实际给出 5 条"):
        rows(make(answer))


def test_a_server_that_gives_smaller_pages_than_asked_for_is_not_believed(
    make: Callable[..., RestSource],
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        return page(TREES[number - 1 : number] if number > 1 else TREES[:2], len(TREES))

    with pytest.raises(SourceError, match="声明共 5 条，实际给出 3 条"):
        rows(make(answer))


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(200, json={"code": 4003, "msg": "secret words"}), "错误码 4003"),
        (httpx.Response(200, json={"code": 0, "data": {"total": 1}}), "没有列表 data.rows"),
        (httpx.Response(200, json={"code": 0, "data": {"rows": []}}), "没有总数 data.total"),
        (httpx.Response(200, text="<html>"), "不是合法的 JSON"),
        (httpx.Response(302, headers={"location": "https://evil.example/x"}), "转向 evil.example"),
        (httpx.Response(401), "拒绝了我们的身份"),
        (httpx.Response(404), "HTTP 404"),
        (httpx.Response(503), "连续 4 次请求失败：HTTP 503"),
    ],
)
def test_answers_that_are_no_data_are_clear_errors(
    make: Callable[..., RestSource], response: httpx.Response, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        rows(make(lambda _: response))
    assert SECRET not in str(caught.value)
    assert "secret words" not in str(caught.value)


def test_a_busy_server_is_asked_again_after_the_time_it_wishes(
    make: Callable[..., RestSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    refusals = [
        httpx.Response(429, headers={"retry-after": "7"}),
        httpx.Response(503, headers={"retry-after": "9999"}),
    ]
    got = rows(make(lambda request: refusals.pop(0) if refusals else paged(request)))
    assert got == TREES
    assert waited == [7, 60]


def test_a_server_that_does_not_answer_is_named_without_its_credentials(
    make: Callable[..., RestSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARKS_URL", "https://user:pw@parks.example")

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(SourceError, match=r"parks\.example 无应答（ConnectError）") as caught:
        rows(make(answer))
    assert "pw" not in str(caught.value)


def test_a_missing_reference_is_named(
    make: Callable[..., RestSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARKS_URL")
    with pytest.raises(SourceError, match="PARKS_URL is not set"):
        rows(make(paged))


def test_features_are_rows(make: Callable[..., RestSource]) -> None:
    document = {
        "type": "FeatureCollection",
        "features": [{"geometry": {"type": "Point"}, "properties": {"code": "1", "species": "榕"}}],
    }
    source = make(
        lambda _: httpx.Response(200, json=document),
        paging=None,
        total=None,
        format={"kind": "geojson"},
    )
    assert rows(source) == [{"code": "1", "species": "榕"}]


def test_a_field_that_never_comes_holds_the_batch(make: Callable[..., RestSource]) -> None:
    with pytest.raises(BatchHeldError, match="缺少列：species"):
        rows(make(lambda _: page([{"code": "1"}], 1)))
