"""Send pending exports to the tenant, and record what it answers."""
