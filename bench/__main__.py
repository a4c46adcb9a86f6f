"""``python -m bench [name] [options]``: runs one benchmark, or one after the other all."""

import runpy
import sys

ALL = ("landing", "simulator")


def main() -> None:
    """Run the named benchmark's module with the remaining arguments; all of them unless named."""
    named = len(sys.argv) > 1 and not sys.argv[1].startswith("-")
    for name in [sys.argv.pop(1)] if named else ALL:
        runpy.run_module(f"bench.{name}", run_name="__main__", alter_sys=True)


main()
