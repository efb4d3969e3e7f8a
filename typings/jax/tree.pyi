"""Maps over a tree give a tree of the same kind."""

from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")

def map(f: Callable[..., Any], tree: _T, /, *rest: Any) -> _T: ...
def leaves(tree: Any, /) -> list[Any]: ...
def __getattr__(name: str) -> Any: ...
