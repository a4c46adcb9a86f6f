"""SFTP drops: the right server only, files that are ready only, none of them twice."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from connectors.contracts import FileContract
from connectors.protocols.base import Extraction, Since, SourceError
from connectors.protocols.registry import open_source
from hub.stack.ports import free_port
from tests.support import contracts as given

pytestmark = pytest.mark.integration

CSV = "编号,树种,种植日期\n1,榕,2020-01-01\n"


class Server:
    """An SFTP server in a thread, rooted in a folder."""

    def __init__(self, root: Path, keys: dict[str, asyncssh.SSHKey]) -> None:
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._acceptor = asyncio.run_coroutine_threadsafe(self._serve(root, keys), self._loop)
        self._acceptor.result(10)

    async def _serve(self, root: Path, keys: dict[str, asyncssh.SSHKey]) -> asyncssh.SSHAcceptor:
        authorized = asyncssh.import_authorized_keys(keys["client"].export_public_key().decode())
        return await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[keys["host"]],
            authorized_client_keys=authorized,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._acceptor.result().close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


@pytest.fixture(scope="module")
def keys() -> dict[str, asyncssh.SSHKey]:
    return {name: asyncssh.generate_private_key("ssh-ed25519") for name in ("host", "client", "x")}


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    folder = tmp_path / "server" / "outbox"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def server(outbox: Path, keys: dict[str, asyncssh.SSHKey]) -> Iterator[Server]:
    running = Server(outbox.parent, keys)
    yield running
    running.stop()


@pytest.fixture
def contract(
    server: Server,
    keys: dict[str, asyncssh.SSHKey],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., FileContract]:
    def made(
        host: str = "host", client: str = "client", directory: str = "/outbox"
    ) -> FileContract:
        for name, text in (
            ("HOST_KEY", keys[host].export_public_key()),
            ("CLIENT_KEY", keys[client].export_private_key()),
        ):
            (tmp_path / name).write_bytes(text)
            monkeypatch.setenv(name, str(tmp_path / name))
        loaded = given.tree_contract(
            tmp_path,
            given.table(extract={**given.FILES, "object": "trees_*.csv", "ok_flag": ".ok"}),
            server={
                "type": "sftp",
                "host": "127.0.0.1",
                "port": server.port,
                "user": "parks",
                "private_key": "${file:CLIENT_KEY}",
                "host_key": "${file:HOST_KEY}",
                "directory": directory,
            },
        )
        assert isinstance(loaded, FileContract)
        return loaded

    return made


def received(contract: FileContract, since: Since | None = None) -> list[tuple[Extraction, list]]:
    return [
        (extraction, [row for batch in extraction.rows for row in batch.to_pylist()])
        for extraction in open_source(contract).extractions(since or Since())
    ]


def test_files_with_a_flag_are_read_in_order_of_their_names(
    contract: Callable[..., FileContract], outbox: Path
) -> None:
    for name in ("trees_2.csv", "trees_2.csv.ok", "trees_1.csv", "trees_1.csv.ok", "trees_3.csv",
                 "other.csv", "other.csv.ok"):  # fmt: skip
        (outbox / name).write_text(CSV if name.endswith("csv") else "", encoding="utf-8")
    (outbox / "trees_0.csv").mkdir()
    got = received(contract())
    assert [extraction.source_ref for extraction, _ in got] == ["trees_1.csv", "trees_2.csv"]
    assert got[0][0].source_sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    assert got[0][1] == [{"code": "1", "species": "榕", "planted": "2020-01-01"}]


def test_a_file_is_read_again_only_when_its_content_is_another(
    contract: Callable[..., FileContract], outbox: Path
) -> None:
    (outbox / "trees_1.csv").write_text(CSV, encoding="utf-8")
    (outbox / "trees_1.csv.ok").touch()
    ((first, _),) = received(contract())
    assert first.source_sha256 is not None
    seen = Since(files=frozenset({("trees_1.csv", first.source_sha256)}))
    assert received(contract(), seen) == []
    (outbox / "trees_1.csv").write_text(CSV + "2,樟,\n", encoding="utf-8")
    assert len(received(contract(), seen)) == 1


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"host": "x"}, "主机密钥与契约不符"),
        ({"client": "x"}, "拒绝了我们的密钥"),
        ({"directory": "/nowhere"}, "SFTP 读取 /nowhere 失败"),
    ],
)
def test_what_does_not_fit_is_a_clear_error(
    contract: Callable[..., FileContract], choice: dict[str, str], reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        received(contract(**choice))


def test_a_server_that_is_gone_is_a_clear_error(
    contract: Callable[..., FileContract], server: Server
) -> None:
    made = contract()
    server.stop()
    with pytest.raises(SourceError, match=f"无法连接 SFTP 127.0.0.1:{server.port}"):
        received(made)


def test_a_key_file_that_holds_no_key_is_not_repeated(
    contract: Callable[..., FileContract], tmp_path: Path
) -> None:
    made = contract()
    (tmp_path / "CLIENT_KEY").write_text("hunter2")
    with pytest.raises(SourceError, match="密钥文件无法解析") as caught:
        received(made)
    assert "hunter2" not in str(caught.value)
