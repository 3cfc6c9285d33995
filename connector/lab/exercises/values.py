"""Break values of the directory: a conflict, and names in a domain that the tenant does not know."""

from __future__ import annotations

from connector.lab.exercises.exercise import Bench, Exercise
from connector.lab.people import Person, employees
from connector.lab.records import USERS, user, user_dn
from connector.values.dn import rdn
from connector.values.ldif import replace

_WANTED = "User@contoso.com"
_MOVED = 5


def _spoil_conflict(bench: Bench) -> None:
    bench.directory.apply(user("user.b", "User B", upn=_WANTED))
    bench.run("sync", code=1)


def _check_conflict(bench: Bench) -> None:
    bench.expect(f"User A signs in as {_WANTED}", _upn(bench, "User A") == _WANTED)
    bench.expect(
        "User B signs in as user.b@contoso.com", _upn(bench, "User B") == "user.b@contoso.com"
    )
    bench.expect("nothing is quarantined", bench.errors() == [])


def _solve_conflict(bench: Bench) -> None:
    bench.run("errors")
    bench.say("User A came first and keeps the UPN. User B gets one of its own in the directory:")
    bench.directory.apply(replace(user_dn("user.b"), {"userPrincipalName": "user.b@contoso.com"}))
    bench.run("sync")
    bench.run("errors")


def _upn(bench: Bench, name: str) -> str:
    return str(bench.find(name)["userPrincipalName"])


CONFLICT = Exercise(
    "conflict",
    "Somebody cannot sign in",
    task="User B is new and cannot sign in with the name that the letter of welcome gives: "
    "user.b@contoso.com. User A, who has been here for years, signs in as ever.",
    looks=("connector errors", "connector explain 'User B'"),
    mend="give User B a UPN of its own in the directory, then sync",
    spoil=_spoil_conflict,
    check=_check_conflict,
    solve=_solve_conflict,
)


def _dn(person: Person) -> str:
    return f"uid={person.uid},{rdn('ou', person.office.town)},{USERS}"


def _moved() -> list[Person]:
    """Return those with an old name: the last of Seattle, and those whom Contoso forgot."""
    everybody = list(employees())
    last = {person.number for person in everybody[-_MOVED:]}
    return [person for person in everybody if person.number in last or person.number % 60 == 0]


def _spoil_suffix(bench: Bench) -> None:
    for person in _moved():
        bench.directory.apply(
            replace(_dn(person), {"userPrincipalName": f"{person.uid}@contoso.local"})
        )
    bench.run("sync")


def _check_suffix(bench: Bench) -> None:
    upns = bench.upns()
    placed = [upn for upn in upns if upn.endswith("@contoso.onmicrosoft.com")]
    bench.expect("nobody signs in with contoso.onmicrosoft.com", not placed)
    there = {f"{person.uid}@contoso.com" for person in _moved()}
    bench.expect("everybody signs in with contoso.com", there <= set(upns))


def _solve_suffix(bench: Bench) -> None:
    bench.run("lint", code=1)
    bench.say(
        "The tenant has not verified contoso.local, and nobody ever can: it is not a name of the "
        "Internet. So the names change in the directory:"
    )
    bench.directory.apply(
        *(
            replace(_dn(person), {"userPrincipalName": f"{person.uid}@contoso.com"})
            for person in _moved()
        )
    )
    bench.run("sync")


WRONG_SUFFIX = Exercise(
    "wrong-suffix",
    "Names that nobody gave them",
    task="Some people of Seattle, and a few elsewhere, sign in with a name in contoso.onmicrosoft.com. All "
    "others have contoso.com, and so should they.",
    looks=("connector check", "connector lint"),
    mend="give them a UPN in contoso.com in the directory, then sync",
    spoil=_spoil_suffix,
    check=_check_suffix,
    solve=_solve_suffix,
)
