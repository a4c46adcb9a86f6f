"""The file drop of health: SFTP by key only, read-only, seeing nothing but its own folder."""

import asyncio
import functools
from pathlib import Path
from typing import Any

import asyncssh

WRITE_FLAGS = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC
CHANGES = (
    "setstat", "lsetstat", "fsetstat", "remove", "mkdir", "rmdir", "rename",
    "posix_rename", "symlink", "link",
)  # fmt: skip


class ReadOnlyFiles(asyncssh.SFTPServer):
    """Serves ``root`` as ``/`` and refuses every change."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], root: Path) -> None:
        super().__init__(channel, chroot=str(root).encode())

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file for reading."""
        if pflags & WRITE_FLAGS:
            raise asyncssh.SFTPPermissionDenied("read-only")
        return super().open(path, pflags, attrs)


def _refuse(*_: Any, **__: Any) -> None:
    raise asyncssh.SFTPPermissionDenied("read-only")


for _change in CHANGES:
    setattr(ReadOnlyFiles, _change, _refuse)


class OneUser(asyncssh.SSHServer):
    """Lets one user in, by public key."""

    def __init__(self, user: str, authorized_key: Path) -> None:
        self._user = user
        self._authorized_key = authorized_key

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember whom the keys are for."""
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        """Accept keys from the one user only; everybody must prove who they are."""
        if username == self._user:
            self._connection.set_authorized_keys(str(self._authorized_key))
        return True


async def listen(
    root: Path, port: int, host_key: Path, authorized_key: Path, user: str
) -> asyncssh.SSHAcceptor:
    """Start the server on 127.0.0.1; return it listening."""
    return await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=functools.partial(OneUser, user, authorized_key),
        server_host_keys=[str(host_key)],
        sftp_factory=functools.partial(ReadOnlyFiles, root=root),
        allow_scp=False,
    )


async def serve_forever(
    root: Path, port: int, host_key: Path, authorized_key: Path, user: str
) -> None:
    """Serve until the process is stopped."""
    await (await listen(root, port, host_key, authorized_key, user)).wait_closed()


def run(root: Path, port: int, host_key: Path, authorized_key: Path, user: str) -> None:
    """Serve until the process is stopped; SIGINT ends it quietly."""
    asyncio.run(serve_forever(root, port, host_key, authorized_key, user))
