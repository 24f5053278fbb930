/*
 * Between a client and a server on this machine, a proxy that does harm, as a
 * seed says, so that a run can be repeated.
 *
 *	faultproxy PORTFILE SERVERPORT SEED PERCENT
 *
 * Of every hundred connections and requests about PERCENT get a fault:
 *
 *	drop		the connection is closed at some byte, either way
 *	cut		what comes from the server ends at some byte
 *	stall		nothing moves for a while
 *	slow		it moves in small pieces
 *	corrupt		one byte is another, either way
 *	twice		a piece from the server comes twice
 *	answer		500, 503 or 429, with Retry-After or without, without
 *			asking the server; sometimes before the body is there
 *	lost		the server gets it all, and its answer is dropped
 *
 * One process, one connection after another in one loop of poll; no HTTP is
 * read: a fault comes at a byte.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 64
#define ROOM 16384

enum fault { NONE, DROP, CUT, STALL, SLOW, CORRUPT, TWICE, ANSWER, LOST,
    FAULTS };

/* Bytes that go one way. */
struct side {
	char p[ROOM];
	size_t at, end;
	uint64_t seen;		/* bytes that came, since the last fault */
	bool closed;
};

struct pair {
	int fd[2];		/* the client's, the server's; -1: free */
	struct side side[2];	/* from the client, from the server */
	enum fault fault;
	int way;		/* which of the two it hits */
	uint64_t when;		/* at which byte */
	int64_t until;		/* of a stall */
};

static struct pair pairs[PAIRS];
static int percent;
static uint64_t state;

/* --- chance ------------------------------------------------------------ */

/* splitmix64 (Steele, Lea, Flood 2014): the same on every machine */
static uint64_t
chance(uint64_t below)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* The next fault, counted from here: soon after a head, or far into a body. */
static void
draw(struct pair *x)
{
	static const uint64_t reach[] = { 200, 2000, 60000, 2000000 };

	x->fault = NONE;
	x->side[0].seen = x->side[1].seen = 0;
	if (chance(100) >= (uint64_t)percent)
		return;
	x->fault = (enum fault)(1 + chance(FAULTS - 1));
	x->way = (int)chance(2);
	x->when = chance(reach[chance(4)]);
	if (x->fault == ANSWER)
		x->way = 0;
	if (x->fault == CUT || x->fault == TWICE || x->fault == LOST)
		x->way = 1;
}

/* --- sockets ----------------------------------------------------------- */

static void
leave(struct pair *x)
{
	/* with bytes unread this is a reset, as a crash would be */
	close(x->fd[0]);
	if (x->fd[1] >= 0)
		close(x->fd[1]);
	x->fd[0] = x->fd[1] = -1;
}

static void
set_up(int fd)
{
	int one = 1;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static struct sockaddr_in
local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	return a;
}

static void
welcome(int listener, int server)
{
	struct sockaddr_in a = local(server);
	int c = accept(listener, NULL, NULL), i;
	struct pair *x;

	for (i = 0; i < PAIRS && pairs[i].fd[0] >= 0; i++)
		;
	if (c < 0 || i == PAIRS) {
		if (c >= 0)
			close(c);
		return;
	}
	x = &pairs[i];
	memset(x, 0, sizeof *x);
	x->fd[0] = c;
	x->fd[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (x->fd[1] < 0 || connect(x->fd[1], (struct sockaddr *)&a,
	    sizeof a) < 0) {
		leave(x);
		return;
	}
	set_up(c);
	set_up(x->fd[1]);
	draw(x);
}

/* --- harm -------------------------------------------------------------- */

static void
answer(struct pair *x)
{
	static const char *const status[] = { "500 Internal Server Error",
	    "503 Slow Down", "429 Too Many Requests", "502 Bad Gateway" };
	struct buf b = BUF_INIT;
	ssize_t n;

	buf_addf(&b, "HTTP/1.1 %s\r\nContent-Length: 0\r\n%sConnection: close"
	    "\r\n\r\n", status[chance(4)],
	    chance(4) == 0 ? "Retry-After: 1\r\n" : "");
	n = send(x->fd[0], b.p, b.len, MSG_NOSIGNAL);
	(void)n;		/* it may be gone */
	buf_release(&b);
	shutdown(x->fd[0], SHUT_WR);
	leave(x);
}

/* The byte of the fault is among those that came.  false: it is over. */
static bool
harm(struct pair *x, struct side *s, size_t at)
{
	size_t n;

	switch (x->fault) {
	case DROP:
	case CUT:
		s->end = at;
		if (s->end > s->at && x->fd[x->way ? 0 : 1] >= 0)
			n = (size_t)send(x->fd[x->way ? 0 : 1], s->p + s->at,
			    s->end - s->at, MSG_NOSIGNAL);
		leave(x);
		return false;
	case LOST:
		leave(x);
		return false;
	case ANSWER:
		answer(x);
		return false;
	case STALL:
		x->until = date_monotonic() + 200 + (int64_t)chance(2500);
		break;
	case CORRUPT:
		s->p[at] = (char)(s->p[at] ^ (1 << chance(8)));
		break;
	case TWICE:
		n = s->end - at;
		if (n > ROOM - s->end)
			n = ROOM - s->end;
		memmove(s->p + at + n, s->p + at, s->end - at);
		s->end += n;
		break;
	default:
		break;
	}
	return true;
}

static bool
came(struct pair *x, int way, size_t n)
{
	struct side *s = &x->side[way];
	uint64_t first = s->seen;
	enum fault f = x->fault;

	s->seen += n;
	if (f == NONE || way != x->way)
		return true;
	if (x->when < first || x->when >= s->seen)
		return true;
	if (!harm(x, s, s->end - n + (size_t)(x->when - first)))
		return false;
	if (f != SLOW)
		draw(x);
	return true;
}

/* --- moving ------------------------------------------------------------ */

static bool
receive(struct pair *x, int way)
{
	struct side *s = &x->side[way];
	ssize_t n;

	if (s->at == s->end)
		s->at = s->end = 0;
	if (s->end > ROOM / 2)
		return true;
	n = recv(x->fd[way], s->p + s->end, ROOM / 2 - s->end, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		s->closed = true;
		return true;
	}
	s->end += (size_t)n;
	return came(x, way, (size_t)n);
}

static bool
deliver(struct pair *x, int way)
{
	struct side *s = &x->side[way];
	size_t most = s->end - s->at;
	ssize_t n;

	if (x->fault == SLOW && most > 700)
		most = 700;
	n = send(x->fd[!way], s->p + s->at, most, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0)
		s->at += (size_t)n;
	return true;
}

static bool
move(struct pair *x, const struct pollfd *p)
{
	int way;

	for (way = 0; way < 2; way++) {
		if (p[way].revents != 0 && !x->side[way].closed &&
		    !receive(x, way))
			return x->fd[0] < 0;
		if (x->side[way].at < x->side[way].end && !deliver(x, way))
			return false;
		/* an end that was told goes on when all before it went */
		if (x->side[way].closed && x->side[way].at ==
		    x->side[way].end)
			return false;
	}
	return true;
}

static void
once(int listener, int server)
{
	struct pollfd p[1 + 2 * PAIRS];
	int64_t now = date_monotonic();
	int i, way;
	bool still[PAIRS];

	p[0].fd = listener;
	p[0].events = POLLIN;
	for (i = 0; i < PAIRS; i++) {
		struct pollfd *q = &p[1 + 2 * i];

		still[i] = pairs[i].until > now;
		for (way = 0; way < 2; way++) {
			struct side *s = &pairs[i].side[way];

			q[way].fd = still[i] ? -1 : pairs[i].fd[way];
			q[way].revents = 0;
			q[way].events = (short)((s->end - s->at < ROOM / 4 &&
			    !s->closed ? POLLIN : 0) |
			    (pairs[i].side[!way].at < pairs[i].side[!way].end ?
			    POLLOUT : 0));
			if (q[way].events == 0)
				q[way].fd = -1;
		}
	}
	poll(p, 1 + 2 * PAIRS, 20);
	for (i = 0; i < PAIRS; i++)
		if (pairs[i].fd[0] >= 0 && !still[i] &&
		    !move(&pairs[i], &p[1 + 2 * i]) && pairs[i].fd[0] >= 0)
			leave(&pairs[i]);
	if (p[0].revents != 0)
		welcome(listener, server);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = local(0);
	socklen_t len = sizeof a;
	struct buf b = BUF_INIT;
	struct err e;
	int fd, i;

	if (argc != 5)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	state = (uint64_t)strtoull(argv[3], NULL, 10);
	percent = atoi(argv[4]);
	for (i = 0; i < PAIRS; i++)
		pairs[i].fd[0] = pairs[i].fd[1] = -1;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0) {
		perror("faultproxy");
		return 2;
	}
	buf_addf(&b, "%d\n", ntohs(a.sin_port));
	if (file_replace(argv[1], b.p, b.len, &e) < 0)
		return 2;
	buf_release(&b);
	for (;;)
		once(fd, atoi(argv[2]));
}
