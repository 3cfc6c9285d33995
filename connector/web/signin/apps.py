"""Keep the registrations of applications in a file of the storage folder; of a secret only a hash."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, get_args

from connector.errors import InvalidRequest, StorageUnusable, UnknownObject
from connector.storage.database import folder_to_itself
from connector.storage.whole_file import writing_whole
from connector.values.addresses import fold
from connector.web.exchange import AppRole
from connector.web.signin.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path

FILE = "web-apps.json"
_LONGEST_NAME = 120
_SECRET_BYTES = 30
_SALT_BYTES = 16
# About 10 ms: a secret is random and long, so that a guess is hopeless at any speed.
_COST = {"n": 4096, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class App:
    """An application that may ask for tokens; ``salt`` and ``hash`` (hexadecimal) are of its secret."""

    name: str
    role: AppRole
    client_id: str
    salt: str
    hash: str

    def has_secret(self, secret: str) -> bool:
        """Tell whether this is the secret."""
        return hmac.compare_digest(_hash(secret, bytes.fromhex(self.salt)), self.hash)


class Apps:
    """The registrations of a storage folder; other processes may change them at any time."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._path = storage / FILE
        self._watched = Watched(self._path, self._read)

    def all(self) -> list[App]:
        """Return the applications as they are now; raises StorageUnusable where the file is damaged."""
        return list(self._watched.look().values())

    def find(self, client_id: str) -> App | None:
        """Return an application by its client id, whatever its case."""
        return self._watched.look().get(client_id.lower())

    def add(self, name: str, role: AppRole) -> tuple[App, str]:
        """Register an application; return it and its secret, which is kept nowhere.

        Raises InvalidRequest for a name that is taken or cannot be one.
        """
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable() or _is_id(name):
            raise InvalidRequest(
                f"{name!r} cannot be the name of an application: a name has 1 to {_LONGEST_NAME} printable "
                "characters and is not a UUID."
            )
        secret, salt = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_bytes(_SALT_BYTES)
        app = App(name, role, str(uuid.uuid4()), salt.hex(), _hash(secret, salt))
        with folder_to_itself(self._storage, shared=False):
            known = self.all()
            if any(fold(one.name) == fold(name) for one in known):
                raise InvalidRequest(
                    f"There is an application {name!r} already. Choose another name, or remove it first: "
                    "connector web app remove"
                )
            self._write([*known, app])
        return app, secret

    def remove(self, name: str) -> App:
        """Remove an application by its name or client id; raises UnknownObject where there is none."""
        with folder_to_itself(self._storage, shared=False):
            known = self.all()
            for app in known:
                if fold(app.name) == fold(name) or app.client_id == name.lower():
                    self._write([one for one in known if one is not app])
                    return app
        raise UnknownObject(
            f"No application has the name or client id {name!r}. To list them: connector web app list"
        )

    def _write(self, apps: list[App]) -> None:
        with writing_whole(self._path) as file:
            json.dump([asdict(app) for app in apps], file, indent=2)

    def _read(self, content: bytes | None) -> dict[str, App]:
        if content is None:
            return {}
        try:
            return {app.client_id: app for app in map(_app, json.loads(content))}
        except (ValueError, TypeError) as error:
            raise StorageUnusable(
                f"{self._path}: it is damaged. Remove it, and register the applications anew: connector "
                "web app add"
            ) from error


def _app(fields: dict[str, Any]) -> App:
    app = App(**fields)
    if app.role not in get_args(AppRole) or not all(isinstance(v, str) for v in fields.values()):
        raise ValueError(app.client_id)
    return app


def _hash(secret: str, salt: bytes) -> str:
    return hashlib.scrypt(secret.encode("utf-8", "replace"), salt=salt, **_COST).hex()


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
