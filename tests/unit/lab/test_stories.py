"""The stories describe themselves; tests/system/test_lab_stories.py plays them."""

from __future__ import annotations

import re

import pytest

from connector.lab.stories import STORIES
from connector.settings import KNOWN_ISSUES
from tests import inventory


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_has_a_name_to_type_a_title_and_the_rule_that_it_plays(story):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", story.name)
    assert re.fullmatch(r"[A-Z].*[^.]", story.title)
    assert re.fullmatch(r"[A-Z].*[.]", story.rule)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_a_story_sets_is_a_setting(story):
    for key in story.settings:
        section, _, name = key.partition(".")

        assert name in inventory.sections()[section].model_fields


def test_every_known_issue_has_a_story_of_its_name():
    assert set(KNOWN_ISSUES) <= set(STORIES)
