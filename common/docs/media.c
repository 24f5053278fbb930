#include "docs/media.h"

#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define UNKNOWN "application/octet-stream"
#define ZIP "application/zip"
#define TAR "application/x-tar"
#define OLE "application/x-ole-storage"
#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF "application/vnd.oasis.opendocument."

struct magic {
	size_t at, len;
	const char *bytes, *type;
};

/* The order counts: what is longer stands before what it begins with. */
static const struct magic magics[] = {
	{ 0, 5, "%PDF-", "application/pdf" },
	{ 0, 4, "PK\3\4", ZIP },
	{ 0, 4, "PK\5\6", ZIP },
	{ 0, 4, "PK\7\10", ZIP },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed" },
	{ 0, 6, "Rar!\x1a\x07", "application/vnd.rar" },
	{ 0, 4, "xar!", "application/x-xar" },
	{ 0, 8, "!<arch>\n", "application/x-archive" },
	{ 0, 6, "070701", "application/x-cpio" },
	{ 0, 6, "070702", "application/x-cpio" },
	{ 0, 6, "070707", "application/x-cpio" },
	{ 0, 4, "MSCF", "application/vnd.ms-cab-compressed" },
	{ 2, 3, "-lh", "application/x-lzh-compressed" },
	{ 257, 5, "ustar", TAR },
	{ 32769, 5, "CD001", "application/x-iso9660-image" },
	{ 0, 2, "\x1f\x8b", "application/gzip" },
	{ 0, 2, "\x1f\x9d", "application/x-compress" },
	{ 0, 3, "BZh", "application/x-bzip2" },
	{ 0, 6, "\xfd" "7zXZ\0", "application/x-xz" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "application/zstd" },
	{ 0, 4, "\x04\x22\x4d\x18", "application/x-lz4" },
	{ 0, 4, "LZIP", "application/x-lzip" },
	{ 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE },
	{ 0, 5, "{\\rtf", "application/rtf" },
	{ 0, 8, "\x89PNG\r\n\x1a\n", "image/png" },
	{ 0, 3, "\xff\xd8\xff", "image/jpeg" },
	{ 0, 4, "GIF8", "image/gif" },
	{ 8, 4, "WEBP", "image/webp" },
	{ 8, 4, "WAVE", "audio/x-wav" },
	{ 0, 4, "II*\0", "image/tiff" },
	{ 0, 4, "MM\0*", "image/tiff" },
	{ 0, 4, "\0\0\1\0", "image/vnd.microsoft.icon" },
	{ 4, 4, "ftyp", "video/mp4" },
	{ 0, 3, "ID3", "audio/mpeg" },
	{ 0, 4, "OggS", "application/ogg" },
	{ 0, 4, "fLaC", "audio/flac" },
	{ 0, 4, "\x1a\x45\xdf\xa3", "video/x-matroska" },
	{ 0, 4, "\x7f" "ELF", "application/x-executable" },
	{ 0, 16, "SQLite format 3\0", "application/vnd.sqlite3" },
	{ 0, 4, "wOFF", "font/woff" },
	{ 0, 4, "wOF2", "font/woff2" },
	{ 0, 4, "\0asm", "application/wasm" },
};

struct suffix {
	const char *suffix, *type;
};

static const struct suffix zipped[] = {
	{ "docx", OOXML "wordprocessingml.document" },
	{ "docm", OOXML "wordprocessingml.document" },
	{ "xlsx", OOXML "spreadsheetml.sheet" },
	{ "xlsm", OOXML "spreadsheetml.sheet" },
	{ "pptx", OOXML "presentationml.presentation" },
	{ "pptm", OOXML "presentationml.presentation" },
	{ "odt", ODF "text" },
	{ "ods", ODF "spreadsheet" },
	{ "odp", ODF "presentation" },
	{ "epub", "application/epub+zip" },
};

static const struct suffix ole[] = {
	{ "doc", "application/msword" },
	{ "xls", "application/vnd.ms-excel" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "msg", "application/vnd.ms-outlook" },
};

/* Of text; those of code are text/x-NAME. */
static const struct suffix texts[] = {
	{ "md", "text/markdown" }, { "markdown", "text/markdown" },
	{ "mdown", "text/markdown" }, { "mkd", "text/markdown" },
	{ "mdx", "text/markdown" }, { "qmd", "text/markdown" },
	{ "rmd", "text/markdown" },
	{ "html", "text/html" }, { "htm", "text/html" },
	{ "xhtml", "text/html" }, { "xht", "text/html" },
	{ "txt", "text/plain" }, { "text", "text/plain" },
	{ "log", "text/plain" }, { "rst", "text/x-rst" },
	{ "adoc", "text/x-asciidoc" }, { "asciidoc", "text/x-asciidoc" },
	{ "org", "text/x-org" }, { "tex", "text/x-tex" },
	{ "bib", "text/x-bibtex" }, { "eml", "message/rfc822" },
	{ "csv", "text/csv" }, { "tsv", "text/tab-separated-values" },
	{ "json", "application/json" }, { "jsonl", "application/jsonl" },
	{ "ndjson", "application/jsonl" }, { "yaml", "application/yaml" },
	{ "yml", "application/yaml" }, { "toml", "application/toml" },
	{ "xml", "application/xml" }, { "svg", "image/svg+xml" },
	{ "ini", "text/x-ini" }, { "cfg", "text/x-ini" },
	{ "conf", "text/x-ini" }, { "properties", "text/x-ini" },
};

static const struct suffix codes[] = {
	{ "c", "text/x-c" }, { "h", "text/x-c" },
	{ "cc", "text/x-c++" }, { "cpp", "text/x-c++" },
	{ "cxx", "text/x-c++" }, { "hh", "text/x-c++" },
	{ "hpp", "text/x-c++" }, { "hxx", "text/x-c++" },
	{ "cs", "text/x-csharp" }, { "java", "text/x-java" },
	{ "kt", "text/x-kotlin" }, { "kts", "text/x-kotlin" },
	{ "scala", "text/x-scala" }, { "groovy", "text/x-groovy" },
	{ "go", "text/x-go" }, { "rs", "text/x-rust" },
	{ "swift", "text/x-swift" }, { "dart", "text/x-dart" },
	{ "zig", "text/x-zig" }, { "m", "text/x-objc" },
	{ "js", "text/javascript" }, { "mjs", "text/javascript" },
	{ "cjs", "text/javascript" }, { "jsx", "text/javascript" },
	{ "ts", "text/x-typescript" }, { "tsx", "text/x-typescript" },
	{ "py", "text/x-python" }, { "pyi", "text/x-python" },
	{ "rb", "text/x-ruby" }, { "pl", "text/x-perl" },
	{ "pm", "text/x-perl" }, { "php", "text/x-php" },
	{ "lua", "text/x-lua" }, { "r", "text/x-r" },
	{ "jl", "text/x-julia" }, { "sh", "text/x-shellscript" },
	{ "bash", "text/x-shellscript" }, { "zsh", "text/x-shellscript" },
	{ "ps1", "text/x-powershell" }, { "sql", "text/x-sql" },
	{ "css", "text/css" }, { "scss", "text/css" },
	{ "proto", "text/x-protobuf" }, { "tf", "text/x-terraform" },
	{ "hs", "text/x-haskell" }, { "ml", "text/x-ocaml" },
	{ "mli", "text/x-ocaml" }, { "ex", "text/x-elixir" },
	{ "exs", "text/x-elixir" }, { "erl", "text/x-erlang" },
	{ "clj", "text/x-clojure" }, { "el", "text/x-lisp" },
	{ "lisp", "text/x-lisp" }, { "vue", "text/x-vue" },
};

static const struct suffix shebangs[] = {
	{ "python", "text/x-python" }, { "perl", "text/x-perl" },
	{ "ruby", "text/x-ruby" }, { "node", "text/javascript" },
	{ "php", "text/x-php" }, { "lua", "text/x-lua" },
	{ "sh", "text/x-shellscript" },
};

#define N(a) (sizeof (a) / sizeof *(a))

static const char *
by_suffix(const struct suffix *t, size_t n, const char *name)
{
	const char *slash = strrchr(name, '/'), *dot;
	size_t i;

	dot = strrchr(slash != NULL ? slash + 1 : name, '.');
	for (i = 0; dot != NULL && i < n; i++)
		if (str_same(dot + 1, t[i].suffix))
			return t[i].type;
	return NULL;
}

static bool
has(const char *head, size_t len, const char *s)
{
	size_t n = strlen(s), i;

	for (i = 0; n <= len && i <= len - n; i++)
		if (memcmp(head + i, s, n) == 0)
			return true;
	return false;
}

/* Its first member may say what it is (ODF 1.3 part 2, 3.3; OCF 3.3, 4.3);
 * OPC has no such rule, but its parts have telling names. */
static const char *
by_members(const char *head, size_t len)
{
	size_t i, n;

	if (len > 38 && memcmp(head + 30, "mimetype", 8) == 0) {
		for (i = 0; i < N(zipped); i++) {
			n = strlen(zipped[i].type);
			if (len >= 38 + n &&
			    memcmp(head + 38, zipped[i].type, n) == 0)
				return zipped[i].type;
		}
		return NULL;
	}
	if (len <= 30 + 19 || (memcmp(head + 30, "[Content_Types].xml", 19) !=
	    0 && memcmp(head + 30, "_rels/.rels", 11) != 0))
		return NULL;
	return has(head, len, "word/document.xml") ? zipped[0].type :
	    has(head, len, "xl/workbook.xml") ? zipped[2].type :
	    has(head, len, "ppt/presentation.xml") ? zipped[4].type : NULL;
}

/* Is it text?  No NUL, and hardly a control character that no text has.
 * UTF-16 and UTF-32 have a mark, or they are not known. */
static bool
is_text(const char *head, size_t len)
{
	size_t i, odd = 0;
	unsigned char c;

	if (utf8_is_utf16(head, len) || (len >= 4 &&
	    (memcmp(head, "\xff\xfe\0\0", 4) == 0 ||
	    memcmp(head, "\0\0\xfe\xff", 4) == 0)))
		return true;
	for (i = 0; i < len; i++) {
		c = (unsigned char)head[i];
		if (c == 0)
			return false;
		odd += c < 0x20 && !isspace(c) && c != 0x1b && c != '\b';
	}
	return odd <= len / 64;
}

static bool
begins(const char *head, size_t len, const char *s)
{
	size_t i, n = strlen(s);

	for (i = 0; i < n && i < len; i++)
		if (tolower((unsigned char)head[i]) != s[i])
			return false;
	return i == n;
}

static const char *
of_text(const char *name, const char *head, size_t len)
{
	const char *type, *nl;
	size_t i, line;

	if ((type = by_suffix(texts, N(texts), name)) != NULL ||
	    (type = by_suffix(codes, N(codes), name)) != NULL)
		return type;
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
		head += 3;
		len -= 3;
	}
	while (len > 0 && isspace((unsigned char)*head)) {
		head++;
		len--;
	}
	if (begins(head, len, "<!doctype html") || begins(head, len, "<html"))
		return "text/html";
	if (begins(head, len, "<?xml"))
		return "application/xml";
	if (len > 2 && memcmp(head, "#!", 2) == 0) {
		nl = memchr(head, '\n', len);
		line = nl != NULL ? (size_t)(nl - head) : len;
		for (i = 0; i < N(shebangs); i++)
			if (has(head, line, shebangs[i].suffix))
				return shebangs[i].type;
	}
	return "text/plain";
}

/* The sum in a header of tar (POSIX ustar, the older form, too). */
static bool
is_tar(const char *head, size_t len)
{
	unsigned long sum = 0, want = 0;
	size_t i;

	if (len < 512 || head[0] == '\0')
		return false;
	for (i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	for (i = 148; i < 156 && head[i] == ' '; i++)
		;
	for (; i < 156 && head[i] >= '0' && head[i] <= '7'; i++)
		want = want * 8 + (unsigned long)(head[i] - '0');
	return sum == want;
}

/* Letters alone prove little: a text may begin with "ID3" or "GIF8". */
static bool
weak(const struct magic *m)
{
	size_t i;

	for (i = 0; i < m->len && isprint((unsigned char)m->bytes[i]); i++)
		;
	return i == m->len && m->len < 5;
}

const char *
media_type(const char *name, const char *head, size_t len)
{
	bool text = is_text(head, len);
	const char *type;
	size_t i;

	for (i = 0; i < N(magics); i++) {
		if (magics[i].at + magics[i].len > len || memcmp(head +
		    magics[i].at, magics[i].bytes, magics[i].len) != 0 ||
		    (text && weak(&magics[i])))
			continue;
		type = magics[i].type;
		if (strcmp(type, ZIP) == 0 &&
		    ((type = by_suffix(zipped, N(zipped), name)) != NULL ||
		    (type = by_members(head, len)) != NULL))
			return type;
		if (type == NULL)
			return ZIP;
		if (strcmp(type, OLE) == 0 &&
		    (type = by_suffix(ole, N(ole), name)) == NULL)
			return OLE;
		return type;
	}
	if (is_tar(head, len))
		return TAR;
	return text ? of_text(name, head, len) : UNKNOWN;
}

static bool
among(const char *const *t, const char *type)
{
	for (; *t != NULL; t++)
		if (strcmp(*t, type) == 0)
			return true;
	return false;
}

bool
media_is_packed(const char *type)
{
	static const char *const all[] = { "application/gzip",
	    "application/x-compress", "application/x-bzip2",
	    "application/x-xz", "application/zstd", "application/x-lz4",
	    "application/x-lzip", NULL };

	return among(all, type);
}

bool
media_is_archive(const char *type)
{
	static const char *const all[] = { ZIP, TAR,
	    "application/x-7z-compressed", "application/vnd.rar",
	    "application/x-xar", "application/x-archive",
	    "application/x-cpio", "application/vnd.ms-cab-compressed",
	    "application/x-lzh-compressed", "application/x-iso9660-image",
	    NULL };

	return among(all, type) || media_is_packed(type);
}

bool
media_seeks(const char *type)
{
	static const char *const all[] = { ZIP, "application/x-7z-compressed",
	    "application/vnd.rar", NULL };

	return among(all, type);
}

bool
media_is_code(const char *type)
{
	size_t i;

	for (i = 0; i < N(codes); i++)
		if (strcmp(codes[i].type, type) == 0)
			return true;
	return false;
}

bool
media_is_text(const char *type)
{
	size_t i;

	if (strcmp(type, "image/svg+xml") == 0)
		return false;
	for (i = 0; i < N(texts); i++)
		if (strcmp(texts[i].type, type) == 0)
			return true;
	return false;
}
