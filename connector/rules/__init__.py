"""The sync rules, pure: which entries are synced, as what, and which exports they need."""
