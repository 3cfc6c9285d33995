"""List the stories of the lab in reading order."""

from __future__ import annotations

from connector.lab.stories import (
    cmdlets,
    deletions,
    demonstration,
    known_issues,
    mail,
    matching,
    old_behavior,
    own_rules,
    pages,
    portal,
    quarantine,
    rules,
    sweep,
    users,
)

STORIES = {
    story.name: story
    for story in (
        quarantine.upn,
        quarantine.proxy,
        quarantine.first_attempt,
        sweep.sweep,
        users.exchange_licence,
        cmdlets.cmdlets,
        mail.monday_mail,
        old_behavior.old_behavior,
        known_issues.upn_and_proxy_held_by_group,
        known_issues.group_pair_fails_first,
        known_issues.restore_not_quarantined,
        known_issues.computed_upn_not_released,
        portal.portal_same_message,
        portal.portal_own_display_name,
        pages.admin_center,
        pages.connect_health,
        deletions.delete_guard,
        deletions.empty_read,
        users.restore,
        users.swap,
        matching.admin_role,
        matching.repair_match,
        rules.rules,
        own_rules.own_rules,
        demonstration.demonstration,
    )
}
