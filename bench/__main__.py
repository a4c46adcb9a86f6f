"""``python -m bench [name] [options]``: runs one benchmark; ``landing`` unless named."""

import runpy
import sys


def main() -> None:
    """Run the named benchmark's module with the remaining arguments."""
    named = len(sys.argv) > 1 and not sys.argv[1].startswith("-")
    name = sys.argv.pop(1) if named else "landing"
    runpy.run_module(f"bench.{name}", run_name="__main__", alter_sys=True)


main()
