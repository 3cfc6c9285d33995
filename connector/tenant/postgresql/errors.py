"""Answer questions about provisioning errors, who waits for a value, and who holds one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from connector.model import ObjectType
from connector.tenant.objects import PROXIES, UPN, ProvisioningError, twin
from connector.tenant.postgresql.columns import given
from connector.tenant.provisioning_errors import ProvisioningErrorRecord, Summary
from connector.tenant.quarantine import Waiter
from connector.values.addresses import ProxyAddress, address_key, fold
from connector.values.canonical import compact, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.tenant.objects import Claim
    from connector.tenant.postgresql.session import Session
    from connector.tenant.provisioning_errors import ErrorQuery

    # Object, property and key of an error.
    Place = tuple[int, str, str]

_NAMES = {"DisplayName": "name_key, name", "UserPrincipalName": "upn_key, coalesce(upn, '')"}
_PAGE = 500
_SUMMARY = "{0}.id, {0}.type, {0}.display_name, {0}.upn, {0}.anchor, {0}.shadow"
_NAMESPACE = "CASE e.property WHEN 'UserPrincipalName' THEN 'upn' ELSE 'proxy' END"
_TWIN = "CASE e.property WHEN 'UserPrincipalName' THEN 'proxy' ELSE 'upn' END"
_WAITING = (
    "SELECT e.occurred, o.anchor, e.object, e.property, e.key, e.value "
    "FROM provisioning_error e JOIN object o ON o.number = e.object "
)


class ErrorQuestions:
    """The part of ``ports.Questions`` that is about provisioning errors."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def errors(
        self, query: ErrorQuery, *, one_namespace: bool = False
    ) -> Iterator[ProvisioningErrorRecord]:
        licensed = "(o.upn_proxy = 1 AND e.property = 'UserPrincipalName')"
        holder = f"c.namespace = {_NAMESPACE} AND c.key = e.key"
        other = f"c.namespace = {_TWIN} AND c.key = e.key"
        sql = (
            f"SELECT e.property, e.value, e.occurred, {_SUMMARY.format('o')}, {_SUMMARY.format('h')} "  # noqa: S608
            "FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY "
            "AS f (object, property, key, place) "
            "JOIN provisioning_error AS e ON e.object = f.object AND e.property = f.property "
            "AND e.key = f.key JOIN object AS o ON o.number = e.object "
            "LEFT JOIN object AS h ON h.number = coalesce("
            f"(SELECT c.holder FROM claim AS c WHERE {holder}), "
            f"(SELECT c.holder FROM claim AS c WHERE (%s OR {licensed}) AND {other} "
            "AND c.holder <> e.object)) ORDER BY f.place"
        )
        with self._session.one_state():
            places = self._in_order(query, query.limit)
            while page := list(islice(places, _PAGE)):
                arrays = [list(column) for column in zip(*page, strict=True)]
                for attribute, value, occurred, *found in self._session.rows(
                    sql, (*arrays, one_namespace)
                ):
                    yield ProvisioningErrorRecord(
                        object=_summary(found[:6]),
                        property=attribute,
                        value=value,
                        occurred=occurred,
                        holder=None if found[6] is None else _summary(found[6:]),
                    )

    def objects_with_errors(
        self, query: ErrorQuery
    ) -> Iterator[tuple[int, list[ProvisioningError]]]:
        """Yield the numbers of the objects that a query asks for, with those errors that it asks for.

        The order is that of the first error of each; the limit counts objects.
        """
        conditions, values = _conditions(query)
        numbers = self._objects_in_order(query)
        while page := list(islice(numbers, _PAGE)):
            found: dict[int, list[ProvisioningError]] = {number: [] for number in page}
            rows = self._session.rows(
                "SELECT object, property, key, value, occurred FROM provisioning_error "  # noqa: S608
                f"WHERE {conditions} AND object = ANY(%s) ORDER BY object, property, key",
                (*values, page),
            )
            for number, *fields in rows:
                found[number].append(ProvisioningError(*fields))
            yield from found.items()

    def _objects_in_order(self, query: ErrorQuery) -> Iterator[int]:
        seen: set[int] = set()
        for number, _, _ in self._in_order(query, None):
            if number not in seen:
                if len(seen) == query.limit:
                    return
                seen.add(number)
                yield number

    def _in_order(self, query: ErrorQuery, limit: int | None) -> Iterator[Place]:
        """Yield what names each error that a query asks for, in its order, up to a limit of errors.

        The errors of one moment or name come by object; those of one object with the UPN first.
        """
        conditions, values = _conditions(query)
        direction = "DESC" if query.descending else "ASC"
        if (names := _NAMES.get(query.sort or "")) is not None:
            first, second = names.split(", ", 1)
            order = (
                f"{first} {direction}, {second} {direction}, object, "
                "property <> 'UserPrincipalName', key, property"
            )
        else:
            order = f"occurred {direction}, object, property DESC, key"
        yield from self._session.stream(
            f"SELECT object, property, key FROM provisioning_error WHERE {conditions} "  # noqa: S608
            f"ORDER BY {order} LIMIT %s",
            (*values, limit),
        )

    def holder_of(
        self, attribute: str, value: str, *, one_namespace: bool = False
    ) -> Summary | None:
        if "\0" in value:
            return None
        address = ProxyAddress.parse(value)
        claim = (
            ("upn", fold(value))
            if attribute == UPN
            else (address.namespace or "proxy", address.key)
        )
        for each in (claim, twin(claim) if one_namespace else None):
            row = self._session.row(
                f"SELECT {_SUMMARY.format('h')} FROM claim AS c "  # noqa: S608
                "JOIN object AS h ON h.number = c.holder WHERE c.namespace = %s AND c.key = %s",
                each or ("", ""),
            )
            if row is not None:
                return _summary(row)
        return None

    def waiters_for_free_values(self) -> list[Waiter]:
        return self._waiters(
            "NOT EXISTS (SELECT 1 FROM claim WHERE claim.key = e.key "  # noqa: S608
            f"AND claim.namespace = {_NAMESPACE})"
        )

    def waiters_for(self, claims: Sequence[Claim]) -> list[Waiter]:
        if not claims:
            return []
        some = {(UPN if name == "upn" else PROXIES, key) for name, key in claims}
        asked = given("asked", property="text", key="text")
        values = (compact(sorted(some)),)
        return self._waiters(f"(e.property, e.key) IN (SELECT * FROM {asked})", values)  # noqa: S608

    def _waiters(self, condition: str, values: Sequence[str] = ()) -> list[Waiter]:
        order = "ORDER BY e.object, e.property, e.key"
        rows = self._session.rows(f"{_WAITING} WHERE {condition} {order}", values)
        return [
            Waiter(
                occurred=occurred,
                anchor=anchor or "",
                number=number,
                error=ProvisioningError(attribute, key, value, occurred),
            )
            for occurred, anchor, number, attribute, key, value in rows
        ]


def _conditions(query: ErrorQuery) -> tuple[str, list[Any]]:
    """Return the condition of WHERE and its parameters in their order."""
    found: list[str] = []
    values: list[Any] = []

    def add(condition: str, *some: Any) -> None:
        found.append(condition)
        values.extend(some)

    if "\0" in f"{query.value or ''}{query.search or ''}{query.anchor or ''}":
        return "FALSE", []
    if query.anchor is not None:
        add("object IN (SELECT number FROM object WHERE anchor = %s)", query.anchor)
    if query.property is not None:
        add("property = %s", query.property)
    if query.type is not None:
        add("type = %s", query.type)
    if query.value is not None:
        add("key = %s", address_key(query.value))
        if query.property is None:
            add("property IN ('UserPrincipalName', 'ProxyAddresses')")
        if query.case_sensitive:
            without_type = "substr(value, strpos(value, ':') + 1)"
            add(f"(value = %s OR {without_type} = %s)", query.value, query.value)
    _add_search(query, add)
    return " AND ".join(found) or "TRUE", values


def _add_search(query: ErrorQuery, add: Callable[..., None]) -> None:
    if query.search is not None and query.case_sensitive:
        texts = ("name", "coalesce(upn, '')", "value")
        looks = " OR ".join(f"strpos({text}, %s) > 0" for text in texts)
        add(f"({looks})", *[query.search] * len(texts))
    elif query.search is not None:
        add("strpos(search, %s) > 0", fold(query.search))


def _summary(row: Any) -> Summary:
    cloud_id, kind, name, upn, anchor, shadow = row
    dn = decode(shadow).get("onPremisesDistinguishedName")
    return Summary(
        id=cloud_id, type=ObjectType(kind), display_name=name, upn=upn, anchor=anchor, dn=dn
    )
