"""What was found, as found: the shipped CSV tables and one bibliography, read with the standard library."""

from limen.facts.read import Row, Table, bibliography, names, read

__all__ = ["Row", "Table", "bibliography", "names", "read"]
