"""What was said of a person: medicines, conditions, measurements, and what nobody could read."""
