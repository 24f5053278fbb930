/*
 * What was skipped, dropped and noticed, by reason.  Reasons are few: one
 * that quotes the input is cleaned and their number is bounded.
 */
#include "from/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 40

static void
count(struct map *m, const char *reason)
{
	int made;

	if (m->n >= FROM_REASONS_MAX && map_get(m, reason) == NULL)
		reason = "other reasons";
	map_put(m, reason, &made)->i++;
}

void
from_say(struct from *f, bool detail, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (f->sink.say == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	f->sink.say(f->sink.arg, detail, line);
}

static void
say_where(struct from *f, const char *did, const char *reason)
{
	if (f->src.line_no > 0)
		from_say(f, true, "%s:%lld: %s: %s", f->src.path,
		    (long long)f->src.line_no, did, reason);
	else
		from_say(f, true, "%s: %s: %s",
		    f->src.path != NULL ? f->src.path : "-", did, reason);
}

void
from_skip(struct from *f, const char *reason)
{
	f->counts.total++;
	f->counts.skipped++;
	count(&f->counts.skips, reason);
	say_where(f, "skipped", reason);
}

void
from_drop(struct from *f, const char *reason)
{
	f->counts.total++;
	f->counts.dropped++;
	count(&f->counts.drops, reason);
	say_where(f, "left out", reason);
}

void
from_drop_of(struct from *f, const char *what, const char *word)
{
	char reason[128];
	size_t n = 0;

	if (word != NULL)
		n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789._:- ");
	if (n == 0 || n > WORD_MAX || word[n] != '\0')
		snprintf(reason, sizeof reason, "%s unknown", what);
	else
		snprintf(reason, sizeof reason, "%s %s", what, word);
	from_drop(f, reason);
}

void
from_note(struct from *f, const char *reason)
{
	count(&f->counts.notes, reason);
	say_where(f, "note", reason);
}
