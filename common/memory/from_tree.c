#include "memory/from_format.h"

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
 * Then it is given up, all that came of it with it.
 */
static void
mark(struct from_tree *t, uint32_t x, size_t last)
{
	struct from_node *a = t->node;
	bool talk = false;
	uint32_t up;
	size_t i;

	t->budget -= (int64_t)(last - x);
	if (t->budget < 0)
		return;
	for (i = x; i < last; i++) {
		if (a[i].parent != x && (a[i].parent <= x ||
		    !(a[a[i].parent - 1].flags & FROM_INSIDE)))
			continue;
		a[i].flags |= FROM_INSIDE;
		talk |= (a[i].flags & FROM_TALK) != 0;
	}
	for (i = x; i < last; i++) {
		if (talk && (a[i].flags & FROM_INSIDE))
			a[i].flags |= FROM_ABANDONED;
		a[i].flags &= (uint8_t)~FROM_INSIDE;
	}
	if (!talk)
		return;
	a[last].flags |= FROM_REWINDS;
	/* who goes back to a branch that was given up takes it up again */
	for (up = x; up != 0 && t->budget-- > 0; up = a[up - 1].parent)
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
