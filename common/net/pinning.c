#include "net/pinning.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "net/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER ((size_t)4 << 20)
#define WAIT_MS 30000
#define PAGE 1000		/* as many as the API lets be asked for */
#define PAGES 10000
#define DELEGATES 20
#define MULTIADDR 500
#define ALL "queued,pinning,pinned,failed"

const char *const pin_status_names[] = { "queued", "pinning", "pinned",
    "failed", NULL };

struct pinning {
	struct ask *ask;	/* own */
	struct buf body;	/* own; the last answer */
};

int
pinning_open(struct pinning **out, const struct ask_how *how, struct err *e)
{
	struct pinning *p = xcalloc(1, sizeof *p);

	buf_init(&p->body);
	if (ask_open(&p->ask, how, e) < 0) {
		pinning_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
pinning_free(struct pinning *p)
{
	if (p == NULL)
		return;
	ask_free(p->ask);
	buf_release(&p->body);
	free(p);
}

void
pinning_hide(const struct pinning *p, char *text)
{
	ask_hide(p->ask, text);
}

void
pin_release(struct pin *p)
{
	strv_release(&p->delegates);
}

/* --- what it answers ---------------------------------------------------- */

static int
copy(struct pinning *p, const json_t *x, const char *key, char *out,
    struct err *e)
{
	const char *s = get_str(x, key, NULL);
	char what[64];

	if (s != NULL && strlen(s) <= PIN_NAME) {
		memcpy(out, s, strlen(s) + 1);
		return 0;
	}
	snprintf(what, sizeof what, "a pin has no %s, or a long one", key);
	return ask_wrong(p->ask, what, e);
}

static int
read_status(struct pinning *p, const json_t *x, enum pin_status *out,
    struct err *e)
{
	const char *s = get_str(x, "status", NULL);
	int i;

	for (i = 0; s != NULL && pin_status_names[i] != NULL; i++)
		if (str_eq(s, pin_status_names[i])) {
			*out = (enum pin_status)i;
			return 0;
		}
	return ask_wrong(p->ask, "a pin has no status that there is", e);
}

static void
read_delegates(const json_t *x, struct strv *out)
{
	const json_t *list = json_object_get(x, "delegates");
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(list) && out->n < DELEGATES; i++) {
		s = json_string_value(json_array_get(list, i));
		if (s != NULL && *s == '/' && strlen(s) <= MULTIADDR)
			strv_add(out, s);
	}
}

/* A PinStatus.  1; 0: it is of a CID that we do not know. */
static int
read_pin(struct pinning *p, const json_t *x, struct pin *out, struct err *e)
{
	const json_t *of = json_object_get(x, "pin");
	const char *cid = get_str(of, "cid", NULL);
	struct err other;

	strv_release(&out->delegates);
	out->name[0] = '\0';		/* there need be none */
	out->created_ms = 0;
	if (copy(p, x, "requestid", out->id, e) < 0 ||
	    read_status(p, x, &out->status, e) < 0 ||
	    (get_str(of, "name", NULL) != NULL &&
	    copy(p, of, "name", out->name, e) < 0))
		return -1;
	if (out->id[0] == '\0' || cid == NULL)
		return ask_wrong(p->ask, "a pin has no id, or no CID", e);
	get_time(x, "created", &out->created_ms);
	if (cid_parse(&out->cid, cid, strlen(cid), &other) < 0)
		return 0;
	read_delegates(x, &out->delegates);
	return 1;
}

static int
answer(struct pinning *p, struct pin *out, struct err *e)
{
	json_t *x = json_read(p->body.p, p->body.len, e);
	int r;

	if (x == NULL)
		return ask_wrong(p->ask, "no JSON", e);
	r = read_pin(p, x, out, e);
	json_decref(x);
	return r == 0 ? ask_wrong(p->ask, "a pin of another CID", e) : r;
}

/* --- asking -------------------------------------------------------------- */

static int
request(struct pinning *p, const char *method, const char *path,
    const struct http_body *body, struct err *e)
{
	struct ask_req req = { .method = method, .path = path,
	    .wait_ms = WAIT_MS, .most = ANSWER };

	if (body != NULL) {
		req.type = "application/json";
		req.body = *body;
	}
	return ask(p->ask, &req, &p->body, e);
}

static void
one_path(struct buf *b, const char *id)
{
	buf_adds(b, "/pins/");
	sigv4_escape(b, id, strlen(id), false);
}

static void
add_body(struct buf *b, const struct cid *c, const char *name,
    const struct strv *origins)
{
	char text[CID_TEXT];
	size_t i;

	cid_text(c, text);
	buf_addf(b, "{\"cid\":\"%s\"", text);
	json_add_text(b, "name", name);
	if (origins != NULL && origins->n > 0) {
		buf_adds(b, ",\"origins\":[");
		for (i = 0; i < origins->n; i++) {
			if (i > 0)
				buf_addc(b, ',');
			json_quote(b, origins->v[i], strlen(origins->v[i]));
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

int
pinning_add(struct pinning *p, const struct cid *c, const char *name,
    const struct strv *origins, const char *instead, struct pin *out,
    struct err *e)
{
	struct buf b = BUF_INIT, path = BUF_INIT;
	struct http_body body;
	int status;

	if (strlen(name) > PIN_NAME)
		return err_set(e, ERR_INPUT, "the name of a pin is longer than "
		    "%d bytes", PIN_NAME);
	if (instead != NULL)
		one_path(&path, instead);
	else
		buf_adds(&path, "/pins");
	add_body(&b, c, name, origins);
	body = ask_body(&b);
	status = request(p, "POST", path.p, &body, e);
	buf_release(&path);
	buf_release(&b);
	if (status < 0)
		return -1;
	/* 202 is what the API says, 200 what some do */
	if (status != 202 && status != 200)
		return ask_refused(p->ask, status, &p->body, "pin", e);
	if (answer(p, out, e) < 0)
		return -1;
	if (!cid_same(&out->cid, c) || !str_eq(out->name, name))
		return ask_wrong(p->ask, "it pins another CID, or name", e);
	return 0;
}

int
pinning_get(struct pinning *p, const char *id, struct pin *out, struct err *e)
{
	struct buf path = BUF_INIT;
	int status;

	one_path(&path, id);
	status = request(p, "GET", path.p, NULL, e);
	buf_release(&path);
	if (status < 0)
		return -1;
	if (status == 404)
		return 0;
	if (status != 200)
		return ask_refused(p->ask, status, &p->body, "question", e);
	if (answer(p, out, e) < 0)
		return -1;
	return str_eq(out->id, id) ? 1 :
	    ask_wrong(p->ask, "the pin has another id", e);
}

int
pinning_delete(struct pinning *p, const char *id, struct err *e)
{
	struct buf path = BUF_INIT;
	int status;

	one_path(&path, id);
	status = request(p, "DELETE", path.p, NULL, e);
	buf_release(&path);
	if (status < 0)
		return -1;
	if (status == 404)
		return 0;
	if (status / 100 != 2)
		return ask_refused(p->ask, status, &p->body, "end of a pin",
		    e);
	return 1;
}

/* --- lists --------------------------------------------------------------- */

struct listing {
	bool exactly;
	const char *name;	/* or what it begins with */
	pinning_found *fn;
	void *arg;
	int64_t oldest_ms;	/* of what came */
	bool more;
};

static int
take_page(struct pinning *p, struct listing *l, struct err *e)
{
	json_t *x = json_read(p->body.p, p->body.len, e), *list;
	struct pin pin = PIN_INIT;
	int64_t count = -1;
	size_t i, n;
	int r = 0;

	list = json_object_get(x, "results");
	if (!json_is_array(list) || get_int(x, "count", &count) != 1 ||
	    count < 0) {
		json_decref(x);
		return ask_wrong(p->ask, "no list of pins", e);
	}
	n = json_array_size(list);
	for (i = 0; i < n && r >= 0; i++) {
		r = read_pin(p, json_array_get(list, i), &pin, e);
		if (r >= 0 && (i == 0 || pin.created_ms < l->oldest_ms))
			l->oldest_ms = pin.created_ms;
		/* not every service knows names */
		if (r == 1 && (l->exactly ? str_eq(pin.name, l->name) :
		    str_starts(pin.name, l->name)))
			r = l->fn(l->arg, &pin, e);
	}
	l->more = n > 0 && (uint64_t)count > n;
	pin_release(&pin);
	json_decref(x);
	return r < 0 ? -1 : 0;
}

static int
get_page(struct pinning *p, const struct listing *l, int64_t before_ms,
    struct err *e)
{
	struct buf path = BUF_INIT;
	char time[DATE_LEN + 1], limit[16];
	int status;

	buf_adds(&path, "/pins");
	ask_add(&path, "name", l->name);
	ask_add(&path, "match", l->exactly ? "exact" : "partial");
	ask_add(&path, "status", ALL);
	snprintf(limit, sizeof limit, "%d", PAGE);
	ask_add(&path, "limit", limit);
	if (before_ms > 0) {
		date_format(time, before_ms);
		ask_add(&path, "before", time);
	}
	status = request(p, "GET", path.p, NULL, e);
	buf_release(&path);
	if (status < 0 || status == 200)
		return status < 0 ? -1 : 0;
	return ask_refused(p->ask, status, &p->body, "list of pins", e);
}

/* A page goes on before the oldest of the one before it; `count` is of all
 * that are still to come, it with them. */
static int
pages(struct pinning *p, struct listing *l, struct err *e)
{
	int64_t before = 0;
	int i;

	for (i = 0; i < PAGES; i++) {
		if (get_page(p, l, before, e) < 0 || take_page(p, l, e) < 0)
			return -1;
		if (!l->more)
			return 0;
		if (l->oldest_ms <= 0 || (before > 0 && l->oldest_ms >= before))
			break;
		before = l->oldest_ms;
	}
	return ask_wrong(p->ask, "a list of pins without an end", e);
}

int
pinning_list(struct pinning *p, const char *prefix, pinning_found *fn,
    void *arg, struct err *e)
{
	struct listing l = { .name = prefix, .fn = fn, .arg = arg };

	return pages(p, &l, e);
}

struct finding {
	struct pin *out;
	bool found;
};

static int
take_found(void *arg, const struct pin *p, struct err *e)
{
	struct finding *f = arg;

	(void)e;
	if (f->found && p->created_ms <= f->out->created_ms)
		return 0;
	strv_release(&f->out->delegates);
	*f->out = *p;
	f->out->delegates = (struct strv)STRV_INIT;	/* of no use here */
	f->found = true;
	return 0;
}

int
pinning_find(struct pinning *p, const char *name, struct pin *out,
    struct err *e)
{
	struct finding f = { out, false };
	struct listing l = { .exactly = true, .name = name, .fn = take_found,
	    .arg = &f };

	return pages(p, &l, e) < 0 ? -1 : f.found;
}
