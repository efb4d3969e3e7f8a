"""Files of other people's making: registry records and USDM, read into protocols and written from them."""

from limen.exchange.draft import Draft
from limen.exchange.from_usdm import from_usdm
from limen.exchange.registry import from_registry
from limen.exchange.usdm import Usdm, to_usdm

__all__ = ["Draft", "Usdm", "from_registry", "from_usdm", "to_usdm"]
