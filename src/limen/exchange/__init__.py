"""Files of other people's making: registry records and USDM, read into protocols and written from them."""

from limen.exchange.draft import Draft
from limen.exchange.registry import from_registry

__all__ = ["Draft", "from_registry"]
