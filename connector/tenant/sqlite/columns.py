"""Name the columns that make an object."""

from __future__ import annotations

from connector.tenant.objects import TenantObject

COLUMNS = ", ".join(TenantObject._fields)
"""The columns of the table ``object`` in the order of ``TenantObject``."""
