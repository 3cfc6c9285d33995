"""Tell the texts of an entry from its octets, for those who read any attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OCTETS = frozenset(
    (
        "audio",
        "cacertificate",
        "jpegphoto",
        "logonhours",
        "ms-ds-consistencyguid",
        "msds-allowedtoactonbehalfofotheridentity",
        "msexcharchiveguid",
        "msexchblockedsendershash",
        "msexchmailboxguid",
        "msexchmasteraccountsid",
        "msexchsaferecipientshash",
        "msexchsafesendershash",
        "ntsecuritydescriptor",
        "objectguid",
        "objectsid",
        "photo",
        "securityidentifier",
        "sidhistory",
        "thumbnaillogo",
        "thumbnailphoto",
        "tokengroups",
        "usercertificate",
        "usersmimecertificate",
    )
)
"""The attributes whose values are octets even where they look like text, in lower case."""


def readable(attributes: Mapping[str, Sequence[bytes]]) -> dict[str, tuple[str | bytes, ...]]:
    """Return the values of an entry as texts; those that are not UTF-8 stay octets.

    Names are in lower case, as ``DirectoryEntry`` has them.
    """
    return {
        name: tuple(values if name in OCTETS else map(_text, values))
        for name, values in attributes.items()
    }


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
