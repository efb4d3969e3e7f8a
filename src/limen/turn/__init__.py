"""Turn: the dose turned by hand, as one page that opens without a network."""
