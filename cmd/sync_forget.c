/*
 * mem-sync forget: what was forgotten here goes from a remote, too.
 */
#include "admin/gone.h"
#include "cmd/admin_receipt.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "sync/forgotten.h"
#include "sync/forgotten_look.h"
#include "sync/prune.h"
#include "sync/push.h"
#include "sync/sync.h"
#include "text/prints.h"

static int
told(void *arg, const struct pruned *p, struct err *e)
{
	json_t *o;

	if (p->what == PRUNE_UNKNOWN)
		return 0;
	o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "type", "pruned",
	    "what", prune_whats[p->what], "key", p->key, "size_bytes",
	    (json_int_t)p->size, "modified", (json_int_t)p->modified_ms,
	    "status", "deleted");
	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(arg, o, e);
}

static int
print(struct sync_tool *t, const struct sync *s,
    const struct forgotten_sums *d, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:I, "
	    "s:I, s:I, s:I, s:I}", "type", "remote_forget", "remote", s->name,
	    "number", (json_int_t)d->number, "segments",
	    (json_int_t)d->segments, "replaced", (json_int_t)d->replaced,
	    "covered", (json_int_t)d->covered, "snapshot", d->snapshot,
	    "files", (json_int_t)d->files,
	    "deleted", (json_int_t)d->pruned.deleted, "size_bytes",
	    (json_int_t)d->pruned.bytes, "young",
	    (json_int_t)d->pruned.young, "sent_bytes", (json_int_t)s->sent,
	    "received_bytes", (json_int_t)s->received);

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	if (d->pruned.young > 0)
		cmd_note("%lld objects that nothing needs are younger than two "
		    "days, and somebody's push may need them yet; mem-sync "
		    "forget, or prune, deletes them then", (long long)
		    d->pruned.young);
	return sync_print(t, o, e);
}

/* --- is it gone -------------------------------------------------------- */

static int
told_place(void *arg, const char *what, const char *where, int64_t n,
    struct err *e)
{
	return sync_print(arg, json_pack("{s:s, s:s, s:o, s:I}", "type",
	    "trace", "what", what, "where", out_text(where), "n",
	    (json_int_t)n), e);
}

/* What others say here, too, tells nothing there. */
static int
look(struct sync_tool *t, struct sync *s, struct prints *p, struct err *e)
{
	struct forgotten_found found;
	struct gone_sums here;

	if (gone_look(t->st, p, &here, NULL, NULL, e) < 0 ||
	    forgotten_look(s, p, &found, told_place, t, e) < 0 ||
	    sync_print(t, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}",
	    "type", "remote_look", "remote", s->name, "prints",
	    (json_int_t)p->n, "objects", (json_int_t)found.objects, "bytes",
	    (json_int_t)found.bytes, "unread", (json_int_t)found.unread,
	    "found", (json_int_t)found.found), e) < 0)
		return -1;
	return found.found > 0 ? EXIT_NO : found.unread > 0 ? EXIT_PART :
	    EXIT_YES;
}

static int
look_by(struct sync_tool *t, struct sync *s, const json_t *receipt,
    struct err *e)
{
	struct prints p;
	int r;

	if (prints_from_json(&p, json_object_get(receipt, "prints"), e) < 0)
		return -1;
	r = look(t, s, &p, e);
	prints_release(&p);
	return r;
}

int
sync_verb_forget(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	const struct forgotten_how how = { .dry_run = sync_o.dry_run,
	    .now = sync_o.now, .told = told, .arg = t };
	const struct push_how first = { .wait_ms = sync_o.wait * 1000,
	    .dry_run = sync_o.dry_run };
	struct forgotten_sums sums;
	json_t *receipt = NULL;
	struct pushed pushed;
	struct sync *s;
	int r, found = EXIT_YES;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "forget takes no operand");
	if (sync_o.receipt != NULL && (receipt = receipt_read(sync_o.receipt,
	    e)) == NULL)
		return -1;
	if (sync_tool_open(t, &s, e) < 0) {
		json_decref(receipt);
		return -1;
	}
	if ((r = push(s, &first, &pushed, e)) == 0 &&
	    (r = forgotten(s, &how, &sums, e)) == 0)
		r = print(t, s, &sums, e);
	if (r == 0 && receipt != NULL && !sync_o.dry_run)
		r = found = look_by(t, s, receipt, e);
	sync_close(s);
	json_decref(receipt);
	return r < 0 ? -1 : found != EXIT_YES ? found :
	    sums.pruned.young > 0 ? EXIT_PART : EXIT_YES;
}
