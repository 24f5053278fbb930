#include "cmd/serve.h"

#include "base/file.h"
#include "config.h"

#define MISUSE 64
#define AGAIN 75
#define TELL_MS 500		/* shorter waits are of no interest */

void (*serve_hide)(char *text);

/* --- its two ends ------------------------------------------------------ */

int
serve_answer(const struct buf *b, struct err *e)
{
	return file_write(1, b->p, b->len, "standard output", e);
}

void
serve_say(struct buf *b)
{
	struct err ignored;	/* there is nobody left to tell */
	char *p;

	if (serve_hide != NULL)
		serve_hide(b->p);
	for (p = b->p; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	buf_addc(b, '\n');
	file_write(2, b->p, b->len, "standard error", &ignored);
	buf_release(b);
}

void
serve_again(void *arg, const char *why, int wait_ms)
{
	struct buf b = BUF_INIT;

	(void)arg;
	if (wait_ms < TELL_MS)
		return;
	buf_addf(&b, "%s; trying again in %d.%d s", why, wait_ms / 1000,
	    wait_ms % 1000 / 100);
	serve_say(&b);
}

int
serve_status(enum err_code code)
{
	return code == ERR_USAGE ? MISUSE :
	    code == ERR_NET || code == ERR_BUSY ? AGAIN : 2;
}

/* --- what it is asked -------------------------------------------------- */

int
serve_start(const struct opt_tool *tool, const struct opt_verb **verb,
    int *argc, char **argv, struct err *e)
{
	struct buf b = BUF_INIT;
	int asked, r = opt_parse(tool, argc, argv, verb, &asked, e);

	if (r == 1 && asked == 'h')
		opt_help(tool, *verb, &b);
	else if (r == 1 && asked == 'v')
		buf_addf(&b, "%s (memkit) " VERSION "\n", tool->name);
	if (r == 1 && serve_answer(&b, e) < 0)
		r = -1;
	if (r == 0 && tool->verbs == NULL && *argc > 0)
		r = err_set(e, ERR_USAGE, "it takes no operands");
	buf_release(&b);
	return r;
}

int
serve_questions(size_t max, const volatile sig_atomic_t *stop,
    serve_question_fn *question, void *arg, struct err *e)
{
	struct jsonl in;
	enum jsonl_got got;
	char *p;
	size_t n;
	int r = 0;

	jsonl_init(&in, 0, "standard input");
	in.max = max;
	while (r == 0 && (stop == NULL || !*stop)) {
		got = jsonl_next(&in, -1, &p, &n, NULL, e);
		if (got == JSONL_EOF)
			break;
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			r = err_set(e, ERR_INPUT, "a question is longer than "
			    "%zu bytes", max);
		else if (got == JSONL_LINE)
			r = question(arg, &in, p, n, e);
	}
	jsonl_release(&in);
	return r;
}
