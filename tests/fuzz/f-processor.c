/*
 * A processor's file: whatever it is, it is read or refused with a place;
 * one that is read has what runs rely on, and can be run over a row.
 */
#include "fuzz.h"

#include "base/json.h"
#include "ltm/row.h"

#include <string.h>

static void
look(const struct processor *p)
{
	static const char row[] = "{\"fields\":{\"k\":[\"src/a.c\",\"b\"],"
	    "\"module\":\"m\",\"severity\":\"minor\"},\"title\":\"fix leak\"}";
	const struct dimension *d;
	struct row *r = malloc(sizeof *r);
	struct err e;
	size_t i;

	must(p->rows != NULL && p->ndims > 0 && p->ndims <= PROCESSOR_DIMS);
	must(p->nkeys <= PROCESSOR_KEYS);
	must(p->max_facts > 0 && p->max_content > 0 && p->max_sources > 0);
	for (d = p->dim; d < p->dim + p->ndims; d++) {
		must(d->least > 0 && d->content != NULL);
		must(d->key[0] >= 0 && (size_t)d->key[0] < p->nkeys);
		must(d->key[1] < (int)p->nkeys);
		must(d->nfacets <= DIM_FACETS && d->nsteps <= DIM_STEPS);
		for (i = 0; i < d->nfacets; i++)
			must((size_t)d->facet[i] < p->nkeys);
	}
	row_init(r, p);
	must(row_take(r, row, sizeof row - 1, &e) >= 0);
	must(row_project(r) != NULL);
	row_release(r);
	free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int ready;
	struct processor *p = NULL;
	struct err e = { 0 };

	if (!ready)
		json_setup();
	ready = 1;
	if (processor_parse(&p, "fuzz", (const char *)data, len, "f", &e) == 0)
		look(p);
	else
		must(e.code == ERR_INPUT && e.msg[0] != '\0');
	processor_free(p);
	return 0;
}
