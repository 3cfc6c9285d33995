"""The key that signs tokens is made once."""

from __future__ import annotations

import stat

import pytest

from connector.errors import StorageUnusable
from connector.web.signin.keys import FILE, Keys


def test_the_key_is_the_same_after_a_restart_and_its_file_is_for_its_user_alone(tmp_path):
    first, second = Keys(tmp_path).current(), Keys(tmp_path).current()

    assert first.jwk() == second.jwk()
    assert first.private.key_size == 2048
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_published_key_has_nothing_of_the_private_one(tmp_path):
    assert set(Keys(tmp_path).current().jwk()) == {"kty", "use", "alg", "kid", "n", "e"}


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_is_not_replaced(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(StorageUnusable, match="not an RSA key"):
        Keys(tmp_path).current()
    assert (tmp_path / FILE).read_bytes() == content
