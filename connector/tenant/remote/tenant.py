"""The tenant of another site, as a run sees it: what a sync client needs, over HTTPS, and nothing else."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from connector.errors import ConnectorError
from connector.tenant import wire
from connector.tenant.administrator import Administrator
from connector.tenant.clock import TenantClock
from connector.tenant.finding import unknown
from connector.tenant.foresight import UNFORESEEN, Foreseen
from connector.tenant.provisioning_errors import EVERY_ERROR
from connector.tenant.remote import answers, lines, views
from connector.tenant.remote.answers import NOT_ONE
from connector.tenant.remote.elsewhere import Elsewhere, elsewhere
from connector.tenant.remote.membership import RemoteMembership
from connector.tenant.remote.receiving import LONGEST_REFUSAL, TooLong, lines_of
from connector.tenant.remote.refusals import Refusal
from connector.tenant.service import TenantService
from connector.values.canonical import compact, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from connector.model import ShadowObject, SyncObject, SyncResult
    from connector.settings import TenantSettings
    from connector.tenant.clashes import Clash
    from connector.tenant.domains import VerifiedDomain
    from connector.tenant.objects import TenantObject
    from connector.tenant.ports import ObjectCounts, Store
    from connector.tenant.provisioning_errors import ErrorQuery, ProvisioningErrorRecord, Summary
    from connector.tenant.remote.connection import Connection
    from connector.tenant.sweep import Released, SweepResult

T = TypeVar("T")


class RemoteTenant(TenantService):
    """Implements ``ports.Tenant`` over HTTPS. What needs the store of the tenant is refused: ``Elsewhere``.

    Who looks at it sees the objects of this client.
    """

    longest_batch = lines.LONGEST_BATCH
    longest_object = lines.LONGEST_OBJECT
    most_links = lines.MOST_LINKS

    def __init__(
        self,
        connection: Connection,
        settings: TenantSettings,
        machine_clock: Callable[[], datetime],
    ) -> None:
        store = cast("Store", Elsewhere(connection.url))
        self._connection = connection
        self._store = store
        self._position_told: str | None = None
        self._seconds_ahead = 0.0
        self.settings = settings
        self.place = None
        self.client = None
        self.clients = RemoteMembership(store, settings, self._ask, self._hear)
        self.clock = _Clock(store, machine_clock, self._ahead)
        self.limited = cast("Any", nullcontext)
        self.prepare_to_serve = lambda: None
        self.administrator = _Administrator(store, settings, self.clock, self._domains)
        # A class that asks one of these gets the refusal of what it asks.
        self.delta = cast("Any", store)
        self.questions = cast("Any", store)
        self.selections = cast("Any", store)

    @property
    def is_elsewhere(self) -> bool:
        return True

    def id(self) -> str:
        return self._ask("hello", {}, lambda said: answers.text(said, "tenant"))

    def close(self) -> None:
        if self._connection.rehearsal is not None:
            # It is undone there all the same, a while later.
            with suppress(ConnectorError), self._connection.hurried():
                self._ask("undo", {}, dict)
        self._connection.close()

    def rehearse(self) -> None:
        """Let the server undo all that is asked from now on, when this is closed at the latest.

        RehearsalOver is raised by what is asked where the server could not wait for the end.
        """
        told = self._ask("rehearse", {}, lambda said: answers.text(said, "rehearsal"))
        self._connection.rehearsal = told

    def sweep(
        self,
        *,
        stop: Callable[[], bool] = lambda: False,
        tell: Callable[[Sequence[Released]], None] = lambda _: None,
    ) -> SweepResult:
        """Sweep in a rehearsal; else the site that has the tenant does it. Raises TenantElsewhere."""
        if self._connection.rehearsal is None:
            return super().sweep(stop=stop, tell=tell)
        return self._ask("sweep", {}, answers.swept)

    def one_state(self) -> AbstractContextManager[None]:
        """Read as it comes: each answer of the server is of one state."""
        return nullcontext()

    def refuse_moved(self) -> None:
        """Leave it to the server, which refuses what it must not do."""

    def refuse_elsewhere(self) -> None:
        raise elsewhere(self._connection.url)

    # --- ports.Tenant -------------------------------------------------------------------------

    def export(self, batch: str, objects: Sequence[SyncObject]) -> list[SyncResult]:
        """Have a batch applied; one whose answer was lost is sent again, and applied once.

        Raises TenantUnavailable.
        """
        query = {
            "batch": lines.batch_id(batch),
            "take-over": "true" if self.settings.take_over else "false",
        }
        answer = self._send("export", lines.batch_to_lines(objects), query)
        try:
            results, self._position_told = lines.answer_from_lines(answer, objects)
        except ValueError as error:
            raise self._connection.unusable(f"its answer is not one: {error}") from error
        return results

    def export_as_text(
        self,
        batch: str,
        objects: Sequence[SyncObject],
        foreseen: Foreseen = UNFORESEEN,  # noqa: ARG002 - the server foresees for itself
    ) -> str:
        return wire.results_to_text(self.export(batch, objects))

    def results(self, batch: str) -> list[SyncResult] | None:
        answer = self._send("results", compact({"batch": lines.batch_id(batch)}).encode())
        if answer.strip() == b"null":
            return None
        try:
            results, self._position_told = lines.results_from_lines(answer)
        except ValueError as error:
            raise self._connection.unusable(f"its answer is not one: {error}") from error
        return results

    def finalize_export(self, *, exported: int, failed: int) -> None:
        self._ask("finalize", {"exported": exported, "failed": failed}, dict)

    def read_back(self, cookie: str | None) -> tuple[Iterator[ShadowObject], str]:
        """Fetch what changed since the cookie, all of it before the first object; raises as ``ports.Tenant``."""
        try:
            answer = self._download("read-back", {"cookie": cookie})
        except Refusal as refusal:
            if refusal.code == "CookieRefused":
                raise ValueError(refusal.message) from None
            raise refusal.as_error(self._connection.url) from None
        head = self._decoded(answer.readline(LONGEST_REFUSAL))
        following = head.get("cookie") if isinstance(head, dict) else None
        if not isinstance(following, str):
            answer.close()
            raise self._connection.unusable("its answer has no cookie")
        return self._read_lines(answer, lines.shadow_from_line), following

    def _read_lines(self, answer: IO[bytes], read: Callable[[bytes], T]) -> Iterator[T]:
        """Read what was streamed, up to the line that says how much there was."""
        with answer:
            for number, line in enumerate(self._lines(answer)):
                if line.startswith(b"{"):
                    if self._decoded(line) == {"end": number}:
                        return
                    break
                try:
                    yield read(line)
                except NOT_ONE as error:
                    raise self._connection.unusable(f"its answer is not one: {error}") from error
            raise self._connection.unusable("its answer was cut off")

    def _lines(self, answer: IO[bytes]) -> Iterator[bytes]:
        try:
            yield from lines_of(answer)
        except TooLong as error:
            raise self._connection.unusable(str(error)) from error

    def position(self) -> str:
        """Return the cookie of what the tenant holds; that after a batch came with the answer to it."""
        told, self._position_told = self._position_told, None
        if told is not None:
            return told
        return self._ask("position", {"cookie": None}, lambda said: answers.text(said, "position"))

    def refusal(self, cookie: str) -> str | None:
        asked = {"cookie": cookie}
        return self._ask("position", asked, lambda said: answers.text_or_none(said, "refusal"))

    # --- what a run asks besides --------------------------------------------------------------

    def remembered(self, anchor: str, client: int | None = None) -> str | None:  # noqa: ARG002 - the server knows
        asked = {"anchor": anchor}
        return self._ask("remembered", asked, lambda said: answers.text_or_none(said, "shadow"))

    def counts(self) -> ObjectCounts:
        return self._ask("counts", {}, answers.counts)

    def _domains(self) -> list[VerifiedDomain]:
        """Return the verified domains, as the server says them now."""
        return self._ask("domains", {}, answers.domains)

    def _ahead(self) -> timedelta:
        """Return by how much the tenant's clock ran ahead when this client came."""
        return timedelta(seconds=self._seconds_ahead)

    def _hear(self, seconds_ahead: float) -> None:
        self._seconds_ahead = seconds_ahead

    # --- what a client may see of the tenant: of its own objects all of it --------------------------

    def objects(
        self,
        type: str | None = None,  # noqa: A002 - as its class has it
        *,
        deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
        return self._stream("objects", {"type": type, "deleted": deleted}, _object_of)

    def provisioning_errors(
        self, query: ErrorQuery = EVERY_ERROR
    ) -> Iterator[ProvisioningErrorRecord]:
        return self._stream("errors", views.query_to(query), views.record_from)

    def find(self, identity: str, *, deleted: bool = False) -> TenantObject:
        for item in self._look_up("identity", [identity], deleted=deleted):
            return item
        raise unknown(identity, deleted=deleted)

    def named(self, name: str, *, deleted: bool = False) -> list[TenantObject]:
        return self._look_up("name", [name], deleted=deleted)

    def by_id(self, ids: Collection[str]) -> dict[str, TenantObject]:
        """Return objects by cloud id; of those of others, only what a conflict tells."""
        left = iter(ids)
        found: dict[str, TenantObject] = {}
        while some := list(islice(left, views.MOST_VALUES)):
            found |= {item.id: item for item in self._look_up("id", some)}
        return found

    def deleted_with(self, anchor: str) -> TenantObject | None:
        return next(iter(self._look_up("anchor of a deleted user", [anchor])), None)

    def show(self, identity: str, *, deleted: bool = False) -> dict[str, Any]:
        asked = {"id": self.find(identity, deleted=deleted).id, "deleted": deleted}
        found = self._ask(
            "show", asked, lambda said: said["object"] and views.graph_from(said["object"])
        )
        if not found:
            raise unknown(identity, deleted=deleted)
        return found

    def holder_of(self, attribute: str, value: str) -> Summary | None:
        asked = {"attribute": attribute, "value": value}
        return self._ask(
            "holder", asked, lambda said: said["holder"] and views.summary_from(said["holder"])
        )

    def clashes(self, object_type: str, anchor: str, properties: Mapping[str, Any]) -> list[Clash]:
        asked = {"type": object_type, "anchor": anchor, "properties": dict(properties)}
        return self._ask(
            "clashes", asked, lambda said: list(map(views.clash_from, said["clashes"]))
        )

    def _look_up(
        self, by: str, values: Sequence[str], *, deleted: bool = False
    ) -> list[TenantObject]:
        asked = {"by": by, "values": values, "deleted": deleted}
        return self._ask("look-up", asked, lambda said: list(map(views.object_from, said["found"])))

    def _stream(
        self, call: str, fields: dict[str, Any], read: Callable[[list[Any]], T]
    ) -> Iterator[T]:
        """Fetch all of an answer, and read it as it is used."""
        try:
            answer = self._download(call, fields)
        except Refusal as refusal:
            raise refusal.as_error(self._connection.url) from None
        return self._read_lines(answer, lambda line: read(decode(line.decode())))

    def _download(self, call: str, fields: dict[str, Any]) -> IO[bytes]:
        return self._connection.download(call, compact(fields).encode())

    # --- asking -------------------------------------------------------------------------------

    def _ask(self, call: str, fields: dict[str, Any], read: Callable[[Any], T]) -> T:
        try:
            return self._connection.ask(call, fields, read)
        except Refusal as refusal:
            raise refusal.as_error(self._connection.url) from None

    def _send(self, call: str, body: bytes, query: dict[str, str] | None = None) -> bytes:
        try:
            return self._connection.send(call, body, query)
        except Refusal as refusal:
            raise refusal.as_error(self._connection.url) from None

    def _decoded(self, line: bytes) -> Any:
        try:
            return decode(line.decode())
        except (ValueError, RecursionError):
            raise self._connection.unusable("its answer is not JSON") from None


def _object_of(value: list[Any]) -> dict[str, Any]:
    [found] = value
    return views.graph_from(found)


class _Clock(TenantClock):
    """The tenant's time, as far as a client knows it."""

    def __init__(
        self, store: Store, machine: Callable[[], datetime], ahead: Callable[[], timedelta]
    ) -> None:
        super().__init__(store, machine)
        self._told = ahead

    def ahead(self) -> timedelta:
        return self._told()


class _Administrator(Administrator):
    """What a run asks the administrator: the domains. All else needs the store."""

    def __init__(
        self,
        store: Store,
        settings: TenantSettings,
        clock: TenantClock,
        ask: Callable[[], list[VerifiedDomain]],
    ) -> None:
        super().__init__(store, settings, clock)
        self._ask = ask

    def domains(self) -> list[VerifiedDomain]:
        return self._ask()
