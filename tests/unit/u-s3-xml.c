/*
 * What stores answer: samples after those of the Amazon S3 API Reference and
 * what servers were seen to send; and what none should.
 */
#include "tap.h"

#include "base/json.h"
#include "net/s3_xml.h"

#include <stdlib.h>

static char heard[2000];

static int
hear(void *arg, const struct s3_entry *f, struct err *e)
{
	size_t n = strlen(heard);

	(void)arg;
	(void)e;
	snprintf(heard + n, sizeof heard - n, "%s%.*s:%llu:%s%s;",
	    f->folder ? "@" : "", (int)f->nkey, f->key,
	    (unsigned long long)f->size, f->etag, f->why != NULL ? "!" : "");
	return 0;
}

/* What a listing says and how it goes on, or the error in brackets. */
static const char *
list(const char *text, const char *prefix)
{
	struct s3_page page = { BUF_INIT, BUF_INIT };
	struct err e;
	size_t n;

	heard[0] = '\0';
	if (s3_xml_list(text, strlen(text), prefix, hear, NULL, &page,
	    &e) < 0)
		snprintf(heard, sizeof heard, "[%d %s]", e.code, e.msg);
	n = strlen(heard);
	if (page.token.len > 0)
		snprintf(heard + n, sizeof heard - n, ">%s", page.token.p);
	s3_page_release(&page);
	return heard;
}

#define LIST(in) "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" \
	in "</ListBucketResult>"
#define OBJECT(key) "<Contents><Key>" key "</Key><LastModified>" \
	"2009-10-12T17:50:30.000Z</LastModified><ETag>&quot;abc&quot;</ETag>" \
	"<Size>42</Size><StorageClass>STANDARD</StorageClass></Contents>"

static void
listings(void)
{
	is_str(list(LIST("<Name>b</Name><IsTruncated>false</IsTruncated>"),
	    ""), "", "nothing");
	is_str(list(LIST(OBJECT("a") OBJECT("b/c")), ""),
	    "a:42:abc;b/c:42:abc;", "two");
	is_str(list(LIST("<EncodingType>url</EncodingType>"
	    OBJECT("a+b%2Fc%2B%C3%BC")), "a b/"), "a b/c+\303\274:42:abc;",
	    "escaped, because the answer says so");
	is_str(list(LIST(OBJECT("a+b%2F")), ""), "a+b%2F:42:abc;",
	    "as it stands, because it does not");
	is_str(list(LIST("<IsTruncated>true</IsTruncated>"
	    "<NextContinuationToken>1ueG/t=</NextContinuationToken>"
	    OBJECT("a")), ""), "a:42:abc;>1ueG/t=", "it goes on");
	is_str(list(LIST("<CommonPrefixes><Prefix>p/</Prefix>"
	    "</CommonPrefixes>" OBJECT("a")), ""), "a:42:abc;@p/:0:;",
	    "folders");
	is_str(list("  \n" LIST(OBJECT("a&amp;b&#x2F;&lt;")), ""),
	    "a&b/<:42:abc;", "blanks before, and what XML escapes");
}

static void
hostile_listings(void)
{
	is_str(list(LIST(OBJECT("../../etc/passwd") OBJECT("a//b") OBJECT("/a")
	    OBJECT("a/")), ""), "../../etc/passwd:42:abc!;a//b:42:abc!;"
	    "/a:42:abc!;a/:42:abc!;", "keys that are none are marked");
	is_str(list(LIST(OBJECT("other/a")), "mine/"), "[2 the store lists "
	    "what was not asked for: it does not begin with 'mine/']",
	    "keys of others");
	is_str(list(LIST("<IsTruncated>true</IsTruncated>"), ""), "[2 the "
	    "store lists a part and does not say how to go on]",
	    "a part without a token");
	is_str(list(LIST("<Contents><Key>a</Key><Size>-1</Size></Contents>"),
	    ""), "[2 the store answered a Size that is no number]",
	    "a size below 0");
	is_str(list(LIST("<Contents><Key>a</Key><Size>99999999999999999999"
	    "</Size></Contents>"), ""), "[2 the store answered a Size that is "
	    "no number]", "a size beyond all");
	is_str(list(LIST("<Contents><Key>a</Key></Contents>"), ""), "[2 the "
	    "store answered a Size that is no number]", "no size");
	is_str(list(LIST("<EncodingType>url</EncodingType>" OBJECT("a%zz")),
	    ""), "[2 the store answered a Key that is escaped wrongly]",
	    "escaped wrongly");
	ok(strstr(list(LIST("<EncodingType>url</EncodingType>"
	    OBJECT("a%00b")), ""), "!;") != NULL, "a NUL in a key");
	is_str(list(LIST("<Contents><Key>a</Key><Key>b</Key><Size>1</Size>"
	    "</Contents>"), ""), ":1:!;", "two names of one object");
	is_str(list("<html><body>Login</body></html>", ""), "[2 the store "
	    "answered something else than ListBucketResult]", "a web page");
	is_str(list("<a><ListBucketResult/></a>", ""), "[2 the store answered "
	    "something else than ListBucketResult]", "not at the top");
	ok(strstr(list("<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY x \"y\">]>"
	    "<ListBucketResult>&x;</ListBucketResult>", ""), "DTD") != NULL,
	    "a DTD is refused");
	ok(list("", "")[0] == '[', "nothing at all");
	ok(list(LIST(OBJECT("a")) "more", "")[0] == '[', "more behind it");
	ok(list("<ListBucketResult><Contents>", "")[0] == '[', "cut short");
}

static void
deep(void)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 100000; i++)
		buf_adds(&b, "<a>");
	ok(strstr(list(b.p, ""), "deeply") != NULL, "a hundred thousand deep");
	buf_release(&b);
}

static void
errors(void)
{
	static const char text[] = "<?xml version=\"1.0\"?>\n<Error><Code>"
	    "AuthorizationHeaderMalformed</Code><Message>the region is "
	    "wrong\n; expecting it</Message><Region>eu-west-1</Region>"
	    "<StringToSign>secret</StringToSign></Error>";
	struct s3_error x;

	s3_xml_error(text, strlen(text), &x);
	is_str(x.code, "AuthorizationHeaderMalformed", "a code");
	is_str(x.text, "the region is wrong ; expecting it", "on one line");
	is_str(x.region, "eu-west-1", "a region");
	s3_xml_error("<Error><Code>x", 14, &x);
	is_str(x.code, "", "cut short: nothing");
	s3_xml_error("", 0, &x);
	is_str(x.code, "", "nothing");
	s3_xml_error("<html/>", 7, &x);
	is_str(x.code, "", "a web page");
}

static int
part(void *arg, const struct s3_part *p, struct err *e)
{
	size_t n = strlen(heard);

	(void)arg;
	(void)e;
	snprintf(heard + n, sizeof heard - n, "%d:%llu:%s;", p->number,
	    (unsigned long long)p->size, p->etag);
	return 0;
}

static void
uploads(void)
{
	static const char begun[] = "<InitiateMultipartUploadResult><UploadId>"
	    "VXBs/b2Fk</UploadId></InitiateMultipartUploadResult>";
	static const char parts[] = "<ListPartsResult><IsTruncated>true"
	    "</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>"
	    "<Part><PartNumber>1</PartNumber><ETag>\"x\"</ETag><Size>5</Size>"
	    "</Part><Part><PartNumber>2</PartNumber><ETag>y</ETag><Size>6"
	    "</Size></Part></ListPartsResult>";
	static const char too_many[] = "<ListPartsResult><Part><PartNumber>"
	    "10001</PartNumber><Size>1</Size></Part></ListPartsResult>";
	static const char is_done[] = "   <?xml version=\"1.0\"?>"
	    "<CompleteMultipartUploadResult><ETag>&#34;e-2&#34;</ETag>"
	    "</CompleteMultipartUploadResult>";
	static const char failed[] = "<Error><Code>InternalError</Code>"
	    "</Error>";
	struct buf id = BUF_INIT;
	char etag[S3_ETAG + 1];
	struct err e;
	int next = -1;

	is_int(s3_xml_upload_id(begun, strlen(begun), &id, &e), 0, "begun");
	is_str(id.p, "VXBs/b2Fk", "its id");
	is_int(s3_xml_upload_id(failed, strlen(failed), &id, &e), -1,
	    "an error instead");
	heard[0] = '\0';
	is_int(s3_xml_parts(parts, strlen(parts), part, NULL, &next, &e), 0,
	    "parts");
	is_str(heard, "1:5:x;2:6:y;", "as they are");
	is_int(next, 2, "and it goes on");
	is_int(s3_xml_parts(too_many, strlen(too_many), part, NULL, &next,
	    &e), -1, "a number that is none");
	is_int(s3_xml_completed(is_done, strlen(is_done), etag, &e), 1, "done");
	is_str(etag, "e-2", "its ETag");
	is_int(s3_xml_completed(failed, strlen(failed), etag, &e), 0,
	    "an error although the status was 200");
	is_int(s3_xml_completed("<x/>", 4, etag, &e), -1, "neither");
	buf_release(&id);
}

static int
not_deleted(void *arg, const char *key, const char *code, struct err *e)
{
	(void)arg;
	(void)e;
	snprintf(heard, sizeof heard, "%s=%s", key, code);
	return 0;
}

static void
rest(void)
{
	static const char gone[] = "<DeleteResult><Deleted><Key>a</Key>"
	    "</Deleted><Error><Key>b</Key><Code>AccessDenied</Code></Error>"
	    "</DeleteResult>";
	static const char tagged[] = "<Tagging><TagSet><Tag><Key>k</Key><Value>v"
	    "</Value></Tag><Tag><Key>l</Key><Value/></Tag></TagSet></Tagging>";
	struct strv tags = STRV_INIT;
	struct buf b = BUF_INIT;
	struct err e;

	is_int(s3_xml_not_deleted(gone, strlen(gone), not_deleted, NULL, &e),
	    0, "deleted");
	is_str(heard, "b=AccessDenied", "but for one");
	is_int(s3_xml_tags(tagged, strlen(tagged), &tags, &e), 0, "tags");
	ok(tags.n == 4 && strcmp(tags.v[1], "v") == 0 && tags.v[3][0] == '\0',
	    "two of them");
	s3_xml_escape(&b, "a<b>&\"c\r\xc3\xbc");
	is_str(b.p, "a&lt;b&gt;&amp;&quot;c&#13;\xc3\xbc", "escaped");
	strv_release(&tags);
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	listings();
	hostile_listings();
	deep();
	errors();
	uploads();
	rest();
	return done();
}
