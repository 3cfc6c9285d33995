"""The sync rules, pure: which entries are synced, as what, and what the cloud has yet to be told."""
