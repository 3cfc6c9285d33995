"""Two spellings of a name are one to the connector where they are one to the directories."""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from typing import TYPE_CHECKING

import pytest

from connector.errors import LabUnusable
from connector.values import dn
from tests.system.ds389 import SUFFIX
from tests.system.samba import CONTEXT
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.system.ds389 import Private389
    from tests.system.samba import PrivateSamba

EVERYWHERE = [
    ("cn=Ann", "CN=ANN", True),
    ("cn=Straße", "cn=STRAßE", True),
    ("cn=Straße", "cn=Strasse", False),
    ("cn=Straße", "cn=STRAẞE", False),
    ("cn=John  Doe", "cn=John Doe", True),
    ("cn=John  Doe", "cn= john    doe ", True),
    ("cn=John Doe", "cn=JohnDoe", False),
    ("cn=Jörg", "cn=JÖRG", True),
    ("cn=Jörg", "cn=Jorg", False),
    ("cn=ΣΑΣ", "cn=σασ", True),
    ("cn=ist", "cn=IST", True),
    ("cn=ist", "cn=ıst", False),
    ("cn=soft", "cn=so\u00adft", False),
    ("cn=soft", "cn=so\u200bft", False),
    ("cn=Ⅳ", "cn=iv", False),
    (r"cn=Doe\, Jane", r"cn=doe\2C jane", True),
    (r"cn=Doe\, Jane", 'cn="Doe, Jane"', True),
    (r"cn=\#1", r"cn=\231", True),
]
SLAPD = [
    (r"cn=John\20\20Doe", "cn=John Doe", True),
    (r"cn=\20John Doe", r"cn=John Doe\20", True),
    ("cn=John\u00a0Doe", "cn=John Doe", True),
    ("cn=John Doe", "cn=John\u3000Doe", True),
    ("cn=ＦＵＬＬ", "cn=full", True),
    ("cn=ﬁle", "cn=file", True),
    ("cn=x²", "cn=x2", True),
    ("cn=Jörg", "cn=Jo\u0308rg", True),
    ("cn=saw", "cn=ſaw", True),
    ("cn=İst", "cn=ist", True),
    ("cn=ǅ", "cn=ǆ", True),
    ("cn=ΣΑΣ", "cn=σας", False),
    ("cn=Ა", "cn=ა", False),
    ("cn=a+sn=b", "sn=b+cn=a", True),
    ("cn=a+sn=b", "surname=B+2.5.4.3=A", True),
    ("cn=a+sn=b", r"cn=a\+sn\=b", False),
    ("commonName=ann", "cn=ann", True),
]
DS389 = [
    ("cn=a+sn=b", "sn=b+cn=a", True),
    ("cn=ΣΑΣ", "cn=σας", False),
    ("cn=J Doe", r"cn=J\09Doe", False),
]


@pytest.mark.parametrize(("one", "other", "same"), [*EVERYWHERE, *SLAPD])
def test_slapd_and_the_connector_agree(one, other, same, slapd):
    unit = slapd.ou(f"names{next(_NUMBERS)}")

    assert compare(slapd.slapd.apply, unit, "person", one, other) is same
    assert is_one(unit, one, other) is same


@pytest.mark.parametrize(("one", "other", "same"), [*EVERYWHERE, *DS389])
def test_389_directory_server_and_the_connector_agree(one, other, same, ds389: Private389):
    unit = f"ou=names{next(_NUMBERS)},{SUFFIX}"
    ds389.apply(f"dn: {unit}\nobjectClass: organizationalUnit\n")

    assert compare(ds389.apply, unit, "person", one, other) is same
    assert is_one(unit, one, other) is same


@pytest.mark.parametrize(("one", "other", "same"), EVERYWHERE)
def test_samba_and_the_connector_agree(one, other, same, samba: PrivateSamba):
    unit = f"OU=names{next(_NUMBERS)},{CONTEXT}"
    samba.apply(f"dn: {unit}\nobjectClass: organizationalUnit\n")

    found = compare(samba.apply, unit, "container", one, other)
    samba.remove_tree(unit)

    assert found is same
    assert is_one(unit, one, other) is same


_NUMBERS = count()


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    world = SlapdWorld(tmp_path_factory.mktemp("names") / "slapd")
    yield world
    world.close()


def is_one(unit: str, one: str, other: str) -> bool:
    return dn.key(f"{one},{unit}") == dn.key(f"{other},{unit}")


def compare(apply: Callable[[str], object], unit: str, kind: str, one: str, other: str) -> bool:
    """Add both names to a server; tell whether it takes the second for the first."""
    apply(_record(one, unit, kind))
    try:
        apply(_record(other, unit, kind))
    except (RuntimeError, LabUnusable) as error:
        if "Already exists" not in str(error):
            raise
        return True
    return False


def _record(name: str, unit: str, kind: str) -> str:
    encoded = b64encode(f"{name},{unit}".encode()).decode()
    lines = [f"dn:: {encoded}", f"objectClass: {kind}"]
    if kind == "person":
        lines += ["cn: z", "sn: z"]
    return "\n".join(lines) + "\n"
