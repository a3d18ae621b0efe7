"""What the book looks like: on a screen, dark and light, and on paper of any size."""

from typing import Final

LIGHT: Final = """\
--paper: #fdfdfc; --ink: #1c2027; --faint: #5f6875; --line: #dcdfe5; --panel: #f4f5f7; --typed: #e9ebef;
--accent: #0a5ab4; --inside: #0a5ab4; --ok: #1b7a3a; --bad: #b3261e; --warn: #95358f; --bar: #3f83cf; --hot: #c8463d;"""
DARK: Final = """\
--paper: #14171c; --ink: #dde1e7; --faint: #98a1ae; --line: #2d333d; --panel: #1b1f26; --typed: #242a33;
--accent: #6cb2f2; --inside: #5fcbd0; --ok: #6cc37c; --bad: #f07a72; --warn: #e6b75a; --bar: #3f9ca2; --hot: #d0524f;"""
PROSE: Final = "system-ui, 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic', sans-serif"
# A Japanese font stands behind the one that is measured by: its characters are spread to two columns (.wide).
MONO: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', monospace"

STYLE: Final = f"""\
:root {{ color-scheme: light dark; {LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
* {{ box-sizing: border-box; }}
body {{ background: var(--paper); color: var(--ink); font: 17px/1.6 {PROSE}; overflow-wrap: break-word; }}
main {{ max-width: 50rem; padding: 1.5rem 1.25rem 4rem; }}
a {{ color: var(--accent); text-underline-offset: .15em; }}
p, ul, ol {{ margin: .8em 0; text-wrap: pretty; }}
ul, ol {{ padding-left: 1.6em; }}
h1, h2, h3 {{ line-height: 1.25; text-wrap: balance; word-break: auto-phrase; break-after: avoid; }}
h1 {{ font-size: 2.1rem; margin: .9em 0 .6em; letter-spacing: -.01em; }}
h2 {{ font-size: 1.4rem; margin: 3.2em 0 .6em; padding-top: .6em; border-top: 1px solid var(--line); }}
h3 {{ font-size: 1rem; margin: 1.6em 0 .4em; }}
.number {{ color: var(--accent); font-variant-numeric: tabular-nums; margin-right: .5em; }}
.faint {{ color: var(--faint); }}
code, pre, kbd {{ font-family: {MONO}; font-variant-ligatures: none; }}
code {{ font-size: .88em; background: var(--panel); border-radius: .25em; padding: .08em .3em; white-space: pre-wrap; }}

nav {{ display: flex; flex-wrap: wrap; gap: .3em 1.5em; justify-content: space-between; font-size: .9rem; }}
nav a {{ text-decoration: none; }}
article > nav:last-child {{ margin-top: 4rem; border-top: 1px solid var(--line); padding-top: 1rem; }}

.cover {{ padding: 12vh 0 6vh; container-type: inline-size; }}
.cover h1 {{ font-size: clamp(2.6rem, 9vw, 4.5rem); margin: 0; letter-spacing: -.03em; line-height: 1.05; }}
.cover pre {{ padding: 0; font-size: clamp(9px, 1.9cqi, 15px); color: var(--inside); font-weight: 700; }}
.cover .about {{ font-size: 1.35rem; margin: .4em 0 2em; text-wrap: balance; }}
.contents {{ list-style: none; padding: 0; margin: .4em 0 2em; }}
.contents > li {{ display: grid; grid-template-columns: 2.4em 1fr auto; gap: 0 .6em; padding: .34em 0;
  border-bottom: 1px solid var(--line); break-inside: avoid; }}
.contents a {{ text-decoration: none; color: inherit; font-weight: 600; }}
.contents a:hover {{ color: var(--accent); }}
.contents .number {{ margin: 0; text-align: right; }}
.contents .why {{ grid-column: 2 / -1; font-size: .88rem; }}

.guess, .lacks, .worth {{ border-left: 3px solid var(--accent); background: var(--panel); border-radius: 0 .4em .4em 0;
  padding: .7em 1.1em; margin: 1.2em 0; break-inside: avoid; }}
.guess > *:first-child, .lacks > *:first-child, .worth > *:first-child {{ margin-top: 0; }}
.guess > *:last-child, .lacks > *:last-child, .worth > *:last-child {{ margin-bottom: 0; }}
.guess ol {{ list-style: lower-alpha; }}
.guess code, .lacks code, .worth code {{ background: var(--typed); }}
.label {{ font-size: .78rem; font-weight: 700; color: var(--accent); letter-spacing: .04em; }}
.lacks {{ border-color: var(--warn); }}
.lacks .label {{ color: var(--warn); }}
.worth {{ border-color: var(--ok); }}
.worth p {{ margin: .3em 0; }}
details {{ margin: .8em 0; }}
summary {{ cursor: pointer; color: var(--accent); font-weight: 600; font-size: .95rem; break-after: avoid; }}
details ol {{ margin: .4em 0; }}

figure {{ margin: 1.4em 0; border: 1px solid var(--line); border-radius: .5em; overflow: hidden; background: var(--panel);
  container-type: inline-size; }}
pre {{ margin: 0; padding: .9em 1em; overflow-x: auto; tab-size: 8; line-height: 1.35; text-spacing-trim: space-all;
  font-size: clamp(9px, 1.97cqi, 15px); }}
figure > pre.typed {{ background: var(--typed); white-space: pre-wrap; overflow-wrap: anywhere; }}
pre.code {{ font-size: .85em; background: var(--panel); border-radius: .4em; white-space: pre-wrap; overflow-wrap: anywhere; }}
.wide {{ letter-spacing: calc(2ch - 1em); }}
.prompt {{ color: var(--faint); user-select: none; -webkit-user-select: none; }}
.cmd, .head, .key {{ font-weight: 700; }}
.inside {{ color: var(--inside); font-weight: 700; }}
.ok {{ color: var(--ok); }}
.bad {{ color: var(--bad); font-weight: 700; }}
.warn {{ color: var(--warn); font-weight: 700; }}
.bar {{ color: var(--bar); background: var(--bar); }}
.hot {{ color: var(--hot); background: var(--hot); }}
pre .faint {{ color: var(--faint); }}
.rule {{ text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .3em; }}

.card {{ border: 1px solid var(--line); border-radius: .6em; padding: .2em 1.3em 1em; margin-top: 3.2em; }}
.card h2 {{ border: 0; margin: .8em 0 .4em; padding: 0; }}
dl {{ display: grid; grid-template-columns: fit-content(50%) 1fr; gap: .45em 1.2em; margin: 1em 0; }}
dd {{ margin: 0; }}
.gotchas {{ list-style: none; padding: 0; }}
.gotchas li {{ padding-left: 1.4em; text-indent: -1.4em; }}
.gotchas li::before {{ content: "!"; color: var(--warn); font-weight: 700; display: inline-block; width: 1.4em; text-indent: 0; }}
@media screen and (max-width: 36rem) {{
  body {{ font-size: 16px; }}
  main {{ padding: 1rem .9rem 3rem; }}
  dl {{ grid-template-columns: 1fr; gap: 0; }}
  dd {{ margin-bottom: .6em; }}
}}

@page {{ margin: 18mm 16mm 20mm; }}
@page {{ @bottom-center {{ content: counter(page); font: 9pt {PROSE}; color: #5f6875; }} }}
@page :first {{ @bottom-center {{ content: none; }} }}
@media print {{
  :root {{ --paper: #fff; }}
  html {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
  body {{ font-size: 10pt; line-height: 1.45; }}
  main {{ max-width: none; padding: 0; }}
  article nav {{ display: none; }}
  a {{ color: inherit; text-decoration: none; }}
  article a[href^="http"]::after {{ content: " (" attr(href) ")"; color: var(--faint); }}
  section + article, article + article, .contents-page {{ break-before: page; }}
  h1 {{ font-size: 22pt; margin-top: 0; }}
  h2 {{ font-size: 13.5pt; margin-top: 1.8em; }}
  p, ul, ol {{ margin: .6em 0; }}
  .contents-page h2 {{ border: 0; margin: 0; padding: 0; }}
  .contents {{ margin: 0 0 1em; }}
  .contents > li {{ padding: .2em 0; }}
  .guess, .lacks, .worth, figure {{ margin: .9em 0; }}
  .guess, .lacks, .worth {{ padding: .5em 1em; }}
  .guess summary {{ float: left; margin-right: .8em; }}
  .guess details p {{ margin: .2em 0; }}
  p {{ orphans: 2; widows: 2; }}
  pre {{ font-size: 8.2pt; padding: .7em .9em; break-inside: auto; white-space: pre-wrap;
    box-decoration-break: clone; -webkit-box-decoration-break: clone; }}
  figure {{ overflow: visible; container-type: normal; break-inside: avoid; }}
  .card, dl > *, details li {{ break-inside: avoid; }}
  summary {{ list-style: none; }}
  summary::-webkit-details-marker {{ display: none; }}
  details::details-content {{ content-visibility: visible; display: block; height: auto; }}
  .cover {{ padding: 30mm 0 0; }}
}}
"""
