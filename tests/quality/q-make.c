/*
 * A test collection as what the tools read:
 *
 *	q-make [-1f] COLLECTION OUT
 *
 * writes OUT/tenants, and for each of them OUT/TENANT.records for mem-ingest
 * and OUT/TENANT.queries for mem-search --batch.  -1: one tenant for all
 * conversations.  -f: a file OUT/files/textID for each text, in place of
 * records.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "collection.h"

static json_t *
event(const struct passage *p)
{
	char *text = passage_text(p);
	json_t *o = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:{s:s, s:s}}",
	    "type", "event", "session_id", p->session, "timestamp",
	    (json_int_t)p->time_ms, "event_type", "user_message", "role",
	    "user", "text", text, "metadata", "source_id", p->id, "speaker",
	    p->speaker);

	free(text);
	return o;
}

static json_t *
record(const struct passage *p)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "record",
	    "kb", "eval", "record_id", p->id, "record_type", "text", "title",
	    p->title == NULL ? "" : p->title, "text", p->text);
}

static void
write_out(const char *dir, const char *name, const char *end,
    const struct buf *b)
{
	struct buf path = BUF_INIT;
	struct err e;
	int fd;

	file_join(&path, dir, name);
	buf_adds(&path, end);
	fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die("cannot write '%s'", path.p);
	if (file_write(fd, b->p, b->len, path.p, &e) < 0)
		die("%s", e.msg);
	close(fd);
	buf_release(&path);
}

static void
write_file(const char *dir, const struct passage *p)
{
	struct buf name = BUF_INIT, text = BUF_INIT;

	if (strchr(p->id, '/') != NULL)
		die("text '%s': no name of a file", p->id);
	buf_addf(&name, "files/text%s", p->id);
	if (p->title != NULL && *p->title != '\0')
		buf_addf(&text, "%s\n\n", p->title);
	buf_addf(&text, "%s\n", p->text);
	write_out(dir, name.p, "", &text);
	buf_release(&name);
	buf_release(&text);
}

static void
write_tenant(const struct collection *c, const char *dir, size_t tenant,
    bool files)
{
	struct buf records = BUF_INIT, queries = BUF_INIT;
	const char *s;
	json_t *o;
	size_t i;

	for (i = 0; i < c->passages; i++) {
		if (c->passage[i].tenant != tenant)
			continue;
		if (files) {
			write_file(dir, &c->passage[i]);
			continue;
		}
		o = c->passage[i].conv != NULL ? event(&c->passage[i]) :
		    record(&c->passage[i]);
		json_write(&records, o);
		buf_addc(&records, '\n');
		json_decref(o);
	}
	for (i = 0; i < c->questions; i++) {
		if (c->question[i].tenant != tenant)
			continue;
		for (s = c->question[i].text; *s != '\0'; s++)
			buf_addc(&queries, *s == '\n' || *s == '\r' ? ' ' :
			    *s);
		buf_addc(&queries, '\n');
	}
	if (!files)
		write_out(dir, c->tenant.e[tenant].key, ".records", &records);
	write_out(dir, c->tenant.e[tenant].key, ".queries", &queries);
	buf_release(&records);
	buf_release(&queries);
}

int
main(int argc, char **argv)
{
	struct buf tenants = BUF_INIT;
	struct collection c;
	bool one = false, files = false;
	size_t i;
	int opt;

	alloc_name = "q-make";
	json_setup();
	while ((opt = getopt(argc, argv, "1f")) == '1' || opt == 'f')
		if (opt == '1')
			one = true;
		else
			files = true;
	if (opt != -1 || argc - optind != 2)
		die("usage: q-make [-1f] COLLECTION OUT");
	collection_read(&c, argv[optind], one);
	for (i = 0; i < c.tenant.n; i++) {
		if (c.asked[i] == 0)
			continue;
		buf_addf(&tenants, "%s\n", c.tenant.e[i].key);
		write_tenant(&c, argv[optind + 1], i, files);
	}
	write_out(argv[optind + 1], "tenants", "", &tenants);
	buf_release(&tenants);
	collection_release(&c);
	return 0;
}
