"""A recording as one page that plays from disk: steps are its chapters. Without scripts it shows every step as it ended."""

import html
import json
from typing import Final

from nsplay.cast.format import MARKER, Cast
from nsplay.cast.picture import row_html, sheet, still
from nsplay.cast.screen import extent, frames, step_rows
from nsplay.cast.theme import theme
from nsplay.view.html import page

LONGEST: Final = 2.0  # seconds that nothing may happen
STYLE: Final = """\
#bar { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; margin: .6rem 0; }
#bar button { font: inherit; padding: .2rem .8rem; }
#bar input { flex: 1; min-width: 10rem; }
#chapters { display: flex; gap: .4rem; flex-wrap: wrap; padding: 0; margin: 0 0 1rem; list-style: none; }
#chapters button { font: inherit; font-size: .9rem; padding: .1rem .6rem; }
#chapters button[aria-current=true] { font-weight: bold; border: 2px solid currentColor; }
pre { line-height: 1.3; }
"""
SCRIPT: Final = """
const film = JSON.parse(document.getElementById('film').textContent);
const screen = document.getElementById('screen'), seek = document.getElementById('seek');
const play = document.getElementById('play'), time = document.getElementById('time');
const chapters = [...document.querySelectorAll('#chapters button')];
let rows = [], next = 0, at = 0, last = 0, running = false;
seek.max = film.end;
function draw() { screen.innerHTML = rows.map(row => row || '').join('\\n'); }
function goTo(moment) {
  if (moment < at) { rows = Array(film.rows).fill(''); next = 0; }
  at = moment;
  while (next < film.frames.length && film.frames[next][0] <= at) {
    for (const [row, text] of Object.entries(film.frames[next][1])) rows[row] = text;
    next++;
  }
  draw();
  seek.value = at;
  time.textContent = at.toFixed(0) + ' / ' + film.end.toFixed(0) + ' s';
  let current = -1;
  film.chapters.forEach((moment, number) => { if (moment <= at) current = number; });
  chapters.forEach((button, number) => button.setAttribute('aria-current', number === current));
}
function tick(now) {
  if (!running) return;
  goTo(Math.min(film.end, at + (now - last) / 1000));
  last = now;
  if (at >= film.end) stop(); else requestAnimationFrame(tick);
}
function stop() { running = false; play.textContent = 'Play'; }
function start() {
  if (at >= film.end) goTo(0);
  running = true; play.textContent = 'Pause'; last = performance.now(); requestAnimationFrame(tick);
}
play.onclick = () => running ? stop() : start();
seek.oninput = () => { stop(); goTo(Number(seek.value)); };
chapters.forEach((button, number) => button.onclick = () => { goTo(film.chapters[number]); });
document.onkeydown = event => {
  if (event.target.tagName === 'INPUT' || event.target.tagName === 'BUTTON') return;
  if (event.key === ' ') { event.preventDefault(); play.click(); }
  if (event.key === 'ArrowRight') goTo(Math.min(film.end, at + 5));
  if (event.key === 'ArrowLeft') goTo(Math.max(0, at - 5));
};
document.getElementById('player').hidden = false;
rows = Array(film.rows).fill('');
goTo(0);
"""


def movie(cast: Cast) -> str:
    """The page. Where nothing happened for long, it is cut short."""
    colours, (_, tall) = theme(cast.background), extent(cast)
    steps = [event for event in cast.events if event.code == MARKER]
    pictures = [
        (frame.at, {str(y): row_html(row, colours) for y, row in frame.rows.items()})
        for frame in frames(cast)
    ]
    times = shortened(sorted({at for at, _ in pictures} | {step.at for step in steps}))
    film = {
        "rows": tall,
        "end": max(times.values(), default=0.0),
        "frames": [[round(times[at], 3), rows] for at, rows in pictures],
        "chapters": [round(times[step.at], 3) for step in steps],
    }
    told = json.dumps(film, ensure_ascii=False).replace("<", "\\u003c")
    names = "".join(f"<li><button>{html.escape(step.data)}</button></li>" for step in steps)
    shown = "".join(
        f"<h2>{html.escape(name)}</h2>{still(step_rows(cast, name), colours)}"
        for name in dict.fromkeys(step.data for step in steps)
    )
    title = html.escape(cast.title or "nsplay")
    body = f"""<h1>{title}</h1>
<p>A recording: what a kernel answered when it was made.</p>
<div id="player" hidden>
<pre id="screen" style="height:{tall * 1.3:g}em"></pre>
<div id="bar"><button id="play">Play</button><input id="seek" type="range" min="0" step="0.01" value="0"
 aria-label="time"><span id="time"></span></div>
<ul id="chapters">{names}</ul>
</div>
<details><summary>All steps, as they ended</summary>
{shown}
</details>
<script type="application/json" id="film">{told}</script>"""
    return page(cast.title or "nsplay", body, script=SCRIPT, style=sheet(colours) + STYLE)


def shortened(times: list[float]) -> dict[float, float]:
    """When each comes in the film, where nothing that lasts long is left. times: in order."""
    found, now, before = dict[float, float](), 0.0, 0.0
    for moment in times:
        now += min(moment - before, LONGEST)
        found[moment], before = now, moment
    return found
