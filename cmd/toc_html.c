/*
 * Contents as one page of HTML that needs nothing else: no file, no server,
 * and to read and unfold no script either (details, summary).  The script
 * finds words and opens what holds them; the policy allows it by its hash, and
 * nothing else.
 *
 * All text is escaped and every attribute is ours, but for ids, which are
 * made of letters that need no escape.
 */
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "cmd/toc_page.h"

#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#5c6570;"
    "--line:#d5dae0;--mark:#ffe27a;--link:#0b57a4}\n"
    "@media (prefers-color-scheme:dark){:root{--fg:#e6e9ec;--bg:#16191d;"
    "--dim:#98a2ad;--line:#353b42;--mark:#6b5600;--link:#8ab8ee}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;"
    "padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);"
    "background:var(--bg)}\n"
    "h1{font-size:1.4rem;margin:.2rem 0 1rem}\n"
    "header{position:sticky;top:0;background:var(--bg);padding:.5rem 0;"
    "border-bottom:1px solid var(--line);z-index:1}\n"
    "label{display:flex;gap:.5rem;align-items:center}"
    "input{flex:1;font:inherit;padding:.3rem .5rem;color:inherit;"
    "background:var(--bg);border:1px solid var(--line);border-radius:4px}\n"
    "details{margin:.3rem 0 .3rem .2rem;padding-left:.8rem;"
    "border-left:2px solid var(--line)}\n"
    "summary{cursor:pointer;overflow-wrap:anywhere}"
    "summary:focus-visible,input:focus-visible{outline:2px solid "
    "var(--link);outline-offset:2px}\n"
    "ul{margin:.2rem 0 .4rem;padding-left:1.3rem}"
    "li{overflow-wrap:anywhere}\n"
    ".w{color:var(--dim);font-size:.85rem}"
    ".e{margin:.4rem 0}.e p{margin:0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}\n"
    ".user .r{color:#1a7f37}.assistant .r{color:var(--link)}"
    ".r{font-weight:600;font-size:.85rem}\n"
    "mark{background:var(--mark);color:inherit}"
    ".off{display:none}\n";

/*
 * Finding: texts are searched as they stand in the page, so nothing is made
 * into HTML again.  What holds the words is opened, all else is put aside.
 */
static const char script[] =
    "(function(){'use strict';\n"
    "var box=document.getElementById('q'),out=document.getElementById('n');\n"
    "var all=[].slice.call(document.querySelectorAll('main details'));\n"
    "var was=all.map(function(d){return d.open});\n"
    "var low=all.map(function(d){return d.textContent.toLowerCase()});\n"
    "function find(){var w=box.value.toLowerCase().split(/\\s+/)"
    ".filter(Boolean);var hits=0;\n"
    "all.forEach(function(d,i){var has=w.every(function(x){"
    "return low[i].indexOf(x)>=0});\n"
    "d.classList.toggle('off',w.length>0&&!has);\n"
    "d.open=w.length>0?has&&d.dataset.level!=='segment':was[i];\n"
    "if(w.length>0&&has&&d.dataset.level==='segment')hits++});\n"
    "out.textContent=w.length>0?hits+' found':''}\n"
    "var t;box.addEventListener('input',function(){clearTimeout(t);"
    "t=setTimeout(find,80)});\n"
    "document.addEventListener('keydown',function(e){\n"
    "if(e.key==='/'&&document.activeElement!==box){e.preventDefault();"
    "box.focus()}\n"
    "else if(e.key==='Escape'&&document.activeElement===box){box.value='';"
    "find();box.blur()}\n"
    "else if((e.key==='j'||e.key==='k')&&document.activeElement!==box){"
    "var s=[].slice.call(document.querySelectorAll('main summary'))"
    ".filter(function(x){return x.offsetParent!==null});\n"
    "var i=s.indexOf(document.activeElement)+(e.key==='j'?1:-1);"
    "if(s[i])s[i].focus()}});\n"
    "document.getElementById('find').classList.remove('off');\n"
    "})();\n";

static void
put(struct buf *b, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		switch (s[i]) {
		case '&': buf_adds(b, "&amp;"); break;
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		case '\'': buf_adds(b, "&#39;"); break;
		default:
			/* controls are no characters of HTML */
			if ((unsigned char)s[i] >= ' ' || s[i] == '\n' ||
			    s[i] == '\t')
				buf_addc(b, s[i]);
		}
	}
}

static void
put_str(struct buf *b, const char *s)
{
	put(b, s, strlen(s));
}

/* 'sha256-...': what a policy lets in (Content Security Policy Level 3, 2.3.1);
 * base 64 of RFC 4648. */
static void
put_source(struct buf *b, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t hash[HASH_LEN + 1];
	uint32_t v;
	size_t i;

	hash_mem(text, len, hash);
	hash[HASH_LEN] = 0;
	buf_adds(b, "'sha256-");
	for (i = 0; i < HASH_LEN + 1; i += 3) {
		v = (uint32_t)hash[i] << 16 | (uint32_t)hash[i + 1] << 8 |
		    hash[i + 2];
		buf_addc(b, digits[v >> 18]);
		buf_addc(b, digits[v >> 12 & 63]);
		buf_addc(b, digits[v >> 6 & 63]);
		buf_addc(b, i + 3 > HASH_LEN ? '=' : digits[v & 63]);
	}
	buf_addc(b, '\'');
}

static void
head(struct buf *b, const char *user)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src ");
	put_source(b, style, sizeof style - 1);
	buf_adds(b, "; script-src ");
	put_source(b, script, sizeof script - 1);
	buf_adds(b, "; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,"
	    "initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	buf_adds(b, "Contents: ");
	put_str(b, user);
	buf_adds(b, "</title>\n<style>");
	buf_adds(b, style);
	buf_adds(b, "</style>\n</head>\n<body>\n<header>\n<h1>Contents: ");
	put_str(b, user);
	buf_adds(b, "</h1>\n<label id=\"find\" class=\"off\">Find "
	    "<input id=\"q\" type=\"search\" placeholder=\"words; / to come "
	    "here, Escape to leave\"><span id=\"n\" class=\"w\" "
	    "role=\"status\"></span></label>\n</header>\n<main>\n");
}

static void
put_range(struct buf *b, const struct toc_node *n)
{
	char when[32];

	if (n->level != TOC_SEGMENT)
		return;
	date_format_local(when, n->start_ms);
	buf_addf(b, " <span class=\"w\">%s to ", when);
	date_format_local(when, n->end_ms);
	buf_addf(b, "%s</span>", when + 11);
}

static void
begin(struct buf *b, const struct toc_node *n, const json_t *rec)
{
	const char *title = get_str(rec, "title", NULL), *text;
	json_t *v;
	size_t i;

	buf_addf(b, "<details id=\"%s\" data-level=\"%s\"%s>\n<summary>"
	    "<b>", n->name, toc_levels[n->level],
	    n->level == TOC_YEAR ? " open" : "");
	put_str(b, n->level == TOC_SEGMENT ? title != NULL && *title != '\0' ?
	    title : n->name : strchr(n->name, ':') + 1);
	buf_adds(b, "</b>");
	put_range(b, n);
	if (n->level != TOC_SEGMENT && title != NULL) {
		buf_addc(b, ' ');
		put_str(b, title);
	}
	buf_adds(b, "</summary>\n<ul>\n");
	json_array_foreach(json_object_get(rec, "bullets"), i, v) {
		if ((text = get_str(v, "text", NULL)) == NULL)
			continue;
		buf_adds(b, "<li>");
		put_str(b, text);
		buf_adds(b, "</li>\n");
	}
	buf_adds(b, "</ul>\n");
	if (n->level == TOC_SEGMENT)
		buf_adds(b, "<details data-level=\"events\"><summary class="
		    "\"w\">What was said</summary>\n");
}

static void
event(struct buf *b, const struct event *ev)
{
	char when[32];

	date_format_local(when, ev->ts_ms);
	buf_addf(b, "<div class=\"e %s\" id=\"%s\"><span class=\"r\">%s</span> "
	    "<span class=\"w\">%s</span><p>", event_roles[ev->role], ev->id,
	    event_roles[ev->role], when);
	put(b, ev->text, ev->text_len);
	buf_adds(b, "</p></div>\n");
}

static void
end(struct buf *b, const struct toc_node *n)
{
	buf_adds(b, n->level == TOC_SEGMENT ? "</details>\n</details>\n" :
	    "</details>\n");
}

static void
foot(struct buf *b)
{
	buf_adds(b, "</main>\n<script>");
	buf_adds(b, script);
	buf_adds(b, "</script>\n</body>\n</html>\n");
}

const struct page page_html = { head, begin, event, end, foot };
