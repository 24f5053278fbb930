/*
 * Signatures of the AWS Signature Version 4 test suite (awslabs/aws-c-auth,
 * tests/aws-signing-test-suite/v4): those where a path is not normalized, as
 * S3 wants it; and the examples of the Amazon S3 API Reference ("Authenticating
 * Requests: Using the Authorization Header", "... Using Query Parameters").
 */
#include "tap.h"

#include "net/sigv4.h"

#define LONG_TOKEN "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTw" \
	"dQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi" \
	"/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5V" \
	"SXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPk" \
	"UL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabI" \
	"Qwj2ICCR/oLxBA=="

struct vector {
	const char *name, *method, *path, *query;
	const char *headers[6];		/* besides the host */
	const char *body, *token;
	const char *header, *by_query;	/* signatures in the two forms */
};

static const struct vector vectors[] = {
	{ .name = "get-header-key-duplicate", .method = "GET",
		.path = "/",
		.headers = { "my-header1:value2",
		    "my-header1:value2",
		    "my-header1:value1" },
		.header = "c9d5ea9f3f72853aea855b47ea873832"
		    "890dbdd183b4468f858259531a5138ea",
		.by_query = "3349ee0b81b4b589da0ff28a395c3591"
		    "e04de515651dd74f298fa992d1507a97" },
	{ .name = "get-header-value-multiline", .method = "GET",
		.path = "/",
		.headers = { "my-header1:value1\n  value2\n     value3" },
		.header = "cfd34249e4b1c8d6b91ef74165d41a32"
		    "e5fab3306300901bb65a51a73575eefd",
		.by_query = "e6f5def831211aca02987a44b9682670"
		    "6278c7bc078112ae0263659c5b2f2d56" },
	{ .name = "get-header-value-order", .method = "GET",
		.path = "/",
		.headers = { "my-header1:value4",
		    "my-header1:value1",
		    "my-header1:value3",
		    "my-header1:value2" },
		.header = "08c7e5a9acfcfeb3ab6b2185e75ce8b1"
		    "deb5e634ec47601a50643f830c755c01",
		.by_query = "313720e71ca6202fdcfa9b20f88de01a"
		    "4eb0638a83c833b1c184359a4eda864e" },
	{ .name = "get-header-value-trim", .method = "GET",
		.path = "/",
		.headers = { "my-header1: value1",
		    "my-header2: \"a   b   c\"" },
		.header = "acc3ed3afb60bb290fc8d2dd0098b991"
		    "1fcaa05412b367055dee359757a9c736",
		.by_query = "e7bb0fd515e125e1aec2ecc4c0c17484"
		    "fb06f6846b927c35e46005dd3df3acd4" },
	{ .name = "get-relative-relative-unnormalized", .method = "GET",
		.path = "/example1/example2/../..",
		.header = "dc33e0856fd4baca4d7aa2146c389582"
		    "83844764f38c74252a333df5e613003b",
		.by_query = "b45db0bfd1cf15003493b733e33aa208"
		    "dd981bd0e63037a6ed953f71d2118a16" },
	{ .name = "get-relative-unnormalized", .method = "GET",
		.path = "/example/..",
		.header = "eca7ead57bb5aa5c8e28007acd4ff04e"
		    "1ff9a0ff3b237ec1554a184887ff9282",
		.by_query = "cbcb213b928a077e43275df47b500f1d"
		    "faa864ab3f5a18f6b95f4ff0938167ee" },
	{ .name = "get-slash-dot-slash-unnormalized", .method = "GET",
		.path = "/./",
		.header = "68714168e6557f8f2de0ef956fc24dc2"
		    "593a4bd2961f8df51898d8a134695145",
		.by_query = "a9b13e8f3484d9505bf1a6f347219f8f"
		    "35b0fe8f128ceea597efc146a3dfe90c" },
	{ .name = "get-slash-pointless-dot-unnormalized", .method = "GET",
		.path = "/./example",
		.header = "beb03f223f7deae4146464f06e29eebb"
		    "ee9c8afbe15c290cf07aa8b119e14cff",
		.by_query = "72b11f16d9530b18204bfb71f2d6ab08"
		    "5894c0ed8d352730a6e76234c58b5e10" },
	{ .name = "get-slashes-unnormalized", .method = "GET",
		.path = "//example//",
		.header = "87cca117541a147f6df867677d98a7d8"
		    "0dff226d2bfca9e4ffa899665623c7e5",
		.by_query = "822a5a9ba28072c5ab2bb4a6307d0c88"
		    "276d40e49fec6b724c03fb4d4ba60fc2" },
	{ .name = "get-space-unnormalized", .method = "GET",
		.path = "/example space/",
		.header = "652487583200325589f1fba4c7e578f7"
		    "2c47cb61beeca81406b39ddec1366741",
		.by_query = "7a1f416954786484c9824d93c1f26ef6"
		    "4acb9b1b6c9154d08c9f07d0e394abf6" },
	{ .name = "get-unreserved", .method = "GET",
		.path = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi"
		    "jklmnopqrstuvwxyz",
		.header = "07ef7494c76fa4850883e2b006601f94"
		    "0f8a34d404d0cfa977f52a65bbf5f24f",
		.by_query = "95968482db1b9e0fadef6efc1bd24689"
		    "f77c77d9ef56919c96a28cc92e0d6005" },
	{ .name = "get-utf8", .method = "GET",
		.path = "/\341\210\264",
		.header = "8318018e0b0f223aa2bbf98705b62bb7"
		    "87dc9c0e678f255a891fd03141be5d85",
		.by_query = "10eae3f14a260bd3911cc6d008d3c576"
		    "d143b05b62f09782a7a4b37f52178e44" },
	{ .name = "get-vanilla-empty-query-key", .method = "GET",
		.path = "/",
		.query = "Param1=value1",
		.header = "a67d582fa61cc504c4bae71f336f98b9"
		    "7f1ea3c7a6bfe1b6e45aec72011b9aeb",
		.by_query = "49096700cbbaa5753443850f40df10f9"
		    "04fc2fdb544dc9512203cc77c471a9de" },
	{ .name = "get-vanilla-query-order-encoded", .method = "GET",
		.path = "/",
		.query = "Param-3=Value3&Param=Value2&\341\210\264=Value1",
		.header = "371d3713e185cc334048618a97f809c9"
		    "ffe339c62934c032af5a0e595648fcac",
		.by_query = "c5f1848ceec943ac2ca68ee720460c23"
		    "aaae30a2300586597ada94c4a65e4787" },
	{ .name = "get-vanilla-query-order-key-case", .method = "GET",
		.path = "/",
		.query = "Param2=value2&Param1=value1",
		.header = "b97d918cfa904a5beff61c982a1b6f45"
		    "8b799221646efd99d3219ec94cdf2500",
		.by_query = "86012e2c9ad4d77369f5d81c11f75158"
		    "aae4f895a085212cc6d3f923d300bed5" },
	{ .name = "get-vanilla-query-unreserved", .method = "GET",
		.path = "/",
		.query = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
		    "klmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRS"
		    "TUVWXYZabcdefghijklmnopqrstuvwxyz",
		.header = "9c3e54bfcdf0b19771a7f523ee5669cd"
		    "f59bc7cc0884027167c21bb143a40197",
		.by_query = "8e76a88a7433637b12778d5592799b29"
		    "ad21ecd6cf6325051c21d86f0acda2bf" },
	{ .name = "get-vanilla-utf8-query", .method = "GET",
		.path = "/",
		.query = "\341\210\264=bar",
		.header = "2cdec8eed098649ff3a119c94853b13c"
		    "643bcf08f8b0a1d91e12c9027818dd04",
		.by_query = "0bdd809b1519ac4f0c1dc3540e2cc46b"
		    "d0c7f778eda408b2ebf3b913d21ff600" },
	{ .name = "get-vanilla-with-session-token", .method = "GET",
		.path = "/",
		.token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa315"
		    "53b73ebf194267",
		.header = "07ec1639c89043aa0e3e2de82b96708f"
		    "198cceab042d4a97044c66dd9f74e7f8",
		.by_query = "7ff2b50b376cb4d151970630573d6291"
		    "dc128cc5c2a12ffb237f73cc53f67b6c" },
	{ .name = "get-vanilla", .method = "GET",
		.path = "/",
		.header = "5fa00fa31553b73ebf1942676e86291e"
		    "8372ff2a2260956d9b8aae1d763fbf31",
		.by_query = "e93c787ed7f371d5c6b165c1b38ede95"
		    "50f4dce4144713e844b25b7192d3865d" },
	{ .name = "post-header-key-case", .method = "POST",
		.path = "/",
		.header = "5da7c1a2acd57cee7505fc6676e4e544"
		    "621c30862966e37dddb68e92efbe5d6b",
		.by_query = "2ce6e6d2e0cf2f9d1b55fafec88cd205"
		    "74c31dc2e7631979f71ba2310083e95b" },
	{ .name = "post-header-key-sort", .method = "POST",
		.path = "/",
		.headers = { "my-header1:value1" },
		.header = "c5410059b04c1ee005303aed430f6e66"
		    "45f61f4dc9e1461ec8f8916fdf18852c",
		.by_query = "c09d07e0d55871f10f2a6d350d994acf"
		    "6825a3cae70673d7def55616e6119dd7" },
	{ .name = "post-header-value-case", .method = "POST",
		.path = "/",
		.headers = { "my-header1:VALUE1" },
		.header = "cdbc9802e29d2942e5e10b5bccfdd67c"
		    "5f22c7c4e8ae67b53629efa58b974b7d",
		.by_query = "0698bc9e4f7f9139065ba2909c0e99da"
		    "257e8e2a42492a097bcd46d792391fed" },
	{ .name = "post-sts-header-after", .method = "POST",
		.path = "/",
		.header = "5da7c1a2acd57cee7505fc6676e4e544"
		    "621c30862966e37dddb68e92efbe5d6b" },
	{ .name = "post-sts-header-before", .method = "POST",
		.path = "/",
		.token = LONG_TOKEN,
		.header = "85d96828115b5dc0cfc3bd16ad9e210d"
		    "d772bbebba041836c64533a82be05ead",
		.by_query = "46c2e3c63c1dbe7d39f8ada16fe7f001"
		    "c1f56c5791441565323677f96308871c" },
	{ .name = "post-vanilla-empty-query-value", .method = "POST",
		.path = "/",
		.query = "Param1=value1",
		.header = "28038455d6de14eafc1f9222cf5aa6f1"
		    "a96197d7deb8263271d420d138af7f11",
		.by_query = "a9ef26247f293bffe40eeff86a0480ba"
		    "8c14d31503b2e0c3399e3a16bf1a3682" },
	{ .name = "post-x-www-form-urlencoded-parameters", .method = "POST",
		.path = "/",
		.headers = { "content-type:application/x-www-form-urlencoded; ch"
		    "arset=utf-8",
		    "content-length:13",
		    "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153ad"
		    "c8731a4a654192329106275f4c7b24d0b6e" },
		.body = "Param1=value1",
		.header = "328d1b9eaadca9f5818ef05e8392801e"
		    "091653bafec24fcab71e7344e7f51422" },
	{ .name = "post-x-www-form-urlencoded", .method = "POST",
		.path = "/",
		.headers = { "content-type:application/x-www-form-urlencoded",
		    "content-length:13",
		    "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153ad"
		    "c8731a4a654192329106275f4c7b24d0b6e" },
		.body = "Param1=value1",
		.header = "d3875051da38690788ef43de4db0d8f2"
		    "80229d82040bfac253562e56c3f20e0b" },
};

static void
hash_of(const char *text, char hex[HASH_HEX + 1])
{
	uint8_t sum[HASH_LEN];

	hash_mem(text, strlen(text), sum);
	hex_encode(hex, sum, sizeof sum);
}

static void
one(const struct vector *v)
{
	struct sigv4 s = { .key_id = "AKIDEXAMPLE",
	    .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	    .token = v->token, .region = "us-east-1", .service = "service" };
	struct sigv4_request r = { .method = v->method,
	    .time_ms = INT64_C(1440938160000) };
	struct strv headers = STRV_INIT, query = STRV_INIT;
	struct buf path = BUF_INIT, sent = BUF_INIT, out = BUF_INIT;
	const char *amp, *q = v->query != NULL ? v->query : "";
	char payload[HASH_HEX + 1], token[1000];
	size_t i;

	hash_of(v->body != NULL ? v->body : "", payload);
	sigv4_escape(&path, v->path, strlen(v->path), true);
	r.path = path.p;
	r.headers = &headers;
	r.payload = payload;
	for (; *q != '\0'; q = amp + (*amp == '&')) {
		amp = q + strcspn(q, "&");
		strv_add_n(&query, q, (size_t)(amp - q));
	}
	strv_add(&headers, "host:example.amazonaws.com");
	for (i = 0; i < 6 && v->headers[i] != NULL; i++)
		strv_add(&headers, v->headers[i]);
	if (v->by_query != NULL) {
		r.query = "";
		sigv4_presign(&s, &r, &query, 3600, &out);
		ok(strstr(out.p, v->by_query) != NULL, "%s, in the query",
		    v->name);
		if (strstr(out.p, v->by_query) == NULL)
			printf("# %s\n", out.p);
	}
	strv_add(&headers, "x-amz-date:20150830T123600Z");
	snprintf(token, sizeof token, "x-amz-security-token: %s",
	    v->token != NULL ? v->token : "");
	if (v->token != NULL)
		strv_add(&headers, token);
	sigv4_query(&sent, &query);
	r.query = sent.p;
	buf_reset(&out);
	sigv4_header(&s, &r, &out);
	ok(str_ends(out.p, v->header), "%s", v->name);
	if (!str_ends(out.p, v->header)) {
		buf_reset(&out);
		sigv4_canonical(&r, &out);
		printf("# %s\n", out.p);
	}
	sigv4_release(&s);
	strv_release(&headers);
	strv_release(&query);
	buf_release(&path);
	buf_release(&sent);
	buf_release(&out);
}

/* --- the examples of S3 ------------------------------------------------ */

static void
s3(const char *method, const char *path, const char *query,
    const char *const *headers, const char *payload, const char *want)
{
	struct sigv4 s = { .key_id = "AKIAIOSFODNN7EXAMPLE",
	    .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	    .region = "us-east-1", .service = "s3" };
	struct sigv4_request r = { .method = method, .path = path,
	    .query = query, .payload = payload,
	    .time_ms = INT64_C(1369353600000) };
	struct strv all = STRV_INIT;
	struct buf out = BUF_INIT;
	char sha[128];

	strv_add(&all, "host:examplebucket.s3.amazonaws.com");
	for (; *headers != NULL; headers++)
		strv_add(&all, *headers);
	snprintf(sha, sizeof sha, "x-amz-content-sha256:%s", payload);
	strv_add(&all, sha);
	strv_add(&all, "x-amz-date:20130524T000000Z");
	r.headers = &all;
	sigv4_header(&s, &r, &out);
	is_str(strstr(out.p, "Signature=") + 10, want, "S3: %s %s?%s", method,
	    path, query);
	sigv4_release(&s);
	strv_release(&all);
	buf_release(&out);
}

static void
presigned(void)
{
	static const char want[] =
	    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
	    "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
	    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
	    "&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c010"
	    "9b86d86835f995330da4c265957d157751f604d404";
	struct sigv4 s = { .key_id = "AKIAIOSFODNN7EXAMPLE",
	    .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	    .region = "us-east-1", .service = "s3" };
	struct sigv4_request r = { .method = "GET", .path = "/test.txt",
	    .payload = SIGV4_UNSIGNED, .time_ms = INT64_C(1369353600000) };
	struct strv headers = STRV_INIT, none = STRV_INIT;
	struct buf out = BUF_INIT;

	strv_add(&headers, "host: examplebucket.s3.amazonaws.com");
	r.headers = &headers;
	sigv4_presign(&s, &r, &none, 86400, &out);
	is_str(out.p, want, "S3: a URL for a day");
	sigv4_release(&s);
	strv_release(&headers);
	buf_release(&out);
}

static void
examples(void)
{
	static const char *const none[] = { NULL };
	static const char *const range[] = { "range:bytes=0-9", NULL };
	static const char *const put[] = {
	    "date:Fri, 24 May 2013 00:00:00 GMT",
	    "x-amz-storage-class:REDUCED_REDUNDANCY", NULL };
	char empty[HASH_HEX + 1], welcome[HASH_HEX + 1];

	hash_of("", empty);
	hash_of("Welcome to Amazon S3.", welcome);
	s3("GET", "/test.txt", "", range, empty, "f0e8bdb87c964420e857bd35b5d6"
	    "ed310bd44f0170aba48dd91039c6036bdb41");
	s3("PUT", "/test%24file.text", "", put, welcome, "98ad721746da40c64f1a"
	    "55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
	s3("GET", "/", "lifecycle=", none, empty, "fea454ca298b7da1c68078a5d1b"
	    "dbfbbe0d65c699e0f91ac7a200a0136783543");
	s3("GET", "/", "max-keys=2&prefix=J", none, empty, "34b48302e7b5fa45bd"
	    "e8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
	presigned();
}

/* --- our own ----------------------------------------------------------- */

static void
queries(void)
{
	struct strv q = STRV_INIT;
	struct buf b = BUF_INIT;

	strv_add(&q, "uploads");
	strv_add(&q, "prefix=a b+c/&=");
	strv_add(&q, "marker-x=2");
	strv_add(&q, "marker=3");
	strv_add(&q, "marker=1");
	sigv4_query(&b, &q);
	is_str(b.p, "marker=1&marker=3&marker-x=2&prefix=a%20b%2Bc%2F%26%3D&"
	    "uploads=", "a query is sorted by names, each with its '='");
	strv_release(&q);
	buf_release(&b);
}

/* The key of a day is made once; who signs may change. */
static void
days(void)
{
	struct sigv4 s = { .key_id = "A", .secret = "S", .region = "r",
	    .service = "s3" };
	struct strv h = STRV_INIT;
	struct sigv4_request r = { .method = "GET", .path = "/", .query = "",
	    .payload = "x", .headers = &h };
	struct buf first = BUF_INIT, later = BUF_INIT, again = BUF_INIT;

	strv_add(&h, "host:h");
	sigv4_header(&s, &r, &first);
	r.time_ms = INT64_C(86400000) * 400;
	sigv4_header(&s, &r, &later);
	r.time_ms = 0;
	sigv4_header(&s, &r, &again);
	is_str(again.p, first.p, "back on the first day");
	ok(strcmp(first.p, later.p) != 0, "another day signs otherwise");
	s.region = "elsewhere";
	sigv4_release(&s);
	buf_reset(&again);
	sigv4_header(&s, &r, &again);
	ok(strcmp(strstr(again.p, "Signature"), strstr(first.p, "Signature")),
	    "and another region");
	strv_release(&h);
	buf_release(&first);
	buf_release(&later);
	buf_release(&again);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof vectors / sizeof *vectors; i++)
		one(&vectors[i]);
	examples();
	queries();
	days();
	return done();
}
