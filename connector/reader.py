"""Read the directory for an import: in one pass, and a big answer with the help of another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.model import Change, DirectoryEntry
    from connector.ports import Directory
    from connector.rules.one_pass import OnePass
    from connector.values.reads import Reads
    from connector.values.staged import Staged, StagedPage

_DECODER = "connector.decoder"


@runtime_checkable
class _ReadsApart(Protocol):
    """A directory that can have another process decode its answers; see ``directory.apart``."""

    def changes_staged(
        self,
        cookie: bytes | None,
        module: str,
        domain: str,
        domains: Sequence[str],
        rules: tuple[object, ...],
    ) -> Iterator[Change | StagedPage]: ...


def reading(directory: Directory, reads: Reads) -> Reads:
    """Return what is read, with the names under which this directory may show it."""
    return directory.schema().reading(reads) if reads.names else reads


class Reader:
    """Reads the changes of a directory; implements ``ports.Reader``."""

    def __init__(self, directory: Directory, one_pass: OnePass) -> None:
        self._directory = directory
        self._one_pass = one_pass
        self.version: str | None = one_pass.version

    def changes(self, cookie: bytes | None) -> Iterator[Change | StagedPage]:
        directory, rules = self._directory, self._one_pass
        if isinstance(directory, _ReadsApart):
            facts = (rules.chain.facts, tuple(rules.reads))
            return directory.changes_staged(cookie, _DECODER, rules.domain, rules.domains, facts)
        return directory.changes(cookie)

    def stage(self, entry: DirectoryEntry) -> Staged:
        return self._one_pass.stage(entry)
