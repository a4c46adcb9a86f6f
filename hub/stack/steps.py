"""Run steps that wait for each other, at the same time where they do not, and say how it goes."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

Report = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One thing to do; ``after`` names the steps it waits for."""

    name: str
    title: str
    run: Callable[[], object]
    after: Sequence[str] = ()


def run_steps(steps: Sequence[Step], report: Report) -> None:
    """Run all ``steps``, each as soon as those it waits for are done.

    Reports one line per finished step. After a failure nothing new starts; what runs is waited
    for, then the first error is raised.
    """
    waiting = {step.name: step for step in steps}
    if unknown := {name for step in steps for name in step.after} - set(waiting):
        raise ValueError(f"steps wait for unknown ones: {sorted(unknown)}")
    done: set[str] = set()
    failure: BaseException | None = None
    running: dict[Future[float], Step] = {}
    with ThreadPoolExecutor() as pool:
        while running or (waiting and not failure):
            for step in [] if failure else list(waiting.values()):
                if done.issuperset(step.after):
                    del waiting[step.name]
                    running[pool.submit(_timed, step)] = step
            if not running:
                raise ValueError(f"steps wait for each other: {sorted(waiting)}")
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                if error := future.exception():
                    failure = failure or error
                    report(f"✗ {step.title}")
                else:
                    done.add(step.name)
                    report(f"✓ {step.title} ({future.result():.1f} s)")
    if failure:
        raise failure


def without(steps: Sequence[Step], name: str) -> list[Step]:
    """Return ``steps`` without one of them; those that waited for it no longer do."""
    return [
        replace(step, after=[other for other in step.after if other != name])
        for step in steps
        if step.name != name
    ]


def _timed(step: Step) -> float:
    began = time.monotonic()
    step.run()
    return time.monotonic() - began
