/*
 * The model's file: the real one is whole, damage is seen, wherever it is.
 */
#include "tap.h"

#include "index/model.h"
#include "model-file.h"
#include "temp-dir.h"

static struct err e;

static const char *const pieces[] = { "[UNK]", "a", "b", "##a", "##bb", "." };
#define PIECES (sizeof pieces / sizeof *pieces)

static void
real(void)
{
	struct model *m;
	const int8_t *q;
	float scale, weight;
	uint32_t id;
	size_t used;

	if (!ok(model_open(&m, real_model(), &e) == 0, "the model opens")) {
		printf("# %s\n", e.msg);
		return;
	}
	ok(model_verify(m, &e) == 0, "all of it is whole");
	is_str(model_name(m), "all-minilm-l6-v2 static 256", "its name");
	is_int(model_pieces(m), 30522, "its pieces");
	is_int(model_dim(m), 256, "its dimension");
	is_int(model_unknown(m), 100, "its unknown piece");
	is_int(model_piece(m, MODEL_HEADS, "resolvers", 9, &id, &used, &e), 1,
	    "a word begins with a piece");
	ok(id == 10663 && used == 7, "the longest: resolve");
	is_int(model_piece(m, MODEL_TAILS, "s", 1, &id, &used, &e), 1,
	    "and goes on with one");
	is_int(id, 2015, "##s");
	is_int(model_piece(m, MODEL_HEADS, "\xff", 1, &id, &used, &e), 0,
	    "a byte that begins none");
	is_int(model_piece(m, MODEL_HEADS, "", 0, &id, &used, &e), 0,
	    "nothing begins with none");
	is_int(model_row(m, 30521, &scale, &weight, &q, &e), 0, "a row");
	ok(scale >= 0 && weight > 0 && weight <= 1, "has a scale, a weight");
	model_close(m);
}

/* What a model says of some words, or that it is damaged. */
static int
read_all(const char *path, struct buf *out)
{
	static const char *const words[] = { "a", "b", "bb", "abb", ".", "x" };
	struct model *m;
	float scale, weight;
	const int8_t *q;
	uint32_t id;
	size_t i, used;
	int r;

	buf_reset(out);
	if (model_open(&m, path, &e) < 0)
		return -1;
	for (i = 0; i < 12; i++) {
		r = model_piece(m, i % 2 ? MODEL_TAILS : MODEL_HEADS,
		    words[i / 2], strlen(words[i / 2]), &id, &used, &e);
		if (r > 0)
			r = model_row(m, id, &scale, &weight, &q, &e);
		if (r == 0 && id < PIECES)
			buf_addf(out, "%" PRIu32 " %zu %g %d,", id, used,
			    (double)scale, q[5]);
		if (r < 0) {
			model_close(m);
			return -1;
		}
		id = PIECES;
	}
	r = model_verify(m, &e);
	model_close(m);
	return r;
}

/* Each byte that means something changed: an error. */
static void
damage(void)
{
	struct buf file = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	size_t i, step, silent = 0, wrong = 0;
	int r;

	small_model(&file, pieces, PIECES, 0);
	put_file("m", file.p, file.len);
	is_int(read_all("m", &want), 0, "a small model");
	ok(strncmp(want.p, "1 1 0.5", 7) == 0, "says what it must");
	for (i = 0; i < file.len; i += step) {
		step = i < 256 || i % 4096 < 16 ? 1 : 97;
		file.p[i] ^= 0x11;
		put_file("m", file.p, file.len);
		r = read_all("m", &got);
		silent += r == 0;
		wrong += r == 0 && strcmp(got.p, want.p) != 0;
		wrong += r < 0 && e.code != ERR_INDEX &&
		    e.code != ERR_VERSION;
		file.p[i] ^= 0x11;
	}
	is_int((int64_t)silent, 0, "no changed byte goes unseen");
	is_int((int64_t)wrong, 0, "none gives another answer");
	for (wrong = 0, i = 0; i < file.len; i += 509) {
		put_file("m", file.p, i);
		wrong += read_all("m", &got) == 0;
	}
	is_int((int64_t)wrong, 0, "a file cut off is seen");
	file.p[8] = 2;
	put_file("m", file.p, file.len);
	read_all("m", &got);
	is_int(e.code, ERR_VERSION, "a newer format is told from damage");
	buf_release(&file);
	buf_release(&want);
	buf_release(&got);
}

/* Checksums that are right over contents that are not. */
static void
hostile(void)
{
	static const struct { size_t at; uint32_t is; const char *what; }
	    bad[] = {
		{ 12, 7, "more pieces than rows" },
		{ 16, 0, "no dimension" },
		{ 16, 128, "a greater dimension" },
		{ 20, 6, "an unknown piece that is none" },
		{ 124, 4097, "a section that begins anywhere" },
		{ 124, 0x7ffff000, "a section behind the end" },
		{ 132, 0x7ffff000, "a section longer than the file" },
		{ 144 + 4, 0x80000000, "one that wraps around" },
		{ 148, 4, "a list without its table" },
		{ 196, 0, "no checksums" }
	};
	struct buf file = BUF_INIT, got = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		small_model(&file, pieces, PIECES, 0);
		le32_put(file.p + bad[i].at, bad[i].is);
		le32_put(file.p + 4092, crc32c(0, file.p, 4092));
		put_file("m", file.p, file.len);
		e.code = ERR_NONE;
		ok(read_all("m", &got) < 0 && e.code == ERR_INDEX, "%s",
		    bad[i].what);
	}
	buf_release(&file);
	buf_release(&got);
}

static void
finding(void)
{
	struct buf b = BUF_INIT;
	struct model *m;

	model_find("some/where", &b);
	is_str(b.p, "some/where", "the file that was asked for");
	model_find(NULL, &b);
	ok(strstr(b.p, "/" MODEL_FILE) != NULL, "or the one installed");
	ok(model_open(&m, "nowhere", &e) < 0 && e.code == ERR_ABSENT,
	    "none is told from damage");
	ok(model_open(&m, ".", &e) < 0, "a folder is no model");
	put_file("empty", "", 0);
	ok(model_open(&m, "empty", &e) < 0 && e.code == ERR_INDEX,
	    "nor is an empty file");
	buf_release(&b);
}

int
main(void)
{
	real();
	temp_begin();
	damage();
	hostile();
	finding();
	return done() || temp_end();
}
