"""Print the lowest versions that pyproject.toml allows of what runs with the connector, for pip.

    python -m tests.lowest >constraints.txt

They are what ./tests/release --lowest installs. The tools of the tests are not among them.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOOLS = "dev"


def lowest(project: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line a dependency, those of the extras included. Raises ValueError where one has no bound."""
    extras = project["optional-dependencies"]
    wanted = [wish for name, wishes in extras.items() if name != TOOLS for wish in wishes]
    for wish in map(Requirement, [*project["dependencies"], *wanted]):
        bounds = [bound.version for bound in wish.specifier if bound.operator == ">="]
        if len(bounds) != 1:
            raise ValueError(f"{wish} does not say from which version on it will do")
        yield f"{wish.name}=={bounds[0]}"


def main() -> None:
    file = Path(__file__).parent.parent / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    sys.stdout.writelines(f"{line}\n" for line in lowest(project))


if __name__ == "__main__":
    main()
