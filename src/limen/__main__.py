"""The `limen` command, and `python -m limen`: signals are heeded before anything else is imported."""

import sys

from limen.cli.guard import governed


def main() -> None:
    """Entry point of the console script."""

    def limen() -> None:
        from limen.cli.main import application

        application(*sys.argv[1:2])()

    sys.exit(governed(limen))


if __name__ == "__main__":
    main()
