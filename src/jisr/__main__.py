"""`python -m jisr` is the command `jisr`."""

from jisr.cli.main import main

if __name__ == "__main__":
    main()
