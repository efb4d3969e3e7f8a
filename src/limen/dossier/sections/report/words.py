"""What the report's template says of belief."""

from limen.dossier.cause import told_apart

__all__ = ["told_apart"]
