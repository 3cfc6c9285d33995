"""A tenant in PostgreSQL."""

from __future__ import annotations

import pytest


@pytest.fixture
def engine() -> str:
    return "postgresql"
