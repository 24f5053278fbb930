#include "ingest/ingest_may.h"

#include "base/json.h"
#include "base/str.h"
#include "ingest/event_write.h"
#include "memory/event.h"
#include "memory/granted.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What other copies did, or an export holds, came in by the right to sync. */
static bool
is_asked(const struct ingest *in)
{
	return in->conf.node == 0 && !in->conf.rows && !in->conf.within &&
	    (!in->st->access->owner || access_bound(in->st));
}

static bool
names_other(const json_t *o, const char *key, const char *ours)
{
	const char *said = get_str(o, key, NULL);

	return said != NULL && !str_eq(said, ours);
}

static const char *
get_text(const json_t *o, const char *key)
{
	const char *s = get_str(o, key, NULL);

	return s != NULL ? s : "";
}

/* Of the tenant: records, and what is decided about what is nobody's. */
static bool
of_tenant(enum kind kind, const json_t *o)
{
	switch (kind) {
	case KIND_RECORD:
	case KIND_VERSION:
		return true;
	case KIND_DECISION:
		/* one with "rest" is about what follows from records */
		return get_str(o, "user", NULL) == NULL ||
		    (json_object_get(o, "rest") != NULL &&
		    !str_starts(get_text(o, "about"), "toc:"));
	case KIND_TOMBSTONE:
		return str_eq(get_str(o, "target", NULL), "record");
	default:
		return false;
	}
}

/* Does a call that is bound write to another session? */
static bool
beside(const struct ingest *in, enum kind kind, const json_t *o)
{
	const char *session = in->st->session;

	switch (kind) {
	case KIND_EVENT:
	case KIND_SESSION:
	case KIND_VARIABLE:
	case KIND_FILE:
	case KIND_ARTIFACT:
		return names_other(o, "session_id", session);
	case KIND_DECISION:
		/* what it is about does not tell of which session that is */
		return true;
	case KIND_TOMBSTONE:
		return str_eq(get_str(o, "target", NULL), "session") &&
		    names_other(o, "id", session);
	default:
		return false;
	}
}

bool
ingest_may(const struct ingest *in, enum kind kind, const json_t *o)
{
	const struct store *st = in->st;
	bool bound = access_bound(st);

	if (!is_asked(in) || kind == KIND_CONTROL || kind == KIND_CURSOR ||
	    kind == KIND_BAD)
		return true;
	if (!st->access->owner && names_other(o, "tenant", st->tenant))
		return false;
	if ((bound || !access_has(st, RIGHT_ADMIN)) &&
	    names_other(o, "user", st->user))
		return false;
	if (of_tenant(kind, o) && !access_has(st, RIGHT_TENANT_WRITE))
		return false;
	return !bound || !beside(in, kind, o);
}

int
ingest_may_forget(struct ingest *in, const json_t *o, struct err *e)
{
	const char *id = get_str(o, "id", NULL);
	const struct graft *by = NULL;
	uint8_t raw[ULID_BYTES];
	int r;

	if (!is_asked(in) || !access_bound(in->st) ||
	    !str_eq(get_str(o, "target", NULL), "event"))
		return 1;
	if (id == NULL || !event_id_read(id, raw))
		return 1;	/* what is wrong with it is told there */
	/* it may be among those not written yet */
	if (event_flush(in->events, e) < 0 || access_look(in->st, e) < 0)
		return -1;
	r = granted_event(in->st, in->st->user_id, raw, GRAFT_EVENT, &by, e);
	return r == 1 ? by == NULL : r;
}

void
ingest_deny(struct entry *t)
{
	entry_reject(t, INGEST_DENIED, "this call may not write that: it is "
	    "of another tenant, user or session, or of the tenant without "
	    "the right 'tenant-write'");
}

int
ingest_note_denied(struct ingest *in, int64_t n, struct err *e)
{
	char detail[48];

	snprintf(detail, sizeof detail, "%" PRId64 " records", n);
	return audit_deny(in->st, "write", NULL, detail, e);
}
