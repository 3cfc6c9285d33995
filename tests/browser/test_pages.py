"""A browser clicks through the pages: with and without script, on a phone, in light and dark, by keyboard.

What only .venv-browser has is imported where it is used: the tests are collected in .venv too.
Pictures of every page go to the folder that ``SCREENSHOTS`` names, else to that of the test.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.browser.served import HOSTILE, PASSWORD, served, with_errors
from tests.fakes import SUFFIX

pytestmark = pytest.mark.browser

PAGES = ["/", "/admin/sync-errors", "/health", "/health/sync-errors", "/health/deletions", "/no"]
SCREENS = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}
# Chromium asks other hosts for updates and the like, unless it is told not to.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def nothing_is_left_running():
    """The driver of the browser keeps threads of its own until it ends with the module."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with served(tmp_path_factory.mktemp("place")) as found:
        with_errors(found).start()
        yield found


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, request, tmp_path):
    """Open a signed-in page; it fails on a script error and on a request to another host."""
    trouble: list[str] = []
    opened = []

    def open_page(place, path="/", **options):
        context = chromium.new_context(
            ignore_https_errors=True, base_url=place.base, reduced_motion="reduce", **options
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console", lambda said: trouble.append(said.text) if "Policy" in said.text else None
        )
        page.on(
            "request",
            lambda asked: (
                trouble.append(asked.url) if not asked.url.startswith(place.base) else None
            ),
        )
        opened.append(page)
        page.goto(path)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/signin" not in url)
        return page

    yield open_page
    name = re.sub(r"\W+", "-", request.node.name)
    for number, page in enumerate(opened):
        picture(page, tmp_path, f"{name}-{number}")
        page.context.close()
    assert trouble == []


def picture(page, folder, name):
    page.screenshot(
        path=Path(os.environ.get("SCREENSHOTS", folder)) / f"{name}.png", full_page=True
    )


def rows(page, table):
    found = page.get_by_role("table", name=table, exact=True).get_by_role("row").all()[1:]
    return [[cell.inner_text() for cell in row.get_by_role("cell").all()] for row in found]


def faults(page):
    """Return what axe finds serious: rule and element."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above

    found = Axe().run(page).response["violations"]
    return [
        (one["id"], node["html"])
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def test_from_home_to_the_details_of_an_error_and_back(place, browse):
    page = browse(place)

    region = page.get_by_role("region", name="User management")
    region.get_by_role("link", name="Sync errors").click()
    page.get_by_role("link", name="User B").click()
    pane = page.get_by_role("complementary", name="Error details")
    pane.get_by_role("heading", name="How to fix").wait_for()
    pane.get_by_role("link", name="The object, step by step").click()
    page.get_by_role("heading", level=1, name="User B").wait_for()
    page.go_back()
    pane.get_by_role("link", name="Close").click()

    assert pane.count() == 0
    assert {row[0] for row in rows(page, "Directory sync errors")} == {"User A", "User B", HOSTILE}


def test_the_keyboard_opens_the_details_and_escape_closes_them(place, browse):
    page = browse(place, "/health/sync-errors")
    page.get_by_role("link", name="User B").focus()
    page.keyboard.press("Enter")
    page.get_by_role("complementary", name="Error details").wait_for()
    reached = page.evaluate("document.activeElement.id")

    page.keyboard.press("Escape")
    page.get_by_role("complementary", name="Error details").wait_for(state="detached")
    page.keyboard.press("Tab")

    assert reached == "details"
    assert page.evaluate("document.activeElement.textContent") != "Home", "it goes on where one was"


def test_the_first_stop_of_the_keyboard_leads_to_the_content(place, browse):
    page = browse(place, "/health")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    assert first == "Skip to the content"
    assert page.url.endswith("#main")


def test_a_cycle_is_told_while_the_page_is_open(place, browse):
    page = browse(place, "/health")
    before = rows(page, "Run history")
    place.directory.user(f"late{len(before)}")

    page.get_by_role("button", name="Sync now").click()
    number = str(int(before[0][0]) + 1)
    status = page.get_by_role("status", name="Cycle")
    status.filter(has_text=re.compile(f"Run {number} .*finished")).wait_for(timeout=30_000)
    newest = page.locator("table[aria-label='Run history'] tbody tr:first-child td:first-child")
    newest.filter(has_text=re.compile(f"^{number}$")).wait_for()

    assert rows(page, "Run history")[0][0] == number


def test_a_sweep_gives_a_value_back(place, browse):
    world = place.directory
    world.user("holder", proxyAddresses=["SMTP:holder@contoso.com", "smtp:wanted@contoso.com"])
    place.connector.synced()
    world.user(
        "waits",
        proxyAddresses=["SMTP:waits@contoso.com", "smtp:wanted@contoso.com"],
        displayName="Waiter",
    )
    place.connector.synced()
    world.modify(f"uid=holder,ou=users,{SUFFIX}", proxyAddresses=["SMTP:holder@contoso.com"])
    place.connector.synced()

    page = browse(place, "/health")
    page.get_by_role("button", name="Sweep now").click()
    page.get_by_role("status", name="Cycle").filter(
        has_text="wanted@contoso.com to Waiter"
    ).wait_for()
    page.goto("/health/sync-errors?search=Waiter")

    assert rows_or_none(page) == []


def rows_or_none(page):
    return rows(page, "Sync errors") if page.get_by_role("table").count() else []


def test_deletes_are_approved_as_they_were_shown(tmp_path, browse):
    with served(tmp_path, safety={"delete_threshold": 2}) as place:
        for number in range(8):
            place.directory.user(f"leaver{number}")
        place.connector.synced()
        for number in range(4):
            place.directory.remove(f"uid=leaver{number},ou=users,{SUFFIX}")
        place.connector.run("sync")
        place.start()
        page = browse(place, "/health/deletions")
        place.directory.remove(f"uid=leaver4,ou=users,{SUFFIX}")
        place.connector.run("sync")

        page.get_by_role("button", name="Approve").click()
        refused = page.get_by_role("alert").inner_text()
        page.get_by_role("link", name="Look at the pending deletes").click()
        seen = len(rows(page, "Pending deletes"))
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("Approved: the next run").wait_for()
        place.connector.synced()

        assert "not those that wait now" in refused
        assert seen == 5
        assert sorted(place.connector.objects()) == ["Leaver5", "Leaver6", "Leaver7"]


def test_the_export_is_a_file(place, browse):
    page = browse(place, "/health/sync-errors")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export").click()

    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "sync-errors.csv"
    assert text.startswith("Name,Type,Error,Attribute,Value,Held by,Since,Attempts,Category,")


def test_names_of_the_directory_run_no_script(place, browse):
    page = browse(place)
    hostile = place.connector.objects()[HOSTILE]["id"]

    for path in ("/admin/sync-errors", "/health/sync-errors", f"/objects/{hostile}"):
        page.goto(path)

        assert page.title() != "1"
        assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    place, browse, screen, scheme, tmp_path
):
    # axe is a script of the test's own, which the pages would not let in.
    page = browse(place, viewport=SCREENS[screen], color_scheme=scheme, bypass_csp=True)
    user = place.connector.objects()["User B"]["id"]
    opened = "/health/sync-errors", "/admin/sync-errors"

    def look(name):
        picture(page, tmp_path, f"{screen}-{scheme}-{re.sub('[^a-z]+', '-', name)}")
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name

    for path in (*PAGES, f"/objects/{user}"):
        page.goto(path)
        look(path)
    for path in opened:
        page.goto(path)
        page.get_by_role("link", name="User B").click()
        page.get_by_role("complementary", name="Error details").wait_for()
        look(f"{path}-details")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    look("signin")


def test_axe_would_find_what_is_wrong(place, browse):
    page = browse(place, bypass_csp=True)
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x><button></button>'")

    assert {rule for rule, _ in faults(page)} >= {"image-alt", "button-name"}


def test_every_page_works_on_a_phone_without_script(place, browse):
    page = browse(place, viewport=SCREENS["phone"], java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Connect Health").click()
    before = rows(page, "Run history")

    page.get_by_role("button", name="Sync now").click()
    number = int(before[0][0]) + 1
    for _ in range(60):
        page.goto("/health")
        text = page.get_by_role("status", name="Cycle").inner_text()
        if f"Run {number} (delta) finished" in text:
            break
        page.wait_for_timeout(250)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="All errors").click()
    page.get_by_role("searchbox", name="Search").fill("rival")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Rival").click()
    page.get_by_role("complementary", name="Error details").wait_for()

    assert f"Run {number} (delta) finished" in text
    assert [row[0] for row in rows(page, "Sync errors")] == ["Rival"]
