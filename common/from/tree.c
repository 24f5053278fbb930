#include "from/format.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Walks over the nodes behind a branch, for the whole of a file; hostile
 * files could ask for the square of their size. */
#define BUDGET INT64_C(67108864)

static size_t
slot_of(const struct from_tree *t, uint64_t id)
{
	size_t i = id & (t->nslot - 1);

	while (t->slot[i] != 0 && t->node[t->slot[i] - 1].id != id)
		i = (i + 1) & (t->nslot - 1);
	return i;
}

struct from_node *
from_tree_find(const struct from_tree *t, uint64_t id)
{
	size_t i;

	if (t->nslot == 0)
		return NULL;
	i = slot_of(t, id);
	return t->slot[i] != 0 ? &t->node[t->slot[i] - 1] : NULL;
}

static void
grow(struct from_tree *t)
{
	size_t i;

	t->nslot = t->nslot == 0 ? 256 : t->nslot * 2;
	free(t->slot);
	t->slot = xcalloc(t->nslot, sizeof *t->slot);
	for (i = 0; i < t->n; i++)
		t->slot[slot_of(t, t->node[i].id)] = (uint32_t)(i + 1);
}

/*
 * The node at "last" goes on behind x: was there talk behind x before?
 * Then it is given up, all that came of it with it.  Who goes on with what
 * had been given up takes that up again, and gives up what came instead.
 */
static void
mark(struct from_tree *t, uint32_t x, size_t last)
{
	struct from_node *a = t->node;
	uint32_t live = x, up;
	bool talk = false;
	size_t i;

	while (live != 0 && (a[live - 1].flags & FROM_ABANDONED) &&
	    t->budget-- > 0)
		live = a[live - 1].parent;
	t->budget -= (int64_t)(last - live);
	if (live == 0 || t->budget < 0)
		return;
	for (i = live; i < last; i++) {
		if (a[i].parent != live && (a[i].parent <= live ||
		    !(a[a[i].parent - 1].flags & FROM_INSIDE)))
			continue;
		a[i].flags |= FROM_INSIDE;
		talk |= (a[i].flags & FROM_TALK) != 0;
	}
	for (i = live; i < last; i++) {
		if (talk && (a[i].flags & FROM_INSIDE))
			a[i].flags |= FROM_ABANDONED;
		a[i].flags &= (uint8_t)~FROM_INSIDE;
	}
	if (talk)
		a[last].flags |= FROM_REWINDS;
	for (up = x; up != live; up = a[up - 1].parent)
		a[up - 1].flags &= (uint8_t)~FROM_ABANDONED;
}

struct from_node *
from_tree_add(struct from_tree *t, uint64_t id, uint64_t parent,
    unsigned flags)
{
	struct from_node *node, *p = NULL;

	if ((node = from_tree_find(t, id)) != NULL)
		return node;
	if (t->n == FROM_TREE_MAX)
		return NULL;
	if (t->n == 0)
		t->budget = BUDGET;
	t->node = xgrow(t->node, t->n, &t->cap, sizeof *t->node);
	if ((t->n + 1) * 2 > t->nslot)
		grow(t);
	if (parent != 0)
		p = from_tree_find(t, parent);
	node = &t->node[t->n];
	memset(node, 0, sizeof *node);
	node->id = id;
	node->flags = (uint8_t)flags;
	if (p != NULL) {
		node->parent = (uint32_t)(p - t->node) + 1;
		node->root = p->root;
	} else
		node->root = (uint32_t)t->n + 1;
	t->slot[slot_of(t, id)] = (uint32_t)(t->n + 1);
	if ((flags & FROM_PROMPT) && node->parent != 0)
		mark(t, node->parent, t->n);
	return &t->node[t->n++];
}

void
from_tree_release(struct from_tree *t)
{
	free(t->node);
	free(t->slot);
	memset(t, 0, sizeof *t);
}
