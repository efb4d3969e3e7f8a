"""One file an estimator, named as protocols name it, each with an `ESTIMATOR`."""
