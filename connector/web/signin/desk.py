"""Put together what sign-in works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.signin.apps import Apps
from connector.web.signin.attempts import Attempts
from connector.web.signin.keys import Keys
from connector.web.signin.sessions import Sessions
from connector.web.signin.static_tokens import StaticTokens
from connector.web.signin.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.settings import Settings


class Desk:
    """Applications, keys, tokens and sessions of one server; any thread may use it."""

    def __init__(
        self, settings: Settings, tenant_id: Callable[[], str], clock: Callable[[], datetime]
    ) -> None:
        storage = settings.storage.path
        self.apps = Apps(storage)
        self.keys = Keys(storage)
        self.tokens = Tokens(self.keys, self.apps, tenant_id, clock)
        self.token_attempts = Attempts()
        self.static_tokens = StaticTokens(settings.web.tokens_file)
        self.sessions = Sessions(settings.web, clock)
