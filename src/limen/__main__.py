"""`python -m limen` is the `limen` command."""

from limen.cli.main import run

if __name__ == "__main__":
    run()
