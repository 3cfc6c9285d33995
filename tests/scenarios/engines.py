"""Say which scenarios are about one engine alone; all others run on each."""

from __future__ import annotations

import pytest

ON_A_FILE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What copies files, or is about a tenant in the storage folder of its connector."""

ON_A_SERVER = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
