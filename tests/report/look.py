"""look.py SHOTS PAGE...: opens pages of `marlin report` in a headless Chromium, at the width of a telephone and of a
desk, light and dark, and on paper, and looks for what a reader would trip over. Screenshots go to the folder SHOTS."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = [360, 1280]
SCHEMES = ["light", "dark"]
ALWAYS = {"quality", "size", "bits", "errors", "command", "files"}
SOMETIMES = {"sensitivity", "experts", "calibration"}

# What is checked inside the page. Colours are read through a canvas, which knows every way to write one.
LOOK = """
() => {
  const faults = [];
  const say = (what, e) => faults.push(what + ': ' + (e ? '<' + e.tagName + '> ' + (e.textContent || '').trim().slice(0, 60) : ''));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    faults.push('the page is ' + root.scrollWidth + ' wide in a window of ' + root.clientWidth);
  }
  const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = c => {
    context.clearRect(0, 0, 1, 1); context.fillStyle = c; context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
    return (x + .05) / (y + .05);
  };
  const behind = e => {
    for (let p = e; p; p = p.parentElement) {
      const c = rgba(getComputedStyle(p).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255, 255];
  };
  const seen = e => { const r = e.getClientRects(); return r.length > 0 && r[0].width > 0; };
  document.querySelectorAll('details').forEach(d => d.open = true);
  let texts = 0, least = 99;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || !seen(e) || e.closest('title, desc')) continue;
    const style = getComputedStyle(e);
    const svg = e instanceof SVGElement;
    let ground = behind(svg ? e.closest('svg').parentElement : e);
    if (svg && e.previousElementSibling && e.previousElementSibling.classList.contains('part') && e.classList.contains('inside')) {
      ground = rgba(getComputedStyle(e.previousElementSibling).fill);
    }
    const c = contrast(rgba(svg ? style.fill : style.color), ground);
    texts++;
    least = Math.min(least, c);
    if (c < 4.5) say('contrast ' + c.toFixed(2), e);
    const size = parseFloat(style.fontSize) * (svg ? e.getScreenCTM().a : 1);
    if (size < 10) say('letters of ' + size.toFixed(1) + ' pixels', e);
  }
  let labels = 0;
  for (const svg of document.querySelectorAll('svg')) {
    const boxes = [...svg.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
    const frame = svg.parentElement.getBoundingClientRect();
    labels += boxes.length;
    boxes.forEach(([t, a], i) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1) say('label outside of its figure', t);
      boxes.slice(i + 1).forEach(([u, b]) => {
        if (a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom - 2 && b.top < a.bottom - 2) {
          say('labels over each other, "' + u.textContent + '" and', t);
        }
      });
    });
    const name = svg.getAttribute('aria-label') ||
      (svg.getAttribute('aria-labelledby') || '').split(' ').map(i => document.getElementById(i)?.textContent).join('');
    if (!name) say('a drawing without a name', svg.parentElement);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push('an id is there twice');
  document.querySelectorAll('a[href^="#"]').forEach(a => {
    if (!document.getElementById(a.getAttribute('href').slice(1))) say('a link to nowhere', a);
  });
  document.querySelectorAll('.scroll').forEach(s => {
    if (s.getBoundingClientRect().right > root.clientWidth + 1) say('a box wider than the window', s);
  });
  document.querySelectorAll('h1, h2').forEach(h => { if (!h.textContent.trim()) faults.push('an empty heading'); });
  if (document.querySelector('script, [onclick], [onload], iframe, object, embed')) faults.push('something that runs');
  return {
    faults, texts, labels, least, sections: [...document.querySelectorAll('section')].map(s => s.id),
    ground: light(behind(document.querySelector('h2'))),
  };
}
"""


def browser():
    found = os.environ.get("MARLIN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        sys.exit("look: no chromium and no google-chrome on the PATH; MARLIN_CHROMIUM may name one")
    return found


def look(engine, page_file, width, scheme, shots):
    """What is wrong with a page in a window, after a line about it."""
    context = engine.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    said, fetched = [], []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: fetched.append(r.url))
    page.goto(page_file.as_uri())
    name = f"{page_file.parent.name}-{page_file.stem}-{width}-{scheme}"
    page.screenshot(path=shots / f"{name}.png", full_page=True)
    found = page.evaluate(LOOK)
    page.screenshot(path=shots / f"{name}-open.png", full_page=True)
    context.close()
    faults = found["faults"]
    faults += [f"console: {s}" for s in said]
    faults += [f"request: {u}" for u in fetched if not u.startswith((page_file.as_uri(), "data:"))]
    sections = set(found["sections"])
    faults += [f"no section {s}" for s in sorted(ALWAYS - sections)]
    faults += [f"unknown section {s}" for s in sorted(sections - ALWAYS - SOMETIMES)]
    if (found["ground"] > 0.5) != (scheme == "light"):
        faults.append(f"the ground is not {scheme}")
    if found["texts"] < 50:
        faults.append(f"only {found['texts']} texts: the page is not what it should be")
    print(
        f"look: {name}: {found['texts']} texts, least contrast {found['least']:.2f}, {found['labels']} labels,"
        f" {len(sections)} sections, {len(faults)} faults"
    )
    return faults


BROKEN = """<!DOCTYPE html><html><body style="background: #fff"><h2></h2><section id="extra"></section>
<p style="color: #999">pale</p><p style="font-size: 7px">small</p><div style="width: 3000px">wide</div>
<figure style="width: 100px"><svg viewBox="0 0 100 20"><text x="10" y="15">one</text><text x="12" y="15">two</text>
<text x="95" y="15">outside</text></svg></figure><a href="#nowhere">link</a><i id="a"></i><i id="a"></i>
<img src="https://example.invalid/x.png"><script>console.error("said")</script></body></html>"""
SEEDED = [
    "wide in a window", "contrast", "letters of", "over each other", "outside of its figure", "without a name",
    "to nowhere", "there twice", "that runs", "console: said", "request: https", "no section quality",
    "unknown section extra", "empty heading", "is not dark", "only",
]


def blind(engine, shots):
    """The faults of a page that has them all and that were not found."""
    page_file = shots / "broken.html"
    page_file.write_text(BROKEN)
    faults = look(engine, page_file, 360, "dark", shots)
    return [f"not found in a broken page: {s}" for s in SEEDED if not any(s in f for f in faults)]


def paper(engine, page_file, shots):
    context = engine.new_context(offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.pdf(path=shots / f"{page_file.parent.name}-{page_file.stem}.pdf", format="A4", print_background=True)
    context.close()


def main():
    shots = Path(sys.argv[1]).resolve()
    shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        faults = blind(engine, shots)
        for name in sys.argv[2:]:
            page_file = Path(name).resolve()
            for width in WIDTHS:
                for scheme in SCHEMES:
                    faults += look(engine, page_file, width, scheme, shots)
            paper(engine, page_file, shots)
        engine.close()
    for fault in faults[:40]:
        print(f"look:   {fault}")
    sys.exit(f"look: {len(faults)} faults" if faults else 0)


if __name__ == "__main__":
    main()
