"""Play the two places where errors are looked at, as pages for a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.lab.records import user
from connector.lab.stage import story
from connector.lab.stories.portal import user_a_then_user_b

if TYPE_CHECKING:
    from connector.lab.stage import Stage

_NAME, _ERROR = 0, 2


@story(
    "admin-center",
    "The admin center's report, in a browser",
    rule="You can view directory synchronization errors in the Microsoft 365 admin center. The report in the "
    "Microsoft 365 admin center only displays User objects that have these errors. It does not show info about "
    "conflicts between Groups and Contacts.",
    settings={"schedule.enabled": "false"},
)
def admin_center(stage: Stage) -> None:
    user_a_then_user_b(stage)
    with stage.daemon():
        shown = stage.visit("/admin/sync-errors", "Directory sync errors")
    names = [row[_NAME] for row in shown]
    stage.expect("both users of the conflict are listed", sorted(names) == ["User A", "User B"])
    stage.expect("the contact that waits for an address is not", len(stage.errors()) == 2)  # noqa: PLR2004
    label = "(Modified automatically)"
    stage.expect(
        "the user name of User B is marked as modified, and that of User A is not",
        [label in row[1] for row in sorted(shown)] == [False, True],
    )


@story(
    "connect-health",
    "The report of Connect Health, in a browser",
    rule="The Azure Active Directory Connect Health portal is not just limited to attribute resiliency feature as "
    "it can also identify other types of synchronization errors.",
    settings={"schedule.enabled": "false"},
)
def connect_health(stage: Stage) -> None:
    user_a_then_user_b(stage)
    stage.say("Bad has a UPN that the tenant refuses:")
    stage.directory.apply(user("bad", "Bad", upn="two@@contoso.com"))
    stage.run("sync", code=1)
    with stage.daemon():
        shown = stage.visit("/health/sync-errors", "Sync errors")
        runs = stage.visit("/health", "Run history")
    errors = {row[_NAME]: row[_ERROR] for row in shown}
    quarantined = "QuarantinedAttributeValueMustBeUnique"
    stage.expect(
        "values in quarantine are listed, those of contacts too",
        errors.get("User B") == errors.get("Carla") == quarantined,
    )
    stage.expect(
        "so are the objects that fail otherwise",
        errors.get("Bad") == "IdentityDataValidationFailed",
    )
    stage.expect("the page shows each run", len(runs) == len(stage.json("history")))
