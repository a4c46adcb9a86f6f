"""Who runs a database server, and where its data may lie so that this account reaches it.

PostgreSQL refuses to run as root, and MariaDB should not. Root hands them to the account that
PostgreSQL's package created; anybody else runs them as oneself.
"""

import hashlib
import os
import pwd
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from hub.errors import HubError

ACCOUNT = "postgres"  # the one account that our packages bring
ELSEWHERE = Path("/var/lib/district-data-hub")


def server_account(data: Path) -> str | None:
    """Return the account that must run the server of a data directory; None: the calling user.

    An existing directory is served by its owner, a new one of root's by PostgreSQL's account.
    """
    if data.exists() and data.stat().st_uid not in (0, os.geteuid()):
        owner = pwd.getpwuid(data.stat().st_uid).pw_name
        if os.geteuid() != 0:
            raise HubError(f"{data} belongs to {owner}; start the hub as {owner} or as root")
        return owner
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT).pw_name
    except KeyError:
        raise HubError(
            f"the system account '{ACCOUNT}' is missing; PostgreSQL's package is not installed "
            "(run `make up` as root, or install the package by hand)"
        ) from None


def as_account(account: str | None, when_orphaned: signal.Signals | None = None) -> list[str]:
    """Return the command prefix that runs a program as ``account`` (None: as the caller).

    ``when_orphaned`` is the signal that the kernel sends the program when its starter dies, so
    that a killed test run leaves no server behind.
    """
    prefix = ["setpriv"]
    if account:
        prefix += [f"--reuid={account}", f"--regid={pwd.getpwnam(account).pw_gid}", "--init-groups"]
    if when_orphaned:
        prefix += ["--pdeathsig", when_orphaned.name.removeprefix("SIG")]
    return prefix if len(prefix) > 1 else []


def give(path: Path, account: str | None) -> None:
    """Hand ``path`` to ``account``; a no-op when the caller keeps it."""
    if account:
        owner = pwd.getpwnam(account)
        os.chown(path, owner.pw_uid, owner.pw_gid)


def data_directory(wanted: Path, account: str | None) -> Path:
    """Create the data directory of a server, mode 700, and return where it really lies.

    A checkout under ``/root`` or in a private temporary folder cannot be entered by a server's
    account. Its data then lies under ``/var/lib/district-data-hub``, and ``wanted`` is a
    symbolic link to it, so that all state is still found (and cleaned) from one folder.
    """
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        if account and not _everybody_may_enter(wanted.parent):
            mark = hashlib.sha256(os.fsencode(wanted.parent.absolute())).hexdigest()[:12]
            real = ELSEWHERE / mark / wanted.name
            shutil.rmtree(real, ignore_errors=True)  # of a home that was deleted by hand
            real.mkdir(parents=True)
            wanted.unlink(missing_ok=True)  # a dangling link of an earlier life
            wanted.symlink_to(real)
        else:
            wanted.mkdir()
        wanted.resolve().chmod(0o700)
        give(wanted.resolve(), account)
    return wanted.resolve()


def remove_data_directory(wanted: Path) -> None:
    """Delete a data directory, wherever it lies, and the link to it."""
    shutil.rmtree(wanted.resolve(), ignore_errors=True)
    if wanted.is_symlink():
        elsewhere = wanted.resolve().parent
        wanted.unlink()
        with suppress(OSError):  # another server's data is still there
            elsewhere.rmdir()


def _everybody_may_enter(folder: Path) -> bool:
    folder = folder.resolve()
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
