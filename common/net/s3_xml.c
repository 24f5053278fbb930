#include "net/s3_xml_read.h"

#include "base/utf8.h"
#include "base/xml.h"

#include <stdio.h>
#include <string.h>

#define ANSWER "the answer"

/* --- the element that an answer is ------------------------------------- */

static int
keep(void *arg, const json_t *o, int64_t line, struct err *e)
{
	json_t **root = arg;

	(void)line;
	if (o == NULL)
		return err_set(e, ERR_INPUT, "it is too large");
	if (json_array_size(json_object_get(o, "^")) > 0)
		return 0;		/* not the root */
	json_decref(*root);
	*root = json_incref((json_t *)(uintptr_t)o);
	return 0;
}

json_t *
s3_xml_root(const char *p, size_t n, const char *name, const char *other,
    struct err *e)
{
	const char *const names[] = { name, other, NULL };
	json_t *root = NULL;

	/* a store may send blanks to say that it is still at it */
	for (; n > 0 && *p != '\0' && strchr(" \t\r\n", *p) != NULL; n--)
		p++;
	if (xml_each_mem(p, n, ANSWER, names, keep, &root, e) < 0) {
		json_decref(root);
		root = NULL;
		err_add(e, "the store answered no XML");
	} else if (root == NULL) {
		err_set(e, ERR_INPUT, "the store answered something else than "
		    "%s", name);
	}
	return root;
}

const char *
s3_xml_text(const json_t *o, const char *key)
{
	return xml_text(json_object_get(o, key));
}

json_t *
s3_xml_all(const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key), *a;

	if (json_is_array(v))
		return json_incref(v);
	a = json_array();
	if (v != NULL)
		json_array_append(a, v);
	return a;
}

bool
s3_xml_true(const json_t *o, const char *key)
{
	return str_same(s3_xml_text(o, key), "true");
}

int
s3_xml_number(const json_t *o, const char *key, int64_t most, int64_t *out,
    struct err *e)
{
	if (str_int(s3_xml_text(o, key), 0, most, out) == 1)
		return 0;
	return err_set(e, ERR_INPUT, "the store answered a %s that is no "
	    "number", key);
}

int
s3_xml_etag(const json_t *o, char out[S3_ETAG + 1], struct err *e)
{
	const char *s = s3_xml_text(o, "ETag");
	size_t n = strlen(s);

	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	if (n > S3_ETAG)
		return err_set(e, ERR_INPUT, "the store answered an ETag of "
		    "%zu bytes", n);
	memcpy(out, s, n);
	out[n] = '\0';
	return 0;
}

int
s3_xml_word(const json_t *o, const char *key, struct buf *out, struct err *e)
{
	const char *s = s3_xml_text(o, key);

	if (strlen(s) > S3_TOKEN)
		return err_set(e, ERR_INPUT, "the store answered a %s of more "
		    "than %d bytes", key, S3_TOKEN);
	buf_adds(out, s);
	return 0;
}

/* --- errors ------------------------------------------------------------ */

static void
copy(char *out, size_t size, const char *s)
{
	size_t n = utf8_cut(s, strlen(s), size - 1), i;

	for (i = 0; i < n; i++)
		out[i] = (unsigned char)s[i] < ' ' ? ' ' : s[i];
	out[n] = '\0';
}

void
s3_xml_error(const char *p, size_t n, struct s3_error *out)
{
	struct err ignored;	/* then there is nothing to tell */
	json_t *o = n == 0 ? NULL : s3_xml_root(p, n, "Error", NULL, &ignored);

	memset(out, 0, sizeof *out);
	copy(out->code, sizeof out->code, s3_xml_text(o, "Code"));
	copy(out->text, sizeof out->text, s3_xml_text(o, "Message"));
	copy(out->region, sizeof out->region, s3_xml_text(o, "Region"));
	json_decref(o);
}

/* --- uploads in parts -------------------------------------------------- */

int
s3_xml_upload_id(const char *p, size_t n, struct buf *id, struct err *e)
{
	json_t *root = s3_xml_root(p, n, "InitiateMultipartUploadResult", NULL,
	    e);
	int r;

	if (root == NULL)
		return -1;
	r = s3_xml_word(root, "UploadId", id, e);
	if (r == 0 && id->len == 0)
		r = err_set(e, ERR_INPUT, "the store answered no UploadId");
	json_decref(root);
	return r;
}

int
s3_xml_completed(const char *p, size_t n, char etag[S3_ETAG + 1],
    struct err *e)
{
	json_t *root = s3_xml_root(p, n, "CompleteMultipartUploadResult",
	    "Error", e);
	int r;

	if (root == NULL)
		return -1;
	if (json_object_get(root, "Code") != NULL)
		r = 0;			/* <Error>; the other has none */
	else
		r = s3_xml_etag(root, etag, e) < 0 ? -1 : 1;
	json_decref(root);
	return r;
}

static int
tell_part(const json_t *o, s3_part_found *fn, void *arg, struct err *e)
{
	struct s3_part part;
	int64_t n, size;

	if (s3_xml_number(o, "PartNumber", 10000, &n, e) < 0 ||
	    s3_xml_number(o, "Size", INT64_MAX, &size, e) < 0 ||
	    s3_xml_etag(o, part.etag, e) < 0)
		return -1;
	part.number = (int)n;
	part.size = (uint64_t)size;
	return fn(arg, &part, e) < 0 ? -1 : 0;
}

int
s3_xml_parts(const char *p, size_t n, s3_part_found *fn, void *arg, int *next,
    struct err *e)
{
	json_t *root = s3_xml_root(p, n, "ListPartsResult", NULL, e), *all;
	int64_t after = 0;
	size_t i;
	int r = 0;

	if (root == NULL)
		return -1;
	all = s3_xml_all(root, "Part");
	for (i = 0; i < json_array_size(all) && r == 0; i++)
		r = tell_part(json_array_get(all, i), fn, arg, e);
	if (r == 0 && s3_xml_true(root, "IsTruncated"))
		r = s3_xml_number(root, "NextPartNumberMarker", 10000, &after,
		    e);
	*next = (int)after;
	json_decref(all);
	json_decref(root);
	return r;
}

/* --- the rest ---------------------------------------------------------- */

int
s3_xml_not_deleted(const char *p, size_t n,
    int (*fn)(void *, const char *, const char *, struct err *), void *arg,
    struct err *e)
{
	json_t *root = s3_xml_root(p, n, "DeleteResult", NULL, e), *all, *o;
	size_t i;
	int r = 0;

	if (root == NULL)
		return -1;
	all = s3_xml_all(root, "Error");
	for (i = 0; i < json_array_size(all) && r == 0; i++) {
		o = json_array_get(all, i);
		if (fn(arg, s3_xml_text(o, "Key"), s3_xml_text(o, "Code"),
		    e) < 0)
			r = -1;
	}
	json_decref(all);
	json_decref(root);
	return r;
}

int
s3_xml_tags(const char *p, size_t n, struct strv *out, struct err *e)
{
	json_t *root = s3_xml_root(p, n, "Tagging", NULL, e), *all, *o;
	size_t i;

	if (root == NULL)
		return -1;
	all = s3_xml_all(json_object_get(root, "TagSet"), "Tag");
	for (i = 0; i < json_array_size(all); i++) {
		o = json_array_get(all, i);
		strv_add(out, s3_xml_text(o, "Key"));
		strv_add(out, s3_xml_text(o, "Value"));
	}
	json_decref(all);
	json_decref(root);
	return 0;
}

void
s3_xml_escape(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\r':
			buf_adds(b, "&#13;");
			break;
		default:
			buf_addc(b, *s);
		}
}
