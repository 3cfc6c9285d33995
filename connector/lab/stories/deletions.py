"""Play the guards, which keep an accident in the directory from emptying the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user, user_dn
from connector.lab.stage import story
from connector.values.ldif import delete

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_PEOPLE, _LEAVERS, _THRESHOLD = 8, 4, 3
_GUARDED = 3


@story(
    "delete-guard",
    "More deletes than anybody meant",
    rule="More deletes than the threshold stop the export before anything is written, until exactly that set is "
    "approved.",
    settings={"safety.delete_threshold": str(_THRESHOLD)},
)
def delete_guard(stage: Stage) -> None:
    stage.say(f"{_PEOPLE} users. safety.delete_threshold is {_THRESHOLD} here, 500 by default.")
    _fill(stage)
    stage.say(f"{_LEAVERS} of them are deleted from the directory at once.")
    stage.directory.apply(*(delete(user_dn(f"user{n}")) for n in range(_LEAVERS)))
    stage.run("sync", code=_GUARDED)
    stage.expect("no user was deleted in the tenant", _there(stage) == _PEOPLE)
    stage.say("The stopped deletions are a plan with a hash. Look at the plan, then decide:")
    stage.run("deletions")
    plan = stage.json("deletions")
    stage.expect(f"the plan lists all {_LEAVERS} users", plan["count"] == _LEAVERS)
    stage.run("sync", code=_GUARDED)
    stage.expect("without an approval nothing is deleted", _there(stage) == _PEOPLE)
    stage.run("deletions", "approve", plan["hash"])
    stage.run("sync")
    stage.expect("the users of the approved plan are gone", _there(stage) == _PEOPLE - _LEAVERS)
    stage.run("deletions")


@story(
    "empty-read",
    "A directory that seems to be empty",
    rule="An empty or shrunken read is an error, not a deletion.",
)
def empty_read(stage: Stage) -> None:
    stage.say(f"{_PEOPLE} users.")
    _fill(stage)
    stage.say("Somebody mistypes the filter. A full read finds nothing.")
    stage.set("directory.filter", "(objectClass=inetOrgPersn)")
    stage.run("sync", "--policy", "initial", code=_GUARDED)
    stage.expect("no user was deleted in the tenant", _there(stage) == _PEOPLE)
    stage.run("deletions")
    stage.say(
        "The filter is corrected. The stopped deletions are forgotten, and everything is as before:"
    )
    stage.set("directory.filter", "(objectClass=*)")
    stage.run("sync", "--policy", "initial")
    stage.expect("all users are there", _there(stage) == _PEOPLE)
    stage.expect("no deletion waits for an approval", stage.json("deletions")["count"] == 0)


def _fill(stage: Stage) -> None:
    stage.directory.load(user(f"user{n}", f"User {n}") for n in range(_PEOPLE))
    stage.run("sync")


def _there(stage: Stage) -> int:
    return len(stage.json("objects"))
