/*
 * What must hold besides words: properties and times.
 */
#include "search/query_build.h"

#include "base/alloc.h"
#include "base/date.h"
#include "memory/event.h"
#include "toc/toc_period.h"

#include <string.h>
#include <strings.h>

int
query_add_field(struct query *q, enum field_kind kind)
{
	struct field *f;

	q->field = xgrow(q->field, q->fields, &q->fields_cap,
	    sizeof *q->field);
	f = &q->field[q->fields];
	memset(f, 0, sizeof *f);
	f->kind = kind;
	return (int)q->fields++;
}

static bool
one_of(const char *s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcasecmp(s, *names) == 0)
			return true;
	return false;
}

int
query_value_check(enum field_kind kind, const char *v, struct err *e)
{
	if (strcmp(v, "*") == 0)
		return 0;
	if (kind == FIELD_ROLE && !one_of(v, event_roles))
		return err_set(e, ERR_USAGE, "unknown role '%s'; roles are "
		    "user, assistant, system, tool", v);
	if (kind == FIELD_SOURCE && (!one_of(v, source_names) ||
	    strcasecmp(v, source_names[SOURCE_SESSION]) == 0))
		return err_set(e, ERR_USAGE, "unknown source '%s'; sources "
		    "are event, kb, toc, grip, fact, artifact", v);
	if (kind == FIELD_LEVEL && !one_of(v, toc_levels))
		return err_set(e, ERR_USAGE, "unknown level '%s'; levels are "
		    "segment, day, week, month, year", v);
	if (kind == FIELD_SCOPE && !one_of(v, doc_scopes))
		return err_set(e, ERR_USAGE, "unknown scope '%s'; scopes are "
		    "session, user, tenant, kb", v);
	return 0;
}

int
query_where(struct query *q, enum field_kind kind, const struct strv *values,
    struct err *e)
{
	size_t i;
	int f;

	if (values->n == 0)
		return 0;
	for (i = 0; i < values->n; i++)
		if (query_value_check(kind, values->v[i], e) < 0)
			return -1;
	f = query_add_field(q, kind);
	for (i = 0; i < values->n; i++)
		strv_add(&q->field[f].values, values->v[i]);
	match_group(&q->match);
	match_atom(&q->match, MATCH_FILTER, f, false);
	return 0;
}

void
query_when(struct query *q, int64_t since_ms, int64_t until_ms)
{
	int f;

	if (since_ms <= DATE_MIN && until_ms > DATE_MAX)
		return;
	f = query_add_field(q, FIELD_DATE);
	q->field[f].start_ms = since_ms;
	q->field[f].end_ms = until_ms;
	match_group(&q->match);
	match_atom(&q->match, MATCH_FILTER, f, false);
}

void
query_as_of(struct query *q, int64_t ms)
{
	int others = query_add_field(q, FIELD_SOURCE);
	int until = query_add_field(q, FIELD_UNTIL);
	int source;

	for (source = SOURCE_KB; source < SOURCE_SESSION; source++)
		if (source != SOURCE_OWN && source != SOURCE_ARTIFACT)
			strv_add(&q->field[others].values,
			    source_names[source]);
	q->field[until].start_ms = ms + 1;
	match_group(&q->match);
	match_atom(&q->match, MATCH_FILTER, others, false);
	match_atom(&q->match, MATCH_FILTER, until, false);
}
