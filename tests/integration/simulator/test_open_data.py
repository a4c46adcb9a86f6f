"""Market regulation's open data as curl and our connector get it: whole, and faulty on demand."""

import csv
import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from connectors.contracts import Contract, load_contracts
from connectors.protocols.base import FAULT, BatchHeldError, Since, SourceError
from connectors.protocols.registry import open_source
from hub.settings import Settings
from hub.stack import sources
from hub.stack.secrets import ensure_secrets
from simulator.cli import app
from simulator.faults.catalogue import known
from tests.support.departments import SimulatedServer

pytestmark = pytest.mark.integration
PATH = "/opendata/scztxx.csv"
Order = Callable[..., None]
Curl = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="module")
def address(hub_home: Settings, district: Path) -> Iterator[str]:
    ensure_secrets(hub_home)
    (service,) = (s for s in sources.services(hub_home) if s.name == "market_regulation")
    server = SimulatedServer(service, hub_home.logs / "market_regulation")
    server.start()
    yield f"http://127.0.0.1:{hub_home.port_market_regulation}"
    server.stop()


@pytest.fixture(scope="module")
def shown(district: Path) -> pl.DataFrame:
    return pl.read_parquet(district / "systems/market_regulation/business.parquet")


@pytest.fixture
def curl(address: str) -> Curl:
    return lambda *options: subprocess.run(
        ["curl", "-sS", "--noproxy", "*", *options, address + PATH],
        capture_output=True,
        check=False,
    )


@pytest.fixture
def order(district: Path) -> Iterator[Order]:
    home = ["--home", str(district)]

    def run(*arguments: str) -> None:
        result = CliRunner().invoke(app, ["fault", "market_regulation", *arguments, *home])
        if result.exception is not None:
            raise result.exception

    yield run
    assert CliRunner().invoke(app, ["fault", "clear", "market_regulation", *home]).exit_code == 0


class TestCurl:
    def test_the_whole_table_is_one_file_for_everybody(
        self, curl: Curl, shown: pl.DataFrame
    ) -> None:
        lines = curl().stdout.decode("utf-8-sig").split("\r\n")
        assert lines[0].replace('"', "").split(",") == shown.columns
        assert len(lines) == len(shown) + 2  # the header, and nothing behind the last line

    def test_quotes_are_not_escaped(self, curl: Curl, shown: pl.DataFrame) -> None:
        text = curl().stdout.decode("utf-8-sig")
        quoted = [line for line in text.split("\r\n") if line.count('"') > 2 * shown.width]
        assert len(quoted) > 100
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(quoted[0]), strict=True))

    def test_a_download_can_be_resumed(self, curl: Curl, tmp_path: Path) -> None:
        whole = curl().stdout
        part = tmp_path / "part.csv"
        part.write_bytes(whole[:1000])
        assert curl("-C", "-", "-o", str(part)).returncode == 0
        assert part.read_bytes() == whole
        assert (
            b"416" in curl("-r", f"{len(whole)}-", "-o", "/dev/null", "-w", "%{http_code}").stdout
        )


@pytest.fixture
def contract(address: str, monkeypatch: pytest.MonkeyPatch, hub_home: Settings) -> Contract:
    monkeypatch.setenv("MARKET_REGULATION_URL", address)
    monkeypatch.setattr("connectors.protocols.web.LONGEST_WAIT", 0.01)
    found = {c.identifier: c for c in load_contracts(hub_home.contracts_dir)}
    return found["market_regulation.business"]


def read(contract: Contract) -> pl.DataFrame:
    frames = [
        pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
        for extraction in open_source(contract).extractions(Since())
        for batch in extraction.rows
    ]
    return pl.concat(frames, how="diagonal")


class TestConnector:
    def test_every_row_is_recovered_or_rejected_under_its_key(
        self, contract: Contract, shown: pl.DataFrame
    ) -> None:
        rows = read(contract)
        clean = shown.rename(str.lower)
        ambiguous = pl.all().str.contains('","', literal=True)
        unclear = pl.any_horizontal(ambiguous.fill_null(value=False))
        bad = rows.filter(pl.col(FAULT).is_not_null())
        assert sorted(bad["recordid"]) == sorted(clean.filter(unclear)["recordid"])
        good = rows.filter(pl.col(FAULT).is_null()).drop(FAULT, "_fault_text")
        expected = clean.filter(~unclear).with_columns(pl.all().fill_null(""))
        assert good.equals(expected.select(good.columns))
        assert good.filter(pl.col("qymc").str.contains('"')).height > 10

    @pytest.mark.parametrize(
        "fault",
        [
            ["too_many_requests", "--arg", "retry_after=0", "--times", "2"],
            ["server_error", "--times", "2"],
            ["cut_connection", "--times", "1"],
            ["refuse", "--times", "1"],
            ["slow", "--arg", "seconds=0.3"],
            ["add_column"],
        ],
        ids=lambda fault: fault[0],
    )
    def test_faults_that_pass_cost_nothing(
        self, fault: list[str], contract: Contract, order: Order, shown: pl.DataFrame
    ) -> None:
        order(*fault)
        assert len(read(contract)) == len(shown)

    @pytest.mark.parametrize(
        ("fault", "error", "reason"),
        [
            (["refuse"], SourceError, "无应答"),
            (["server_error"], SourceError, "HTTP 500"),
            (["drop_column", "--arg", "column=QYMC"], BatchHeldError, "缺少列：QYMC"),
            (["rename_column", "--arg", "column=YYZT"], BatchHeldError, "YYZT"),
            (["mojibake"], BatchHeldError, "不是合法的 utf-8 编码"),
        ],
        ids=["refuse", "server_error", "drop_column", "rename_column", "mojibake"],
    )
    def test_faults_that_stay_end_clearly(
        self, fault: list[str], error: type[Exception], reason: str,
        contract: Contract, order: Order,
    ) -> None:  # fmt: skip
        order(*fault)
        with pytest.raises(error, match=reason):
            read(contract)

    def test_a_file_cut_at_the_source_is_short_and_its_last_line_broken(
        self, contract: Contract, order: Order, shown: pl.DataFrame
    ) -> None:
        order("truncate_file")
        rows = read(contract)
        assert len(rows) < 0.6 * len(shown), "the brake's business: too many keys are missing"

    def test_every_fault_of_the_system_is_tried_here(self) -> None:
        tried = {"too_many_requests", "server_error", "cut_connection", "refuse", "slow"}
        tried |= {"add_column", "drop_column", "rename_column", "mojibake", "truncate_file"}
        assert set(known("market_regulation")) == tried
