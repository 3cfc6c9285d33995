"""The tenant in PostgreSQL: what ``tenant/ports`` asks of a store, over the network."""
