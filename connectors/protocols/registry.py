"""From a contract to the class that speaks its protocol; drivers are imported when needed."""

from connectors.contracts import (
    Contract,
    FileContract,
    RestContract,
    SqlContract,
    StreamContract,
)
from connectors.contracts.sources import FolderServer, HttpServer, SftpServer
from connectors.protocols.base import Source


def open_source(contract: Contract) -> Source:
    """Return the source of ``contract``; nothing is contacted yet."""
    if isinstance(contract, SqlContract):
        return _database(contract)
    if isinstance(contract, RestContract):
        from connectors.protocols.rest import RestSource

        return RestSource(contract)
    if isinstance(contract, FileContract):
        return _files(contract)
    if isinstance(contract, StreamContract):
        from connectors.protocols.mqtt import MqttSource

        return MqttSource(contract)
    raise TypeError(f"no protocol for {type(contract).__name__}")


def _database(contract: SqlContract) -> Source:
    if contract.server.type == "postgresql":
        from connectors.protocols.postgresql import PostgresqlSource

        return PostgresqlSource(contract)
    if contract.server.type == "sqlalchemy":
        from connectors.protocols.any_database import AnyDatabaseSource

        return AnyDatabaseSource(contract)
    from connectors.protocols.mysql import MysqlSource

    return MysqlSource(contract)


def _files(contract: FileContract) -> Source:
    from connectors.protocols.files import FileSource

    server = contract.server
    if isinstance(server, SftpServer):
        from connectors.protocols.sftp import open_sftp

        return FileSource(contract, lambda: open_sftp(server))
    if isinstance(server, HttpServer):
        from connectors.protocols.http_file import open_http

        name = contract.extract.object
        # what we downloaded ourselves lies still
        return FileSource(contract, lambda: open_http(server, name), settle_seconds=0)
    assert isinstance(server, FolderServer)  # noqa: S101 - the only other kind
    from connectors.protocols.folder import open_folder

    return FileSource(contract, lambda: open_folder(server))
