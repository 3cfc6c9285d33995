"""Sync a test directory into a model of the cloud directory, as Azure AD Connect would."""

__version__ = "0.1.0"
