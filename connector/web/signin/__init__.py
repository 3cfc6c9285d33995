"""Who may: applications with their secrets and tokens, and people with the password of the pages."""
