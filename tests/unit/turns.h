/*
 * Turns for unit tests: texts, read; half a minute apart unless said.
 */
#ifndef TESTS_TURNS_H
#define TESTS_TURNS_H

#include "base/alloc.h"
#include "toc/turn.h"

#include <stdlib.h>
#include <string.h>

#define TURNS 4096

static struct turn turn[TURNS];
static size_t turns;

static struct turn *
say_as(enum event_role role, enum event_type type, const char *text)
{
	static struct turn_reader *r;
	struct turn *t = &turn[turns];

	if (r == NULL)
		r = turn_reader_new();
	memset(t, 0, sizeof *t);
	t->time_ms = INT64_C(1763640000000) + (int64_t)turns * 30000;
	t->text = text;
	t->len = strlen(text);
	t->role = role;
	t->type = type;
	turn_read(r, t);
	turns++;
	return t;
}

static inline struct turn *
say(const char *text)
{
	return say_as(ROLE_USER, EVENT_USER_MESSAGE, text);
}

static void
forget_turns(void)
{
	while (turns > 0)
		turn_release(&turn[--turns]);
}

#endif
