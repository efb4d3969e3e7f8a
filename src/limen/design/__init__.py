"""Many trials: operating characteristics, what would settle the question, what the answer hangs on."""
