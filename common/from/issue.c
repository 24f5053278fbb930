/*
 * Issues: which of what a tracker says of one is its severity.
 */
#include "from/bug_work.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static const char *
find(const struct from *f, const char *section, const char *word)
{
	return bug_words_find(f->o.words, section, word, NULL);
}

static const char *
severity_of(const struct from *f, const char *word)
{
	const char *is = find(f, "severity", word);

	return is != NULL ? is : find(f, "severity.tracker", word);
}

void
issue_severity(struct from *f, struct issue *it, const char *word)
{
	const char *is = word != NULL ? severity_of(f, word) : NULL;

	if (is != NULL)
		it->severity = is;
}

void
issue_priority(struct from *f, struct issue *it, const char *word)
{
	const char *is = word != NULL ? severity_of(f, word) : NULL;

	if (word != NULL && find(f, "priority", word) != NULL)
		bug_fill(&f->bugs->bug, BUG_PRIORITY, word);
	if (is != NULL)
		it->by_priority = is;
}

void
issue_type(struct from *f, struct issue *it, const char *word)
{
	const char *is, *severity;

	if (word == NULL)
		return;
	is = find(f, "type", word);
	severity = find(f, "severity.type", word);
	if (str_eq(is, "other"))
		snprintf(it->type, sizeof it->type, "%s", word);
	else if (is != NULL)
		it->bug = true;
	if (severity != NULL && (it->by_type == NULL ||
	    strcmp(severity, "minor") != 0))
		it->by_type = severity;
}

static bool
is_name_of(char first, const char *s, char name[4])
{
	name[0] = first;
	name[1] = s[0];
	name[2] = '\0';
	return s[0] >= '0' && s[0] <= '9' && s[1] == '\0';
}

/* A label with what it is of before it. */
static void
label_of(struct from *f, struct issue *it, const char *kind, const char *word)
{
	char name[4];		/* "severity::1" is S1 */

	if (str_eq(kind, "severity"))
		issue_severity(f, it, is_name_of('s', word, name) ? name :
		    word);
	else if (str_eq(kind, "priority"))
		issue_priority(f, it, is_name_of('p', word, name) ? name :
		    word);
	else if (str_eq(kind, "type"))
		issue_type(f, it, word);
	else if (str_eq(kind, "module"))
		bug_fill(&f->bugs->bug, BUG_MODULE, word);
	else if (find(f, "resolution", word) != NULL)
		bug_fill(&f->bugs->bug, BUG_RESOLUTION, word);
}

/* One without: it must say it all by itself. */
static void
label_alone(struct from *f, struct issue *it, const char *label)
{
	if (find(f, "type", label) != NULL)
		issue_type(f, it, label);
	else if (str_eq(find(f, "resolution", label), "rejected"))
		bug_fill(&f->bugs->bug, BUG_RESOLUTION, label);
	else if (find(f, "priority", label) != NULL)
		issue_priority(f, it, label);
	else
		issue_severity(f, it, label);
}

void
issue_label(struct from *f, struct issue *it, const char *label)
{
	struct buf kind = BUF_INIT;
	const char *p = strpbrk(label, ":/="), *is = NULL;

	if (p != NULL) {
		buf_add(&kind, label, (size_t)(p - label));
		is = find(f, "label", str_trim(kind.p));
		p += strspn(p, ":/= ");
	}
	if (is != NULL)
		label_of(f, it, is, p);
	else
		label_alone(f, it, label);
	bug_put(&f->bugs->bug, BUG_LABELS, label);
	buf_release(&kind);
}

void
issue_labels(struct from *f, struct issue *it, const json_t *list)
{
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if ((name = from_name(json_array_get(list, i))) != NULL)
			issue_label(f, it, name);
}

int
issue_add(struct from *f, struct issue *it, struct err *e)
{
	struct bug *b = &f->bugs->bug;
	const char *is = it->severity != NULL ? it->severity :
	    it->by_priority != NULL ? it->by_priority : it->by_type;

	if (it->type[0] != '\0' && !it->bug) {
		from_drop_of(f, "issue that is no bug:", it->type);
		return 0;
	}
	if (is == NULL && !it->bug)
		b->guessed = true;
	bug_put(b, BUG_SEVERITY, is != NULL ? is : "minor");
	return from_bug_add(f, e);
}
