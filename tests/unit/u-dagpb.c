/*
 * Nodes: the bytes that others publish for them, there and back, and
 * everything that is another form of the same, or none.
 */
#include "tap.h"

#include "base/unixfs.h"

static size_t
unhex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	return hex_decode(out, hex, n) ? n : 0;
}

static int
read_hex(const char *hex, size_t *links, size_t *ndata, struct err *e)
{
	uint8_t p[512];
	struct dagpb d = { .links = NULL };
	int r = dagpb_read(&d, p, unhex(hex, p), e);

	*links = d.n;
	*ndata = d.ndata;
	dagpb_release(&d);
	return r;
}

#define LINK "0a2401551220" \
    "7521fe19c374a97759226dc5c0c8e674e73950e81b211f7dd3b6b30883a08a51"

/* "Fixtures for invalid UnixFS" of the specification, by their bytes; some are
 * nodes all the same. */
static void
published(void)
{
	uint8_t p[8];
	struct cid c;
	struct err e = { 0 };
	size_t links, n;
	char text[CID_TEXT];

	cid_of(&c, CID_DAG_PB, p, unhex("0a00", p));
	cid_text(&c, text);
	is_str(text, "bafybeiaqfni3s5s2k2r6rgpxz4hohdsskh44ka5tk6ztbjerqpvxwfk"
	    "waq", "dagpb_Data_zero has its CID");
	ok(read_hex("", &links, &n, &e) == 0 && links == 0 && n == 0,
	    "dagpb_empty");
	ok(read_hex("0a00", &links, &n, &e) == 0 && n == 0, "dagpb_Data_zero");
	ok(read_hex("0a050001020304", &links, &n, &e) == 0 && n == 5,
	    "dagpb_Data_some");
	ok(read_hex("12240a2212207521fe19c374a97759226dc5c0c8e674e73950e81b211"
	    "f7dd3b6b30883a08a51", &links, &n, &e) < 0 &&
	    e.code == ERR_INPUT, "dagpb_1link has neither name nor size");
	ok(read_hex("12140a0901550005000102030418ffffffffffffff0f", &links, &n,
	    &e) < 0, "dagpb_Links_Hash_some_Tsize_some: no SHA-256");
	ok(read_hex("12340a2212208ab7a6c5e74737878ac73863cb76739d15d4666de44e5"
	    "756bf55a2f9e9ab5f431209736f6d65206c696e6b1880c2d72f12370a22122"
	    "08ab7a6c5e74737878ac73863cb76739d15d4666de44e5756bf55a2f9e9ab5"
	    "f44120f736f6d65206f74686572206c696e6b18080a09736f6d652064617461",
	    &links, &n, &e) == 0 && links == 2 && n == 9,
	    "dagpb_2link+data, with CIDs of version 0");
}

static void
forms(void)
{
	static const struct {
		const char *hex, *what;
	} bad[] = {
		{ "122a" LINK "12001803" "0a0208", "it breaks off" },
		{ "0a020802" "122a" LINK "12001803", "data before links" },
		{ "0a0208020a020802", "data twice" },
		{ "1a00", "a field that is not known" },
		{ "122a" "12001803" LINK, "a link's name before its CID" },
		{ "122c" LINK "120018031801", "a link's size twice" },
		{ "122b" LINK "1200188000", "a number that could be shorter" },
		{ "1228" LINK "1803", "a link without a name" },
		{ "122a" LINK "12051803", "a name longer than its link" },
		{ "12ffffffffffffffff7f", "a link longer than the block" },
		{ "122ac" , "half a byte" },
	};
	struct err e = { 0 };
	size_t i, links, n;

	ok(read_hex("122a" LINK "12001803" "0a020802", &links, &n, &e) == 0 &&
	    links == 1 && n == 2, "as it should be");
	for (i = 0; i + 1 < sizeof bad / sizeof *bad; i++) {
		e.code = ERR_NONE;
		ok(read_hex(bad[i].hex, &links, &n, &e) < 0 &&
		    e.code == ERR_INPUT, "%s", bad[i].what);
	}
}

static void
datas(void)
{
	static const struct {
		const char *hex, *what;
		int r;
	} t[] = {
		{ "0802" "1806" "2003" "2003", "a file in two parts", 0 },
		{ "0802" "1800", "an empty file", 0 },
		{ "0801", "a folder", 0 },
		{ "08021806200320031801", "a field twice", -1 },
		{ "080218062003", "parts that are too few", -1 },
		{ "08021806200320032003", "parts that are too many", -1 },
		{ "0802180620002006", "a part of nothing", -1 },
		{ "080212036162631803", "bytes in the node", -1 },
		{ "0800" "1803", "a leaf of the old form", -1 },
		{ "0804" "1203666f6f", "a link", -1 },
		{ "0805", "a sharded folder", -1 },
		{ "08011203616263", "a folder that says more", -1 },
		{ "0802", "a file without a size", -1 },
		{ "0802180620032003" "38a403", "a mode", -1 },
		{ "", "nothing", -1 },
		{ "18060802", "no type in front", -1 },
		{ "0802" "18ffffffffffffffff7f" "20ffffffffffffffff7f"
		    "20ffffffffffffffff7f", "sums that overflow", -1 },
	};
	struct unixfs_data d;
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	uint8_t p[128];
	size_t i, n;
	int r;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		n = unhex(t[i].hex, p);
		r = unixfs_data_read(&d, p, n, &e);
		ok(r == t[i].r && (r == 0 || e.code == ERR_INPUT), "%s",
		    t[i].what);
		if (r < 0)
			continue;
		buf_reset(&b);
		unixfs_data_add(&b, &d);
		ok(b.len == n && memcmp(b.p, p, n) == 0, "and back");
		unixfs_data_release(&d);
	}
	buf_release(&b);
}

/* The folder that names a file of ours: a node with a name. */
static void
wrapped(void)
{
	struct dagpb_link l = { .name = "x.bin", .nname = 5, .tsize = 300 };
	struct dagpb d;
	struct unixfs_data u;
	struct buf b = BUF_INIT;
	struct err e = { 0 };

	cid_of(&l.cid, CID_RAW, "x", 1);
	unixfs_wrap(&b, &l);
	ok(dagpb_read(&d, b.p, b.len, &e) == 0 && d.n == 1 &&
	    d.links[0].nname == 5 && memcmp(d.links[0].name, "x.bin", 5) == 0 &&
	    d.links[0].tsize == 300 && cid_same(&d.links[0].cid, &l.cid),
	    "a folder with one file");
	ok(unixfs_data_read(&u, d.data, d.ndata, &e) == 0 &&
	    u.type == UNIXFS_DIRECTORY && u.n == 0, "says that it is one");
	unixfs_data_release(&u);
	dagpb_release(&d);
	buf_release(&b);
}

int
main(void)
{
	published();
	forms();
	datas();
	wrapped();
	return done();
}
