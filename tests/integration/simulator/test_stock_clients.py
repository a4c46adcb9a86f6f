"""Every department's server answers the stock client of its protocol, over the real protocol."""

import asyncio
import hashlib
import json
import os
import subprocess
import time
import uuid

import asyncssh
import httpx
import polars as pl
import pytest

from hub.settings import Settings
from hub.stack.environment import APP_KEY
from tests.support.departments import Departments

pytestmark = pytest.mark.integration


def secret(settings: Settings, name: str) -> str:
    return (settings.home / "secrets" / name).read_text().strip()


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


class TestPolice:
    @pytest.fixture
    def psql(self, departments: Departments, hub_home: Settings):
        address = f"postgresql://police_reader@127.0.0.1:{hub_home.port_police}/police"
        password = secret(hub_home, "police_password")
        return lambda query: run("psql", address, "-XAtc", query, PGPASSWORD=password)

    def test_psql_counts_what_the_system_shows(self, psql, departments: Departments) -> None:
        shown = pl.read_parquet(departments.district / "systems/police/resident.parquet")
        answer = psql("select count(*), count(gmsfhm), max(gxsj) from v_czrk").stdout.strip()
        assert answer == f"{len(shown)}|{shown['gmsfhm'].count()}|{shown['gxsj'].max():%F %T}"
        assert psql("select count(*) from v_ldxx").stdout.strip() == "416"

    def test_the_reader_sees_views_only(self, psql) -> None:
        assert "permission denied" in psql("select * from t_czrk").stderr

    def test_the_cursor_has_fine_steps(self, psql) -> None:
        most = psql("select max(n) from (select count(*) n from v_czrk group by gxsj) as steps")
        assert int(most.stdout) < 50


class TestCivilAffairs:
    @pytest.fixture
    def mariadb(self, departments: Departments, hub_home: Settings):
        password = secret(hub_home, "civil_affairs_password")
        command = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{hub_home.port_civil_affairs}"]
        command += ["-uminzheng_reader", "--default-character-set=utf8mb4", "-N", "minzheng", "-e"]
        return lambda query: run(*command, query, MYSQL_PWD=password)

    @pytest.mark.parametrize(
        ("table", "name"),
        [("gljt_ffxx", "old_age_benefit"), ("shzz_djxx", "social_organisation")],
    )
    def test_the_client_counts_what_the_system_shows(
        self, mariadb, departments: Departments, table: str, name: str
    ) -> None:
        shown = pl.read_parquet(departments.district / f"systems/civil_affairs/{name}.parquet")
        answer = mariadb(f"select count(*), count(lxdh) from {table}" if name == "old_age_benefit"
                         else f"select count(*), count(tyshxydm) from {table}")  # fmt: skip
        column = "lxdh" if name == "old_age_benefit" else "tyshxydm"
        assert answer.stdout.split() == [str(len(shown)), str(shown[column].count())]

    def test_text_arrives_as_it_was_dirty(self, mariadb, departments: Departments) -> None:
        shown = pl.read_parquet(
            departments.district / "systems/civil_affairs/old_age_benefit.parquet"
        )
        answer = mariadb("select hex(xm) from gljt_ffxx order by djbh").stdout.split()
        assert [bytes.fromhex(text).decode() for text in answer] == shown["xm"].to_list()

    def test_the_reader_cannot_write(self, mariadb) -> None:
        assert "denied" in mariadb("delete from gljt_ffxx").stderr


class TestRequests:
    @pytest.fixture
    def mariadb(self, departments: Departments, hub_home: Settings):
        password = secret(hub_home, "requests_password")
        command = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{hub_home.port_requests}"]
        command += ["-uminsheng_reader", "--default-character-set=utf8mb4", "-N", "minsheng", "-e"]
        return lambda query: run(*command, query, MYSQL_PWD=password)

    def test_the_client_counts_what_the_system_shows(
        self, mariadb, departments: Departments
    ) -> None:
        shown = pl.read_parquet(departments.district / "systems/requests/request.parquet")
        answer = mariadb("select count(*), count(CALLER_ID_CARD), max(UPDATE_TIME)"
                         " from pingshan_stat_info")  # fmt: skip
        last = f"{shown['update_time'].max():%F %T}"
        assert answer.stdout.strip().split("\t") == [
            str(len(shown)),
            str(shown["caller_id_card"].count()),
            last,
        ]

    def test_an_increment_by_the_cursor_uses_its_index(self, mariadb) -> None:
        query = "explain select * from pingshan_stat_info where UPDATE_TIME >= '2026-11-20'"
        assert "update_time" in mariadb(query).stdout.split()

    def test_positions_keep_their_seven_decimals(self, mariadb, departments: Departments) -> None:
        shown = pl.read_parquet(departments.district / "systems/requests/request.parquet")
        first = shown.drop_nulls("coordinate_x").row(0, named=True)
        query = (
            f"select COORDINATE_X from pingshan_stat_info where TASK_NUM = '{first['task_num']}'"
        )
        assert float(mariadb(query).stdout) == first["coordinate_x"]

    def test_the_reader_cannot_write(self, mariadb) -> None:
        assert "denied" in mariadb("delete from pingshan_stat_info").stderr


def signed(algorithm: str, app_secret: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
    text = f"{APP_KEY}{stamp}{nonce}{app_secret}"
    sign = hashlib.new(algorithm, text.encode()).hexdigest()
    return {"X-App-Key": APP_KEY, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Sign": sign}


class TestSignedPlatforms:
    @pytest.fixture
    def party(self, departments: Departments, hub_home: Settings):
        app_secret = secret(hub_home, "party_building_app_secret")
        with httpx.Client(base_url=f"http://127.0.0.1:{hub_home.port_party_building}") as client:
            yield lambda path, headers=None: client.get(
                path, headers=headers or signed("sha256", app_secret)
            )

    @pytest.fixture
    def city(self, departments: Departments, hub_home: Settings):
        app_secret = secret(hub_home, "city_management_app_secret")
        with httpx.Client(base_url=f"http://127.0.0.1:{hub_home.port_city_management}") as client:
            yield lambda path, headers=None: client.get(
                path, headers=headers or signed("md5", app_secret)
            )

    def test_pages_add_up_to_every_row_once(self, party, departments: Departments) -> None:
        shown = pl.read_parquet(departments.district / "systems/party_building/member.parquet")
        rows: list[dict[str, object]] = []
        for page in range(1, 100):
            data = party(f"/api/v1/members?page={page}&pageSize=500").json()["data"]
            rows += data["rows"]
            if len(rows) >= data["total"]:
                break
        assert pl.DataFrame(rows, schema=shown.schema).equals(shown)

    def test_a_page_beyond_the_last_is_empty(self, party) -> None:
        answer = party("/api/v1/organisations?page=999").json()
        assert answer["code"] == 0
        assert answer["data"]["rows"] == []
        assert answer["data"]["pageSize"] == 500

    @pytest.mark.parametrize("query", ["page=0", "page=x", "pageSize=0", "pageSize=99999", "page="])
    def test_a_wrong_page_is_an_error_in_the_platforms_words(self, party, query: str) -> None:
        answer = party(f"/api/v1/members?{query}")
        assert answer.status_code == 400
        assert answer.json()["code"] == 400

    def test_a_replayed_request_is_refused(self, party, hub_home: Settings) -> None:
        headers = signed("sha256", secret(hub_home, "party_building_app_secret"))
        assert party("/api/v1/members?pageSize=1", headers).status_code == 200
        replayed = party("/api/v1/members?pageSize=1", headers)
        assert replayed.status_code == 401
        assert replayed.json() == {"code": 401, "msg": "随机串重复使用", "data": None}

    def test_a_wrong_signature_is_refused(self, party) -> None:
        answer = party("/api/v1/members", signed("sha256", "guess"))
        assert (answer.status_code, answer.json()["msg"]) == (401, "签名错误")

    def test_each_platform_has_its_own_algorithm(self, city, hub_home: Settings) -> None:
        app_secret = secret(hub_home, "city_management_app_secret")
        assert city("/api/components", signed("md5", app_secret)).status_code == 200
        assert city("/api/components", signed("sha256", app_secret)).status_code == 401

    def test_components_come_under_the_names_of_the_standard(self, city) -> None:
        row = city("/api/components?pageSize=1").json()["data"]["rows"][0]
        assert list(row)[:3] == ["ObjID", "ObjName", "DeptCode1"]
        assert isinstance(row["PointX"], float)

    def test_cases_are_paged_like_components(self, city, departments: Departments) -> None:
        shown = pl.read_parquet(departments.district / "systems/city_management/case.parquet")
        data = city("/api/cases?page=2&pageSize=1000").json()["data"]
        assert data["total"] == len(shown)
        assert data["rows"] == shown[1000:2000].to_dicts()
        assert list(data["rows"][0])[:3] == ["TASK_NUM", "BIG_CLASS", "BIG_CLASS_NAME"]

    def test_grids_are_a_geojson_layer(self, city) -> None:
        answer = city("/geo/grids")
        layer = json.loads(answer.text)
        assert answer.headers["content-type"] == "application/geo+json"
        assert layer["type"] == "FeatureCollection"
        assert len(layer["features"]) == 22
        assert {feature["geometry"]["type"] for feature in layer["features"]} == {"Polygon"}
        assert "BGID" in layer["features"][0]["properties"]

    def test_health_is_asked_without_a_signature(self, city) -> None:
        assert city("/health", {"Accept": "*/*"}).json()["synthetic"] is True


class TestHealth:
    def connect(self, settings: Settings, **changes: object):
        options = {
            "port": settings.port_health,
            "username": "health",
            "client_keys": [str(settings.home / "secrets/health_private_key")],
            "known_hosts": None,
            "agent_path": None,
            **changes,
        }
        return asyncssh.connect("127.0.0.1", **options)

    def test_files_and_flags_lie_in_the_outbox(
        self, departments: Departments, hub_home: Settings
    ) -> None:
        async def fetch() -> tuple[set[str], bytes]:
            async with self.connect(hub_home) as ssh, ssh.start_sftp_client() as sftp:
                names = {str(name) for name in await sftp.listdir("/outbox")}
                async with sftp.open("/outbox/jtys_qy_20261120.csv", "rb") as file:
                    return names, await file.read()

        names, content = asyncio.run(fetch())
        assert names - {".", ".."} == {
            "jtys_qy_20261120.csv",
            "jtys_qy_20261120.csv.ok",
            "mb_sf_202610.xlsx",
            "mb_sf_202610.xlsx.ok",
        }
        outbox = departments.district / "systems/health/outbox"
        assert content == (outbox / "jtys_qy_20261120.csv").read_bytes()

    @pytest.mark.parametrize(
        "change",
        [
            lambda sftp: sftp.remove("/outbox/jtys_qy_20261120.csv"),
            lambda sftp: sftp.rename("/outbox/jtys_qy_20261120.csv", "/outbox/x.csv"),
            lambda sftp: sftp.mkdir("/outbox/mine"),
            lambda sftp: sftp.open("/outbox/jtys_qy_20261120.csv", "wb"),
            lambda sftp: sftp.open("/outbox/mine.csv", "ab"),
            lambda sftp: sftp.truncate("/outbox/jtys_qy_20261120.csv", 0),
            lambda sftp: sftp.chmod("/outbox/jtys_qy_20261120.csv", 0o600),
            lambda sftp: sftp.symlink("/etc/passwd", "/outbox/link"),
        ],
    )
    def test_nothing_can_be_changed(
        self, departments: Departments, hub_home: Settings, change
    ) -> None:
        async def try_it() -> None:
            async with self.connect(hub_home) as ssh, ssh.start_sftp_client() as sftp:
                await change(sftp)

        with pytest.raises(asyncssh.SFTPPermissionDenied):
            asyncio.run(try_it())

    def test_nothing_outside_the_folder_is_visible(
        self, departments: Departments, hub_home: Settings
    ) -> None:
        async def look() -> set[str]:
            async with self.connect(hub_home) as ssh, ssh.start_sftp_client() as sftp:
                return {str(name) for name in await sftp.listdir("/../..")}

        assert asyncio.run(look()) - {".", ".."} == {"outbox"}

    @pytest.mark.parametrize(
        "changes",
        [
            {"username": "root"},
            {"client_keys": None, "password": "health"},
            {"client_keys": [asyncssh.generate_private_key("ssh-ed25519")]},
        ],
        ids=["another user", "a password", "another key"],
    )
    def test_only_the_right_user_with_the_right_key_gets_in(
        self, departments: Departments, hub_home: Settings, changes: dict[str, object]
    ) -> None:
        async def enter() -> None:
            async with self.connect(hub_home, **changes):
                pass

        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(enter())

    def test_there_is_no_shell(self, departments: Departments, hub_home: Settings) -> None:
        async def shell() -> None:
            async with self.connect(hub_home) as ssh:
                await ssh.run("id", check=True)

        with pytest.raises(asyncssh.Error):
            asyncio.run(shell())
