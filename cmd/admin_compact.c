/*
 * mem-admin compact.
 */
#include "cmd/admin.h"

#include <inttypes.h>

#include "cmd/cmd.h"
#include "store/compact.h"
#include "toc/toc_prune.h"

static void
progress(int64_t events)
{
	cmd_progress("%" PRId64 " events packed", events);
}

static json_t *
compact_json(const char *tenant, const struct compact_sums *s)
{
	json_t *o;

	o = json_pack("{s:s, s:o, s:I, s:I, s:I}", "type", "compact",
	    "tenant", out_text(tenant),
	    "events_to_pack", (json_int_t)s->todo,
	    "bytes_before", (json_int_t)s->bytes_before,
	    "pending_before", (json_int_t)s->pending_before);
	if (s->idle.n > 0) {
		json_t *idle = json_array();
		size_t i;

		for (i = 0; i < s->idle.n; i++)
			json_array_append_new(idle, out_text(s->idle.v[i]));
		json_object_set_new(o, "idle", idle);
	}
	if (admin.dry_run) {
		json_object_set_new(o, "dry_run", json_true());
		json_object_set_new(o, "train", json_boolean(s->dict_due));
		return o;
	}
	json_object_update_new(o, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:b}",
	    "events", (json_int_t)s->packed.events,
	    "packs", (json_int_t)s->packed.packs,
	    "content_bytes", (json_int_t)s->packed.content_bytes,
	    "pack_bytes", (json_int_t)s->packed.pack_bytes,
	    "bodies_replaced", (json_int_t)s->bodies,
	    "dictionaries_deleted", (json_int_t)s->dicts_deleted,
	    "changes_deleted", (json_int_t)s->changes_deleted,
	    "bytes_after", (json_int_t)s->bytes_after,
	    "pending_after", (json_int_t)s->pending_after,
	    "vacuumed", s->vacuumed));
	if (s->dict != 0)
		json_object_set_new(o, "dictionary", json_integer(s->dict));
	if (s->left.len > 0)
		json_object_set_new(o, "left", out_text(s->left.p));
	return o;
}

static int
compact_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct compact_config c = { .all = admin.all,
	    .vacuum = !admin.no_vacuum, .dry_run = admin.dry_run,
	    .progress = progress };
	struct compact_sums sums = { .left = BUF_INIT };
	struct store *st = NULL;
	int64_t pruned = 0;
	json_t *o;
	int r = 0;

	if (cmd_open(&st, where, !admin.dry_run, e) < 0)
		return -1;
	if (admin.keep_versions > 0)
		r = toc_prune(st, admin.keep_versions, admin.dry_run, &pruned,
		    e);
	if (r == 0 && (r = compact(st, &c, &sums, e)) == 0) {
		cmd_progress_end();
		o = compact_json(st->tenant, &sums);
		if (admin.keep_versions > 0)
			json_object_set_new(o, "versions_deleted",
			    json_integer(pruned));
		r = admin_print(run, o, e);
	}
	if (r == 0 && sums.left.len > 0) {
		cmd_warn("%s: all is packed, but %s", st->tenant, sums.left.p);
		r = EXIT_PART;
	}
	compact_sums_release(&sums);
	store_close(st);
	return r;
}

int
admin_compact(struct admin_run *run, struct err *e)
{
	return admin_each_tenant(run, compact_one, e);
}
