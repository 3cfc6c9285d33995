"""Read the sync rules that an Azure AD Connect server exports: documents in, rules and a report out."""
