"""Puts off the import of packages that are named at a module's top and hardly ever used."""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for a module until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import machinery looks for these
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        self.__dict__.update(import_module(self.__name__).__dict__)
        return self.__dict__[name]


def later(*names: str) -> None:
    """Let the modules ``names`` be imported when they are first used, not when they are named."""
    for name in names:
        spec = find_spec(name) if name not in sys.modules else None
        if spec is None:
            continue
        module = _Later(name)
        module.__spec__ = spec
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
