"""A service with a login: the token is fetched once, renewed when it runs out, and never shown."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contracts import ContractError
from connectors.protocols.base import SourceError
from connectors.protocols.rest import RestSource
from tests.support.rest import TREES, page, rows, source

PASSWORD = "p4ssw0rd"
TOKEN = {
    "login": "/login",
    "user": "${PARKS_USER}",
    "password": "${file:PARKS_PASSWORD_FILE}",
}


@dataclass
class Service:
    """Issues tokens, each good for ``lasts`` pages; says so by a status or by a code."""

    lasts: int = 1_000
    says: Callable[[], httpx.Response] = lambda: httpx.Response(401)
    logins: list[dict[str, str]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/login":
            assert request.method == "POST"
            self.logins.append(json.loads(request.content))
            token = f"t0ken-{len(self.logins)}"
            return httpx.Response(200, json={"code": 0, "data": {"token": token}})
        token = request.headers.get("authorization", "")
        good = token == f"Bearer t0ken-{len(self.logins)}"
        if not good or self.answered.count(token) >= self.lasts:
            return self.says()
        self.answered.append(token)
        number = int(request.url.params["page"])
        return page(TREES[(number - 1) * 2 : number * 2], len(TREES))


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RestSource]:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    monkeypatch.setenv("PARKS_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("PARKS_USER", "hub")

    def of(answer: Callable[[httpx.Request], httpx.Response], **token: Any) -> RestSource:
        paging = {"style": "page", "page_size": 2}
        server = {"token": {**TOKEN, **token}}
        return source(tmp_path, answer, server, paging=paging, total="data.total")

    return of


def test_one_login_serves_all_pages(make: Callable[..., RestSource]) -> None:
    service = Service()
    assert rows(make(service.answer)) == TREES
    assert service.logins == [{"username": "hub", "password": PASSWORD}]


def test_the_fields_are_the_services_own(make: Callable[..., RestSource]) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/login":
            seen.append(json.loads(request.content))
            return httpx.Response(200, json={"access": "abc"})
        assert request.headers["x-token"] == "abc"
        return page(TREES[:1], 1)

    own = {"user_field": "appKey", "password_field": "appSecret", "token": "access"}
    assert len(rows(make(answer, **own, header="X-Token", prefix=""))) == 1
    assert seen == [{"appKey": "hub", "appSecret": PASSWORD}]


@pytest.mark.parametrize(
    "says",
    [
        lambda: httpx.Response(401),
        lambda: httpx.Response(200, json={"code": 401, "msg": "令牌已过期"}),
    ],
    ids=["by status", "by code"],
)
def test_a_token_that_runs_out_half_way_is_renewed_and_reading_goes_on(
    make: Callable[..., RestSource], says: Callable[[], httpx.Response]
) -> None:
    service = Service(lasts=1, says=says)
    assert rows(make(service.answer)) == TREES
    assert service.answered == ["Bearer t0ken-1", "Bearer t0ken-2", "Bearer t0ken-3"]


def test_a_new_token_that_is_refused_as_well_ends_it(make: Callable[..., RestSource]) -> None:
    service = Service(lasts=0)
    with pytest.raises(SourceError, match="拒绝了我们的身份（HTTP 401）"):
        rows(make(service.answer))
    assert len(service.logins) == 2


def test_what_is_forbidden_is_not_asked_for_again(make: Callable[..., RestSource]) -> None:
    service = Service(lasts=0, says=lambda: httpx.Response(403))
    with pytest.raises(SourceError, match="HTTP 403"):
        rows(make(service.answer))
    assert len(service.logins) == 1


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(401), r"/login 拒绝了我们的身份"),
        (httpx.Response(200, json={"code": 5, "msg": PASSWORD}), r"/login 返回错误码 5"),
        (httpx.Response(200, json={"code": 0, "data": {}}), r"没有令牌 data\.token"),
        (httpx.Response(200, json={"data": {"token": "a\nb"}}), r"没有令牌 data\.token"),
        (httpx.Response(200, json={"data": {"token": "令牌"}}), r"没有令牌 data\.token"),
        (httpx.Response(307, headers={"location": "https://evil.example"}), "转向 evil.example"),
        (httpx.Response(503), "/login 连续 4 次请求失败"),
    ],
)
def test_a_login_that_fails_is_a_clear_error(
    make: Callable[..., RestSource], response: httpx.Response, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        rows(make(lambda _: response))
    assert PASSWORD not in str(caught.value)


def test_neither_password_nor_token_is_ever_logged(
    make: Callable[..., RestSource], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows(make(Service(lasts=1).answer))
    assert caplog.text
    assert PASSWORD not in caplog.text
    assert "t0ken" not in caplog.text


def test_a_password_in_clear_is_no_contract(make: Callable[..., RestSource]) -> None:
    with pytest.raises(ContractError, match="a secret must be a reference"):
        make(Service().answer, password=PASSWORD)


def test_a_service_asks_for_a_signature_or_a_token(tmp_path: Path) -> None:
    signature = {"algorithm": "md5", "app_key": "a", "app_secret": "${S}"}
    with pytest.raises(ContractError, match="a signature or a token, not for both"):
        source(tmp_path, Service().answer, {"token": TOKEN, "signature": signature})
