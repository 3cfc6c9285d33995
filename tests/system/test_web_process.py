"""The daemon serves the web by a process of its own, whose death costs it nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.system.web_site import Site, children_of, until


@pytest.fixture
def site(tmp_path):
    found = Site(tmp_path)
    found.app("first")
    return found


def web_of(process):
    return until(lambda: list(filter(is_there, children_of(process.pid))))[0]


def is_there(number):
    try:
        return "zombie" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


def test_what_the_daemon_says_of_itself_is_answered_by_the_web(site):
    app = site.app("reader")
    with site.running("run"):
        token = site.token(app)
        headers = {"Authorization": f"Bearer {token}"}
        statuses = [
            site.ask(path, headers=headers)[0] for path in ("/healthz", "/metrics", "/v1.0/users")
        ]
        metrics = site.ask("/metrics")[2]

    assert statuses == [200, 200, 200]
    assert b'connector_runs_total{policy="delta",result="no-start-connection"} 1.0' in metrics


def test_a_web_on_an_address_of_its_own_has_the_daemon_make_its_changes(site):
    app = site.app("writer", "admin")
    group = {
        "displayName": "Lab",
        "mailNickname": "lab",
        "mailEnabled": False,
        "securityEnabled": True,
    }
    with site.running("run"):
        site.port = free_port()
        with site.running("web", "--listen", f"127.0.0.1:{site.port}"):
            headers = {
                "Authorization": f"Bearer {site.token(app)}",
                "Content-Type": "application/json",
            }
            status = site.ask("/v1.0/groups", "POST", headers, json.dumps(group).encode())[0]

    assert status == 201


def test_when_the_web_dies_monitoring_is_answered_and_the_web_comes_back(site):
    with site.running("run") as daemon:
        first = web_of(daemon)
        os.kill(first, signal.SIGKILL)
        until(lambda: not is_there(first))
        meanwhile = [site.ask(path)[0] for path in ("/healthz", "/metrics", "/v1.0/users")]
        retry = site.ask("/v1.0/users", "POST")[1]["retry-after"]
        until(lambda: site.ask("/v1.0/users")[0] == 401)
        second = web_of(daemon)

    assert (meanwhile, retry) == ([200, 200, 503], "5")
    assert (first != second, is_there(second)) == (True, False)
    assert [event["message"] for event in site.events("web.ended")] == ["it was ended by signal 9"]


def test_while_the_web_is_stuck_the_daemon_answers_monitoring(site):
    with site.running("run") as daemon:
        web = web_of(daemon)
        os.kill(web, signal.SIGSTOP)
        time.sleep(6)
        statuses = [site.ask("/healthz")[0] for _ in range(3)]
        os.kill(web, signal.SIGCONT)
        until(lambda: site.ask("/v1.0/users")[0] == 401)

    assert statuses == [200] * 3
    assert site.events("web.ended") == []


def test_the_web_ends_with_a_daemon_that_is_killed(site):
    with site.running("run") as daemon:
        web = web_of(daemon)
        daemon.kill()
        daemon.wait()
        until(lambda: not is_there(web))


def test_the_web_leaves_signals_to_the_daemon_and_ends_with_it(site):
    with site.running("run") as daemon:
        web = web_of(daemon)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(web, number)
        time.sleep(0.5)
        stays = is_there(web)

    assert (stays, is_there(web), site.events("web.ended")) == (True, False, [])


def test_after_a_reload_another_process_serves_with_the_new_settings(site):
    with site.running("run") as daemon:
        first = web_of(daemon)
        text = site.connector.settings.read_text()
        site.connector.settings.write_text(
            text.replace("[web]", '[web]\npublic_url = "https://a.example"')
        )
        site.connector.run("daemon", "reload")
        until(lambda: not is_there(first))
        second = web_of(daemon)
        until(lambda: site.answers("/healthz"))

    assert first != second


def test_a_port_in_use_is_an_error_in_the_log_and_the_daemon_goes_on(tmp_path):
    plain = Site(tmp_path, https=False)
    site = Site(tmp_path, monitor_listen=f"127.0.0.1:{plain.port}")
    plain.connector = site.connector
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        with plain.running("run") as daemon:
            alone = children_of(daemon.pid)

    assert alone == []
    assert [event["message"] for event in site.events("web.failed")] == ["Address already in use"]
