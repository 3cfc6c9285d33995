"""Look before you sync: checks on directory data, and the effect of a proposed change."""
