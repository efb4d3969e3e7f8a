"""What is already known: studies, claims, comparators, and what can honestly be pooled from them."""
