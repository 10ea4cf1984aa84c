"""`python -m engine COMMAND`."""

from engine.cli import main

if __name__ == "__main__":
    main()
