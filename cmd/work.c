#include "cmd/work.h"

#include "base/child.h"

#include <errno.h>
#include <unistd.h>

volatile sig_atomic_t work_stopped;

static void
on_signal(int sig)
{
	(void)sig;
	work_stopped = 1;
}

void
work_begin(int64_t nicer)
{
	struct sigaction act = { .sa_handler = on_signal };

	if (nicer != 0 && nice((int)nicer) == -1)
		errno = 0;	/* then it is as it was */
	sigemptyset(&act.sa_mask);
	child_stop = &work_stopped;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

int
work_goes_on(struct err *e)
{
	if (work_stopped)
		return err_set(e, ERR_BUSY, "interrupted; what was done stays "
		    "done, and the next run goes on from there");
	return 0;
}
