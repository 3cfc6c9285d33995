"""The connector space: what the directory holds, what was exported of it, and what is between."""
