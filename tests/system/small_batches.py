"""``python -m connector`` with batches so small that a few hundred objects make many of them."""

from connector.cli.app import main
from connector.export import exporter, references

if __name__ == "__main__":
    exporter.BATCH = 40
    references.LINKS = 100
    main()
