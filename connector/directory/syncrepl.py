"""Read a Delta since a cookie by content synchronization (RFC 4533, refreshOnly).

The rules that keep a Delta from deleting an entry that still exists:

- Without a cookie the answer is the whole directory, whatever it says of deletes.
- A Delta counts only when it ends with result 0 and a Sync Done control.
- Only the cookie of that control is a valid start; earlier cookies are not.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, overload

from connector.directory.controls import (
    DELETE,
    PRESENT,
    SYNC_INFO,
    SYNC_REQUEST,
    sync_done,
    sync_info,
    sync_request,
    sync_state,
)
from connector.directory.ldap import Control
from connector.directory.search_entry import Entry
from connector.directory.wire import Intermediate, Result
from connector.errors import CookieRefused, MalformedAnswer
from connector.model import Complete, DirectoryEntry, Gone, Present
from connector.values.staged import StagedPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.directory.apart import Facts
    from connector.directory.ldap import Search
    from connector.directory.servers import Servers
    from connector.directory.wire import Message
    from connector.model import Change

_OPENLDAP_COOKIE = re.compile(rb"rid=\d{3},(sid=[0-9a-f]{3},)?csn=\d{14}\.[^,]+")
_389_COOKIE = re.compile(rb"[^#]+#[^#]*#\d+")
_PAUSES = (0.2, 0.5)
_NO_SYNC_DONE = "no Sync Done control at the end of a content synchronization"


def changes(
    servers: Servers, search: Search, cookie: bytes | None, facts: Facts | None = None
) -> Iterator[Change | StagedPage]:
    """Stream what changed since ``cookie``, ending with Complete.

    With ``facts`` there are pages among it, of what another process decoded (see ``apart``).

    A server that answers 53 to a cookie lags behind, for a moment or for good. This asks twice more
    before it raises CookieRefused.
    """
    is_389 = servers.ask_root_dse().is_389
    sent = cookie if cookie and _looks_whole(cookie, is_389=is_389) else None
    request = [Control(SYNC_REQUEST, sync_request(sent))]
    for pause in (*_PAUSES, None):
        answer = servers.search(search, request, cookie_sent=sent is not None, facts=facts)
        try:
            yield from delta(answer, cookie_sent=sent is not None, is_389=is_389)
        except CookieRefused:
            if pause is None:
                raise
            time.sleep(pause)
        else:
            return


@overload
def delta(messages: Iterable[Message], *, cookie_sent: bool, is_389: bool) -> Iterator[Change]: ...


@overload
def delta(
    messages: Iterable[Message | StagedPage], *, cookie_sent: bool, is_389: bool
) -> Iterator[Change | StagedPage]: ...


def delta(
    messages: Iterable[Message | StagedPage], *, cookie_sent: bool, is_389: bool
) -> Iterator[Change | StagedPage]:
    """Read the messages of one successful refresh as changes (RFC 4533 3.3)."""
    present_phase = False
    for message in messages:
        if type(message) is Entry:
            yield _change(message)
        elif type(message) is StagedPage:
            yield message
        elif type(message) is Intermediate and message.name == SYNC_INFO:
            info = sync_info(message.value)
            present_phase = present_phase or info.ends_present_phase
            if info.present:
                yield Present(info.present)
            if info.deleted:
                yield Gone(info.deleted)
        elif type(message) is Result:
            done = sync_done(message.controls)
            if done is None:
                raise MalformedAnswer(_NO_SYNC_DONE)
            only_reported = cookie_sent and (is_389 or (done.refresh_deletes and not present_phase))
            yield Complete(_final(done.cookie), unmentioned_gone=not only_reported)


def _change(entry: Entry) -> Change:
    state, uuid = sync_state(entry.controls)
    if state == DELETE:
        return Gone((uuid,))
    if state == PRESENT and not entry.attributes:
        return Present((uuid,))
    return DirectoryEntry(uuid, entry.dn, entry.attributes)


def _final(cookie: bytes | None) -> bytes | None:
    """Return the cookie if a refresh can start from it; a delete CSN marks one halfway."""
    return None if cookie is None or b"delcsn=" in cookie else cookie


def _looks_whole(cookie: bytes, *, is_389: bool) -> bool:
    """Tell whether the server will understand the cookie; OpenLDAP ignores any other."""
    return (_389_COOKIE if is_389 else _OPENLDAP_COOKIE).fullmatch(cookie) is not None
