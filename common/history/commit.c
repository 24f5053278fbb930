#include "history/commit.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/uri.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

void
commit_release(struct commit *c)
{
	free(c->files);
	memset(c, 0, sizeof *c);
}

struct commit_file *
commit_add(struct commit *c)
{
	c->files = xgrow(c->files, c->nfiles, &c->cap, sizeof *c->files);
	memset(&c->files[c->nfiles], 0, sizeof *c->files);
	return &c->files[c->nfiles++];
}

/* What path_text writes so; other pairs of digits are left as they are, as
 * files with a "%20" are many. */
static bool
is_escape(const char *s)
{
	uint8_t byte;

	return uri_byte(s, &byte) && (byte >= 0x80 || byte == '%');
}

void
path_text(struct buf *b, const char *s, size_t len)
{
	size_t i, n;

	for (;; s += n + 1, len -= n + 1) {
		n = utf8_check(s, len);
		for (i = 0; i < n; i++)
			if (n - i > 2 && is_escape(s + i))
				uri_escape_byte(b, s[i]);
			else
				buf_addc(b, s[i]);
		if (n == len)
			break;
		uri_escape_byte(b, s[n]);
	}
}

void
path_raw(struct buf *b, const char *text)
{
	uint8_t byte;

	for (; *text != '\0'; text++)
		if (is_escape(text) && uri_byte(text, &byte)) {
			buf_addc(b, (char)byte);
			text += 2;
		} else
			buf_addc(b, *text);
}

static void
put_path(struct buf *b, const char *path)
{
	buf_addc(b, ',');
	json_quote(b, path, strlen(path));
}

void
commit_write(struct buf *b, const struct commit *c)
{
	size_t i;

	buf_addf(b, "{\"type\":\"commit\",\"commit\":\"%s\",\"time\":%lld,"
	    "\"authored\":%lld,\"parents\":%d,\"subject\":", c->id,
	    (long long)c->time_ms, (long long)c->authored_ms, c->parents);
	json_quote(b, c->subject, strlen(c->subject));
	if (c->known)
		buf_adds(b, ",\"files\":[");
	for (i = 0; c->known && i < c->nfiles; i++) {
		buf_addf(b, "%s[\"%c\"", i > 0 ? "," : "", c->files[i].did);
		put_path(b, c->files[i].path);
		if (c->files[i].was != NULL)
			put_path(b, c->files[i].was);
		buf_addc(b, ']');
	}
	buf_adds(b, c->known ? "]}\n" : "}\n");
}

static int
file_from_json(struct commit_file *f, const json_t *v)
{
	const char *did = json_string_value(json_array_get(v, 0));

	f->path = json_string_value(json_array_get(v, 1));
	f->was = json_string_value(json_array_get(v, 2));
	if (did == NULL || did[0] == '\0' || did[1] != '\0' ||
	    strchr("AMDR", did[0]) == NULL || f->path == NULL ||
	    (did[0] == 'R') != (f->was != NULL))
		return -1;
	f->did = (enum commit_did)did[0];
	return 0;
}

int
commit_from_json(struct commit *c, const json_t *o, struct err *e)
{
	const char *id = get_str(o, "commit", NULL);
	const json_t *files = json_object_get(o, "files");
	int64_t parents;
	size_t i;

	c->nfiles = 0;
	c->subject = get_str(o, "subject", NULL);
	if (id == NULL || strlen(id) != COMMIT_HEX || c->subject == NULL ||
	    get_int(o, "time", &c->time_ms) != 1 ||
	    get_int(o, "authored", &c->authored_ms) != 1 ||
	    get_int(o, "parents", &parents) != 1 || parents < 0 ||
	    parents > INT32_MAX)
		return err_set(e, ERR_INPUT, "no commit");
	memcpy(c->id, id, sizeof c->id);
	c->parents = (int)parents;
	c->known = json_is_array(files);
	for (i = 0; i < json_array_size(files); i++)
		if (file_from_json(commit_add(c), json_array_get(files, i)) < 0)
			return err_set(e, ERR_INPUT, "file %zu of commit %s "
			    "is none", i + 1, id);
	return 0;
}
