"""The colors of reports, which are those of the service's page."""

from __future__ import annotations

LIGHT = {
    "page": "#f7f7f5", "paper": "#ffffff", "ink": "#17191e", "quiet": "#5b5f67", "line": "#dcddd9",
    "track": "#e9e9e6", "bar": "#9a9ea6", "accent": "#2456d6",
}  # fmt: skip
DARK = {
    "page": "#131416", "paper": "#1c1d20", "ink": "#f0f0ee", "quiet": "#a4a8af", "line": "#34363b",
    "track": "#292b2f", "bar": "#6d7179", "accent": "#8db4ff",
}  # fmt: skip


def css() -> str:
    """Return CSS variables with the colors by name, light or dark as the reader prefers."""
    light, dark = ("".join(f"--{name}:{color};" for name, color in colors.items()) for colors in (LIGHT, DARK))
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
