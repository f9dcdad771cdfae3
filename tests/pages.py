#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/pages.py files REPORT: all pages as files: markup, links, nothing of a stranger's that is active.
tests/pages.py browser REPORT KERNEL: in a headless Chromium: how they look and what they do.

Prints a line for each test, `ok: NAME` or `not ok: NAME`, and what is wrong below it, in lines with a tab."""
import html.parser
import os
import sys
import urllib.parse


def test(name, faults):
    faults = list(faults)
    print(f"{'not ok' if faults else 'ok'}: {name}")
    for fault in faults[:10]:
        print("\t" + str(fault).replace("\n", "\n\t"))


def same(name, expected, got):
    test(name, [] if expected == got else [f"expected {expected!r}", f"got {got!r}"])


# ---- as files ----

VOID = {"meta", "link", "input", "br", "path", "rect", "img"}
OPTIONAL = {"li", "td", "th", "tr", "option", "p", "tbody"}  # their ends may be left out
ATTRIBUTES = set("""lang charset http-equiv content name rel href src class id title tabindex role hidden for type
    placeholder value defer viewbox width height d x y textlength aria-label open scope src alt transform""".split())


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.open, self.ids, self.links, self.faults, self.texts = path, [], set(), [], [], []
        text = open(path, encoding="utf-8").read()
        if any(ord(c) < 32 and c != "\n" or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in text):
            self.faults.append("control characters")
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name not in ATTRIBUTES and not name.startswith("data-"):
                self.faults.append(f"{self.getpos()}: <{tag} {name}>")
            if name == "id":
                if value in self.ids:
                    self.faults.append(f"{self.getpos()}: id {value} is there twice")
                self.ids.add(value)
            if name in ("href", "src"):
                self.links.append(value)
        if tag == "img" and not dict(attrs).get("src", "").endswith(".svg"):
            self.faults.append(f"{self.getpos()}: <img>")
        if tag == "script" and dict(attrs).get("src", "").split("/")[-1] != "report.js" or tag in ("style", "iframe"):
            self.faults.append(f"{self.getpos()}: <{tag}>")
        if tag in self.open[-1:] and tag in OPTIONAL:
            self.open.pop()
        if tag in ("tr", "td", "th"):
            while self.open[-1:] in (["td"], ["th"]) or tag == "tr" and self.open[-1:] == ["tr"]:
                self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in OPTIONAL:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{self.getpos()}: </{tag}>")

    def handle_comment(self, data):
        self.faults.append(f"{self.getpos()}: <!--{data}-->")

    def handle_data(self, data):
        self.texts.append(data)


def dangling(pages):
    for path, page in pages.items():
        for link in page.links:
            where = urllib.parse.urlsplit(link)
            target = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(where.path)))
            if where.scheme or where.netloc or link.startswith("/"):
                yield f"{path}: {link} leads outside"
            elif where.path and not os.path.isfile(target):
                yield f"{path}: {link} leads nowhere"
            elif where.fragment and "=" not in where.fragment:
                if where.fragment not in (pages[target] if where.path else page).ids:
                    yield f"{path}: {link}: there is no such place"


def files(report):
    paths = [os.path.join(top, name) for top, _, names in os.walk(report) for name in names if name.endswith(".html")]
    pages = {os.path.normpath(path): Page(path) for path in sorted(paths)}
    test("pages are well formed, and all that comes from outside is text",
         (f"{path}: {fault}" for path, page in pages.items() for fault in page.faults))
    test("each link leads to something that is there", dangling(pages))
    linked = {os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(link.split("#")[0])))
              for path, page in pages.items() for link in page.links}
    first = os.path.normpath(os.path.join(report, "index.html"))
    test("each page is linked", (path for path in pages if path not in linked and path != first))
    hostile = ["</title><script>hacked()</script> & \"quotes\"", "<script>hacked()</script><img src=x onerror=hacked()>"]
    if len(pages) > 1:  # a book has only what was met
        hostile += ["a </td> & \\x1b[2K", "\\xe2\\x80\\xae<b>", "<!-- \\x1b]0;"]
    test("markup of a stranger is shown",
         (text for text in hostile if not any(text in "".join(page.texts) for page in pages.values())))


# ---- in a browser ----

# Pieces of text that cover each other, or go beyond the page, or have too little contrast to their ground (WCAG: 4.5).
LOOK = """
((width) => {
	const faults = [], boxes = [];
	// What is far away is laid out when somebody comes to it (content-visibility); here all of it at once.
	document.querySelectorAll('.scenario, .part').forEach((e) => { e.style.contentVisibility = 'visible'; });
	const walker = document.createTreeWalker(document.body ?? document.documentElement, NodeFilter.SHOW_TEXT);
	const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
	const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
	const light = (color) => { const [r, g, b] = numbers(color); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
	const ground = (node) => {
		for (; node; node = node.parentElement) {
			const color = getComputedStyle(node).backgroundColor;
			if (numbers(color)[3] !== 0)
				return color;
		}
		return 'rgb(255, 255, 255)';
	};
	for (let node; (node = walker.nextNode());) {
		const parent = node.parentElement;
		if (!node.data.trim() || !parent.checkVisibility() || parent.closest('select, .jump, #told, title, style'))
			continue;
		const style = getComputedStyle(parent);
		const front = parent.closest('svg') ? style.fill : style.color;
		const [a, b] = [light(front), light(ground(parent))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5)
			faults.push(`contrast ${front} on ${ground(parent)}: ${node.data}`);
		const range = document.createRange();
		range.selectNodeContents(node);
		const wide = parent.closest('.wide');
		for (const r of range.getClientRects()) {
			// A line of text is higher than its characters.
			const inset = r.height / 5;
			if (r.width > 1)
				boxes.push({ left: r.left + 0.5, right: r.right - 0.5, top: r.top + inset, bottom: r.bottom - inset, text: node.data });
			if (!wide && (r.left < 0 || r.right > width))
				faults.push(`cut off: ${node.data}`);
		}
	}
	boxes.sort((x, y) => x.top - y.top);
	for (let i = 0; i < boxes.length; i++)
		for (let k = i + 1; k < boxes.length && boxes[k].top < boxes[i].bottom; k++)
			if (boxes[k].left < boxes[i].right && boxes[i].left < boxes[k].right)
				faults.push(`'${boxes[i].text.trim()}' and '${boxes[k].text.trim()}' overlap`);
	if (document.scrollingElement.scrollWidth > width)
		faults.push(`the page is ${document.scrollingElement.scrollWidth} wide, the window ${width}`);
	return faults;
})(%d)
"""
SHOWN = "[...document.querySelectorAll('li.scenario')].filter((e) => e.checkVisibility()).map((e) => e.querySelector('code').textContent).join('|')"


def type_in(b, selector, value):
    b.ask(f"(() => {{ const e = document.querySelector({selector!r}); e.value = {value!r};"
          " e.dispatchEvent(new Event('input', {bubbles: true})); })()")


def search(b, index):
    every = "refused|wrong|transfer|table|x<img src=x onerror=hacked()>&\"'|future"
    b.open(index)
    same("all scenarios are there", sorted(every.split("|")), sorted(b.ask(SHOWN).split("|")))
    type_in(b, "#words", "TRANSFER loss")
    same("search: words in any case", "transfer", b.ask(SHOWN))
    same("search: how many", "1 of 6 scenarios", b.ask("document.getElementById('found').textContent"))
    type_in(b, "#words", "second one")
    same("search: the prose", "refused", b.ask(SHOWN))
    type_in(b, "#words", "")
    for key, value, expected in (("errno", "ECONNREFUSED", "refused|wrong|table"), ("flag", "PSH", "transfer"),
                                 ("state", "ESTAB", "transfer"), ("counter", "TcpActiveOpens", "transfer"),
                                 ("option", "SO_ERROR", "refused"), ("topic", "later", "future"),
                                 ("kernel", "6.99.1", b.ask(SHOWN)), ("verdict", "skip", "future")):
        type_in(b, f"select[name={key}]", value)
        same(f"filter: {key}", expected, b.ask(SHOWN))
        type_in(b, f"select[name={key}]", "")
    b.open("about:blank")
    b.open(index + "#errno=ECONNREFUSED&verdict=fail&words=reset")
    same("an address says what is looked for", "refused", b.ask(SHOWN))
    b.ask("document.querySelector('#find button').click()")
    b.ask("new Promise((done) => setTimeout(done))")
    same("cleared", every.split("|"), b.ask(SHOWN).split("|"))


GROUP = "[...document.querySelectorAll('.picture .row')].find((g) => g.getAttribute('aria-label').includes(%r))"
DETAILS = "document.querySelector('#transcript + .wide td ul')"
TOLD = "document.getElementById('told').textContent.trim()"


def ladder(b, index, report, kernel):
    b.open(index)
    b.follow("document.querySelector('li.scenario[data-topic=data] h3 a')")
    same("a link leads to a scenario", "Some data, and a loss", b.ask("document.querySelector('h1').textContent"))
    b.open(f"file://{report}/runs/{kernel}/transfer.html")
    same("nothing is told before", True, b.ask("document.getElementById('told').hidden"))
    place = b.ask(f"(() => {{ const g = {GROUP % 'P. lost'}; g.scrollIntoView({{block: 'center'}});"
                  " const r = g.getBoundingClientRect();"
                  " return [r.left + r.width / 2, r.top + r.height / 2]; })()")
    b.move(*place)
    told = b.ask(TOLD)
    test("hover: a packet's fields, its call, its fate", (
        text for text in ("client> P. 1:6(5) ack 1", "seq_raw", "ttl 64", "client: send(c, \"hello\", 5, 0) = 5, entered before",
                          "lost at the router, by transfer.tcp:12") if text not in told))
    b.ask(f"{GROUP % 'server> .'}.focus()")
    told = b.ask(TOLD)
    test("focus: where it arrives, and counters that have moved then", (
        text for text in (">client . ack 6", "client  nstat TcpActiveOpens +1, seen after this packet") if text not in told))
    b.ask(f"{GROUP % 'send(c'}.focus()")
    same("focus: a call", "client  send(c, \"hello\") = 5client  send(c, \"hello\", 5, 0) = 5", b.ask(TOLD))
    near = b.ask("[...document.querySelectorAll('.row.near')].map((g) => g.getAttribute('aria-label')).join()")
    test("focus: its packets", [] if "P. 1:6(5)" in near else [near])
    b.key("ArrowDown")
    same("arrow keys: the next row", True, b.ask("document.activeElement.dataset.event != "
                                                 f"{GROUP % 'send(c'}.dataset.event"))
    b.key("Tab")
    same("Tab: the one behind it", "row", b.ask("document.activeElement.classList[0]"))
    same("what is known of a line is hidden ..", "none", b.ask(f"getComputedStyle({DETAILS}).display"))
    b.ask("document.getElementById('full').click()")
    same(".. until it is asked for", "block", b.ask(f"getComputedStyle({DETAILS}).display"))
    same("frames of client.pcap and server.pcap", "1/1 2/2 3/3 4/- 5/4 6/5",
         b.ask("[...document.querySelectorAll('#transcript + .wide tr')].map((r) => r.cells[1].textContent).filter((t) => t.includes('/')).join(' ')"))
    href = b.ask("[...document.querySelectorAll('a')].find((a) => a.textContent == 'trace.pcapng').href")
    with open(href.removeprefix("file://"), "rb") as trace:
        same("a link leads to a trace", b"\x0a\x0d\x0d\x0a", trace.read(4))


ROW = "[...document.querySelectorAll('table.kernels tr')].find((r) => r.cells[0].textContent.trim() == %r)"


def indexes(b, report, kernel):
    b.open(f"file://{report}/kernels.html")
    cells = f"[...({ROW % 'refused'}).cells].slice(1).map((c) => c.textContent.trim()).join('|')"
    same("kernels: side by side", "pass|fail differs", b.ask(cells))
    same("kernels: what differs comes first", "What differs",
         b.ask(f"({ROW % 'refused'}).closest('.wide').previousElementSibling.textContent"))
    same("kernels: the rest", "What is the same wherever it was run",
         b.ask(f"({ROW % 'future'}).closest('.wide').previousElementSibling.textContent"))
    charts = "[...document.querySelectorAll('.chart')].map((c) => [...c.querySelectorAll('text')].map((t) => t.textContent))"
    table, timers = b.ask(charts)
    same("chart of a table: a line for each kernel that differs", [f"more, Linux {kernel}", "more, Linux 6.99.1"], sorted(table[-2:]))
    same("chart of timers: a strip for each run, or for each kernel", ["A table, n=1, more=2", "A table, n=2, more=4", "A table, n=3, more=7"],
         [text for text in timers if text.startswith("A table")])
    same("chart of timers: packets and errors", [3, 3],
         b.ask("['sent', 'failed'].map((c) => document.querySelectorAll('.chart .' + c).length)"))
    b.follow(f"({ROW % 'refused'}).querySelector('strong')")
    test("kernels: in what", [] if "-client  ss c none" in b.ask("document.getElementById('kernels').parentElement.textContent")
         else [b.ask("document.getElementById('kernels').parentElement.textContent")[-600:]])
    for name, entry, text in (("errno", "ECONNREFUSED", "connect(c, server:8080) = -1 ECONNREFUSED after >client R. 0:0(0) ack 1"),
                              ("state", "ESTAB", "client ss c ESTAB 0 0"), ("counter", "TcpActiveOpens", "client nstat TcpActiveOpens +1"),
                              ("option", "SO_ERROR", "client getsockopt(c, SOL_SOCKET, SO_ERROR, [0]")):
        b.open(f"file://{report}/{name}.html")
        section = " ".join(b.ask(f"document.getElementById({entry!r}).parentElement.textContent").split())
        test(f"index: {name}", [] if text in section else [section])
    b.follow("document.querySelector('#SO_ERROR ~ p a')")
    same("index: to its scenarios", "refused", b.ask(SHOWN))
    b.open(f"file://{report}/flag.html")
    section = " ".join(b.ask("document.getElementById('PSH').parentElement.textContent").split())
    test("index: flag", [] if "client> P. 1:6(5) ack 1 after >client S. 0:0(0) ack 1" in section else [section])


def looks(b, report, kernel):
    pages = ["index.html", "kernels.html", "errno.html", "../book/index.html"] + [f"runs/{kernel}/{name}.html" for name in ("transfer", "wrong", "future")]
    pages += ["runs/6.99.1/refused.html", "flag.html", "files.html"]
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            b.appear(width=width, scheme=scheme)
            faults = []
            for page in pages + [f"../{kernel}/transfer/ladder.svg"] * (width > 824):
                b.open(f"file://{report}/{page}")
                b.ask("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                faults += [f"{page}: {fault}" for fault in b.ask(LOOK.replace("%d", str(width)))]
            test(f"{width} pixels, {scheme}: no text overlaps, is cut off or too pale", faults)
    grounds = []
    for scheme in ("light", "dark"):
        b.appear(scheme=scheme)
        b.open(f"file://{report}/index.html")
        grounds.append(b.ask("getComputedStyle(document.body).backgroundColor"))
    same("light and dark", ["rgb(255, 255, 255)", "rgb(13, 17, 23)"], grounds)


def book(b, report):
    b.appear()
    b.open(f"file://{report}/../book/index.html")
    same("book: its contents", "Nobody listens: a reset|Expects what does not happen|Some data, and a loss",
         b.ask("[...document.querySelectorAll('.contents a')].map((a) => a.textContent).slice(0, 3).join('|')"))
    # (Whether its pages are good to look at is for eyes.)
    same("book: prints", "JVBER", b.call("Page.printToPDF", printBackground=True)["data"][:5])


def without_script(b, report):
    b.appear(script=False)
    b.open(f"file://{report}/index.html")
    # What asks is a script, too.
    b.appear()
    same("without JavaScript: no empty search", "none", b.ask("getComputedStyle(document.getElementById('find')).display"))
    same("without JavaScript: all scenarios", 6, b.ask(SHOWN.replace(".map", ".length; //")))


def browser(report, kernel):
    from browser import Browser
    report = os.path.abspath(report)
    index = f"file://{report}/index.html"
    b = Browser()
    try:
        b.appear()
        search(b, index)
        ladder(b, index, report, kernel)
        indexes(b, report, kernel)
        looks(b, report, kernel)
        book(b, report)
        without_script(b, report)
        for name in sorted(os.listdir(f"{report}/runs/6.99.1")):
            b.open(f"file://{report}/runs/6.99.1/{urllib.parse.quote(name)}")
        test("no error, and nothing of a stranger's is executed", b.complaints)
    finally:
        b.close()


if __name__ == "__main__":
    {"files": files, "browser": browser}[sys.argv[1]](*sys.argv[2:])
