"""The connector space: what the directory holds, what the cloud was told, and what is between."""
