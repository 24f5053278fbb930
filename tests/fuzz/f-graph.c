/*
 * A text whose entities and relations are read; and the same bytes as the
 * relations of an entity in a graph's file, and as its row.
 */
#include "fuzz.h"
#include "graph/export.h"
#include "graph/file.h"
#include "graph/text.h"

#include <string.h>

static void
say(const char *p, size_t len)
{
	static struct text *t;
	struct buf b = BUF_INIT;
	struct sum s;
	size_t i;
	int as;

	if (t == NULL)
		t = text_new(NULL);
	sum_init(&s);
	sum_text(&s, 1, 1);
	text_read(t, &s, p, len, sum_name(&s, GRAPH_PERSON, "me", 2, true),
	    sum_kind(&s, "mentions"));
	for (i = 0; i < s.entities; i++) {
		must(s.entity[i].key[0] != '\0' && s.entity[i].nforms > 0 &&
		    s.entity[i].in.n == 1);
		for (as = EXPORT_JSONL; as <= EXPORT_MEMORY; as++)
			export_quote(&b, (enum export_as)as,
			    s.entity[i].form[0].p);
	}
	for (i = 0; i < s.pairs; i++)
		must(s.pair[i].a < s.entities && s.pair[i].b < s.entities &&
		    s.pair[i].a != s.pair[i].b && s.pair[i].in.n == 1);
	sum_release(&s);
	buf_release(&b);
}

/* What is unpacked is skimmed, to the same place. */
static void
skim(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len, *to;
	struct graph_edge a, b;

	for (; p != NULL && p < end; p = to) {
		to = graph_edge_skim(&a, p, end);
		must(to == NULL || to <= end);
		p = graph_edge_unpack(&b, p, end);
		must(p == NULL || (to == p && a.other == b.other && a.kind ==
		    b.kind && a.in == b.in && a.seen.n == b.seen.n));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct graph_edges x = { 0 }, again = { 0 };
	uint32_t kinds[GRAPH_KINDS];
	struct buf b = BUF_INIT;
	int64_t rows[GRAPH_ROWS];
	struct seen_in in;
	struct err e;

	buf_add(&b, data, len);
	say(b.p, b.len);
	if (graph_row_unpack(&in, kinds, data, len))
		must(seen_in_rows(&in, rows) <= GRAPH_ROWS &&
		    graph_kind_of(kinds) < GRAPH_KINDS);
	skim(data, len);
	if (graph_edges_unpack(&x, data, len, &e) == 0) {
		buf_reset(&b);
		graph_edges_pack(&b, &x);
		must(graph_edges_unpack(&again, b.p, b.len, &e) == 0 &&
		    again.n == x.n);
	}
	graph_edges_release(&x);
	graph_edges_release(&again);
	buf_release(&b);
	return 0;
}
