/*
 * Change segments: their form, what is made of which changes, and that no
 * damage of one goes unseen.
 */
#include "tap.h"
#include "segments.h"

#include "base/hash.h"
#include "base/zip.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/node.h"
#include "sync/sealing.h"

/* --- the form ---------------------------------------------------------- */

static void
form(void)
{
	struct store *st = fresh("form");
	struct buf b = BUF_INIT, again = BUF_INIT, text = BUF_INIT;
	struct zip *zip = zip_new(NULL, 0);
	struct segment_head h;
	char want[400], name[HASH_HEX + 1], hex[HASH_HEX + 1], node[27];
	uint8_t sum[HASH_LEN];
	const char *end;

	is_int(make(st, 0, 0, &b, NULL), 0, "nothing, and no segment");
	put(st, "{\"event_id\":\"01HNAVQZC00000000000000000\","
	    "\"session_id\":\"s\",\"timestamp\":1706540400000,"
	    "\"text\":\"hi \\\"x\\\"\",\"metadata\":{\"a\":\"b\"}}");
	put(st, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"t\"}");
	session_set(st, "s", "x", "1", &e);
	session_set(st, "s", "x", NULL, &e);
	put(st, "{\"type\":\"session\",\"session_id\":\"empty\"}");
	put(st, "{\"type\":\"tombstone\",\"target\":\"record\","
	    "\"id\":\"k/none\"}");
	is_int(make(st, 0, 0, &b, &h), 1, "a segment");
	is_int(h.to, 6, "up to the newest change");
	is_int(make(st, 0, 6, &again, NULL), 1, "and again");
	ok(b.len == again.len && memcmp(b.p, again.p, b.len) == 0,
	    "has the same bytes");
	hash_mem(b.p, b.len, sum);
	hex_encode(hex, sum, HASH_LEN);
	sealing_name(NULL, b.p, b.len, sum);
	hex_encode(name, sum, HASH_LEN);
	is_str(name, hex, "it is named by its hash");

	ok(zip_unpack(zip, &text, b.p, b.len, 1 << 20, &e) == 0,
	    "one frame of zstd");
	node_name(st, node, &e);
	snprintf(want, sizeof want, "{\"type\":\"segment\",\"format\":1,"
	    "\"node\":\"%s\",\"from\":0,\"to\":6,\"store_id\":\"%s\","
	    "\"tenant\":\"default\"}\n{\"type\":\"event\",\"event_id\":"
	    "\"01HNAVQZC00000000000000000\",\"session_id\":\"s\","
	    "\"timestamp\":1706540400000,\"event_type\":\"user_message\","
	    "\"role\":\"user\",\"text\":\"hi \\\"x\\\"\",\"metadata\":"
	    "{\"a\":\"b\"},\"user\":\"ann\"}\n", node, st->id);
	ok(strncmp(text.p, want, strlen(want)) == 0, "head and event");
	ok(strstr(text.p, "\"record\":{\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"t\",\"type\":\"record\"}}\n")
	    != NULL, "a version");
	ok(strstr(text.p, "{\"type\":\"session\",\"session_id\":\"empty\","
	    "\"user\":\"ann\"}\n{\"type\":\"tombstone\",\"target\":\"record\","
	    "\"id\":\"k/none\"}\n") != NULL, "a session and a tombstone");
	end = strstr(text.p, "{\"type\":\"segment_end\",\"records\":6,"
	    "\"counts\":{\"event\":1,\"session\":1,\"variable\":2,"
	    "\"file\":0,\"version\":1,\"decision\":0,\"tombstone\":1,"
	    "\"other\":0},\"sha256\":\"");
	ok(end != NULL, "the end counts them");
	hash_mem(text.p, end != NULL ? (size_t)(end - text.p) : 0, sum);
	hex_encode(hex, sum, HASH_LEN);
	snprintf(want, sizeof want, "%s\"}\n", hex);
	is_str(text.p + text.len - strlen(want), want, "and has the hash");
	zip_free(zip);
	buf_release(&b);
	buf_release(&again);
	buf_release(&text);
	store_close(st);
}

static void
ranges(void)
{
	struct store *st = fresh("ranges");
	struct buf b = BUF_INIT;
	struct segmentfile s;
	struct segment_head h;
	int64_t n;

	put_events(st, 0, SEGMENT_CHANGES + 5);
	is_int(make(st, 0, 0, &b, &h), 1, "many changes");
	is_int(h.to, SEGMENT_CHANGES, "are cut");
	is_int(make(st, h.to, 0, &b, &h), 1, "and go on");
	is_int(h.from, SEGMENT_CHANGES, "from there");
	is_int(h.to, SEGMENT_CHANGES + 5, "to the end");
	is_int(make(st, h.to, 0, &b, NULL), 0, "where there is no more");
	is_int(make(st, 0, h.to + 1, &b, NULL), -1, "what is not there yet");
	is_int(e.code, ERR_USAGE, "is misuse");

	make(st, 0, 100, &b, NULL);
	is_int(segmentfile_read(&s, b.p, b.len, &e), 0, "read");
	is_int(s.records, 100, "one of so many");
	segmentfile_release(&s);
	put(st, "{\"type\":\"tombstone\",\"target\":\"session\","
	    "\"id\":\"s1\"}");
	make(st, 0, 100, &b, NULL);
	is_int(segmentfile_read(&s, b.p, b.len, &e), 0, "read");
	is_int(s.records, 60, "has what was forgotten since no more");
	segmentfile_release(&s);

	consumer_put(st, "sync", 50, 0, &e);
	change_trim(st, &n, &e);
	is_int(n, 50, "what a consumer has not confirmed stays in the log");
	is_int(make(st, 50, 60, &b, NULL), 1, "and is sent");
	is_int(make(st, 49, 60, &b, NULL), -1, "what was trimmed is not");
	is_int(e.code, ERR_ABSENT, "it is absent");
	is_str(e.msg, "changes 50 to 50 are no more in the change log; a "
	    "snapshot is needed", "and which");
	buf_release(&b);
	store_close(st);
}

/* The issue: 100 new events on a store of many cost at most 16 kB in all. */
static void
size(void)
{
	struct store *st = fresh("size");
	struct buf b = BUF_INIT;

	put_events(st, 0, 100);
	make(st, 0, 0, &b, NULL);
	printf("# 100 events: %d bytes\n", (int)b.len);
	ok(b.len <= 10000, "100 events take at most 10 kB");
	buf_release(&b);
	store_close(st);
}

/* --- damage ------------------------------------------------------------ */

static int
refused(const char *text, size_t n)
{
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT;
	struct segmentfile s;
	int r;

	zip_pack(zip, &b, text, n, 1);
	r = segmentfile_read(&s, b.p, b.len, &e);
	segmentfile_release(&s);
	buf_release(&b);
	zip_free(zip);
	return r < 0 && (e.code == ERR_CORRUPT || e.code == ERR_VERSION);
}

static void
damage(void)
{
	struct store *st = fresh("damage");
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct zip *zip = zip_new(NULL, 0);
	struct segmentfile s;
	size_t i, bad = 0, other = 0;
	char *nl;

	put_events(st, 0, 3);
	make(st, 0, 0, &b, NULL);
	zip_unpack(zip, &text, b.p, b.len, 1 << 20, &e);
	/* zstd has bits that say nothing: with one of them it is the same */
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= 0x10;
		if (segmentfile_read(&s, b.p, b.len, &e) < 0)
			bad++;
		else
			other += s.text.len != text.len ||
			    memcmp(s.text.p, text.p, text.len) != 0;
		segmentfile_release(&s);
		b.p[i] ^= 0x10;
	}
	is_int((int64_t)other, 0, "no bit of the file changes what it says");
	ok(bad > b.len / 2, "and most make it no segment");
	for (bad = i = 0; i < b.len; i++) {
		bad += segmentfile_read(&s, b.p, i, &e) < 0;
		segmentfile_release(&s);
	}
	is_int((int64_t)bad, (int64_t)b.len, "so does its end");

	ok(!refused(text.p, text.len), "the text as it is");
	for (bad = i = 0; i < text.len; i++) {
		text.p[i] ^= 1;
		bad += (size_t)refused(text.p, text.len);
		text.p[i] ^= 1;
	}
	is_int((int64_t)bad, (int64_t)text.len, "no byte of it can change");
	for (bad = i = 0; i < text.len; i++)
		bad += (size_t)refused(text.p, i);
	is_int((int64_t)bad, (int64_t)text.len, "or be missing");
	nl = strchr(text.p, '\n') + 1;
	ok(refused(nl, text.len - (size_t)(nl - text.p)), "no head");
	buf_reserve(&text, text.len);
	buf_add(&text, text.p, text.len);
	ok(refused(text.p, text.len), "one behind the other");
	ok(refused("\n", 1) && refused("", 0) && refused("{}\n{}\n", 6),
	    "nothing of it");
	zip_free(zip);
	buf_release(&b);
	buf_release(&text);
	store_close(st);
}

int
main(void)
{
	temp_begin();
	form();
	ranges();
	size();
	damage();
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
