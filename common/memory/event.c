/*
 * The record: JSON to struct event and back, and its id.
 */
#include "memory/event.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "store/name.h"
#include "store/sealed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const event_types[] = { "session_start", "user_message",
    "assistant_message", "tool_use", "tool_result", "assistant_stop",
    "subagent_start", "subagent_stop", "session_end", NULL };
const char *const event_roles[] = { "user", "assistant", "system", "tool",
    NULL };

/* Who speaks in an event, where only its type is told; and the reverse. */
static const enum event_role role_of[EVENT_NTYPES] = { ROLE_SYSTEM, ROLE_USER,
    ROLE_ASSISTANT, ROLE_ASSISTANT, ROLE_TOOL, ROLE_ASSISTANT, ROLE_SYSTEM,
    ROLE_SYSTEM, ROLE_SYSTEM };
static const enum event_type type_of[ROLE_NROLES] = { EVENT_USER_MESSAGE,
    EVENT_ASSISTANT_MESSAGE, EVENT_USER_MESSAGE, EVENT_TOOL_RESULT };

static int
word_index(const char *const *words, const char *s)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	return -1;
}

int
event_id_read(const char *s, uint8_t id[ULID_BYTES])
{
	return ulid_parse(str_starts(s, "evt:") ? strrchr(s, ':') + 1 : s, id);
}

/* "event_id" is a ULID, bare or as in "evt:1706540400000:ULID". */
static int
read_id(struct event *ev, const char *s, struct err *e)
{
	uint8_t id[ULID_BYTES];

	if (str_starts(s, "evt:") && strrchr(s, ':') != s + 3)
		s = strrchr(s, ':') + 1;
	if (!ulid_parse(s, id))
		return err_set(e, ERR_INPUT, "event_id is not a ULID");
	ulid_from_bytes(ev->id, id);
	return 0;
}

static int
read_kind(struct event *ev, const char *type, const char *role, struct err *e)
{
	int t = -1, r = -1;

	if (type != NULL && (t = word_index(event_types, type)) < 0)
		return err_set(e, ERR_INPUT, "unknown event_type");
	if (role != NULL && (r = word_index(event_roles, role)) < 0)
		return err_set(e, ERR_INPUT, "unknown role");
	if (r < 0)
		r = t < 0 ? ROLE_USER : (int)role_of[t];
	ev->role = (enum event_role)r;
	ev->type = t < 0 ? type_of[r] : (enum event_type)t;
	return 0;
}

/*
 * The members of a record that have a place of their own.  They are sorted
 * out in one pass over the object: a look-up of each would cost an import
 * more than the rest of this file.  By which graft it was seen, where somebody
 * read it, is nothing of it.
 */
enum member { M_TYPE, M_ID, M_SESSION, M_TIME, M_KIND, M_ROLE, M_TEXT,
    M_AGENT, M_USER, M_GRAFT, M_NONE };

static const char *const members[] = { "type", "event_id", "session_id",
    "timestamp", "event_type", "role", "text", "agent", "user", "graft",
    NULL };

/* Is there anything to keep in a member that has no place? */
static bool
is_empty(const json_t *v)
{
	return json_is_null(v) || (json_is_object(v) &&
	    json_object_size(v) == 0);
}

/* v[M_NONE] says whether there are others. */
static void
sort_out(json_t *o, json_t *v[M_NONE + 1])
{
	const char *key;
	json_t *value;
	int m;

	memset(v, 0, (M_NONE + 1) * sizeof *v);
	json_object_foreach(o, key, value) {
		if ((m = word_index(members, key)) >= 0)
			v[m] = value;
		else if (!is_empty(value))
			v[M_NONE] = value;
	}
}

static int
read_text(const json_t *v, enum member m, const char **out, struct err *e)
{
	*out = NULL;
	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return err_set(e, ERR_INPUT, "%s is not a string", members[m]);
	*out = json_string_value(v);
	return 0;
}

static int
check_metadata(json_t *meta, struct err *e)
{
	const char *key;
	json_t *v;

	if (meta == NULL || json_is_null(meta))
		return 0;
	if (!json_is_object(meta))
		return err_set(e, ERR_INPUT, "metadata is not an object");
	json_object_foreach(meta, key, v)
		if (!json_is_string(v))
			return err_set(e, ERR_INPUT, "a value of metadata is "
			    "not a string");
	return 0;
}

/* All members without a place, keys sorted. */
static int
read_rest(struct event *ev, json_t *o, struct buf *room, struct err *e)
{
	json_t *meta = json_object_get(o, "metadata"), *rest, *v;
	const char *key;

	if (check_metadata(meta, e) < 0)
		return -1;
	ev->source_id = json_string_value(json_object_get(meta, "source_id"));
	rest = json_object();
	json_object_foreach(o, key, v)
		if (word_index(members, key) < 0 && !is_empty(v))
			json_object_set(rest, key, v);
	buf_reset(room);
	json_sorted(room, rest);
	ev->rest = room->p;
	ev->rest_len = room->len;
	json_decref(rest);
	return 0;
}

static int
check_names(const struct event *ev, struct err *e)
{
	struct err name;

	if (ev->session == NULL)
		return err_set(e, ERR_INPUT, "session_id is missing");
	if (name_check("session_id", ev->session, &name) < 0 ||
	    (ev->user && name_check("user", ev->user, &name) < 0) ||
	    (ev->agent && name_check("agent", ev->agent, &name) < 0))
		return err_set(e, ERR_INPUT, "%s", name.msg);
	return 0;
}

int
event_from_json(struct event *ev, json_t *o, struct buf *room, struct err *e)
{
	const char *id, *type, *role;
	json_t *v[M_NONE + 1];
	int r;

	memset(ev, 0, sizeof *ev);
	sort_out(o, v);
	if (read_text(v[M_ID], M_ID, &id, e) < 0 ||
	    read_text(v[M_SESSION], M_SESSION, &ev->session, e) < 0 ||
	    read_text(v[M_KIND], M_KIND, &type, e) < 0 ||
	    read_text(v[M_ROLE], M_ROLE, &role, e) < 0 ||
	    read_text(v[M_TEXT], M_TEXT, &ev->text, e) < 0 ||
	    read_text(v[M_AGENT], M_AGENT, &ev->agent, e) < 0 ||
	    read_text(v[M_USER], M_USER, &ev->user, e) < 0 ||
	    check_names(ev, e) < 0)
		return -1;
	if ((r = value_time(v[M_TIME], &ev->ts_ms)) <= 0)
		return err_set(e, ERR_INPUT, r == 0 ? "timestamp is missing" :
		    "timestamp is not a time, or out of range");
	if ((id != NULL && read_id(ev, id, e) < 0) ||
	    read_kind(ev, type, role, e) < 0 ||
	    (v[M_NONE] != NULL && read_rest(ev, o, room, e) < 0))
		return -1;
	if (ev->text == NULL)
		ev->text = "";
	ev->text_len = strlen(ev->text);
	if (ev->text_len + ev->rest_len >= EVENT_TEXT_MAX)
		return err_set(e, ERR_INPUT, "text is over %d MiB",
		    (int)(EVENT_TEXT_MAX >> 20));
	return 0;
}

/* Copy n bytes and a NUL to *at, and move it on. */
static const char *
put_string(char **at, const char *s, size_t n)
{
	char *p = *at;

	if (s == NULL)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	*at += n + 1;
	return p;
}

static size_t
len_of(const char *s)
{
	return s != NULL ? strlen(s) : 0;
}

void
event_body(struct buf *b, const struct event *ev)
{
	buf_add(b, ev->text, ev->text_len);
	if (ev->rest_len > 0) {
		buf_addc(b, '\0');
		buf_add(b, ev->rest, ev->rest_len);
	}
}

struct event *
event_dup(const struct event *ev)
{
	size_t session = len_of(ev->session), user = len_of(ev->user),
	    agent = len_of(ev->agent), source = len_of(ev->source_id),
	    graft = len_of(ev->graft);
	struct event *copy;
	char *at;

	copy = xmalloc(sizeof *copy + session + user + agent + source +
	    graft + ev->text_len + ev->rest_len + 7);
	*copy = *ev;
	at = (char *)(copy + 1);
	copy->session = put_string(&at, ev->session, session);
	copy->user = put_string(&at, ev->user, user);
	copy->agent = put_string(&at, ev->agent, agent);
	copy->source_id = put_string(&at, ev->source_id, source);
	copy->graft = put_string(&at, ev->graft, graft);
	copy->text = put_string(&at, ev->text, ev->text_len);
	copy->rest = put_string(&at, ev->rest, ev->rest_len);
	return copy;
}

void
event_make_id(struct event *ev, const char *user)
{
	const char *source_id = ev->source_id, *part;
	uint8_t sum[HASH_LEN], rest[10] = { 0 };
	char when[24];
	int64_t n = 0;
	struct hash h;

	hash_init(&h);
	hash_add_field(&h, "memkit-event-1");
	hash_add_field(&h, user);
	hash_add_field(&h, ev->session);
	hash_add_field(&h, event_roles[ev->role]);
	hash_add_field(&h, source_id != NULL ? "source" : "text");
	hash_add_field(&h, source_id != NULL ? source_id : ev->text);
	/* A ULID has no room for a time before 1970. */
	if (ev->ts_ms < 0) {
		snprintf(when, sizeof when, "%" PRId64, ev->ts_ms);
		hash_add_field(&h, when);
	}
	hash_end(&h, sum);
	/* The parts of one message ("uuid#3") bear one timestamp; their
	 * number keeps them in order. */
	part = source_id != NULL ? strrchr(source_id, '#') : NULL;
	if (part != NULL && !str_int(part + 1, 0, UINT16_MAX, &n))
		n = 0;
	rest[0] = (uint8_t)(n >> 8);
	rest[1] = (uint8_t)n;
	memcpy(rest + 2, sum, sizeof rest - 2);
	ulid_format(ev->id, ev->ts_ms, rest);
}

json_t *
event_json(const struct event *ev)
{
	struct err ignored;	/* rest is JSON that we wrote */
	json_t *o, *rest;

	o = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s%}",
	    "type", "event", "event_id", ev->id, "session_id", ev->session,
	    "timestamp", (json_int_t)ev->ts_ms,
	    "event_type", event_types[ev->type], "role", event_roles[ev->role],
	    "text", ev->text, ev->text_len);
	if (o == NULL)
		return NULL;
	if (ev->rest != NULL &&
	    (rest = json_read(ev->rest, ev->rest_len, &ignored)) != NULL) {
		/* of who wrote it, not of who reads it */
		json_object_del(rest, "graft");
		json_object_update_missing(o, rest);
		json_decref(rest);
	}
	if (ev->agent != NULL)
		json_object_set_new(o, "agent", json_string(ev->agent));
	if (ev->user != NULL)
		json_object_set_new(o, "user", json_string(ev->user));
	if (ev->graft != NULL)
		json_object_set_new_nocheck(o, "graft",
		    json_string_nocheck(ev->graft));
	return o;
}

void
event_ad(struct buf *ad, const struct event_row *row)
{
	seal_ad(ad, "event");
	seal_ad_int(ad, row->user);
	seal_ad_int(ad, row->session);
	seal_ad_int(ad, row->ts_ms);
	seal_ad_bytes(ad, row->id, ULID_BYTES);
	seal_ad_int(ad, row->type);
	seal_ad_int(ad, row->role);
	seal_ad_int(ad, row->agent);
}
