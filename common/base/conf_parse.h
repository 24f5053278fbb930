/*
 * A parsed configuration, with places: for conf.c and conf_edit.c alone.
 */
#ifndef BASE_CONF_PARSE_H
#define BASE_CONF_PARSE_H

#include "base/conf.h"

struct conf_item {
	char *key;		/* own; section and name in lower case */
	char *value;		/* own */
	bool has_value;		/* there was a '=' */
	size_t name_at, name_end;	/* bytes of the text: [at, end) */
	size_t value_at, value_end;
};

struct conf_section {
	char *prefix;		/* own; "section." or "section.sub." */
	size_t end;		/* of its last value, or of its ']' */
};

struct conf {
	struct conf_item *items;	/* own */
	size_t nitems, cap_items;
	struct conf_section *sections;	/* own */
	size_t nsections, cap_sections;
};

/* Appends a key in the form that items have. */
void	conf_key(struct buf *, const char *key);

/* Appends what the file holds, nothing when it is absent. */
int	conf_read_text(struct buf *, const char *path, struct err *);

/* The text with one key changed; as conf_edit. */
int	conf_edit_text(struct buf *out, const struct buf *text,
	    const char *name, const char *key, const char *value,
	    struct err *);

#endif
