"""A stand-in for the ``hub`` command: notes each call, and ends as the test wants it to.

The folder ``FAKE_HUB`` holds ``calls`` (one line per call) and ``plan.json``:
``{"ingest police": [[11, 0], [0, 2.5]]}`` lets the first call fail with exit 11 and the second
take 2.5 seconds; calls that are not planned succeed at once. ``due`` and ``report`` are as honest
as the real ones.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ["FAKE_HUB"])
NOTHING_NEW = 12


def noted() -> list[list[str]]:
    """Return the arguments of all calls so far."""
    file = FOLDER / "calls"
    if not file.exists():
        return []
    return [json.loads(line)["arguments"] for line in file.read_text().splitlines()]


def main(arguments: list[str]) -> int:
    """Note the call, then do as planned."""
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = noted()
        with (FOLDER / "calls").open("a") as calls:
            note = {"at": time.time(), "pid": os.getpid(), "arguments": arguments}
            calls.write(json.dumps(note) + "\n")
    say(f"fake hub {' '.join(arguments)}")
    verb, subject = (*arguments, "")[:2]
    if verb == "report":
        recorded = FOLDER / f"recorded {subject}"
        say(recorded.read_text() if recorded.exists() else "failed")
        return 0
    if verb == "due":
        return 0 if reported_since_build(before) else NOTHING_NEW
    key = f"{verb} {subject}" if subject and not subject.startswith("-") else verb
    turn = sum(call[: len(key.split())] == key.split() for call in before)
    code, seconds = planned(key, turn)
    time.sleep(seconds)
    if code:
        (FOLDER / f"recorded {subject}").write_text("held" if code == 10 else "failed")
        say(f"{key} is told to fail with {code}")
    return code


def say(line: str) -> None:
    """Print at once, as a well-behaved verb does."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def planned(key: str, turn: int) -> tuple[int, float]:
    """Return exit code and duration of a verb's next call."""
    plan = json.loads((FOLDER / "plan.json").read_text()).get(key, [])
    code, seconds = plan[turn] if turn < len(plan) else (0, 0)
    return int(code), float(seconds)


def reported_since_build(before: list[list[str]]) -> bool:
    """Tell whether a department was pulled after the last build began."""
    verbs = [call[0] for call in before]
    last_build = max((n for n, verb in enumerate(verbs) if verb == "build"), default=-1)
    return "ingest" in verbs[last_build + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
