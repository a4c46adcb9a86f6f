"""An SFTP directory as a store of files; the server's key must be the one in the contract."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import asyncssh
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from connectors.contracts.sources import SftpServer
from connectors.protocols.base import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, SourceError
from connectors.protocols.files import Entry
from connectors.protocols.sql import settle

T = TypeVar("T")


class SftpFolder:
    """The plain files of one remote directory."""

    def __init__(self, loop: asyncio.Runner, client: asyncssh.SFTPClient, directory: str) -> None:
        self._loop = loop
        self._client = client
        self._directory = directory

    def list(self) -> list[Entry]:
        """Return all plain files."""
        found = _run(self._loop, self._client.readdir(self._directory), self._directory)
        return [
            Entry(str(f.filename), f.attrs.size or 0, f.attrs.mtime or 0)
            for f in found
            if f.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
        ]

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to ``target``."""
        remote = f"{self._directory.rstrip('/')}/{name}"
        _run(self._loop, self._client.get(remote, str(target)), name)


@contextmanager
def open_sftp(server: SftpServer) -> Iterator[SftpFolder]:
    """Connect, retrying a few times, and close at the end.

    Raises:
        SourceError: unreachable, wrong host key, or the key we hold is refused.
    """
    host, port = settle(server.host), int(settle(server.port))
    with asyncio.Runner() as loop:
        connection = _connect(loop, server, host, port)
        try:
            client = _run(loop, _sftp(connection), f"{host}:{port}")
            yield SftpFolder(loop, client, settle(server.directory))
        finally:
            connection.abort()
            loop.run(connection.wait_closed())


def _connect(
    loop: asyncio.Runner, server: SftpServer, host: str, port: int
) -> asyncssh.SSHClientConnection:
    try:
        private_key = asyncssh.import_private_key(settle(server.private_key))
        host_key = asyncssh.import_public_key(settle(server.host_key))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SourceError("SFTP 的密钥文件无法解析") from None
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.5, max=10),
        retry=retry_if_exception_type((OSError, asyncssh.ConnectionLost)),
        reraise=True,
    )

    async def attempt() -> asyncssh.SSHClientConnection:
        return await asyncssh.connect(
            host,
            port,
            username=settle(server.user),
            client_keys=[private_key],
            known_hosts=([host_key], [], []),
            config=None,
            agent_path=None,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
        )

    try:
        return retrying(lambda: loop.run(attempt()))
    except (OSError, asyncssh.Error) as error:
        raise SourceError(f"无法连接 SFTP {host}:{port}（{_why(error)}）") from None


async def _sftp(connection: asyncssh.SSHClientConnection) -> asyncssh.SFTPClient:
    return await connection.start_sftp_client()


def _run(loop: asyncio.Runner, doing: Awaitable[T], where: str) -> T:
    async def limited() -> T:
        return await asyncio.wait_for(doing, READ_SECONDS)

    try:
        return loop.run(limited())
    except (OSError, asyncssh.Error, TimeoutError) as error:
        raise SourceError(f"SFTP 读取 {where} 失败（{_why(error)}）") from None


def _why(error: BaseException) -> str:
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return "服务器主机密钥与契约不符"
    if isinstance(error, asyncssh.PermissionDenied):
        return "对方拒绝了我们的密钥"
    if isinstance(error, TimeoutError):
        return "超时"
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
