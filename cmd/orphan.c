#include "cmd/orphan.h"

#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#define LOOK_S 1
#define EXIT_ORPHAN 75	/* EX_TEMPFAIL */

volatile sig_atomic_t orphan;
static pid_t parent;

static void
on_alarm(int sig)
{
	(void)sig;
	if (getppid() != parent)
		orphan = 1;
}

static void
end(int sig)
{
	(void)sig;
	if (getppid() != parent)
		_exit(EXIT_ORPHAN);
}

static void
watch(void (*fn)(int))
{
	struct sigaction act = { .sa_handler = fn,
	    .sa_flags = SA_RESTART };
	struct itimerval each = { { LOOK_S, 0 }, { LOOK_S, 0 } };

	parent = getppid();
	sigemptyset(&act.sa_mask);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &each, NULL);
}

void
orphan_watch(void)
{
	watch(on_alarm);
}

void
orphan_end(void)
{
	watch(end);
}
