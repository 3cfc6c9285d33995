"""The routes of the API that change the tenant, and those that tell its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.web.graph import batching, changing, delta, licences, restoring
from connector.web.graph.route import Route
from connector.web.graph.types import GROUP, TYPES, USER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.web.graph.types import GraphType

_CHOOSING = ("$select",)
_DELETED = "directory/deletedItems/{id}"


def _of(of: GraphType) -> Iterator[Route]:
    """Yield the routes that change objects of a type."""
    at, what = of.collection, of.name
    yield Route(
        "POST",
        at,
        changing.create(of),
        f"Create a cloud-only {what}",
        what,
        needs="write",
        takes=_CHOOSING,
        body=f"{what}Creation",
        status=201,
    )
    yield Route(
        "PATCH",
        f"{at}/{{id}}",
        changing.change(of),
        f"Change a {what}",
        "nothing",
        needs="write",
        body=f"{what}Update",
        status=204,
    )
    yield Route(
        "DELETE",
        f"{at}/{{id}}",
        changing.delete(of),
        f"Delete a {what}",
        "nothing",
        needs="write",
        status=204,
    )


CHANGING = (
    *_of(USER),
    *_of(GROUP),
    *(
        Route(
            "GET",
            f"{of.collection}/delta",
            delta.changes(of),
            f"Tell what changed of {of.collection} since a round before",
            f"{of.name}[]",
            takes=delta.TAKES,
        )
        for of in TYPES
    ),
    Route(
        "POST",
        "users/{id}/assignLicense",
        licences.assign,
        "Assign licences to a user, and take them away",
        "user",
        needs="write",
        takes=_CHOOSING,
        body="assignLicense",
    ),
    Route(
        "DELETE",
        _DELETED,
        restoring.purge,
        "Delete a deleted user for good",
        "nothing",
        needs="write",
        status=204,
    ),
    Route(
        "POST",
        f"{_DELETED}/restore",
        restoring.restore,
        "Bring a deleted user back",
        "directoryObject",
        needs="write",
        takes=_CHOOSING,
        body="restore",
    ),
    Route(
        "POST",
        "$batch",
        batching.batch,
        "Answer up to 20 requests, each as its own caller may send it",
        "batch",
        body="batch",
    ),
)
