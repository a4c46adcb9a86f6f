"""The file drop of health: SFTP by key only, read-only, seeing nothing but its own folder."""

import asyncio
import functools
import os
from pathlib import Path
from typing import Any

import asyncssh

from simulator.faults.files import ALTERING, altered, touches
from simulator.faults.orders import Order, OrderBook
from simulator.servers.address import bind

WRITE_FLAGS = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC
CHANGES = (
    "setstat", "lsetstat", "fsetstat", "remove", "mkdir", "rmdir", "rename",
    "posix_rename", "symlink", "link",
)  # fmt: skip


class ReadOnlyFiles(asyncssh.SFTPServer):
    """Serves health's folder as ``/`` and refuses every change; faults, where ordered."""

    def __init__(
        self, channel: asyncssh.SSHServerChannel[bytes], home: Path, book: OrderBook
    ) -> None:
        self._root = home / "systems" / "health"
        self._shelf = home / "faults"
        self._book = book
        self._cut_at: dict[int, int] = {}
        super().__init__(channel, chroot=str(self._root).encode())

    def map_path(self, path: bytes) -> bytes:
        """Return where a path lies: in the folder, or in a faulty copy of it."""
        within = os.path.relpath(super().map_path(path), bytes(self._root))
        return os.path.normpath(bytes(self._shown()) + b"/" + within)

    def reverse_map_path(self, path: bytes) -> bytes:
        """Return a local path as the client knows it."""
        return super().reverse_map_path(path.replace(bytes(self._shown()), bytes(self._root), 1))

    def _shown(self) -> Path:
        orders = [order for order in self._book.active() if order.fault in ALTERING]
        return altered(self._root, orders, self._shelf) if orders else self._root

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file for reading; a fault that means it has then happened once."""
        if pflags & WRITE_FLAGS:
            raise asyncssh.SFTPPermissionDenied("read-only")
        name = Path(path.decode(errors="replace")).name
        file = super().open(path, pflags, attrs)
        for order in self._book.due(functools.partial(_means, name=name)):
            if order.fault == "slow":
                await asyncio.sleep(order.arguments["seconds"])
            if order.fault == "cut_connection":
                size = (await self._size(file)) or 0
                self._cut_at[id(file)] = int(size * order.arguments["share"])
        return file

    async def _size(self, file: object) -> int | None:
        attrs = self.fstat(file)
        return attrs.size if isinstance(attrs, asyncssh.SFTPAttrs) else None

    def read(self, file_obj: object, offset: int, size: int) -> Any:
        """Return a block of a file, or break the connection where it is to be cut."""
        if offset + size > self._cut_at.get(id(file_obj), offset + size):
            self.channel.get_connection().abort()
            raise asyncssh.SFTPConnectionLost("cut")
        return super().read(file_obj, offset, size)

    def close(self, file_obj: object) -> Any:
        """Close a file."""
        self._cut_at.pop(id(file_obj), None)
        return super().close(file_obj)


def _means(order: Order, name: str) -> bool:
    return order.fault != "refuse" and touches(order, name)


def _refuse(*_: Any, **__: Any) -> None:
    raise asyncssh.SFTPPermissionDenied("read-only")


for _change in CHANGES:
    setattr(ReadOnlyFiles, _change, _refuse)


class OneUser(asyncssh.SSHServer):
    """Lets one user in, by public key."""

    def __init__(self, user: str, authorized_key: Path, book: OrderBook) -> None:
        self._book = book
        self._user = user
        self._authorized_key = authorized_key

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember whom the keys are for; hang up when ``refuse`` is ordered."""
        self._connection = conn
        if self._book.due(lambda order: order.fault == "refuse"):
            conn.abort()

    def begin_auth(self, username: str) -> bool:
        """Accept keys from the one user only; everybody must prove who they are."""
        if username == self._user:
            self._connection.set_authorized_keys(str(self._authorized_key))
        return True


async def listen(
    home: Path, port: int, host_key: Path, authorized_key: Path, user: str
) -> asyncssh.SSHAcceptor:
    """Start the server; return it listening."""
    book = OrderBook(home, "health")
    return await asyncssh.listen(
        bind(),
        port,
        server_factory=functools.partial(OneUser, user, authorized_key, book),
        server_host_keys=[str(host_key)],
        sftp_factory=functools.partial(ReadOnlyFiles, home=home, book=book),
        allow_scp=False,
    )


async def serve_forever(
    home: Path, port: int, host_key: Path, authorized_key: Path, user: str
) -> None:
    """Serve until the process is stopped."""
    await (await listen(home, port, host_key, authorized_key, user)).wait_closed()


def run(home: Path, port: int, host_key: Path, authorized_key: Path, user: str) -> None:
    """Serve until the process is stopped; SIGINT ends it quietly."""
    asyncio.run(serve_forever(home, port, host_key, authorized_key, user))
