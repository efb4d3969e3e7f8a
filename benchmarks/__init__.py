"""limen beside what a Python user would pick instead, on one problem in one run. `python -m benchmarks`."""
