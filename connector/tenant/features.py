"""The tenant's features, named as the cmdlets name them (docs/sources.md 1.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import TenantRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.settings import TenantSettings

RESILIENCY = ("DuplicateUPNResiliency", "DuplicateProxyAddressResiliency")
SETTABLE = (
    "BlockCloudObjectTakeoverThroughHardMatch",
    "BlockSoftMatch",
    "EnableSoftMatchOnUpn",
    "PasswordSync",
    "SynchronizeUpnForManagedUsers",
)
_PERMANENT = ("EnableSoftMatchOnUpn", "SynchronizeUpnForManagedUsers")
_OTHERS = ("DeviceWriteback", "DirectoryExtensions", "UnifiedGroupWriteback", "UserWriteback")


def states(settings: TenantSettings, switched: Mapping[str, bool]) -> dict[str, bool]:
    """Return the state of every feature; ``switched`` wins over the settings."""
    found = dict.fromkeys((*SETTABLE, *_OTHERS), False)
    found |= dict.fromkeys(RESILIENCY, settings.resiliency)
    found["BlockCloudObjectTakeoverThroughHardMatch"] = settings.block_hard_match_takeover
    found["BlockSoftMatch"] = settings.block_soft_match
    found["EnableSoftMatchOnUpn"] = settings.soft_match_on_upn
    found["SynchronizeUpnForManagedUsers"] = True
    return dict(sorted((found | dict(switched)).items()))


def check_switch(name: str, states: Mapping[str, bool], *, enabled: bool) -> None:
    """Raise TenantRefused for a switch that the service would refuse to make.

    Seed: Duplicate Attribute Resiliency "cannot be disabled".
    """
    if name not in states:
        raise TenantRefused(f"No feature is called {name!r}. There are: {', '.join(states)}.")
    if states[name] == enabled:
        return
    if name in RESILIENCY:
        verb = "enabled here: set tenant.resiliency" if enabled else "disabled"
        raise TenantRefused(f"Duplicate attribute resiliency cannot be {verb}.")
    if name in _PERMANENT and not enabled:
        raise TenantRefused(f"{name} cannot be switched off once it is on.")
    if name not in SETTABLE:
        raise TenantRefused(f"{name} cannot be set. Features to set: {', '.join(SETTABLE)}.")
