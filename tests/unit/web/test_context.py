"""Readers stay open from one request to the next, and see what lies there now."""

from __future__ import annotations

import shutil
import threading
import uuid

import pytest

from connector.errors import QueryTooLong
from connector.operations import cloud
from connector.tenant.service import open_tenant
from tests.unit.tenant.verbs import sqlite_store
from tests.unit.web.served import Served

FOREVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_a_thread_keeps_its_readers_and_has_them_for_itself(web):
    found = []

    def read():
        with web.context.reading() as readers:
            found.append(readers)

    read()
    read()
    other = threading.Thread(target=read)
    other.start()
    other.join()

    assert found[0] is found[1] is not found[2]


def test_a_reader_sees_what_is_written_and_holds_no_state(web, tmp_path):
    def domains():
        with web.context.reading() as readers:
            return {domain.name for domain in readers.tenant.administrator.domains()}

    before = domains()
    tenant = open_tenant(tmp_path / "tenant.db", web.settings.tenant)
    tenant.administrator.set_domain("fabrikam.com", verified=True)
    tenant.close()

    assert domains() - before == {"fabrikam.com"}


def test_a_database_that_was_replaced_is_read_and_not_the_old_one(web, tmp_path):
    first = web.context.tenant_id()
    (tmp_path / "other").mkdir()
    second = Served(tmp_path / "other").context.tenant_id()
    for end in ("-wal", "-shm"):
        (tmp_path / f"tenant.db{end}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "other" / "tenant.db", tmp_path / "new")
    (tmp_path / "new").rename(tmp_path / "tenant.db")

    assert first != second
    assert web.context.tenant_id() == second


def test_the_id_of_a_tenant_is_a_uuid_that_stays(web, tmp_path):
    number = uuid.UUID(web.context.tenant_id())

    assert (number.version, number.variant) == (4, uuid.RFC_4122)
    assert Served(tmp_path).context.tenant_id() == str(number)


def test_a_query_that_takes_too_long_is_given_up_and_the_next_one_is_not(web):
    with (
        pytest.raises(QueryTooLong, match=r"longer than 0\.05 s"),
        web.context.reading(seconds=0.05) as readers,
    ):
        sqlite_store(readers.tenant).connection.execute(FOREVER).fetchall()

    with web.context.reading() as readers:
        assert sqlite_store(readers.tenant).connection.execute("SELECT 1").fetchall() == [(1,)]


def test_readers_change_nothing(web):
    with web.context.reading() as readers, pytest.raises(Exception, match="readonly"):
        sqlite_store(readers.tenant).connection.execute("DELETE FROM state")


def test_an_operation_is_carried_out_as_a_request(web):
    web.context.perform(cloud.delete, identity="ann", hard=True)

    assert web.answers == [{"command": "delete", "identity": "ann", "hard": True}]
