"""The results of a batch, kept as text: a repeated call gets the same answer."""

from __future__ import annotations

from connector.model import Holder, ObjectType, Quarantined, SyncAction, SyncCode, SyncResult
from connector.tenant.wire import results_from_text, results_to_text

ANN = Holder("1", ObjectType.USER, "Ann")
RESULTS = [
    *(SyncResult("a", action=action, cloud_anchor="User_1") for action in SyncAction),
    *(
        SyncResult("b", code, SyncAction.FAILED, "refused", None, (), "Mail", "x")
        for code in SyncCode
    ),
    SyncResult("c", quarantined=(Quarantined("UserPrincipalName", "ann@contoso.com", ANN),)),
]


def test_every_result_is_read_back_as_it_was_written():
    assert results_from_text(results_to_text(RESULTS)) == RESULTS


def test_codes_and_actions_are_read_back_as_such_and_not_as_text():
    found = results_from_text(results_to_text(RESULTS))

    assert {(type(result.code), type(result.action)) for result in found} == {
        (SyncCode, SyncAction)
    }
