"""One person in, one decision out, with every rule that led to it."""
