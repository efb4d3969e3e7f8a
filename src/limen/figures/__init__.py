"""One theme; one figure a file."""
