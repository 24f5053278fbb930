/*
 * A database of objects in memory; an object's id is its number, from 1.
 */
#ifndef TESTS_GIT_OBJECTS_H
#define TESTS_GIT_OBJECTS_H

#include "base/buf.h"
#include "history/gitlog_tree.h"

#include <string.h>

#define OBJECTS 64

static struct buf objects[OBJECTS];
static int nobjects, objects_open;

static const unsigned char *
object_id(int n)
{
	static unsigned char id[OBJECTS][GITLOG_ID];

	id[n][0] = (unsigned char)n;
	return id[n];
}

static int
object_new(const void *p, size_t len)
{
	buf_init(&objects[++nobjects]);
	buf_add(&objects[nobjects], p, len);
	return nobjects;
}

/* An entry of a tree: mode, name, object. */
static inline void
tree_add(struct buf *b, const char *mode, const char *name, int object)
{
	buf_addf(b, "%s %s", mode, name);
	buf_addc(b, '\0');
	buf_add(b, object_id(object), GITLOG_ID);
}

static int
object_open(void *arg, const unsigned char *id, size_t max,
    struct gitlog_object *o, struct err *e)
{
	(void)arg;
	(void)e;
	if (id[0] == 0 || id[0] > nobjects ||
	    (max > 0 && objects[id[0]].len > max))
		return 0;
	o->p = (const unsigned char *)objects[id[0]].p;
	o->len = objects[id[0]].len;
	objects_open++;
	return 1;
}

static void
object_close(void *arg, struct gitlog_object *o)
{
	(void)arg;
	(void)o;
	objects_open--;
}

static const struct gitlog_reader objects_reader = { object_open,
    object_close, NULL };

static inline void
objects_release(void)
{
	while (nobjects > 0)
		buf_release(&objects[nobjects--]);
}

#endif
