"""One request of the API with its route, and the answers that handlers give."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connector.values.canonical import compact
from connector.web.envelope import tracing
from connector.web.exchange import Reply
from connector.web.graph.refusals import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.assembly import Readers
    from connector.web.context import Context
    from connector.web.exchange import Call
    from connector.web.graph.paths import Target

JSON = (
    "application/json;odata.metadata={};odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)
_METADATA = re.compile(r"odata[.]metadata\s*=\s*(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """A call of the API whose route is found.

    ``takes`` are the query options that its route takes; ``id`` and ``cast`` are what the placeholders of the
    path stand for. ``again`` answers a request of a batch.
    """

    call: Call
    context: Context
    takes: tuple[str, ...]
    target: Target
    again: Callable[[Call], Reply]
    id: str = ""
    cast: str = ""

    def is_eventual(self) -> bool:
        """Tell whether the client wants what only an index that lags behind can answer."""
        return self.call.headers.get("consistencylevel", "").strip().lower() == "eventual"

    def says_types(self) -> bool:
        """Tell whether the answer says what it is of: ``@odata.context`` and ``@odata.type``."""
        return self._metadata() != "none"

    def _metadata(self) -> str:
        found = _METADATA.search(self.call.headers.get("accept", ""))
        return found[1].lower() if found and found[1].lower() in {"none", "full"} else "minimal"

    def root(self) -> str:
        """Return the address of this version of the API, without a slash at the end."""
        return f"{self.call.base}/{self.target.version}"

    def place(self) -> str:
        """Return the path below the version, in one spelling, as it stands in a link."""
        return "/".join(quote(part, safe="$@!*()',;:+=~") for part in self.target.segments)

    @contextmanager
    def reading(self) -> Iterator[Readers]:
        """Lend the databases; the tenant is read in one state."""
        with self.context.reading() as readers, readers.tenant.one_state():
            yield readers

    # --- answers ------------------------------------------------------------------------------

    def json(
        self,
        found: Mapping[str, Any],
        *,
        of: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return JSON; ``of`` is the fragment of ``@odata.context``."""
        whole = dict(found)
        if of is not None and self.says_types():
            whole = {"@odata.context": f"{self.root()}/$metadata#{of}", **whole}
        return Reply(
            status,
            compact(whole).encode(),
            JSON.format(self._metadata()),
            {**self.headers(), **(headers or {})},
        )

    def text(self, found: str) -> Reply:
        return Reply(200, found.encode(), "text/plain", self.headers())

    def nothing(self) -> Reply:
        return Reply(204, headers=self.headers())

    def headers(self) -> dict[str, str]:
        return {"OData-Version": "4.0", "Cache-Control": "no-cache", **tracing(self.call)}

    # --- the body -----------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """Return the JSON object that the request carries, empty where it has no body.

        Raises Refusal for anything else.
        """
        if not self.call.body.strip():
            return {}
        try:
            found = json.loads(self.call.body)
        except (ValueError, RecursionError) as error:
            raise bad_request("Unable to read JSON request payload.") from error
        if not isinstance(found, dict):
            raise bad_request("The body of the request is not a JSON object.")
        return found
