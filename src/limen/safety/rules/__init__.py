"""What trials ask: interactions and contraindications, local changes, washout times."""
