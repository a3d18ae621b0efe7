"""Pages for a browser: one file that needs nothing else, and prints."""

import html
from typing import Final

STYLE: Final = """\
body { margin: 0; background: #f5f6f8; color: #1d2129; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #d4d8df; vertical-align: top; }
@page { margin: 18mm; }
@media print { body { background: none; } main { max-width: none; padding: 0; } }
"""


def page(title: str, body: str, *, script: str = "", style: str = "", lang: str = "en") -> str:
    """An HTML document. title: as text; body: as HTML."""
    return f"""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{STYLE}{style}</style>
</head>
<body>
<main>
{body}
</main>
{f"<script>{script}</script>" if script else ""}
</body>
</html>
"""
