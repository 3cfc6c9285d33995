"""Send pending exports to the tenant, and write down what it answered."""
