#include "docs/chunk_id.h"

#include "base/hash.h"

#include <string.h>

#define ID_BYTES (CHUNK_ID / 2)

void
chunk_ids_init(struct chunk_ids *c)
{
	memset(c, 0, sizeof *c);
	buf_init(&c->list);
}

void
chunk_ids_release(struct chunk_ids *c)
{
	buf_release(&c->list);
	map_release(&c->seen);
}

static void
add_int(struct hash *h, uint64_t n)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(n >> (56 - 8 * i));
	hash_add(h, b, sizeof b);
}

static void
add_text(struct hash *h, const char *p, size_t len)
{
	add_int(h, len);
	hash_add(h, p, len);
}

void
chunk_ids_add(struct chunk_ids *ids, struct chunk *c)
{
	const struct chunk_facts *f = c->facts;
	uint8_t out[HASH_LEN];
	struct hash h, again;
	union map_value *n;
	size_t i;

	hash_init(&h);
	add_int(&h, c->headings);
	for (i = 0; i < c->headings; i++)
		add_text(&h, c->heading[i], strlen(c->heading[i]));
	add_text(&h, c->text, c->len);
	add_int(&h, (uint64_t)c->page);
	hash_add_field(&h, c->section);
	hash_add_field(&h, f->title);
	hash_add_field(&h, f->author);
	add_int(&h, f->tags.n);
	for (i = 0; i < f->tags.n; i++)
		add_text(&h, f->tags.v[i], strlen(f->tags.v[i]));
	if (c->page_end != c->page) {
		add_text(&h, "page_end", 8);
		add_int(&h, (uint64_t)c->page_end);
	}
	again = h;
	hash_end(&h, out);
	n = map_put_n(&ids->seen, (const char *)out, ID_BYTES, NULL);
	if (n->i++ > 0) {
		add_int(&again, (uint64_t)n->i);
		hash_end(&again, out);
	}
	hex_encode(c->id, out, ID_BYTES);
	buf_add(&ids->list, c->id, CHUNK_ID + 1);
}
