/*
 * The text of -h, from the same table that parses.  Without printf: its
 * code and tables are pages to fault in, a third of what -h costs.
 */
#include <string.h>

#include "base/buf.h"
#include "base/opt.h"

#define WIDTH 80	/* of the text, columns */
#define HELP_AT 26	/* column where the help of an option starts */

static void
pad(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

/* On to the column of the help, in this line or the next. */
static void
to_help(struct buf *b, size_t col)
{
	if (col + 2 > HELP_AT) {
		buf_addc(b, '\n');
		col = 0;
	}
	pad(b, HELP_AT - col);
}

/* Append text and a newline, broken at blanks before WIDTH; the line is at
 * column col already, later ones are indented. */
static void
wrap(struct buf *b, const char *text, size_t col, size_t indent)
{
	bool first = true;
	size_t n;

	for (; *text != '\0'; text += n, text += strspn(text, " ")) {
		n = strcspn(text, " ");
		if (!first && col + 1 + n > WIDTH) {
			buf_addc(b, '\n');
			pad(b, indent);
			col = indent;
		} else if (!first) {
			buf_addc(b, ' ');
			col++;
		}
		buf_add(b, text, n);
		col += n;
		first = false;
	}
	buf_addc(b, '\n');
}

static void
help_row(const struct opt *o, struct buf *b)
{
	size_t start = b->len;
	int i;

	if (o->letter != 0) {
		buf_adds(b, "  -");
		buf_addc(b, o->letter);
		buf_adds(b, o->name != NULL ? ", " : "");
	} else {
		pad(b, 6);
	}
	if (o->name != NULL) {
		buf_adds(b, "--");
		buf_adds(b, o->name);
	}
	if (o->arg != NULL) {
		buf_adds(b, " <");
		buf_adds(b, o->arg);
		buf_addc(b, '>');
	} else if (o->words != NULL) {
		for (i = 0; o->words[i] != NULL; i++) {
			buf_adds(b, i == 0 ? " <" : "|");
			buf_adds(b, o->words[i]);
		}
		buf_addc(b, '>');
	}
	to_help(b, b->len - start);
	wrap(b, o->help, HELP_AT, HELP_AT);
}

static void
heading(struct buf *b, const char *a, const char *text)
{
	buf_addc(b, '\n');
	buf_adds(b, a);
	buf_adds(b, text);
	buf_addc(b, '\n');
}

static void
help_rows(const struct opt *t, struct buf *b)
{
	for (; t != NULL && t->kind != OPT_K_END; t++) {
		if (t->kind == OPT_K_INCLUDE)
			help_rows(t->more, b);
		else if (t->kind == OPT_K_GROUP)
			heading(b, "", t->help);
		else
			help_row(t, b);
	}
}

/* A usage line for each line of args. */
static void
help_usage(const char *what, const char *verb, const char *args,
    struct buf *b)
{
	const char *lead = "usage: ", *more = args != NULL ? args : "";
	size_t n, start, col;
	struct buf line = BUF_INIT;

	for (;; more += n + 1) {
		n = strcspn(more, "\n");
		start = b->len;
		buf_adds(b, lead);
		buf_adds(b, what);
		buf_addc(b, ' ');
		col = b->len - start;
		buf_reset(&line);
		buf_adds(&line, verb);
		buf_adds(&line, *verb != '\0' ? " [option ...] " :
		    "[option ...] ");
		buf_add(&line, more, n);
		wrap(b, line.p, col, col);
		lead = "       ";
		if (more[n] == '\0')
			break;
	}
	buf_release(&line);
}

static void
help_verbs(const struct opt_verb *v, struct buf *b)
{
	size_t start;

	heading(b, "", "Commands");
	for (; v->name != NULL; v++) {
		start = b->len;
		buf_adds(b, "  ");
		buf_adds(b, v->name);
		if (v->args != NULL) {
			buf_addc(b, ' ');
			buf_adds(b, v->args);
		}
		to_help(b, b->len - start);
		wrap(b, v->help, HELP_AT, HELP_AT);
	}
}

void
opt_help(const struct opt_tool *tool, const struct opt_verb *verb,
    struct buf *b)
{
	const struct opt_verb *v;

	if (verb != NULL) {
		help_usage(tool->name, verb->name, verb->args, b);
		wrap(b, verb->help, 0, 0);
		if (verb->opts != NULL && verb->opts->kind != OPT_K_GROUP)
			buf_addc(b, '\n');
		help_rows(verb->opts, b);
		help_rows(tool->opts, b);
		return;
	}
	help_usage(tool->name, "", tool->args != NULL || tool->verbs == NULL ?
	    tool->args : "command [argument ...]", b);
	wrap(b, tool->about, 0, 0);
	if (tool->verbs != NULL)
		help_verbs(tool->verbs, b);
	for (v = tool->verbs; v != NULL && v->name != NULL; v++) {
		if (v->opts == NULL)
			continue;
		heading(b, "Options of ", v->name);
		help_rows(v->opts, b);
	}
	if (tool->opts != NULL && tool->opts->kind != OPT_K_GROUP &&
	    tool->opts->kind != OPT_K_INCLUDE)
		buf_addc(b, '\n');
	help_rows(tool->opts, b);
}
