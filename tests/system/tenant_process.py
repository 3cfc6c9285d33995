"""``python -m connector`` that exports by a process of its own, in small batches, however little waits."""

from connector.cli.app import main
from connector.export import exporter, references
from connector.tenant import process

if __name__ == "__main__":
    process.WORTHWHILE = 0
    exporter.BATCH = 40
    references.LINKS = 100
    main()
