#include "net/s3_xml_read.h"

#include "base/date.h"
#include "base/uri.h"
#include "net/s3_key.h"

#include <string.h>

void
s3_page_release(struct s3_page *p)
{
	buf_release(&p->token);
	buf_release(&p->upload_id);
}

/* As in a form: '+' is a blank.  0, or -1 for a % without its digits. */
static int
unescape(const char *s, struct buf *out)
{
	uint8_t c;

	buf_reset(out);
	for (; *s != '\0'; s++) {
		if (*s == '%') {
			if (!uri_byte(s, &c))
				return -1;
			buf_addc(out, c);
			s += 2;
		} else {
			buf_addc(out, *s == '+' ? ' ' : *s);
		}
	}
	return 0;
}

/* Names are escaped only if the answer says so, whatever was asked for. */
static int
name_of(const json_t *o, const char *key, bool escaped, struct buf *out,
    struct err *e)
{
	const char *s = s3_xml_text(o, key);

	if (!escaped) {
		buf_reset(out);
		buf_adds(out, s);
	} else if (unescape(s, out) < 0) {
		return err_set(e, ERR_INPUT, "the store answered a %s that is "
		    "escaped wrongly", key);
	}
	return 0;
}

static int
check_prefix(const struct buf *key, const char *prefix, struct err *e)
{
	size_t n = strlen(prefix);

	if (key->len >= n && memcmp(key->p, prefix, n) == 0)
		return 0;
	return err_set(e, ERR_INPUT, "the store lists what was not asked for: "
	    "it does not begin with '%s'", prefix);
}

struct listing {
	const char *prefix;
	bool escaped;
	s3_found *fn;
	void *arg;
	struct buf key;		/* own */
};

static int
tell_object(struct listing *l, const json_t *o, struct err *e)
{
	char etag[S3_ETAG + 1];
	struct s3_entry f = { .etag = etag,
	    .class = s3_xml_text(o, "StorageClass") };
	int64_t size;

	if (name_of(o, "Key", l->escaped, &l->key, e) < 0 ||
	    check_prefix(&l->key, l->prefix, e) < 0 ||
	    s3_xml_number(o, "Size", INT64_MAX, &size, e) < 0 ||
	    s3_xml_etag(o, etag, e) < 0)
		return -1;
	if (!date_machine(s3_xml_text(o, "LastModified"), &f.modified_ms))
		f.modified_ms = 0;
	f.size = (uint64_t)size;
	f.key = l->key.p;
	f.nkey = l->key.len;
	f.why = s3_key_wrong(f.key, f.nkey);
	return l->fn(l->arg, &f, e) < 0 ? -1 : 0;
}

static int
tell_folder(struct listing *l, const json_t *o, struct err *e)
{
	struct s3_entry f = { .folder = true, .etag = "", .class = "" };

	if (name_of(o, "Prefix", l->escaped, &l->key, e) < 0 ||
	    check_prefix(&l->key, l->prefix, e) < 0)
		return -1;
	f.key = l->key.p;
	f.nkey = l->key.len;
	f.why = s3_prefix_wrong(f.key, f.nkey);
	return l->fn(l->arg, &f, e) < 0 ? -1 : 0;
}

static int
tell_upload(struct listing *l, const json_t *o, struct err *e)
{
	struct s3_entry f = { .etag = "",
	    .class = s3_xml_text(o, "StorageClass"),
	    .upload_id = s3_xml_text(o, "UploadId") };

	if (name_of(o, "Key", l->escaped, &l->key, e) < 0 ||
	    check_prefix(&l->key, l->prefix, e) < 0)
		return -1;
	if (!date_machine(s3_xml_text(o, "Initiated"), &f.modified_ms))
		f.modified_ms = 0;
	f.key = l->key.p;
	f.nkey = l->key.len;
	f.why = s3_key_wrong(f.key, f.nkey);
	return l->fn(l->arg, &f, e) < 0 ? -1 : 0;
}

static int
tell_each(struct listing *l, const json_t *root, const char *name,
    int (*tell)(struct listing *, const json_t *, struct err *),
    struct err *e)
{
	json_t *all = s3_xml_all(root, name);
	size_t i;
	int r = 0;

	for (i = 0; i < json_array_size(all) && r == 0; i++)
		r = tell(l, json_array_get(all, i), e);
	json_decref(all);
	return r;
}

int
s3_xml_list(const char *p, size_t n, const char *prefix, s3_found *fn,
    void *arg, struct s3_page *page, struct err *e)
{
	struct listing l = { .prefix = prefix, .fn = fn, .arg = arg,
	    .key = BUF_INIT };
	json_t *root = s3_xml_root(p, n, "ListBucketResult", NULL, e);
	int r = -1;

	if (root == NULL)
		return -1;
	l.escaped = str_same(s3_xml_text(root, "EncodingType"), "url");
	buf_reset(&page->token);
	if (tell_each(&l, root, "Contents", tell_object, e) == 0 &&
	    tell_each(&l, root, "CommonPrefixes", tell_folder, e) == 0)
		r = 0;
	if (r == 0 && s3_xml_true(root, "IsTruncated")) {
		r = s3_xml_word(root, "NextContinuationToken", &page->token, e);
		if (r == 0 && page->token.len == 0)
			r = err_set(e, ERR_INPUT, "the store lists a part and "
			    "does not say how to go on");
	}
	buf_release(&l.key);
	json_decref(root);
	return r;
}

int
s3_xml_uploads(const char *p, size_t n, const char *prefix, s3_found *fn,
    void *arg, struct s3_page *page, struct err *e)
{
	struct listing l = { .prefix = prefix, .fn = fn, .arg = arg,
	    .key = BUF_INIT };
	json_t *root = s3_xml_root(p, n, "ListMultipartUploadsResult", NULL, e);
	int r;

	if (root == NULL)
		return -1;
	l.escaped = str_same(s3_xml_text(root, "EncodingType"), "url");
	buf_reset(&page->token);
	buf_reset(&page->upload_id);
	r = tell_each(&l, root, "Upload", tell_upload, e);
	if (r == 0 && s3_xml_true(root, "IsTruncated")) {
		r = name_of(root, "NextKeyMarker", l.escaped, &l.key, e);
		buf_add(&page->token, l.key.p, l.key.len);
		if (r == 0)
			r = s3_xml_word(root, "NextUploadIdMarker",
			    &page->upload_id, e);
		if (r == 0 && page->token.len == 0)
			r = err_set(e, ERR_INPUT, "the store lists a part and "
			    "does not say how to go on");
	}
	buf_release(&l.key);
	json_decref(root);
	return r;
}
