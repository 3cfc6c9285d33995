"""Replicate a directory with syncrepl_client into its own store; print how many entries it has.

Runs in the environment of the peers, which has this package. Arguments: URL, base DN, bind DN, file with the
password, folder, and the attributes to ask for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ldapurl
from syncrepl_client import Syncrepl, SyncreplMode
from syncrepl_client.callbacks import BaseCallback


class Counted(BaseCallback):  # type: ignore[misc]
    entries = 0

    @classmethod
    def record_add(cls, dn: str, attrs: object) -> None:
        cls.entries += 1


def main(url: str, base: str, bind: str, password_file: str, folder: str, *names: str) -> None:
    asked = ldapurl.LDAPUrl(f"{url}/{base}")
    asked.scope, asked.filterstr, asked.attrs = ldapurl.LDAP_SCOPE_SUBTREE, "(objectClass=*)", names
    asked.who, asked.cred = bind, Path(password_file).read_text()
    client = Syncrepl(f"{folder}/", Counted, SyncreplMode.REFRESH_ONLY, asked)
    while client.poll():
        pass
    client.unbind()
    sys.stdout.write(f"{Counted.entries}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
