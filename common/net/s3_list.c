#include "net/s3_client.h"

#include <stdio.h>
#include <string.h>

static struct s3_list *
list_of(struct s3_req *q)
{
	return (struct s3_list *)(void *)q;
}

static bool answer(struct s3_req *);

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static void
prepare(struct s3 *s, struct s3_list *l)
{
	struct s3_req *q = &l->req;
	char most[16];

	s3_req_prepare(s, q, "list", "GET", NULL);
	q->answer = answer;
	snprintf(most, sizeof most, "%d", l->page);
	s3_req_query(q, "list-type", "2");
	s3_req_query(q, "encoding-type", "url");
	if (l->page > 0)
		s3_req_query(q, "max-keys", most);
	if (or_empty(l->prefix)[0] != '\0')
		s3_req_query(q, "prefix", l->prefix);
	if (or_empty(l->delimiter)[0] != '\0')
		s3_req_query(q, "delimiter", l->delimiter);
	if (l->next.token.len > 0)
		s3_req_query(q, "continuation-token", l->next.token.p);
	else if (or_empty(l->after)[0] != '\0')
		s3_req_query(q, "start-after", l->after);
}

static int
count(void *arg, const struct s3_entry *f, struct err *e)
{
	struct s3_list *l = arg;

	l->n++;
	return l->found(l->arg, f, e);
}

static bool
end(struct s3_list *l)
{
	s3_page_release(&l->next);
	buf_release(&l->last);
	return false;
}

/* A page is read when all of it is here: one that broke off tells nothing. */
static bool
answer(struct s3_req *q)
{
	struct s3_list *l = list_of(q);

	if (q->r < 0)
		return end(l);
	buf_reset(&l->last);
	buf_add(&l->last, l->next.token.p, l->next.token.len);
	q->r = s3_xml_list(q->reply.p, q->reply.len, or_empty(l->prefix), count,
	    l, &l->next, &q->err);
	if (q->r == 0 && l->next.token.len > 0 &&
	    str_eq(l->next.token.p, l->last.p))
		q->r = err_set(&q->err, ERR_INPUT, "'%s' lists the same again "
		    "and again", q->s3->host);
	if (q->r < 0 || l->next.token.len == 0)
		return end(l);
	prepare(q->s3, l);
	s3_req_again(q);
	return true;
}

void
s3_list(struct s3 *s, struct s3_list *l)
{
	buf_init(&l->next.token);
	buf_init(&l->next.upload_id);
	buf_init(&l->last);
	l->n = 0;
	prepare(s, l);
	s3_req_start(&l->req);
}
