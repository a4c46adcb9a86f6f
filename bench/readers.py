"""Every reader beside the fastest bare one for its format, in one process, in turn.

A bare reader turns the same bytes into Arrow columns and does nothing else: no strict decoding, no
broken lines, no check of columns. Ours is the connector's protocol up to Arrow batches of text.
"""

import io
import json
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import connectorx
import fastexcel
import httpx
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from bench import people
from connectors.contracts import Contract
from connectors.protocols.base import Since
from connectors.protocols.registry import open_source
from hub.stack.mariadb import MariaDBServer
from hub.stack.ports import free_port

ENCODING = "gb18030"
PAGE_ROWS = 1_000
ROUNDS = 3
ROWS = {"mariadb": 300_000, "csv": 500_000, "json": 100_000, "excel": 50_000}

Read = Callable[[], int]


def measure() -> dict[str, dict[str, float]]:
    """Return for each format rows/s of ours, of the bare reader, and ours as a share of it."""
    found = {}
    os.environ[people.PASSWORD_VARIABLE] = secrets.token_hex(8)
    for name, prepare in (
        ("mariadb", _mariadb),
        ("csv", _csv),
        ("json", _json),
        ("excel", _excel),
    ):
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
            Path(folder).chmod(0o755)  # the server's own account must reach its data
            with prepare(Path(folder), _frame(ROWS[name])) as (ours, bare):
                found[name] = _compare(ROWS[name], ours, bare)
    return found


def show(found: dict[str, dict[str, float]]) -> None:
    """Print the figures as a table."""
    print(f"\n{'reader':10} {'rows':>9} {'ours/s':>10} {'bare/s':>10} {'share':>6}")
    for name, one in found.items():
        figures = f"{one['ours']:10,.0f} {one['bare']:10,.0f} {one['share']:6.0%}"
        print(f"{name:10} {one['rows']:9,} {figures}")


def _compare(rows: int, ours: Read, bare: Read) -> dict[str, float]:
    seconds: dict[Read, float] = {}
    for _ in range(ROUNDS):
        for read in (ours, bare):
            began = time.perf_counter()
            if (got := read()) != rows:
                raise SystemExit(f"read {got:,} rows of {rows:,}")
            took = time.perf_counter() - began
            seconds[read] = min(took, seconds.get(read, took))
    mine, its = rows / seconds[ours], rows / seconds[bare]
    return {"rows": rows, "ours": round(mine), "bare": round(its), "share": round(mine / its, 3)}


def _ours(contract: Contract) -> int:
    rows = 0
    for extraction in open_source(contract).extractions(Since()):
        rows += sum(batch.num_rows for batch in extraction.rows)
    return rows


def _frame(rows: int) -> pl.DataFrame:
    number = pl.int_range(1, rows + 1, eager=True)
    text = number.cast(pl.String)
    address = "广东省深圳市福田区沙头街道沙嘴社区" + (number % 400).cast(pl.String) + "号"
    made = {
        "xlh": text.str.zfill(10),
        "gmsfhm": number.hash().cast(pl.String).str.zfill(20),
        "xm": "仿" + (number % 5000).cast(pl.String),
        "csrq": (number % 25_000).cast(pl.String).str.zfill(8),
        "hjdz": address,
        "lxdh": "1" + text.str.zfill(10),
        "fwbm": (number % 13_346).cast(pl.String).str.zfill(25),
    }
    short = (number % 9).cast(pl.String)
    return pl.DataFrame({name.upper(): made.get(name, short) for name in people.COLUMNS})


@contextmanager
def _mariadb(home: Path, frame: pl.DataFrame) -> Iterator[tuple[Read, Read]]:
    password = os.environ[people.PASSWORD_VARIABLE]
    (home / "password").write_text(password)
    server = MariaDBServer(home / "data", free_port(), home / "password")
    server.create()
    server.start()
    try:
        with server.connect() as connection, connection.cursor() as cursor:
            columns = ", ".join(f"{name} varchar(60)" for name in frame.columns)
            cursor.execute("create database source")
            cursor.execute(f"create table source.people ({columns})")
            marks = ", ".join(["%s"] * frame.width)
            for piece in frame.iter_slices(5_000):
                cursor.executemany(f"insert into source.people values ({marks})", piece.rows())  # noqa: S608
            connection.commit()
        extract = {"object": "people", "mode": "snapshot"}
        contract = people.contract(home, people.database("mysql", server.port, "root"), extract)
        uri = f"mysql://root:{password}@127.0.0.1:{server.port}/source"
        yield partial(_ours, contract), partial(_bare_mariadb, uri)
    finally:
        server.stop()
        server.remove()


def _bare_mariadb(uri: str) -> int:
    reader: Any = connectorx.read_sql(uri, "select * from people", return_type="arrow_stream")
    return sum(batch.num_rows for batch in reader)


@contextmanager
def _csv(home: Path, frame: pl.DataFrame) -> Iterator[tuple[Read, Read]]:
    path = home / "people.csv"
    path.write_bytes(frame.write_csv().encode(ENCODING))
    contract = _files(home, path.name, {"kind": "csv", "encoding": ENCODING})
    yield partial(_ours, contract), partial(_bare_csv, path)


def _bare_csv(path: Path) -> int:
    text = path.read_bytes().decode(ENCODING).encode()
    return int(arrow_csv.read_csv(pa.py_buffer(text)).num_rows)


@contextmanager
def _json(home: Path, frame: pl.DataFrame) -> Iterator[tuple[Read, Read]]:
    pages = [
        json.dumps({"code": 0, "data": {"total": frame.height, "rows": page.to_dicts()}}).encode()
        for page in frame.iter_slices(PAGE_ROWS)
    ]
    with _served(pages) as url:
        extract = {
            "object": "/people",
            "mode": "snapshot",
            "paging": {"style": "page", "page_size": PAGE_ROWS},
            "total": "data.total",
        }
        contract = people.contract(home, {"type": "rest", "url": url}, extract)
        yield partial(_ours, contract), partial(_bare_json, url, len(pages))


@contextmanager
def _served(pages: list[bytes]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = int(parse_qs(urlsplit(self.path).query)["page"][0])
            body = pages[page - 1] if page <= len(pages) else b'{"code":0,"data":{"rows":[]}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _bare_json(url: str, pages: int) -> int:
    rows = 0
    with httpx.Client() as client:
        for page in range(1, pages + 1):
            answer = client.get(f"{url}/people", params={"page": page, "pageSize": PAGE_ROWS})
            rows += pa.Table.from_pylist(json.loads(answer.content)["data"]["rows"]).num_rows
    return rows


@contextmanager
def _excel(home: Path, frame: pl.DataFrame) -> Iterator[tuple[Read, Read]]:
    path = home / "people.xlsx"
    content = io.BytesIO()
    frame.write_excel(content)
    path.write_bytes(content.getvalue())
    contract = _files(home, path.name, {"kind": "excel"})
    yield partial(_ours, contract), partial(_bare_excel, path)


def _bare_excel(path: Path) -> int:
    return int(fastexcel.read_excel(path).load_sheet(0).to_arrow().num_rows)


def _files(home: Path, name: str, layout: dict[str, Any]) -> Contract:
    """Return the contract of a file in ``home``; its flag lies beside it, so that nobody waits."""
    (home / f"{name}.ok").touch()
    extract = {"object": name, "mode": "files", "ok_flag": ".ok", "format": layout}
    return people.contract(home, {"type": "folder", "directory": str(home)}, extract)
