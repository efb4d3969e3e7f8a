"""Dose to concentration, effect site, occupancy, tolerance and transduced signal."""
