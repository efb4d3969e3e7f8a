"""jaxlib ships its compiled half without types; a device is all that the signatures of jax.numpy need of it."""

from typing import Any

class Device: ...

def __getattr__(name: str) -> Any: ...
