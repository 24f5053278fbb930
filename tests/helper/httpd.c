/*
 * An endpoint for tests that fails as it is told, one request after the
 * other, on this machine only.
 *
 *	httpd PORTFILE ANSWER...
 *
 * The first request gets the first ANSWER, the last ANSWER goes on for ever.
 * HTTPD_LOG names a file that gets the key and the body of each request.
 *
 *	ok		vectors, the last first, as "index" says
 *	STATUS[:N]	that status; Retry-After: N
 *	most:N		413 for more than N texts
 *	long:N		400 for a text of more than N bytes
 *	slow:MS		vectors, after a while
 *	drip		an answer that never ends, byte by byte
 *	say:FILE	a chat's reply: the text of that file
 *	no:WORD		400 that names it, if the request does
 *	nothing cut giant junk html fewer mixed nan index echo
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DIM 8
#define IDLE_S 120		/* then it ends */

static char key[256];		/* of the request */

static void
sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static int
send_all(int fd, const char *p, size_t n)
{
	ssize_t sent;

	while (n > 0) {
		if ((sent = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
			return -1;
		p += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static void
reply(int fd, int status, const char *header, const struct buf *body)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "HTTP/1.1 %d Status\r\nContent-Type: application/json\r\n"
	    "Connection: close\r\n%sContent-Length: %zu\r\n\r\n", status,
	    header, body->len);
	buf_add(&b, body->p, body->len);
	send_all(fd, b.p, b.len);
	buf_release(&b);
}

static void
fail(int fd, int status, const char *header, const char *why)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"error\":{\"message\":\"%s\"}}", why);
	reply(fd, status, header, &b);
	buf_release(&b);
}

/* --- answers ----------------------------------------------------------- */

static void
add_vector(struct buf *b, const char *text, size_t i, const char *how)
{
	unsigned h = 7;
	int k, n = strcmp(how, "mixed") == 0 && i == 0 ? DIM - 1 : DIM;

	buf_addf(b, "{\"object\":\"embedding\",\"index\":%zu,\"embedding\":[",
	    strcmp(how, "index") == 0 ? 0 : i);
	for (k = 0; *text != '\0'; text++)
		h = h * 31 + (unsigned char)*text;
	for (; k < n; k++)
		buf_addf(b, "%s%g", k > 0 ? "," : "",
		    (double)(h >> k & 15) / 16 + 0.01);
	if (strcmp(how, "nan") == 0)
		buf_adds(b, ",NaN");
	buf_adds(b, "]}");
}

static void
vectors(int fd, const json_t *q, const char *how)
{
	const json_t *in = json_object_get(q, "input");
	size_t i = json_array_size(in);
	struct buf b = BUF_INIT;
	bool first = true;

	buf_adds(&b, "{\"object\":\"list\",\"model\":\"hash\",\"data\":[");
	while (i-- > (strcmp(how, "fewer") == 0 ? 1u : 0u)) {
		if (!first)
			buf_addc(&b, ',');
		first = false;
		add_vector(&b, json_string_value(json_array_get(in, i)), i,
		    how);
	}
	buf_adds(&b, "]}");
	if (strcmp(how, "cut") == 0) {
		buf_adds(&b, "                    ");
		send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
		    41);
		send_all(fd, b.p, 30);
	} else {
		reply(fd, 200, "", &b);
	}
	buf_release(&b);
}

static void
endless(int fd, long pause_ms)
{
	static char x[1 << 16];

	memset(x, ' ', sizeof x);
	send_all(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 38);
	while (send_all(fd, x, pause_ms > 0 ? 1 : sizeof x) == 0)
		sleep_ms(pause_ms);
}

static void
say(int fd, const char *path)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	struct err e;

	if (buf_read_file(&text, path, 1 << 20, &e) < 0)
		buf_adds(&text, e.msg);
	buf_adds(&b, "{\"choices\":[{\"message\":{\"role\":\"assistant\","
	    "\"content\":");
	json_quote(&b, text.p, text.len);
	buf_adds(&b, "},\"finish_reason\":\"stop\"}],\"usage\":"
	    "{\"prompt_tokens\":321,\"completion_tokens\":45}}");
	reply(fd, 200, "", &b);
	buf_release(&text);
	buf_release(&b);
}

static bool
has_long(const json_t *q, size_t most)
{
	const json_t *in = json_object_get(q, "input");
	size_t i;

	for (i = 0; i < json_array_size(in); i++)
		if (json_string_length(json_array_get(in, i)) > most)
			return true;
	return false;
}

static void
answer(int fd, const json_t *q, const char *how)
{
	const char *colon = strchr(how, ':');
	size_t n = colon == NULL ? 0 : (size_t)atol(colon + 1);
	char header[64] = "";

	if (how[0] >= '1' && how[0] <= '9') {
		if (colon != NULL)
			snprintf(header, sizeof header, "Retry-After: %zu\r\n",
			    n);
		else if (how[0] == '3')
			snprintf(header, sizeof header, "Location: "
			    "http://127.0.0.1:1/elsewhere\r\n");
		fail(fd, atoi(how), header, "so it was told");
	} else if (strncmp(how, "most", 4) == 0 &&
	    json_array_size(json_object_get(q, "input")) > n) {
		fail(fd, 413, "", "too large");
	} else if (strncmp(how, "long", 4) == 0 && has_long(q, n)) {
		fail(fd, 400, "", "maximum context length is 9 tokens");
	} else if (strncmp(how, "slow", 4) == 0) {
		sleep_ms((long)n);
		vectors(fd, q, "ok");
	} else if (strncmp(how, "say:", 4) == 0) {
		say(fd, colon + 1);
	} else if (strncmp(how, "no:", 3) == 0 &&
	    json_object_get(q, colon + 1) != NULL) {
		snprintf(header, sizeof header, "unknown: %s", colon + 1);
		fail(fd, 400, "", header);
	} else if (strcmp(how, "drip") == 0) {
		endless(fd, 50);
	} else if (strcmp(how, "giant") == 0) {
		endless(fd, 0);
	} else if (strcmp(how, "junk") == 0) {
		send_all(fd, "not HTTP at all\r\n\r\n", 19);
	} else if (strcmp(how, "html") == 0) {
		send_all(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
		    "<html>welcome</html>", 58);
	} else if (strcmp(how, "echo") == 0) {
		fail(fd, 401, "", key);
	} else if (strcmp(how, "nothing") != 0) {
		vectors(fd, q, how);
	}
}

/* --- requests ---------------------------------------------------------- */

static void
note(const char *body)
{
	const char *path = getenv("HTTPD_LOG");
	FILE *f = path == NULL ? NULL : fopen(path, "a");

	if (f == NULL)
		return;
	fprintf(f, "%s %s\n", key, body);
	fclose(f);
}

/* A header's value, to the end of its line; "" if it is not there. */
static void
header_of(const char *head, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	*out = '\0';
	for (; (head = strstr(head, "\r\n")) != NULL; ) {
		head += 2;
		if (strncasecmp(head, name, n) != 0)
			continue;
		snprintf(out, size, "%.*s", (int)strcspn(head + n, "\r\n"),
		    head + n);
		return;
	}
}

static json_t *
request(int fd)
{
	struct buf b = BUF_INIT;
	char chunk[65536], length[32], *body = NULL;
	struct err e;
	json_t *q = NULL;
	ssize_t n;

	while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0) {
		buf_add(&b, chunk, (size_t)n);
		if ((body = strstr(b.p, "\r\n\r\n")) == NULL)
			continue;
		body += 4;
		header_of(b.p, "Content-Length: ", length, sizeof length);
		header_of(b.p, "Authorization: ", key, sizeof key);
		if (b.len - (size_t)(body - b.p) >= (size_t)atol(length))
			break;
	}
	if (n > 0) {
		note(body);
		q = json_read(body, strlen(body), &e);
	}
	buf_release(&b);
	return q;
}

static int
listen_on(const char *portfile)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof a;
	char port[16];
	struct err e;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 8) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -1;
	snprintf(port, sizeof port, "%d\n", ntohs(a.sin_port));
	return file_replace(portfile, port, strlen(port), &e) < 0 ? -1 : fd;
}

int
main(int argc, char **argv)
{
	int at = 2, fd, c;
	json_t *q;

	if (argc < 3)
		return 64;
	json_setup();
	if ((fd = listen_on(argv[1])) < 0) {
		perror("httpd");
		return 2;
	}
	/* whoever started it may have gone without a word */
	while (alarm(IDLE_S), (c = accept(fd, NULL, NULL)) >= 0) {
		if ((q = request(c)) != NULL) {
			answer(c, q, argv[at]);
			at += at + 1 < argc;
			json_decref(q);
		}
		shutdown(c, SHUT_WR);
		close(c);
	}
	return 0;
}
