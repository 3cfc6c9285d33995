"""``python -m connector`` that logs errors, and sweeps waiters, a few at a time."""

from connector.cli.app import main
from connector.export import exporter
from connector.tenant import sweep

if __name__ == "__main__":
    exporter.SLICE = 4
    sweep._PAGE = 3
    main()
