"""The daemon's HTTP listener and what it serves."""
