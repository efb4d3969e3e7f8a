"""What tests of several rooms share; on the path of every test (`pythonpath` in pyproject.toml)."""
