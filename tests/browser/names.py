"""The accessible names of a page, as the browser tells them to a screen reader."""

from __future__ import annotations

from collections import Counter

from tests.browser.screen import Screen

SILENT = {"StaticText", "InlineTextBox", "LineBreak", "none", "generic", "cell", "rowheader", "columnheader", "row"}
"""Roles that are text, or whose name is their text."""


def names(screen: Screen) -> Counter[str]:
    """Count what has a name, as "role: name", and the tooltips that add to one, as "role: name (tooltip)"."""
    session = screen.page.context.new_cdp_session(screen.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    found: Counter[str] = Counter()
    for node in nodes:
        name, description = (node.get(key, {}).get("value", "") for key in ("name", "description"))
        if not node["ignored"] and name and node["role"]["value"] not in SILENT:
            found[f"{node['role']['value']}: {name}" + (f" ({description})" if description else "")] += 1
    return found
