"""What keeps an accident in the directory from emptying the cloud."""

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
    stage.expect("nobody was deleted in the tenant", _there(stage) == _PEOPLE)
    stage.say("What was stopped is a plan with a hash. Look at it, then decide:")
    stage.run("deletions")
    plan = stage.json("deletions")
    stage.expect(f"the plan holds all {_LEAVERS}", plan["count"] == _LEAVERS)
    stage.run("sync", code=_GUARDED)
    stage.expect("as long as nobody approves, nothing is deleted", _there(stage) == _PEOPLE)
    stage.run("deletions", "approve", plan["hash"])
    stage.run("sync")
    stage.expect("the approved ones are gone", _there(stage) == _PEOPLE - _LEAVERS)
    stage.run("deletions")


@story(
    "empty-read",
    "A directory that seems to be empty",
    rule="An empty or shrunken read is an error, not a deletion.",
)
def empty_read(stage: Stage) -> None:
    stage.say(f"{_PEOPLE} users.")
    _fill(stage)
    stage.say("Somebody mistypes the filter: everything is read anew, and nothing is found.")
    stage.set("directory.filter", "(objectClass=inetOrgPersn)")
    stage.run("sync", "--policy", "initial", code=_GUARDED)
    stage.expect("nobody was deleted in the tenant", _there(stage) == _PEOPLE)
    stage.run("deletions")
    stage.say("The filter is put right. What was stopped is forgotten, and all is as before:")
    stage.set("directory.filter", "(objectClass=*)")
    stage.run("sync", "--policy", "initial")
    stage.expect("everybody is there", _there(stage) == _PEOPLE)
    stage.expect("no deletion waits", stage.json("deletions")["count"] == 0)


def _fill(stage: Stage) -> None:
    stage.directory.load(user(f"user{n}", f"User {n}") for n in range(_PEOPLE))
    stage.run("sync")


def _there(stage: Stage) -> int:
    return len(stage.json("objects"))
