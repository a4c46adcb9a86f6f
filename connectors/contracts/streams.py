"""How a stream is fetched: a broker that a collector listens to, and the topics of a table."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.contracts.base import Secret, Setting, Strict


def _topic_filter(value: str) -> str:
    levels = value.split("/")
    misplaced = any("#" in level and level != "#" for level in levels) or "#" in levels[:-1]
    if misplaced or any("+" in level and level != "+" for level in levels):
        raise ValueError("in a topic filter + is a whole level, and # the whole last one")
    return value


def _tls(value: str) -> str:
    if "${" not in value and value not in {"verify", "none"}:
        raise ValueError("tls is verify (the certificate is checked) or none")
    return value


Topic = Annotated[str, Field(min_length=1), AfterValidator(_topic_filter)]


class MqttServer(Strict):
    """A message broker, and the folder where what it sends is kept until it is landed.

    ``client_id`` names our durable session there, which hears all ``topics``; what comes while
    nobody listens waits for it.
    ``tls``: ``verify`` or ``none`` (a broker on this machine), perhaps by reference; ``ca_file``
    holds the authorities to trust instead of the system's.
    """

    type: Literal["mqtt"]
    host: Setting
    port: Setting | int = 8883
    user: Setting
    password: Secret
    client_id: Setting
    topics: Annotated[tuple[Topic, ...], Field(strict=False, min_length=1)]
    tls: Annotated[Setting, AfterValidator(_tls)] = "verify"
    ca_file: Setting | None = None
    spool: Setting


class MqttExtract(Strict):
    """The messages of one of the server's topics, each a JSON object, at least once (QoS 1)."""

    object: Topic
    mode: Literal["stream"]
