/*
 * Events for tests: mkevents [-n COUNT] [-b BYTES] [-s SESSIONS] [-f FROM]
 *
 * COUNT events (1000) of about BYTES bytes of text (140) in SESSIONS
 * sessions (20), as JSON Lines.  The same arguments give the same bytes;
 * event FROM and later ones are those of a larger COUNT.  Words are drawn
 * so that few are frequent, as in texts that people write.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const words[] = { "the", "a", "of", "to", "and", "is",
    "in", "that", "it", "for", "this", "not", "with", "on", "be", "was",
    "we", "test", "file", "error", "line", "build", "branch", "commit",
    "token", "cache", "request", "retry", "timeout", "session", "user",
    "index", "query", "log", "lock", "write", "read", "sync", "disk",
    "memory", "thread", "queue", "parser", "schema", "table", "column",
    "row", "key", "value", "string", "number", "array", "object", "field",
    "null", "config", "option", "flag", "path", "folder", "server",
    "client", "socket", "port", "header", "body", "route", "handler",
    "worker", "job", "event", "message", "stream", "buffer", "chunk",
    "frame", "packet", "signal", "process", "kernel", "driver", "device",
    "release", "version", "patch", "merge", "review", "comment", "issue",
    "bug", "fix", "crash", "leak", "race", "deadlock", "overflow",
    "regression", "coverage", "fixture", "mock", "assert", "lint",
    "format", "style", "module", "package", "library", "symbol", "linker",
    "compiler", "warning", "optimise", "profile", "benchmark", "latency",
    "throughput", "backoff", "deadline", "quota", "tenant", "backup",
    "restore", "snapshot", "replica", "shard", "cursor", "batch",
    "transaction", "rollback", "checkpoint", "journal", "migration",
    "encode", "decode", "compress", "digest", "certificate", "handshake",
    "proxy", "gateway", "firewall", "container", "volume", "mount",
    "scheduler", "timer", "calendar", "zone", "locale", "unicode", "glyph",
    "render", "layout", "widget", "dialog", "button", "shortcut", "theme",
    "palette", "Zürich", "naïve", "café", "日本", "déjà", "größer" };
#define NWORDS (sizeof words / sizeof *words)

static const char *const roles[] = { "user", "assistant", "assistant",
    "tool", "assistant" };

/* xorshift64 (Marsaglia 2003) */
static uint64_t
draw(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* The product of two draws favours small numbers. */
static size_t
draw_word(uint64_t *x)
{
	uint64_t a = draw(x) % 1024, b = draw(x) % 1024;

	return (size_t)(a * b * NWORDS >> 20);
}

static void
print_event(int64_t i, int64_t bytes, int64_t sessions)
{
	/* a start of its own, so that FROM need not make those before it */
	uint64_t x = ((uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	const char *word;
	int64_t n, want;
	int k;

	for (k = 0; k < 4; k++)
		draw(&x);
	want = bytes * (int64_t)(60 + draw(&x) % 80) / 100;
	printf("{\"type\":\"event\",\"session_id\":\"session-%" PRId64 "\","
	    "\"timestamp\":%" PRId64 ",\"role\":\"%s\",\"agent\":\"mkevents\","
	    "\"text\":\"%" PRId64, i / 50 % sessions,
	    INT64_C(1700000000000) + i * 997, roles[i % 5], i);
	for (n = 0; n < want; n += k + 1) {
		word = words[draw_word(&x)];
		k = printf(" %s", word) - 1;
		if (k < 0)
			exit(1);
	}
	printf("\",\"metadata\":{\"source_id\":\"m-%" PRId64 "\","
	    "\"cwd\":\"/home/somebody/src/project\"}}\n", i);
}

int
main(int argc, char **argv)
{
	int64_t count = 1000, bytes = 140, sessions = 20, from = 0, i;
	int c;

	while ((c = getopt(argc, argv, "n:b:s:f:")) != -1) {
		i = optarg != NULL ? strtoll(optarg, NULL, 10) : 0;
		if (c == 'n')
			count = i;
		else if (c == 'b')
			bytes = i;
		else if (c == 's' && i > 0)
			sessions = i;
		else if (c == 'f')
			from = i;
		else {
			fprintf(stderr, "usage: mkevents [-n count] [-b bytes] "
			    "[-s sessions] [-f from]\n");
			return 64;
		}
	}
	for (i = from; i < count; i++)
		print_event(i, bytes, sessions);
	return fflush(stdout) != 0 || ferror(stdout) ? 2 : 0;
}
