"""The cmdlets of the ADSync module about connectors and their runs (docs/sources.md 4.6)."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from connector.cmdlets.binding import COUNT, GUID, SWITCH, TEXT, Parameter, Signature
from connector.cmdlets.cmdlet import Cmdlet
from connector.cmdlets.texts import Named
from connector.errors import CmdletFailed, UnknownObject
from connector.operations import requests
from connector.report.error_report import QUARANTINED
from connector.run import RunResult
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.cmdlets.host import Host
    from connector.run import Run, StepResult
    from connector.settings import Settings

    Given = Mapping[str, Any]
    Row = dict[str, Any]

# The same in every installation of the real product.
_CLOUD = "b891884f-051e-4a83-95af-2544101c9083"
_IMPORTS = {"delta": "Delta Import", "initial": "Full Import"}
_SYNCHRONIZATIONS = {"delta": "Delta Synchronization", "initial": "Full Synchronization"}
_ACTIONS = {"add": "create", "update": "update", "delete": "delete"}


def connectors(host: Host, given: Given) -> Iterator[Row]:
    """List the connectors: that of the directory and that of the cloud."""
    for row in _connectors(host.settings):
        wanted = given.get("Name"), given.get("Identifier")
        if wanted == (None, None) or row["Name"] == wanted[0] or row["Identifier"] == wanted[1]:
            yield row


def run_status(host: Host, _: Given) -> Iterator[Row]:
    """Tell which connector is at work; nothing while none is."""
    with host.reading() as readers:
        last = next(readers.space.history.runs(1), None)
    daemon = host.daemon() or {}
    at_work = last is not None and last.result is RunResult.IN_PROGRESS
    if at_work or daemon.get("state") == "running":
        directory, _cloud = _connectors(host.settings)
        yield {"RunState": "Busy", "ConnectorName": directory["Name"]}


def run_results(host: Host, given: Given) -> Iterator[Row]:
    """List the runs of both connectors, the last first: a run profile each."""
    with host.reading() as readers:
        rows = _run_results(host.settings, list(readers.space.history.runs()))
    wanted = {
        name: given[name]
        for name in ("RunHistoryId", "ConnectorId", "ConnectorName", "RunNumber")
        if name in given
    }
    chosen = (row for row in rows if all(row[name] == value for name, value in wanted.items()))
    for row in islice(chosen, given.get("NumberRequested")):
        if not given.get("RunStepDetails"):
            del row["RunStepResults"]
        yield row


def single_object(host: Host, given: Given) -> Iterator[Row]:
    """Import one object of the directory, synchronize it, and export it alone."""
    dn, export = given["DistinguishedName"], not given.get("StagingMode", False)
    answer = host.perform(requests.single, dn=dn, export=export)
    run, found, change = answer["run"], answer["object"], answer["change"]
    if not RunResult(run["result"]).counts_as_done:
        reasons = [error["message"] for error in run["errors"] if error.get("kind") == "run"]
        raise CmdletFailed(
            f"Invoke-ADSyncSingleObjectSync : {'; '.join([run['result'], *reasons])}"
        )
    with host.reading() as readers:
        target = _target(readers.tenant, found["anchor"])
    directory, cloud = _connectors(host.settings)
    sent = next(step for step in run["steps"] if step["name"] == "export")
    yield {
        "activityDateTime": run["started"],
        "durationInMilliseconds": round(run["seconds"] * 1000),
        "provisioningAction": _ACTIONS[change["operation"]] if change else "other",
        "provisioningStatusInfo": _status(found["anchor"], run, sent, change),
        "provisioningSteps": [
            {"name": step["name"], "status": _step_status(step), "description": step["result"]}
            for step in run["steps"]
        ],
        "modifiedProperties": [
            {"displayName": name, "oldValue": before, "newValue": after}
            for name, (before, after) in (change["attributes"] if change else {}).items()
        ],
        "sourceIdentity": {
            "id": found["dn"],
            "identityType": found["type"],
            "displayName": change and change["name"],
        },
        "sourceSystem": {"id": directory["Identifier"], "displayName": directory["Name"]},
        "targetIdentity": target,
        "targetSystem": {"id": cloud["Identifier"], "displayName": cloud["Name"]},
    }


def _connectors(settings: Settings) -> tuple[Row, Row]:
    """Return the connectors of the directory and of the cloud, named as the real product names them."""
    base, domain = settings.directory.base_dn, settings.tenant.initial_domain
    parts = [part.partition("=")[2].strip() for part in base.split(",") if "dc=" in part.lower()]
    return (
        {
            "Name": ".".join(parts).lower() or base,
            "Identifier": str(uuid5(NAMESPACE_URL, f"ldap:///{base}")),
            "Type": "AD",
            "ConnectorTypeName": "AD",
            "Subtype": None,
            "Partitions": [base],
        },
        {
            "Name": f"{domain} - AAD",
            "Identifier": _CLOUD,
            "Type": "Extensible2",
            "ConnectorTypeName": "Extensible2",
            "Subtype": "Windows Azure Active Directory (Microsoft)",
            "Partitions": ["default"],
        },
    )


def _run_results(settings: Settings, runs: list[Run]) -> Iterator[Row]:
    directory, cloud = _connectors(settings)
    for run in runs:
        begun = moments.read(run.started)
        rows = []
        for number, step in enumerate(run.steps, 1):
            of_directory = step.name in ("directory-import", "synchronization")
            connector = directory if of_directory else cloud
            ended = begun + timedelta(seconds=step.seconds)
            rows.append(_run_result(run, number, step, connector) | _times(begun, ended, step))
            begun = ended
        yield from reversed(rows)


def _run_result(run: Run, number: int, step: StepResult, connector: Row) -> Row:
    name = f"{run.started}/{number}"
    profile = _profile(run.policy, step.name)
    return {
        "RunHistoryId": str(uuid5(NAMESPACE_URL, name)),
        "ConnectorId": connector["Identifier"],
        "ConnectorName": connector["Name"],
        "RunProfileId": str(uuid5(NAMESPACE_URL, f"{connector['Identifier']}/{profile}")),
        "RunProfileName": profile,
        "RunNumber": run.number,
        "IsRunComplete": run.result is not RunResult.IN_PROGRESS,
        "Result": step.result.value,
    }


def _times(begun: Any, ended: Any, step: StepResult) -> Row:
    counts = step.counts
    details = {
        "StepNumber": 1,
        "StepResult": step.result.value,
        "StageAdd": counts.adds,
        "StageUpdate": counts.updates,
        "StageDelete": counts.deletes,
        "StageNoChange": counts.unchanged,
        "StageFailure": counts.errors,
    }
    if step.name == "export":
        details = {name.replace("Stage", "Export"): value for name, value in details.items()}
    return {
        "CurrentStepNumber": 1,
        "TotalSteps": 1,
        "StartDate": begun,
        "EndDate": ended,
        "RunStepResults": [Named(step.result.value, details)],
    }


def _profile(policy: str, step: str) -> str:
    if step == "export":
        return "Export"
    names = _SYNCHRONIZATIONS if step == "synchronization" else _IMPORTS
    return names.get(policy, names["delta"])


def _step_status(step: Row) -> str:
    result = RunResult(step["result"])
    return "success" if result in (RunResult.SUCCESS, RunResult.COMPLETED_WARNINGS) else "failure"


def _status(anchor: str, run: Row, sent: Row, change: Row | None) -> Row:
    """Say what became of the object: exported, exported with an error, or nothing to export."""
    errors = [error for error in run["errors"] if error.get("anchor") == anchor]
    if errors:
        first = errors[0]
        held = f"{first.get('attribute')} {first.get('value')} is held by {first.get('held_by')}"
        reason = first.get("message") or held
        code = first.get("error", QUARANTINED)
        return {"status": "failure", "errorInformation": {"errorCode": code, "reason": reason}}
    touched = sum(sent[name] for name in ("adds", "updates", "unchanged"))
    status = "success" if touched else "skipped"
    reason = None if touched else ("it stays pending" if change else "nothing to export")
    return {"status": status, "errorInformation": reason and {"errorCode": None, "reason": reason}}


def _target(tenant: Any, anchor: str) -> Row | None:
    try:
        found = tenant.show(anchor)
    except UnknownObject:
        return None
    return {
        "id": found["id"],
        "identityType": found["objectType"],
        "displayName": found["displayName"],
    }


# --- declarations -----------------------------------------------------------------------------

_DN = "CN=testobject,OU=corp,DC=contoso,DC=com"

CMDLETS = (
    Cmdlet(
        Signature(
            "Get-ADSyncConnector",
            (
                Parameter("Name", TEXT, "Only the one of this name.", position=0),
                Parameter("Identifier", GUID, "Only the one with this id."),
            ),
            ignores_case=True,
        ),
        connectors,
        (("Names and types.", "Get-ADSyncConnector | ft Name,Type"),),
    ),
    Cmdlet(
        Signature("Get-ADSyncConnectorRunStatus", ignores_case=True),
        run_status,
        (("Is anything at work?", "Get-ADSyncConnectorRunStatus"),),
    ),
    Cmdlet(
        Signature(
            "Get-ADSyncRunProfileResult",
            (
                Parameter("RunHistoryId", GUID, "Only this result."),
                Parameter("ConnectorId", GUID, "Only those of this connector."),
                Parameter("ConnectorName", TEXT, "Only those of the connector of this name."),
                Parameter("RunNumber", COUNT, "Only those of this run."),
                Parameter("NumberRequested", COUNT, "At most so many."),
                Parameter("RunStepDetails", SWITCH, "With the counters of each step."),
            ),
            ignores_case=True,
            asks=True,
        ),
        run_results,
        (
            (
                "The last cycle.",
                "Get-ADSyncRunProfileResult -NumberRequested 4 | ft RunProfileName,Result",
            ),
            ("What failed.", 'Get-ADSyncRunProfileResult | where Result -ne "success"'),
        ),
    ),
    Cmdlet(
        Signature(
            "Invoke-ADSyncSingleObjectSync",
            (
                Parameter("DistinguishedName", TEXT, "The entry.", mandatory=True, position=0),
                Parameter("StagingMode", SWITCH, "Import and synchronize, but do not export."),
                Parameter("NoHtmlReport", SWITCH, "Accepted; there is no report but this one."),
            ),
            ignores_case=True,
        ),
        single_object,
        (
            (
                "Keep what became of one object.",
                f'Invoke-ADSyncSingleObjectSync -DistinguishedName "{_DN}" | Out-File output.json',
            ),
        ),
        shows_json=True,
        changes="the object",
    ),
)
