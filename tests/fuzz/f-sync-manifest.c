/*
 * Manifests of anybody's bytes: refused, or what was read is written, and
 * read again it has the same bytes; no number is one that the next step would
 * overflow.
 */
#include "fuzz.h"

#include "base/json.h"
#include "sync/sync_manifest.h"

#include <string.h>

static void
look(const struct sync_manifest *m)
{
	size_t i;

	must(m->number >= 1 && m->number <= MANIFEST_LAST);
	must(m->tenant != NULL && *m->tenant != '\0');
	must((m->number == 1) == (m->previous[0] == '\0'));
	for (i = 0; i < m->nsegments; i++)
		must(m->segment[i].from >= 0 &&
		    m->segment[i].to > m->segment[i].from &&
		    m->segment[i].size > 0 &&
		    strlen(m->segment[i].name) == HASH_HEX);
	for (i = 0; i < m->npacks; i++)
		must(strlen(m->pack[i].name) == HASH_HEX &&
		    m->pack[i].size > 0 && m->pack[i].files > 0 &&
		    m->pack[i].index > 0 && m->pack[i].bytes >= 0 &&
		    m->pack[i].bytes <= INT64_MAX - m->pack[i].index);
	for (i = 0; i < m->nleases; i++)
		must(m->lease[i].epoch >= 1 &&
		    m->lease[i].epoch <= m->number &&
		    m->lease[i].hold_ms >= 0 &&
		    m->lease[i].hold_ms <= MANIFEST_HOLD_MOST);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sync_manifest m, again;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = { 0 };

	json_setup();
	if (sync_manifest_read(&m, (const char *)data, len, &e) == 0) {
		look(&m);
		sync_manifest_write(&m, &a);
		must(sync_manifest_read(&again, a.p, a.len, &e) == 0);
		sync_manifest_write(&again, &b);
		must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
		sync_manifest_release(&again);
	} else
		must((e.code == ERR_CORRUPT || e.code == ERR_VERSION) &&
		    e.msg[0] != '\0');
	sync_manifest_release(&m);
	buf_release(&a);
	buf_release(&b);
	return 0;
}
