"""The XML that a server exports, for rules of our own."""

from __future__ import annotations


def exported(name="Ours", *, flows="", precedence=50, source="user", direction="Inbound", tag=""):
    """The XML of a rule; without flows it makes every job title Boss."""
    flows = flows or "<mapping><dest>title</dest><src>Boss</src></mapping>"
    return (
        f"<synchronizationRule><name>{name}</name><immutable-tag>{tag}</immutable-tag>"
        f"<direction>{direction}</direction><sourceObjectType>{source}</sourceObjectType>"
        f"<precedence>{precedence}</precedence><attribute-mappings>{flows}</attribute-mappings>"
        "</synchronizationRule>"
    )
