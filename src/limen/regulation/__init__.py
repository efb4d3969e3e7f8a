"""Dated law and guidance: what is in force where and when, and whether a protocol meets what is asked of
it."""
