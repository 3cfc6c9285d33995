"""``python -m connector`` is the ``connector`` command."""

from connector.cli.app import main

if __name__ == "__main__":
    main()
