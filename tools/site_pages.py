"""The site in _site/: nbs/ as it stands, and the package from its docstrings; nothing of it needs the network."""

import ast
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*["']?(?:https?:)?//[^>]*>"""
                     r"""|(?:@import|url\()[^;)]{0,9}(?:https?:)?//[^;)]*""")  # fmt: skip
FETCH = """const r = await fetch(offset + "search.json");
      index = await r.json();"""
LOAD = """await new Promise((done) => {
        const script = document.createElement("script");
        script.onload = script.onerror = done;
        script.src = offset + "search.js";
        document.head.append(script);
      });
      index = window.searchIndex || [];"""  # a page opened from a file may load a script, not fetch a file


class SiteError(SystemExit):
    "The site cannot be built; the message names the page and what to mend."


def public_names(source):
    "The public functions and classes that an exported cell defines."
    if not re.search(r"^#\|\s*export:", source, re.M):
        return []
    found = ast.parse(source).body
    return [n.name for n in found if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]


def module_of(source, default):
    "The module that an exported cell writes."
    named = re.search(r"^#\|[ \t]*export:[ \t]*([\w.]+)", source, re.M)
    return named[1] if named else default


def stage_notebook(path, target, documented):
    "Copy a notebook and put a link to the API before each cell that defines public names; {name: page of its code}."
    notebook, cells, homes = json.loads(path.read_text(encoding="utf-8")), [], {}
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    default = next((m[1] for s in sources if (m := re.search(r"^#\|\s*default_exp:\s*([\w.]+)", s, re.M))), None)
    for cell, source in zip(notebook["cells"], sources, strict=True):
        module = module_of(source, default) if cell["cell_type"] == "code" else None
        names = [n for n in public_names(source) if n in documented.get(module, ())] if module else []
        if names and "include: false" not in source:
            links = " · ".join(f'<a id="code-{n}" href="api/{module}.html#{n}">{n}</a>' for n in names)
            cells.append(
                {"cell_type": "markdown", "metadata": {}, "source": f'<p class="code-links">API: {links}</p>\n'}
            )
            homes |= {(module, n): f"{path.stem}.html#code-{n}" for n in names}
        cells.append(cell)
    target.write_text(json.dumps(notebook | {"cells": cells}), encoding="utf-8")
    return homes


def sections(obj):
    "A docstring as Markdown: what goes in as a table, what comes out and what is raised as a list."
    for section in obj.docstring.parsed if obj.docstring else ():
        kind, value = section.kind.value, section.value
        if kind == "text":
            yield value
            continue
        yield f"**{(section.title or kind).capitalize()}**"
        if kind == "examples":
            yield from (text if part.value == "text" else f"```python\n{text}\n```" for part, text in value)
        elif kind in {"parameters", "other parameters", "attributes"}:
            yield table(value)
        elif isinstance(value, list):
            yield "\n".join(row(item) for item in value)
        else:
            yield str(getattr(value, "contents", value))


def kind_of(item):
    "The type that a docstring names; griffe loses the blank before a shape."
    kind = str(item.annotation).strip("'") if item.annotation is not None else ""
    return re.sub(r"(DataFrame|Series|ndarray|array|matrix)\(", r"\1 (", kind)


def table(items):
    "Parameters or attributes as a table."
    rows = [["name", "type", "meaning"], ["---"] * 3]
    for item in items:
        cells = (f"`{item.name}`", kind_of(item), " ".join((item.description or "").split()))
        rows.append([cell.replace("|", "\\|") for cell in cells])
    width = 3 if any(meaning for *_, meaning in rows[2:]) else 2
    return "\n".join("| " + " | ".join(cells[:width]) + " |" for cells in rows)


def row(item):
    "One result or error as a line of a list; a list in its description stays one, indented."
    name = f"`{item.name}`" if getattr(item, "name", "") else ""
    head, *rest = (item.description or "").split("\n- ")
    text = ": ".join(filter(None, [", ".join(filter(None, [name, kind_of(item)])), " ".join(head.split())]))
    return "\n".join([f"- {text}", *(f"    - {' '.join(line.split())}" for line in rest)])


def signature(obj, name):
    "How it is called, broken after each parameter where it would not fit."
    parameters, star = [], False
    for p in obj.parameters:
        if p.name == "self":
            continue
        kind = p.kind.value if p.kind else ""
        if kind == "keyword-only" and not star:
            parameters.append("*")
        star = star or kind in {"keyword-only", "variadic positional"}
        mark = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        parameters.append(mark + p.name + (f"={p.default}" if p.default is not None and not mark else ""))
    line = f"{name}({', '.join(parameters)})"
    return line if len(line) <= 76 else name + "(\n    " + ",\n    ".join(parameters) + ",\n)"


def documented_modules():
    "{module: {public name: griffe object}} of the package, from its source alone."
    import griffe

    package = griffe.load("mlbook", search_paths=[str(ROOT)], docstring_parser="numpy")
    modules = {}
    for name, module in sorted(package.modules.items()):
        names = [str(n) for n in module.exports or [] if str(n) in module.members]  # griffe skips `a, b = 1, 2`
        names = [n for n in names if module.members[n].kind.value in {"function", "class"}]
        if not name.startswith("_") and names:
            modules[name] = {n: module.members[n] for n in names}
    return package, modules


def api_page(module, members, homes):
    "One page a module: the chapters that explain it, then call, docstring and methods of each name."
    homes = {name: home.replace(".html", ".ipynb") for (where, name), home in homes.items() if where == module.name}
    chapters = dict.fromkeys(home.partition("#")[0] for home in homes.values())
    links = ", ".join(f"[{title_of(ROOT / 'nbs' / chapter)}](../{chapter})" for chapter in chapters)
    page = [f"---\ntitle: mlbook.{module.name}\n---", module.docstring.value if module.docstring else "",
            f"Explained and written in: {links}." if links else ""]  # fmt: skip
    for name, obj in members.items():
        page += [f"## {name} {{#{name}}}", f"```python\n{signature(obj, name)}\n```", *sections(obj)]
        if name in homes:
            page.append(f"[Its code, where the book explains it](../{homes[name]})")
        for method in obj.members.values() if obj.is_class else ():
            if method.is_function and not method.name.startswith("_") and method.docstring:
                page += [f"### {name}.{method.name} {{#{name}.{method.name}}}",
                         f"```python\n{signature(method, method.name)}\n```", *sections(method)]  # fmt: skip
    others = [module.members[n] for n in map(str, module.exports or []) if n not in members and n in module.members]
    fixed = [f"{o.name} = {o.value}" for o in others if not o.is_alias and o.is_attribute]
    page += ["## Constants {#constants}", *(f"```python\n{line}\n```" for line in fixed)] if fixed else []
    lent = [f"- `{o.name}`, as `{o.target_path}`" for o in others if o.is_alias]
    page += ["## Handed on from scikit-learn {#handed-on}", "\n".join(lent)] if lent else []
    return "\n\n".join(p for p in page if p) + "\n"


def title_of(path):
    "The title of a notebook: its first line."
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()[0].lstrip("# ")


def stage(folder):
    "A copy of the book with the site's configuration beside it; the sidebar lists what exists."
    import yaml

    (folder / "solutions").mkdir()
    (folder / "api").mkdir()
    package, modules = documented_modules()
    homes = {}
    for path in sorted((ROOT / "nbs").glob("*.ipynb")):
        homes |= stage_notebook(path, folder / path.name, modules)
    for path in sorted((ROOT / "nbs" / "solutions").glob("*.ipynb")):
        stage_notebook(path, folder / "solutions" / path.name, {})
    for name, members in modules.items():
        (folder / "api" / f"{name}.md").write_text(api_page(package[name], members, homes), encoding="utf-8")
    shutil.copytree(ROOT / "assets", folder / "assets")
    config = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8").replace("nbs/", ""))
    config["project"]["render"].append("api/*.md")
    contents = config["website"]["sidebar"]["contents"]
    for part in contents:
        if part.get("section") == "API":
            part["contents"] = [{"text": f"mlbook.{name}", "href": f"api/{name}.md"} for name in modules]
        elif "section" in part:
            part["contents"] = [page for page in part["contents"] if (folder / page).exists()]
    config["website"]["sidebar"]["contents"] = [part for part in contents if part.get("contents", True)]
    (folder / "_quarto.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def mathml(formula, display, page):
    "A formula as MathML, which every browser draws without a script; one that cannot be read stops the build."
    from latex2mathml.converter import convert

    text = html.unescape(formula).strip()
    tag = re.search(r"\\tag\{([^}]*)\}", text)
    text = re.sub(r"\\tag\{[^}]*\}", "", text).replace(r"\arg", r"\operatorname{arg}")
    try:
        result = convert(text, display="block" if display else "inline")
    except Exception as error:
        raise SiteError(f"{page}: the formula {text} cannot be read: {error or type(error).__name__}") from None
    if re.search(r">[^<]*(?:\\|&<)", result):
        raise SiteError(f"{page}: latex2mathml does not know a command in the formula {text}: say it more plainly")
    if not display:
        return result
    number = f'<span class="number">({tag[1]})</span>' if tag else ""
    return f'<span class="formula" tabindex="0">{result}{number}</span>'


def finish_page(text, page):
    "Formulas drawn, foreign scripts dropped, wide code and tables reachable by keyboard, the home link a file."
    text = re.sub(r"<(?:link|script)\b[^>]*(?:katex|require|jquery)[^>]*>(?:</script>)?", "", text, flags=re.I)
    text = re.sub(
        r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>',
        lambda m: mathml(m[2], m[1] == "display", page),
        text,
        flags=re.S,
    )
    text = re.sub(r"<pre\b(?![^>]*tabindex)", '<pre tabindex="0"', text)
    text = re.sub(r'(<h1 class="title">mlbook\.)', r"\1<wbr>", text)
    text = re.sub(r"<p>(?=<em>\d+ minutes? ·)", '<p class="reading">', text)
    around = r'<div class="scroll" tabindex="0" role="region" aria-label="Table">\g<0></div>'
    text = re.sub(r"<table\b.*?</table>", around, text, flags=re.S)
    return re.sub(r'href="((?:\.\./)+|\./)"', r'href="\1index.html"', text)


def check_site(site):
    "What is wrong with the rendered pages: foreign addresses, links that lead nowhere, formulas left as text."
    pages = {f.resolve(): f.read_text(encoding="utf-8") for f in site.rglob("*.html")}
    ids = {f: set(re.findall(r'\bid="([^"]+)"', text)) for f, text in pages.items()}
    wrong = [f"{f.name}: foreign address {m[0][:120]}"
             for f in sorted(site.rglob("*")) if f.suffix in {".html", ".css"}
             for m in FOREIGN.finditer(f.read_text(encoding="utf-8"))]  # fmt: skip
    for file, text in pages.items():
        body = re.sub(r"<(script|pre|code)\b.*?</\1>", "", text, flags=re.S)
        wrong += [f"{file.name}: formula left as text: {m}" for m in re.findall(r"\\[(\[].{0,60}|\$[^$<\n]+\$", body)]
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', body):
            target, _, anchor = html.unescape(link).partition("#")
            if re.match(r"[a-z]+:", target) or not link:
                continue
            there = (file.parent / target).resolve() if target else file
            if not there.is_file():
                wrong.append(f"{file.name}: link to {target}, which does not exist")
            elif anchor and there in ids and anchor not in ids[there]:
                wrong.append(f"{file.name}: link to {link}, where nothing has that name")
    return wrong


def build(target=ROOT / "_site"):
    "Render the site; a warning that _quarto.yml does not allow, or anything that check_site finds, stops the build."
    allowed = re.findall(r"^# allowed: (.+?), because ", (ROOT / "_quarto.yml").read_text(encoding="utf-8"), re.M)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage(folder)
        done = subprocess.run([str(Path(sys.executable).with_name("smalldocs")), "render", "--quiet", str(folder)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        lines = (done.stdout + done.stderr).splitlines()
        said = [line for line in lines if line and not any(text in line for text in allowed)]
        if done.returncode or said:
            raise SiteError("the renderer says:\n" + "\n".join(said))
        site = folder / "_site"
        for file in site.rglob("*.html"):
            file.write_text(finish_page(file.read_text(encoding="utf-8"), file.name), encoding="utf-8")
        for file in (site / "site_libs" / "themes").glob("*.css"):  # web fonts: the book uses the reader's own
            plain = re.sub(r"@import\s+url\([^)]*\);?", "", file.read_text(encoding="utf-8"))
            file.write_text(plain, encoding="utf-8")
        script = site / "site_libs" / "smalldocs.js"
        if FETCH not in script.read_text(encoding="utf-8"):
            raise SiteError("smalldocs loads its search index in a new way: mend FETCH in tools/site_pages.py")
        script.write_text(script.read_text(encoding="utf-8").replace(FETCH, LOAD), encoding="utf-8")
        index = (site / "search.json").read_text(encoding="utf-8")
        (site / "search.js").write_text(f"window.searchIndex = {index};\n", encoding="utf-8")
        if wrong := check_site(site):
            raise SiteError("\n".join(wrong))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site, target)
    print(f"{target}: {len(list(Path(target).rglob('*.html')))} pages")
