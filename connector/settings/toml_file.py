"""Read a file in TOML, and word what is wrong with it."""

from __future__ import annotations

import stat
import tomllib
from typing import TYPE_CHECKING, Any

from connector.errors import InvalidSettings

if TYPE_CHECKING:
    from pathlib import Path


def read(file: Path) -> dict[str, Any]:
    """Return what a file says. Raises InvalidSettings where it cannot be read."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise InvalidSettings([f"{file}: is not a file"])
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidSettings([f"{file}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidSettings([f"{file}: is not written in UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings([f"{file}: {error}"]) from error
    except ValueError as error:  # what Python says of a number of thousands of digits
        raise InvalidSettings([f"{file}: a number has too many digits"]) from error
    except RecursionError as error:
        raise InvalidSettings([f"{file}: is nested too deep"]) from error
