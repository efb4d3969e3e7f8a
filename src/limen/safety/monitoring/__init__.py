"""What to watch at which visit, when to stop, and what trials saw happen."""
