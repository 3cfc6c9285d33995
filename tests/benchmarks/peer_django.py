"""Read the users of a directory into Django's table with django-python3-ldap; print how many it has.

Runs in the environment of the peers, which has this package. Arguments: URL, base DN, bind DN, file with the
password, folder; it asks for all attributes, whatever follows.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command


def main(url: str, base: str, bind: str, password_file: str, folder: str, *_: str) -> None:
    settings.configure(
        SECRET_KEY="of-a-measurement",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django_python3_ldap",
        ],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/django.db"}
        },
        LDAP_AUTH_URL=[url],
        LDAP_AUTH_SEARCH_BASE=f"ou=users,{base}",
        LDAP_AUTH_FORMAT_USERNAME=f"{Path(__file__).stem}.as_it_is",
        LDAP_AUTH_CONNECTION_USERNAME=bind,
        LDAP_AUTH_CONNECTION_PASSWORD=Path(password_file).read_text(),
    )
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("ldap_sync_users", verbosity=0)

    from django.contrib.auth.models import User  # noqa: PLC0415 - after the setup

    sys.stdout.write(f"{User.objects.count()}\n")


def as_it_is(fields: dict[str, str]) -> str:
    """Return the bind DN, which django-python3-ldap would else make of the name of a user."""
    return fields["username"]


if __name__ == "__main__":
    main(*sys.argv[1:])
