"""The rendered site: complete, readable without the network, and quiet in a browser of any width and colour."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("smalldocs")
    from site_pages import build

    target = tmp_path_factory.mktemp("site") / "_site"
    build(target)
    return target


def pages(site):
    return {f: f.read_text(encoding="utf-8") for f in sorted(site.rglob("*.html"))}


def test_every_notebook_and_module_has_a_page(site):
    for notebook in [*(ROOT / "nbs").glob("*.ipynb"), *(ROOT / "nbs" / "solutions").glob("*.ipynb")]:
        assert (site / notebook.relative_to(ROOT / "nbs").with_suffix(".html")).exists(), f"{notebook.name} has no page"
    for module in ("metrics", "linear_model", "serving", "monitoring"):
        text = (site / "api" / f"{module}.html").read_text(encoding="utf-8")
        assert "#code-" in text, f"api/{module}.html does not link to its chapter"
    assert 'href="api/metrics.html#' in (site / "20_metrics.html").read_text(encoding="utf-8")


def test_every_page_has_a_title_and_one_language(site):
    for file, text in pages(site).items():
        assert re.search(r"<title>[^<]{3,}</title>", text), f"{file.name} has no title"
        assert '<html lang="en"' in text, f"{file.name} names no language"


def test_nothing_foreign_is_loaded(site):
    loaded = r"""<(?:script|img|link|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//[^"']*"""
    for file in site.rglob("*"):
        if file.suffix in {".html", ".css"}:
            text = file.read_text(encoding="utf-8")
            found = re.findall(loaded, text) + re.findall(r"(?:@import\s+|url\()\(?[\"']?https?:[^)\"']*", text)
            assert not found, f"{file.name} loads {found[0]}"


def test_formulas_are_drawn(site):
    for file, text in pages(site).items():
        prose = re.sub(r"<(script|pre|code)\b.*?</\1>", "", text, flags=re.S)
        assert not re.search(r"\$[^$<\n]+\$|\\\(|\\\[", prose), f"{file.name} shows a formula as text"
    assert "<math" in (site / "41_logistic_regression.html").read_text(encoding="utf-8")


def test_pictures_say_what_they_show(site):
    for file, text in pages(site).items():
        for tag in re.findall(r"<img\b[^>]*>", text):
            assert re.search(r'alt="[^"]{5,}"', tag), f"{file.name}: a picture without words: {tag[:60]}"


def test_an_unreadable_formula_stops_the_build_by_name():
    pytest.importorskip("latex2mathml")
    from site_pages import mathml

    for formula in (r"\unknowncommand x", r"\begin{aligned} a &= b \end{aligned}"):
        with pytest.raises(SystemExit, match="page.html.*" + re.escape(formula[:8])):
            mathml(formula, False, "page.html")


def test_a_broken_link_and_a_foreign_script_are_found(tmp_path):
    from site_pages import check_site

    (tmp_path / "a.html").write_text(
        '<a href="b.html">b</a><a href="#no">c</a><script src="https://example.org/x.js"></script>'
    )
    wrong = "\n".join(check_site(tmp_path))
    assert "b.html, which does not exist" in wrong and "#no" in wrong and "foreign address" in wrong


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("chromium is missing: install Debian's package chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_browser_shows_every_page_without_complaint(site, browser, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    for file in pages(site):
        page.goto(file.as_uri())
        assert not said, f"{file.name}: {said}"
        extra = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert extra <= 0, f"{file.name} is {extra} px too wide at {width} px"
        hidden = page.evaluate(
            "[...document.querySelectorAll('main :is(pre, .scroll, .formula)')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length"
        )
        assert hidden == 0, f"{file.name}: {hidden} scrolling parts cannot be reached by keyboard"
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        dark = all(int(value) < 80 for value in re.findall(r"\d+", ground)[:3])
        assert dark == (scheme == "dark"), f"{file.name} is not {scheme}"
    context.close()


FAINT = """() => {
  const light = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                       return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const parse = s => { const m = s.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const mix = (c, under) => under.map((v, i) => c[i] * c[3] + v * (1 - c[3]));
  const ground = e => { const all = [];
                        for (; e; e = e.parentElement) all.push(parse(getComputedStyle(e).backgroundColor));
                        return all.reverse().reduce((b, c) => mix(c, b), [255, 255, 255]); };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement, style = getComputedStyle(e);
    if (!text || !e.getClientRects().length || style.visibility == "hidden" || style.opacity == "0") continue;
    const b = ground(e), [low, high] = [light(b), light(mix(parse(style.color), b))].sort((x, y) => x - y);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_all_words_stand_out_from_their_ground(site, browser, scheme, width):
    "Contrast of at least 4.5 to 1, which WCAG 2.2 asks of level AA; and every link and button has a name."
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for file in pages(site):
        page.goto(file.as_uri())
        faint = page.evaluate(FAINT)
        assert not faint, f"{file.name} in the {scheme}: {faint[:5]}"
        nameless = page.evaluate(
            "[...document.querySelectorAll('a, button')].filter(e => e.getClientRects().length"
            " && !(e.textContent.trim() || e.ariaLabel || e.title)).map(e => e.outerHTML.slice(0, 90))"
        )
        assert not nameless, f"{file.name}: a link or button without a name: {nameless[0]}"
    context.close()


def test_paper_shows_dark_words_on_white_even_from_the_dark_theme(site, browser):
    page = browser.new_page(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for name in ("index", "41_logistic_regression", "api/metrics"):
        page.goto((site / f"{name}.html").as_uri())
        faint = page.evaluate(FAINT)
        assert not faint, f"{name}: {faint[:5]}"
        shown = page.evaluate("['#quarto-sidebar', 'footer'].filter(s => document.querySelector(s)?.offsetHeight)")
        assert not shown, f"{name} prints {shown}"
    page.close()


@pytest.mark.parametrize("name", ["index", "01_datasets", "20_metrics", "41_logistic_regression"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_screen_holds_the_picture_and_the_rule(site, browser, width, name):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((site / f"{name}.html").as_uri())
    bottoms = page.evaluate(
        "Object.fromEntries([['picture', 'main figure img'], ['rule', 'main figure'], ['reading line', '.reading']]"
        ".map(([what, css]) => [what, document.querySelector(css)]).filter(([, e]) => e)"
        ".map(([what, e]) => [what, what == 'rule' ? e.closest('.cell').nextElementSibling : e])"
        ".map(([what, e]) => [what, e.getBoundingClientRect().bottom]))"
    )
    assert len(bottoms) == (2 if name == "index" else 3), f"{name}: only {list(bottoms)} is there"
    below = {what: round(y) for what, y in bottoms.items() if y > 800 and (name != "index" or what == "picture")}
    assert not below, f"{name} at {width} x 800: {below} px is below the first screen; shorten what stands above"
    page.close()


def test_search_finds_a_chapter_from_a_file(site, browser):
    page = browser.new_page()
    page.goto((site / "20_metrics.html").as_uri())
    page.fill("#quarto-search input", "registry")
    page.wait_for_selector(".smalldocs-search-results a", timeout=5000)
    assert "egistry" in page.inner_text(".smalldocs-search-results")
    page.close()


def test_the_tree_stays_as_it_was(site):
    "Nothing that the build generates is left beside the notebooks."
    if not (ROOT / ".git").exists():
        pytest.skip("git: this is not a checkout")
    status = ["git", "status", "--porcelain", "--untracked-files=all", "--", "nbs"]
    new = subprocess.run(status, cwd=ROOT, capture_output=True, text=True).stdout
    assert not re.search(r"\.(html|md)$|/api/", new, re.M), new
