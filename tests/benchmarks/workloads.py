"""The changes to measure, as LDIF for a directory of generated objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.generator import Population, group_dn, user, user_dn
from connector.values.ldif import entry, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

BIG_GROUP = 50_000


def titles(numbers: range, title: str) -> Iterator[str]:
    """Give these users another title."""
    for number in numbers:
        yield replace(user_dn(number), {"title": title})


class Mix:
    """1 % of the objects deleted, 1 % created, 5 % changed; all are users without a conflict."""

    def __init__(self, total: int) -> None:
        self._users = Population(total).users
        self._percent = total // 100

    @property
    def count(self) -> int:
        return 7 * self._percent

    def records(self) -> Iterator[str]:
        changed = range(self._users - 6 * self._percent, self._users - self._percent)
        yield from titles(changed, "Changed in the mix")
        for number in range(self._users - self._percent, self._users):
            yield f"dn: {user_dn(number)}\nchangetype: delete\n\n"
        for number in range(self._users, self._users + self._percent):
            yield user(number)


class BigGroup:
    """A group of 50,000, or of all users where there are fewer, and one member more."""

    def __init__(self, total: int) -> None:
        # Those after are deleted by the mix.
        users = Population(total).users - total // 100
        self.members = min(BIG_GROUP, users) - 1
        self._number = total

    def record(self) -> str:
        name = f"g{self._number:07d}"
        return entry(
            group_dn(self._number),
            {
                "objectClass": ["groupOfNames", "onPremRecipient"],
                "cn": name,
                "displayName": "Everybody",
                "mail": "everybody@contoso.com",
                "proxyAddresses": "SMTP:everybody@contoso.com",
                "member": [user_dn(number) for number in range(self.members)],
            },
        )

    def one_more(self) -> str:
        member = user_dn(self.members)
        return (
            f"dn: {group_dn(self._number)}\nchangetype: modify\nadd: member\nmember: {member}\n-\n"
        )
