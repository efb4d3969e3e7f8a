"""Power without simulation: laws of fixed designs, group-sequential bounds, and the questions asked of them."""
