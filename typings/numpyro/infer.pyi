"""The sampler limen runs."""

from collections.abc import Callable
from typing import Any

class NUTS:
    def __init__(self, model: Callable[..., None], *, target_accept_prob: float = ...) -> None: ...

class MCMC:
    def __init__(
        self,
        sampler: NUTS,
        *,
        num_warmup: int,
        num_samples: int,
        num_chains: int,
        chain_method: str,
        progress_bar: bool,
        jit_model_args: bool = ...,
    ) -> None: ...
    def run(self, rng_key: Any, *args: Any, extra_fields: tuple[str, ...] = ...) -> None: ...
    def get_samples(self, group_by_chain: bool = ...) -> dict[str, Any]: ...
    def get_extra_fields(self) -> dict[str, Any]: ...
