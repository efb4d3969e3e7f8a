"""The one page: HTML for people, JSON for programs."""
