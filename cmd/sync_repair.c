/*
 * mem-sync repair.
 */
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "sync/repair.h"
#include "sync/sync.h"

#include <inttypes.h>

static json_t *
dry(json_t *o)
{
	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return o;
}

static int
told(void *arg, const struct repaired *d, struct err *e)
{
	return sync_print(arg, dry(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, "
	    "s:s*}", "type", "damage", "what", repair_whats[d->what], "key",
	    d->key, "why", d->why, "status", repair_dids[d->did], "node",
	    d->node, "address", d->address)), e);
}

static int
print(struct sync_tool *t, const struct sync *s, const struct repair_sums *d,
    struct err *e)
{
	return sync_print(t, dry(json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I}", "type", "repair", "remote", s->name,
	    "number", (json_int_t)d->number, "segments",
	    (json_int_t)d->segments, "pieces", (json_int_t)d->pieces, "files",
	    (json_int_t)d->files, "artifacts",
	    (json_int_t)d->artifacts, "damaged", (json_int_t)d->damaged,
	    "broken", (json_int_t)d->broken, "sent_bytes", (json_int_t)s->sent,
	    "received_bytes", (json_int_t)s->received)), e);
}

int
sync_verb_repair(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	const struct repair_how how = { .dry_run = sync_o.dry_run,
	    .get = sync_o.verify, .told = told, .arg = t };
	struct repair_sums sums;
	struct sync *s;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "repair takes no operand");
	if (sync_tool_open(t, &s, e) < 0)
		return -1;
	if ((r = repair(s, &how, &sums, e)) == 0)
		r = print(t, s, &sums, e);
	if (r == 0 && sums.broken > 0)
		r = err_set(e, ERR_CORRUPT, "%" PRId64 " objects in '%s' are "
		    "lost or damaged, and cannot be made here; mem-sync repair "
		    "where they were written may bring them back", sums.broken,
		    s->name);
	sync_close(s);
	return r < 0 ? -1 : sync_o.dry_run && sums.damaged > 0 ? EXIT_NO :
	    EXIT_YES;
}
