"""One connection to an MQTT broker with a durable session; messages are acknowledged by hand.

paho's network loop is driven from here, in one thread, so that nothing is acknowledged behind our
back. The broker sends again whatever was not acknowledged when the connection ended.
"""

import select
import ssl
import time
from types import TracebackType
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from connectors.contracts.streams import MqttServer
from connectors.protocols.base import CONNECT_SECONDS, SourceError
from connectors.protocols.sql import settle

KEEPALIVE_SECONDS = 30
QOS = 1


class Session:
    """A connection, subscribed to the server's topics; use it as a context manager.

    Raises:
        SourceError: the broker cannot be reached, refuses us or a topic, or is lost.
    """

    def __init__(self, server: MqttServer) -> None:
        self._where = f"{settle(server.host)}:{settle(server.port)}"
        self._topics = server.topics
        self._granted: int | None = None
        self._refusal: str | None = None
        self.arrived: list[MQTTMessage] = []
        self._client = client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settle(server.client_id),
            clean_session=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.username_pw_set(settle(server.user), settle(server.password))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = lambda _client, _userdata, message: self.arrived.append(message)
        if settle(server.tls) != "none":
            authorities = settle(server.ca_file) if server.ca_file else None
            client.tls_set_context(_verifying(authorities))

    def __enter__(self) -> "Session":
        host, _, port = self._where.rpartition(":")
        try:
            self._client.connect(host, int(port), KEEPALIVE_SECONDS)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(f"无法连接消息代理 {self._where}（{reason}）") from None
        deadline = time.monotonic() + CONNECT_SECONDS
        while self._granted is None:
            self.wait(0.2)
            if time.monotonic() > deadline:
                raise SourceError(f"消息代理 {self._where} 没有应答订阅")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()

    def wait(self, seconds: float) -> None:
        """Let messages arrive, for so long at most; returns early when some did."""
        failed = self._client.loop(seconds)
        if self._refusal:
            raise SourceError(self._refusal)
        if failed != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SourceError(f"与消息代理 {self._where} 的连接中断（{failed.name}）")

    def more_at_hand(self) -> bool:
        """Tell whether the broker has sent more that is not read yet."""
        socket = self._client.socket()
        if socket is None:
            return False
        pending = getattr(socket, "pending", None)
        return bool(pending and pending()) or bool(select.select([socket], [], [], 0)[0])

    def acknowledge(self) -> None:
        """Tell the broker that everything that arrived is kept."""
        for message in self.arrived:
            self._client.ack(message.mid, message.qos)
        self.arrived = []

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: Any, _more: Any) -> None:
        if code.is_failure:
            self._refusal = f"消息代理 {self._where} 拒绝登录（{code}）"
            return
        # Also when the broker still knows our session: the contract's topics may be others now.
        client.subscribe([(topic, QOS) for topic in self._topics])

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[Any], _more: Any
    ) -> None:
        if refused := [t for t, c in zip(self._topics, codes, strict=True) if c.is_failure]:
            self._refusal = f"消息代理 {self._where} 拒绝订阅 {'、'.join(refused)}"
        self._granted = len(codes)


def _verifying(authorities: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(f"无法读取 CA 证书 {authorities}（{type(error).__name__}）") from None
