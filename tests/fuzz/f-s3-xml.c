/*
 * What a store answers, read as each kind of answer: nothing that is handed
 * out is too long, a key that is not marked is a key, and a listing that goes
 * on says where.
 */
#include "fuzz.h"

#include "base/json.h"
#include "net/s3_key.h"
#include "net/s3_xml.h"

#include <string.h>

static int
entry(void *arg, const struct s3_entry *f, struct err *e)
{
	(void)arg;
	(void)e;
	must(strlen(f->etag) <= S3_ETAG);
	must(f->key[f->nkey] == '\0');
	if (f->why == NULL && !f->folder) {
		must(s3_key_wrong(f->key, f->nkey) == NULL);
		must(strlen(f->key) == f->nkey);
		must(f->nkey <= S3_KEY_MAX);
	}
	return 0;
}

static int
part(void *arg, const struct s3_part *p, struct err *e)
{
	(void)arg;
	(void)e;
	must(p->number >= 0 && p->number <= 10000);
	must(strlen(p->etag) <= S3_ETAG);
	return 0;
}

static int
failed(void *arg, const char *key, const char *code, struct err *e)
{
	(void)arg;
	(void)e;
	must(key != NULL && code != NULL);
	return 0;
}

static void
pages(const char *p, size_t n)
{
	struct s3_page page = { BUF_INIT, BUF_INIT };
	struct err e = { 0 };

	if (s3_xml_list(p, n, "", entry, NULL, &page, &e) < 0)
		must(e.code == ERR_INPUT);
	must(page.token.len <= S3_TOKEN);
	s3_page_release(&page);
	if (s3_xml_uploads(p, n, "", entry, NULL, &page, &e) < 0)
		must(e.code == ERR_INPUT);
	s3_page_release(&page);
	/* with a prefix everything has it */
	s3_xml_list(p, n, "a", entry, NULL, &page, &e);
	s3_page_release(&page);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *p = (const char *)data;
	struct strv tags = STRV_INIT;
	struct buf id = BUF_INIT;
	char etag[S3_ETAG + 1];
	struct s3_error x;
	struct err e = { 0 };
	static bool set_up;
	int next = 0;

	if (!set_up)
		json_setup();
	set_up = true;
	s3_xml_error(p, len, &x);
	must(strlen(x.code) < sizeof x.code && strlen(x.text) < sizeof x.text);
	pages(p, len);
	s3_xml_upload_id(p, len, &id, &e);
	must(id.len <= S3_TOKEN);
	if (s3_xml_completed(p, len, etag, &e) == 1)
		must(strlen(etag) <= S3_ETAG);
	if (s3_xml_parts(p, len, part, NULL, &next, &e) == 0)
		must(next >= 0 && next <= 10000);
	s3_xml_not_deleted(p, len, failed, NULL, &e);
	s3_xml_tags(p, len, &tags, &e);
	must(tags.n % 2 == 0);
	strv_release(&tags);
	buf_release(&id);
	return 0;
}
