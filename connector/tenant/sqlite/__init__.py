"""The tenant in a SQLite file: what ``tenant/ports`` asks of a store."""
