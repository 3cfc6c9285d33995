"""``python -m connector`` that logs errors, and sweeps waiters, a few at a time."""

from connector.cli.app import main
from connector.export import exporter
from connector.tenant import sweeper

if __name__ == "__main__":
    exporter.SLICE = 4
    sweeper._PAGE = 3
    main()
