/*
 * A program that tools run and ask: what those have in common that take
 * questions on standard input and answer on standard output.
 */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

#include <signal.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonl.h"
#include "base/opt.h"

/* Stars for what a text has of secrets, before it is said; NULL: there are
 * none. */
extern void (*serve_hide)(char *text);

/*
 * Options.  1: -h or --version was asked for and answered, and that is all.
 * One without verbs takes no operands; of one that has them *verb is what was
 * asked, and the operands are for the caller (opt_parse).
 */
int	serve_start(const struct opt_tool *, const struct opt_verb **verb,
	    int *argc, char **argv, struct err *);

/* Each line that comes, until they end or *stop (NULL: never); one over max
 * bytes is ERR_INPUT. */
typedef int serve_question_fn(void *, struct jsonl *, const char *, size_t,
    struct err *);
int	serve_questions(size_t max, const volatile sig_atomic_t *stop,
	    serve_question_fn *, void *, struct err *);

/* Standard output. */
int	serve_answer(const struct buf *, struct err *);

/* A line on standard error, without controls; the buffer is released. */
void	serve_say(struct buf *);
/* What goes wrong now and is tried again: said if the wait is worth it. */
void	serve_again(void *, const char *why, int wait_ms);

/* The exit status of an error. */
int	serve_status(enum err_code);

#endif
