from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from connector.lab import people, seeds
from connector.lab.conflicts import QUARANTINED
from tests import folding

LAB = Path(__file__).parents[3] / "compose" / "lab"
IDFIX_ERRORS = {
    "Format",
    "Blank",
    "Duplicate",
    "Character",
    "TopLevelDomain",
    "DomainPart",
    "LocalPart",
    "Length",
    "MailMatch",
}


def unique_values(seed: str) -> list[str]:
    """Return the values that must be unique in a tenant: UPNs and addresses, separately."""
    text = seeds.text(seed)
    upns = re.findall(r"^userPrincipalName: (.*)$", text, re.MULTILINE)
    proxies = re.findall(r"^proxyAddresses: smtp:(.*)$", text, re.MULTILINE | re.IGNORECASE)
    return [f"upn {folding.text(upn)}" for upn in upns] + [
        f"proxy {folding.text(proxy)}" for proxy in proxies
    ]


@pytest.mark.parametrize("seed", seeds.SEEDS)
def test_the_files_of_the_lab_are_what_the_seeds_say(seed):
    assert (LAB / f"{seed}.ldif").read_text(encoding="utf-8") == seeds.text(seed)


def test_the_lab_holds_no_other_file():
    assert {file.stem for file in LAB.iterdir() if file.is_file()} == set(seeds.SEEDS)


def test_writing_the_seeds_makes_a_file_of_each(tmp_path):
    seeds.main(tmp_path)

    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        f"{seed}.ldif": seeds.text(seed) for seed in seeds.SEEDS
    }


def test_an_ordinary_day_has_no_conflict():
    twice = [value for value, count in Counter(unique_values("contoso")).items() if count > 1]

    assert twice == []


def test_every_promised_quarantine_wants_a_value_that_an_ordinary_day_has():
    held = set(unique_values("contoso"))

    wanted = {
        f"upn {folding.text(value)}"
        if name == "UserPrincipalName"
        else f"proxy {folding.text(value[5:])}"
        for _, name, value in QUARANTINED
    }

    assert wanted <= held


def test_people_have_names_and_accounts_of_their_own():
    everybody = list(people.employees())

    assert len({person.uid for person in everybody}) == len(everybody) == 216
    assert len({person.uid[:20] for person in everybody}) == len(everybody)
    assert all(person.uid.isascii() for person in everybody)


def test_names_come_in_many_scripts():
    names = {person.name for person in people.employees()}

    assert names >= {
        "Jürgen Müller",
        "Łukasz Wiśniewski",
        "Işıl Yılmaz",
        "Nguyễn Tuấn",
        "田中 太郎",
    }


def test_the_bad_objects_show_every_error_that_idfix_names():
    found = re.findall(r"^description: \w+: (\w+)$", seeds.text("bad"), re.MULTILINE)

    assert set(found) == IDFIX_ERRORS
