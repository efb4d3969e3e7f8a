"""limen: a laboratory for psychedelic microdosing research. It never gives dosing advice to individuals."""

__version__ = "0.1.0"
