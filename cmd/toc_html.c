/*
 * Contents as one page of HTML that needs nothing else: no file, no server,
 * and to read and unfold no script either (details, summary; a link into one
 * that is closed opens it).  The script (share/page) finds words and opens
 * what holds them; the policy allows it by its hash, and nothing else.
 *
 * All text is escaped and every attribute is ours, but for ids, which are
 * made of letters that need no escape.
 */
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "cmd/toc_page.h"

#include <stdlib.h>
#include <string.h>

extern const unsigned char data_page_contents_css[];
extern const size_t data_page_contents_css_len;
extern const unsigned char data_page_contents_js[];
extern const size_t data_page_contents_js_len;

/* A year is under the page's own h1. */
static int
heading(const struct toc_node *n)
{
	return 2 + (TOC_YEAR - n->level);
}

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
put_source(struct buf *b, const void *text, size_t len)
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
head(struct buf *b, const char *user, const char *zone)
{
	buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src ");
	put_source(b, data_page_contents_css, data_page_contents_css_len);
	buf_adds(b, "; script-src ");
	put_source(b, data_page_contents_js, data_page_contents_js_len);
	buf_adds(b, "; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width,"
	    "initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	buf_adds(b, "Contents: ");
	put_str(b, user);
	buf_adds(b, "</title>\n<style>");
	buf_add(b, data_page_contents_css, data_page_contents_css_len);
	buf_adds(b, "</style>\n</head>\n<body>\n<header>\n<h1>Contents: ");
	put_str(b, user);
	buf_adds(b, "</h1>\n<div id=\"find\" class=\"off\" role=\"search\">"
	    "<label>Find <input id=\"q\" type=\"search\" "
	    "autocomplete=\"off\" placeholder=\"words\">"
	    "<span id=\"n\" class=\"w\" role=\"status\"></span></label>\n"
	    "<div class=\"w h\">/ finds, Enter next, Escape ends; j k "
	    "down and up, Enter unfolds. Times in ");
	put_str(b, *zone != '\0' ? zone : "UTC");
	buf_adds(b, ".</div></div>\n</header>\n<main>\n");
}

/* "Week 47, 16 Nov to 22 Nov": what the letters of its id mean. */
static void
put_period(struct buf *b, const struct toc_node *n)
{
	static const char *const days[] = { "", "Monday", "Tuesday",
	    "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
	static const char *const months[] = { "", "January", "February",
	    "March", "April", "May", "June", "July", "August", "September",
	    "October", "November", "December" };
	const char *name = strchr(n->name, ':') + 1;
	struct date from, to;

	date_split(n->start_ms, &from);
	date_split(n->end_ms - 1, &to);
	if (n->level == TOC_DAY)
		buf_addf(b, "%s, %d %s %d", days[date_weekday(from.year,
		    from.month, from.day)], from.day, months[from.month],
		    from.year);
	else if (n->level == TOC_WEEK)
		buf_addf(b, "Week %d</h%d> <span class=\"w\">%d %.3s to %d "
		    "%.3s</span>", (int)strtol(name + 6, NULL, 10),
		    heading(n), from.day, months[from.month], to.day,
		    months[to.month]);
	else if (n->level == TOC_MONTH)
		buf_addf(b, "%s %.4s", months[strtol(name + 5, NULL, 10)],
		    name);
	else
		put_str(b, name);
	if (n->level != TOC_WEEK)
		buf_addf(b, "</h%d>", heading(n));
}

static void
put_title(struct buf *b, const struct toc_node *n, const char *title)
{
	struct date from, to;

	buf_addf(b, "<summary><h%d>", heading(n));
	if (n->level != TOC_SEGMENT) {
		put_period(b, n);
		buf_addc(b, ' ');
		put_str(b, title);
	} else {
		date_split(n->start_ms, &from);
		date_split(n->end_ms - 1, &to);
		put_str(b, *title != '\0' ? title : n->name);
		buf_addf(b, "</h%d> <span class=\"w\">%02d:%02d to %02d:%02d"
		    "</span>", heading(n), from.hour, from.min, to.hour,
		    to.min);
	}
	buf_adds(b, "</summary>\n");
}

/* A bullet leads to the event that it rests on. */
static void
put_bullet(struct buf *b, const json_t *bullet)
{
	const char *event = get_str(bullet, "event_id", NULL);
	const char *text = get_str(bullet, "text", NULL);

	buf_adds(b, "<li>");
	if (event != NULL)
		buf_addf(b, "<a href=\"#%s\">", event);
	put_str(b, text != NULL ? text : "");
	buf_adds(b, event != NULL ? "</a></li>\n" : "</li>\n");
}

static void
begin(struct buf *b, const struct toc_node *n, const json_t *rec)
{
	const char *title = get_str(rec, "title", NULL);
	char when[32];
	json_t *v;
	size_t i;

	buf_addf(b, "<details id=\"%s\"%s>\n", n->name,
	    n->level == TOC_YEAR ? " open" : "");
	put_title(b, n, title != NULL ? title : "");
	if (json_array_size(json_object_get(rec, "bullets")) > 0) {
		buf_adds(b, "<ul>\n");
		json_array_foreach(json_object_get(rec, "bullets"), i, v)
			put_bullet(b, v);
		buf_adds(b, "</ul>\n");
	}
	json_array_foreach(json_object_get(rec, "keywords"), i, v) {
		buf_adds(b, i == 0 ? "<p class=\"w k\">" : ", ");
		put_str(b, json_string_value(v));
	}
	buf_adds(b, i > 0 ? "</p>\n" : "");
	if (n->level == TOC_SEGMENT) {
		date_format_local(when, n->start_ms);
		buf_addf(b, "<details class=\"x\"><summary class=\"w\">What "
		    "was said: %lld event%s, %.10s, session ",
		    (long long)n->events, n->events == 1 ? "" : "s", when);
		v = json_object_get(rec, "session_id");
		put_str(b, v != NULL ? json_string_value(v) : "");
		buf_adds(b, "</summary>\n");
	}
}

static void
event(struct buf *b, const struct event *ev)
{
	const char *role = event_roles[ev->role];
	struct date d;

	date_split(ev->ts_ms, &d);
	buf_addf(b, "<div class=\"e %s\" id=\"%s\"><span class=\"r\">%s</span>"
	    " <span class=\"w\">%02d:%02d</span><p>", role, ev->id, role,
	    d.hour, d.min);
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
	buf_add(b, data_page_contents_js, data_page_contents_js_len);
	buf_adds(b, "</script>\n</body>\n</html>\n");
}

const struct page page_html = { head, begin, event, end, foot };
