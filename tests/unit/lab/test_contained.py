from __future__ import annotations

from connector.lab.contained import _mails
from connector.lab.stage import ReceivedMail

RULE = "-" * 72
CAUGHT = f"""\
started
{RULE}
From: connector@contoso.com
To: admin@contoso.com
Subject: Sync errors
Date: Mon, 23 Nov 2026 08:00:00 +0000

Hello,

two errors.
{RULE}
{RULE}
From: a@b.example
To: c@d.example
Subject: Again
Date: today

Bye.
{RULE}
"""


def test_mails_are_read_from_what_the_catcher_prints():
    assert list(_mails(CAUGHT)) == [
        ReceivedMail("Sync errors", "Hello,\n\ntwo errors.\n"),
        ReceivedMail("Again", "Bye.\n"),
    ]


def test_a_mail_that_is_still_printed_is_none_yet():
    assert list(_mails(CAUGHT.removesuffix(f"{RULE}\n"))) == [
        ReceivedMail("Sync errors", "Hello,\n\ntwo errors.\n")
    ]
