"""The password of a database's URL is found wherever libpq would find it, and never told."""

from __future__ import annotations

import pytest

from connector.values.database_url import database_url


@pytest.mark.parametrize(
    ("full", "text"),
    [
        ("postgresql://me:secret@db/tenant", "postgresql://me@db/tenant"),
        ("postgres://me:se?c#ret@db/tenant", "postgres://me@db/tenant"),
        ("postgresql://:secret@db", "postgresql://db"),
        (
            "postgresql://me@a:5432,b/tenant?password=secret&sslrootcert=x",
            "postgresql://me@a:5432,b/tenant?sslrootcert=x",
        ),
        ("postgresql:///tenant?password=secret&host=/run", "postgresql:///tenant?host=/run"),
    ],
)
def test_a_password_is_left_out_of_the_text(full, text):
    url = database_url(full)

    assert (str(url), url.full, url.has_password) == (text, full, True)
    assert "secret" not in repr(url)


@pytest.mark.parametrize(
    "text", ["postgresql://me@[::1]:5432/tenant", "postgresql:///tenant?host=/run/postgresql"]
)
def test_a_url_without_a_password_stays_as_it_is(text):
    url = database_url(text)

    assert (str(url), url.full, url.has_password) == (text, text, False)


@pytest.mark.parametrize(
    "text",
    [
        "mysql://me:secret@db/tenant",
        "postgresql://me:sec/ret@db/tenant",
        "postgresql://me:sec@ret@db/tenant",
        "postgresql://me:secret/tenant",
        "postgresql://db/tenant?p%61ssword=secret",
        "postgresql://db/tenant?sslpassword=secret",
    ],
)
def test_what_libpq_might_read_otherwise_is_refused_and_not_repeated(text):
    with pytest.raises(ValueError, match=r"^must ") as refused:
        database_url(text)

    assert "sec" not in str(refused.value)
