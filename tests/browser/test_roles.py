"""Who may do what in Superset, asked of its REST API as each of the users."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from superset_assets.bundle import Bundle
from tests.browser.conftest import Dashboards

pytestmark = pytest.mark.integration

DASHBOARD = "/api/v1/dashboard/community-overview"
As = Callable[[str], httpx.Client]


@pytest.fixture
def client(dashboards: Dashboards) -> Iterator[httpx.Client]:
    """A client that nobody has logged in with."""
    with httpx.Client(base_url=dashboards.address, timeout=60, trust_env=False) as made:
        yield made


@pytest.fixture
def logged_in(client: httpx.Client, dashboards: Dashboards) -> As:
    """Log a user in."""

    def log_in(user: str) -> httpx.Client:
        answer = client.post(
            "/api/v1/security/login",
            json={"username": user, "password": dashboards.password(user), "provider": "db"},
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        token = client.get("/api/v1/security/csrf_token/").json().get("result", "")
        client.headers["X-CSRFToken"] = token
        client.headers["Referer"] = str(client.base_url)
        return client

    return log_in


def run_sql(client: httpx.Client, text: str) -> httpx.Response:
    databases = client.get("/api/v1/database/").json().get("result", [{"id": 1}])
    return client.post(
        "/api/v1/sqllab/execute/", json={"database_id": databases[0]["id"], "sql": text}
    )


def ask_data(client: httpx.Client, metric: str) -> httpx.Response:
    query = {"metrics": [metric], "columns": []}
    source = {"id": 1, "type": "table"}
    return client.post(
        "/api/v1/chart/data", json={"datasource": source, "queries": [query], "force": False}
    )


def test_nobody_sees_anything_without_logging_in(client: httpx.Client) -> None:
    assert client.get(DASHBOARD).status_code in (401, 403, 404)
    assert client.get("/api/v1/chart/").status_code in (401, 403)
    page = client.get("/superset/dashboard/community-overview/")
    assert page.status_code == 302
    assert "/login/" in page.headers["location"]


def test_a_wrong_password_is_refused(client: httpx.Client) -> None:
    answer = client.post(
        "/api/v1/security/login",
        json={"username": "admin", "password": "admin", "provider": "db"},
    )
    assert answer.status_code == 401


def test_the_leader_sees_the_dashboard_and_nothing_behind_it(logged_in: As) -> None:
    leader = logged_in("leader")
    assert leader.get(DASHBOARD).status_code == 200
    assert leader.get("/api/v1/dataset/").status_code == 403
    assert leader.get("/api/v1/database/").status_code == 403
    assert run_sql(leader, "select 1").status_code == 403
    assert ask_data(leader, "residents").status_code == 403, "only through the dashboard"


def test_the_analyst_reads_the_marts_with_sql(logged_in: As) -> None:
    analyst = logged_in("analyst")
    assert analyst.get(DASHBOARD).status_code == 200
    answer = run_sql(analyst, "select count(*) as n from mart.community_overview")
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == [{"n": 2}]


@pytest.mark.parametrize(
    "forbidden",
    [
        "delete from mart.community_overview",
        "create table mart.mine (n int)",
        "select rolpassword from pg_authid",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_the_analyst_can_neither_change_nor_spy(logged_in: As, forbidden: str) -> None:
    answer = run_sql(logged_in("analyst"), forbidden)
    assert answer.status_code >= 400


def test_every_page_forbids_foreign_content(client: httpx.Client) -> None:
    policy = client.get("/login/").headers["content-security-policy"]
    assert "http" not in policy, "no outside host is allowed"
    assert "unsafe-eval" not in policy


def test_the_session_cookie_is_out_of_reach_for_scripts(client: httpx.Client) -> None:
    cookie = client.get("/login/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_all_charts_are_shown_to_the_leader(logged_in: As) -> None:
    charts = logged_in("leader").get(f"{DASHBOARD}/charts").json()["result"]
    assert len(charts) == len(Bundle().charts)
