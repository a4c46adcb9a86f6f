"""Segments of messages: whole ones are never lost, half ones never landed, one writer at a time."""

import json
import time
from pathlib import Path

import pytest

from connectors.protocols.spool import Spool, SpoolBusyError, SpoolError, State

SHELF = "iot.+.alarm"


def line(number: int) -> bytes:
    return json.dumps({"topic": "iot/d/alarm", "payload": f'{{"msgId": {number}}}'}).encode()


def kept(spool: Spool) -> list[int]:
    texts = "".join(path.read_text() for path in spool.sealed(SHELF))
    return [json.loads(json.loads(one)["payload"])["msgId"] for one in texts.splitlines()]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def write(spool: Spool, *numbers: int) -> Path:
    for number in numbers:
        spool.append(SHELF, line(number))
    spool.sync()
    [path] = (spool.folder / SHELF).glob("*.open")
    return path


def test_a_sealed_segment_holds_what_was_synced_in_order(spool: Spool) -> None:
    with spool.owned():
        write(spool, 1, 2)
        assert spool.sealed(SHELF) == []
        spool.rotate(everything=True)
    assert kept(spool) == [1, 2]


@pytest.mark.parametrize("torn", [b'{"topic": "iot', b"\0\0\0\0\n", b"[1]\n", b"\xff\xfe\n"])
def test_what_a_dead_process_was_writing_is_cut_off(spool: Spool, torn: bytes) -> None:
    with spool.owned():
        path = write(spool, 1, 2)
    with path.open("ab") as file:
        file.write(torn)
    with Spool(spool.folder).owned():
        assert kept(spool) == [1, 2]


def test_a_segment_without_a_whole_message_goes(spool: Spool) -> None:
    with spool.owned():
        write(spool, 1).write_bytes(b'{"half')
    with Spool(spool.folder).owned():
        assert list((spool.folder / SHELF).iterdir()) == []


def test_only_one_process_writes(spool: Spool) -> None:
    with spool.owned(), pytest.raises(SpoolBusyError), Spool(spool.folder).owned():
        pass


def test_what_cannot_be_written_is_an_error_and_what_was_safe_stays(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with spool.owned():
        write(spool, 1)
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            spool.append(SHELF, line(2))
            with pytest.raises(SpoolError, match="No space left on device"):
                spool.sync()
            with pytest.raises(SpoolError):
                spool.probe()
        spool.recover()
        spool.probe()
    assert kept(spool) == [1]


def test_a_request_to_seal_is_answered_or_given_up(spool: Spool) -> None:
    with spool.owned():
        write(spool, 1)
        assert not Spool(spool.folder).ask_to_seal(0.2)
        (spool.folder / "seal").touch()
        spool.answer_seal_request()
        assert kept(spool) == [1]
        assert not (spool.folder / "seal").exists()


def test_the_collectors_word_is_believed_while_it_is_fresh(spool: Spool) -> None:
    assert spool.read_state() is None
    with spool.owned():
        spool.write_state(State(listening=True, since="", at=time.time(), messages=7))
        assert (state := spool.read_state())
        assert state.is_listening_now()
        spool.write_state(State(listening=True, since="", at=time.time() - 3600, messages=7))
        assert (state := spool.read_state())
        assert not state.is_listening_now()
