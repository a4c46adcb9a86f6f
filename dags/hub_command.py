"""Calling ``hub`` verbs from tasks: output line by line in the task's log, no orphan behind."""

import ctypes
import logging
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags import options

log = logging.getLogger(__name__)

Verb = subprocess.Popen[str]

# Exit codes of hub verbs (hub.errors.HubError): what Airflow makes of them.
USAGE, HELD, SOURCE_FAILED, NOTHING_NEW = 2, 10, 11, 12
_FINAL = {USAGE: "wrong use or a broken contract", HELD: "data held by its checks"}

TAIL_LINES = 20
GRACE_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1


def run_hub(*arguments: str, started: Callable[[Verb], None] | None = None) -> str:
    """Run ``hub <arguments>``, copy its output into the log, and return the last line.

    ``started`` is told the process, for whoever may have to end it. Raises AirflowFailException
    where trying again cannot help (exit 2, 10), AirflowSkipException when there is nothing to do
    (12), AirflowException otherwise (11 or a crash); the last lines of the output are in the
    message. The whole process group ends with this call, whatever stops it.
    """
    with _running(arguments) as verb:
        if started:
            started(verb)
        tail = _copied(verb)
        code = verb.wait()
    return _judged(arguments, code, tail)


class HubCommand(BaseOperator):
    """A task that is one ``hub`` verb; killing the task kills the verb and all it started."""

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#e8f1fb"

    def __init__(self, *, arguments: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments = list(arguments)
        self._verb: Verb | None = None

    def execute(self, context: Any) -> None:
        """Run the verb to its end."""
        run_hub(*self.arguments, started=self._remember)

    def on_kill(self) -> None:
        """End the verb: called when the task is killed or runs out of time."""
        if self._verb is not None:
            _end(self._verb)

    def _remember(self, verb: Verb) -> None:
        self._verb = verb


@contextmanager
def _running(arguments: Sequence[str]) -> Iterator[Verb]:
    log.info("hub %s", " ".join(arguments))
    verb = subprocess.Popen(
        [options.COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        bufsize=1,
        env=_environment(),
        process_group=0,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - a task process runs one thread
    )
    try:
        yield verb
    finally:
        _end(verb)


def _environment() -> dict[str, str]:
    """Our own environment without Airflow's settings, whose secrets are none of hub's business."""
    ours = {key: value for key, value in os.environ.items() if "AIRFLOW" not in key}
    return ours | {"PYTHONUNBUFFERED": "1"}


def _die_with_parent() -> None:
    """Have the kernel end the verb even when its task is killed without notice (out of memory)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _copied(verb: Verb) -> list[str]:
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    for line in verb.stdout or ():
        log.info("%s", line.rstrip())
        tail.append(line.rstrip())
    return list(tail)


def _end(verb: Verb) -> None:
    for deadly in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(verb.pid, deadly)
        except ProcessLookupError:
            return
        try:
            verb.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _judged(arguments: Sequence[str], code: int, tail: Sequence[str]) -> str:
    if code == 0:
        return tail[-1] if tail else ""
    said = "\n".join(tail) or "(it said nothing)"
    called = "hub " + " ".join(arguments)
    if code == NOTHING_NEW:
        raise AirflowSkipException(said)
    if code in _FINAL:
        raise AirflowFailException(f"{called}: {_FINAL[code]} (exit {code})\n{said}")
    if code == SOURCE_FAILED:
        raise AirflowException(f"{called}: the source failed (exit {code})\n{said}")
    if code < 0:
        raise AirflowException(f"{called}: ended by {signal.Signals(-code).name}\n{said}")
    raise AirflowException(f"{called}: failed (exit {code})\n{said}")
