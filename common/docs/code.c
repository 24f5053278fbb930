/*
 * Lines are gathered until the next thing begins.  Two ways to see that: with
 * brackets, at a line outside of all but those of classes, when the one
 * before it is complete; without, at a line in the first column (or, behind a
 * blank line or a decorator, at one that begins with a word for functions).
 */
#include "docs/code.h"

#include "base/buf.h"
#include "base/str.h"
#include "docs/lines.h"

#include <string.h>

enum style { BRACES, COLUMNS };

/* What the lexer needs to know. */
enum { SLASHES = 1, HASH = 2, DASHES = 4, SEMICOLON = 8, PERCENT = 16,
    QUOTES = 32,	/* '...' is a string, of any length */
    TRIPLE = 64,	/* """ and ''' */
    BACKTICK = 128,	/* `...` over lines */
    MACROS = 256,	/* # is for the preprocessor */
    BLOCKS = 512	/* slash-star comments */
};

static const struct language {
	const char *suffixes;		/* a blank around each */
	enum style style;
	int has;
} languages[] = {
	{ " c h cc cpp cxx hpp hh hxx ino cu m mm ", BRACES, SLASHES | BLOCKS |
	    MACROS },
	{ " java cs kt kts scala swift dart groovy gradle proto thrift v sv "
	    "zig d vala hx glsl hlsl wgsl sol ", BRACES, SLASHES | BLOCKS },
	{ " js jsx mjs cjs ts tsx mts cts go php vue svelte ", BRACES,
	    SLASHES | BLOCKS | QUOTES | BACKTICK },
	{ " rs ", BRACES, SLASHES | BLOCKS },
	{ " css scss less ", BRACES, BLOCKS | QUOTES },
	{ " tf hcl pl pm awk r nix ", BRACES, HASH | QUOTES },
	{ " py pyi pyx gd ", COLUMNS, HASH | QUOTES | TRIPLE },
	{ " rb rake jl ex exs cr sh bash zsh fish ps1 tcl mk cmake nim "
	    "coffee toml yaml yml ini cfg conf dockerfile ", COLUMNS, HASH |
	    QUOTES },
	{ " lua sql hs elm ada adb ads vhd vhdl purs ", COLUMNS, DASHES |
	    BLOCKS | QUOTES },
	{ " lisp cl el scm rkt clj cljs edn asm s ", COLUMNS, SEMICOLON },
	{ " tex sty cls bib erl hrl pro mat ", COLUMNS, PERCENT },
	{ " f f90 f95 for pas pp bas vb vbs ml mli fs fsx bat cmd ", COLUMNS,
	    0 }
};

static const struct language other = { "", COLUMNS, HASH };

/* Words that a function or type begins with, perhaps behind others. */
static const char openers[] = " async class closure component constructor "
    "contract data def defclass defmacro defmethod defmodule defn defp defun "
    "enum extension fn fun func function impl instance interface "
    "local macro message method mod module namespace object operator package "
    "pub private procedure proc protected protocol public record rule service "
    "static sub struct subroutine test trait type union export abstract final "
    "override virtual internal sealed partial create CREATE "
    "define resource variable output provider ";
static const char types[] = " class struct interface namespace impl trait enum "
    "union mod module object extension protocol record contract type "
    "typedef ";
/* Whose brackets hold things that are blocks themselves. */
static const char holders[] = " class interface namespace impl trait mod "
    "module object extension extern protocol @interface contract ";

struct code {
	const struct docs_sink *sink;
	const struct language *lang;
	size_t most;
	struct buf item;
	bool body;		/* it has brackets with something in them */
	bool opener;		/* it begins as a function or type does */
	bool complete;		/* its last statement is at its end */
	bool blank;		/* the last line was */
	bool comment_only;	/* nothing else so far */
	/* of the lexer */
	bool in_block;		/* in a comment over lines */
	char quote;		/* in a string over lines: its quote; 't' is
				   """, 'u' ''' */
	bool in_macro;
	int round;		/* ( and [ that are open */
	size_t depth, holders;	/* { that are open; those of holders */
	struct buf head;	/* of the statement, its words */
	/* of columns */
	size_t member;		/* the column of what a class holds, 0: none */
	bool class_next;	/* the next line tells it */
};

static bool
is_word(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '@' || c < 0;
}

/* Is one of the first words in the list? */
static bool
has_word(const char *p, const char *end, const char *list, int words)
{
	char room[24];
	size_t n;

	while (p < end && words-- > 0) {
		while (p < end && !is_word((signed char)*p))
			p++;
		room[0] = ' ';
		for (n = 1; p < end && is_word((signed char)*p); p++)
			if (n < sizeof room - 2)
				room[n++] = *p;
		room[n] = ' ';
		room[n + 1] = '\0';
		if (n > 1 && strstr(list, room) != NULL)
			return true;
	}
	return false;
}

static const struct language *
find(const char *name)
{
	const char *slash = strrchr(name, '/'), *dot;
	char room[20];
	size_t i;

	if (slash != NULL)
		name = slash + 1;
	dot = strrchr(name, '.');
	if (str_same(name, "makefile") || str_same(name, "cmakelists.txt"))
		dot = ".mk";
	else if (str_same(name, "dockerfile"))
		dot = ".dockerfile";
	if (dot == NULL || strlen(dot) >= sizeof room - 1)
		return NULL;
	room[0] = ' ';
	strcpy(room + 1, dot + 1);
	strcat(room, " ");
	str_lower(room);
	for (i = 0; i < sizeof languages / sizeof languages[0]; i++)
		if (strstr(languages[i].suffixes, room) != NULL)
			return &languages[i];
	return NULL;
}

static int
flush(struct code *c, struct err *e)
{
	struct buf *b = &c->item;
	size_t from = 0;
	int r = 0;

	while (b->len > 0 && (b->p[b->len - 1] == '\n' ||
	    b->p[b->len - 1] == ' '))
		buf_cut(b, b->len - 1);
	while (from < b->len && b->p[from] == '\n')
		from++;
	if (from < b->len)
		r = docs_tell(c->sink, DOCS_CODE, c->opener || (c->body &&
		    c->lang->style == BRACES), b->p + from, b->len - from,
		    e);
	buf_reset(b);
	c->body = c->opener = false;
	c->comment_only = true;
	return r;
}

/* ---- the lexer ---- */

static bool
starts(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(end - p) >= n && memcmp(p, what, n) == 0;
}

static bool
line_comment(const struct code *c, const char *p, const char *end)
{
	int has = c->lang->has;

	return ((has & SLASHES) && starts(p, end, "//")) ||
	    ((has & HASH) && *p == '#') ||
	    ((has & DASHES) && starts(p, end, "--")) ||
	    ((has & SEMICOLON) && *p == ';') ||
	    ((has & PERCENT) && *p == '%');
}

/* Past a string that begins or goes on at p; it may go on after the line. */
static const char *
string(struct code *c, const char *p, const char *end)
{
	const char *mark = c->quote == 't' ? "\"\"\"" : c->quote == 'u' ?
	    "'''" : NULL;

	for (; p < end; p++) {
		if (*p == '\\') {
			p++;
			continue;
		}
		if (mark != NULL ? starts(p, end, mark) : *p == c->quote) {
			c->quote = 0;
			return p + (mark != NULL ? 3 : 1);
		}
	}
	if (mark == NULL && c->quote != '`')
		c->quote = 0;		/* others end with the line */
	return end;
}

/* A quote at p: past what it begins, or past itself. */
static const char *
quote(struct code *c, const char *p, const char *end)
{
	int has = c->lang->has;
	const char *q;

	if ((has & TRIPLE) && (starts(p, end, "\"\"\"") ||
	    starts(p, end, "'''"))) {
		c->quote = *p == '"' ? 't' : 'u';
		return string(c, p + 3, end);
	}
	if (*p == '\'' && !(has & QUOTES)) {
		/* a character; else the lifetime of something */
		for (q = p + 1; q < end && q - p < 12 && *q != '\''; q++)
			if (*q == '\\')
				q++;
		return q < end && *q == '\'' && q - p < 12 ? q + 1 : p + 1;
	}
	c->quote = *p;
	return string(c, p + 1, end);
}

/* Does what stands in front of a bracket name a class or the like?  Parameters
 * are looked at only behind an annotation, those of a template never. */
static bool
is_holder(const char *p, const char *end)
{
	const char *q;
	int open = 0;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (starts(p, end, "template")) {
		for (p += 8; p < end; p++) {
			open += *p == '<' ? 1 : *p == '>' ? -1 : 0;
			if (open == 0 && *p == '>')
				break;
		}
	}
	if (p >= end || memchr(p, '=', (size_t)(end - p)) != NULL)
		return false;
	if (*p != '@' &&
	    (q = memchr(p, '(', (size_t)(end - p))) != NULL)
		end = q;
	return has_word(p, end, holders, 12);
}

static void
open_brace(struct code *c)
{
	const char *head = c->head.p, *end = head + c->head.len;

	if (c->depth == c->holders && is_holder(head, end))
		c->holders++;
	else
		c->body = true;
	c->depth++;
	buf_reset(&c->head);
}

static void
close_brace(struct code *c)
{
	c->depth -= c->depth > 0;
	if (c->holders > c->depth)
		c->holders = c->depth;
	buf_reset(&c->head);
}

static void
bracket(struct code *c, char b)
{
	if (b == '(' || b == '[')
		c->round++;
	else if (b == ')' || b == ']')
		c->round -= c->round > 0;
	else if (b == '{')
		open_brace(c);
	else if (b == '}')
		close_brace(c);
	if (b == ';' && c->round == 0)
		buf_reset(&c->head);
	else if (c->head.len < 300 && b != '}' && b != '{')
		buf_addc(&c->head, b);
}

/* Goes through a line; is there more than comments in it? */
static bool
lex(struct code *c, const char *p, const char *end)
{
	bool code = false;
	const char *q;
	char last = 0;

	while (p < end) {
		if (c->in_block) {
			for (q = p; q < end && !starts(q, end, "*/"); q++)
				;
			c->in_block = q == end;
			p = q == end ? end : q + 2;
		} else if (c->quote != 0) {
			p = string(c, p, end);
			code = true;
		} else if ((c->lang->has & BLOCKS) && starts(p, end, "/*")) {
			c->in_block = true;
			p += 2;
		} else if (line_comment(c, p, end))
			break;
		else if (*p == '"' || *p == '\'' || (*p == '`' &&
		    (c->lang->has & BACKTICK))) {
			p = quote(c, p, end);
			code = true;
			last = '"';
		} else {
			if (*p != ' ' && *p != '\t') {
				code = true;
				last = *p;
			}
			bracket(c, *p++);
		}
	}
	if (code && last != 0)
		c->complete = last == ';' || last == '}' ||
		    (last == '{' && c->depth == c->holders);
	if (code)
		bracket(c, ' ');
	return code;
}

/* ---- lines ---- */

static bool
is_macro(struct code *c, const char *p, const char *end)
{
	bool macro = c->in_macro || ((c->lang->has & MACROS) && !c->in_block &&
	    p < end && *p == '#');

	c->in_macro = macro && end > p && end[-1] == '\\';
	return macro;
}

static int
brace_line(struct code *c, const char *p, const char *end, const char *q,
    struct err *e)
{
	bool top = c->depth == c->holders && c->round == 0 && !c->in_block &&
	    c->quote == 0 && !c->in_macro;

	/* functions end in the first column: so what a macro or a regular
	 * expression has done to the count is put right */
	if (q == p && q < end && *q == '}' && c->depth > c->holders + 1 &&
	    !c->in_block && c->quote == 0)
		c->depth = c->holders + 1;
	if (q == end) {
		c->blank = true;
		return top && c->complete ? flush(c, e) : 0;
	}
	if (top && c->complete && *q != '}' && *q != ')' && *q != '{' &&
	    c->body && flush(c, e) < 0)
		return -1;
	if (is_macro(c, q, end)) {
		c->comment_only = false;
		return 0;
	}
	if (lex(c, p, end)) {
		if (c->comment_only)
			c->opener = has_word(q, end, types, 4);
		c->comment_only = c->comment_only && *q == '@' && !c->opener;
	} else if (top)
		c->complete = true;
	return 0;
}

static bool
closes(const char *q, const char *end)
{
	static const char words[] = " end else elif elsif elseif except "
	    "finally rescue ensure then do done fi esac begin BEGIN END in "
	    "when catch ";

	return strchr(")]}", *q) != NULL || has_word(q, end, words, 1);
}

/* name() { */
static bool
is_shell_function(const char *q, const char *end)
{
	while (q < end && (is_word((signed char)*q) || *q == '-'))
		q++;
	return starts(q, end, "()") && (q + 2 == end || q[2] == ' ');
}

static int
column_line(struct code *c, const char *p, const char *end, const char *q,
    struct err *e)
{
	size_t in = (size_t)(q - p);
	bool inside = c->in_block || c->quote != 0 || c->round > 0, opener;
	bool code;

	if (q == end) {
		c->blank = true;
		if (!inside && c->comment_only && c->item.len > 0)
			return flush(c, e);
		return 0;
	}
	opener = !inside && (has_word(q, end, openers, 1) || *q == '@');
	if (c->class_next && !inside) {
		c->member = in;
		c->class_next = false;
	} else if (in == 0 && !inside)
		c->member = 0;
	if (!inside && c->item.len > 0 && !c->comment_only && !closes(q, end) &&
	    ((in == 0 && (c->blank || c->body)) || (opener && (c->blank ||
	    c->body) && (c->member == 0 || in <= c->member))) &&
	    flush(c, e) < 0)
		return -1;
	c->blank = false;
	code = lex(c, p, end);
	if (code && in > 0 && !inside && !c->comment_only)
		c->body = true;
	if (code && *q != '@') {
		if ((opener && has_word(q, end, openers, 1)) ||
		    (!inside && is_shell_function(q, end)))
			c->opener = true;
		if (in == 0 && c->comment_only && has_word(q, end,
		    " class ", 2))
			c->class_next = true;
		c->comment_only = false;
	}
	return 0;
}

static int
read_line(struct code *c, const char *p, size_t len, struct err *e)
{
	const char *end = p + len, *q = p;
	int r;

	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (c->item.len + len > c->most && c->item.len > 0 && flush(c, e) < 0)
		return -1;
	r = c->lang->style == BRACES ? brace_line(c, p, end, q, e) :
	    column_line(c, p, end, q, e);
	if (c->item.len > 0 || q < end) {
		buf_add(&c->item, p, (size_t)(end - p));
		buf_addc(&c->item, '\n');
	}
	return r;
}

int
docs_read_code(struct docs_in *in, const struct docs_sink *sink,
    const struct docs_limits *limits, struct err *e)
{
	struct code c = { .sink = sink, .item = BUF_INIT, .head = BUF_INIT,
	    .complete = true, .comment_only = true };
	struct docs_lines l;
	const char *p;
	size_t len;
	int r;

	if ((c.lang = find(in->name)) == NULL)
		c.lang = &other;
	docs_lines_init(&l, in, limits, false);
	c.most = l.most;
	while ((r = docs_lines_next(&l, &p, &len, e)) > 0)
		if (read_line(&c, p, len, e) < 0) {
			r = -1;
			break;
		}
	if (r == 0)
		r = flush(&c, e);
	docs_lines_release(&l);
	buf_release(&c.item);
	buf_release(&c.head);
	return r;
}
