/*
 * What the formats of Office Open XML (ECMA-376) have in common: relations
 * between parts (part 2, 9.3) and what is known of a document.  Both forms of
 * the standard, transitional and strict, are read: they differ in the URIs.
 */
#ifndef DOCS_OOXML_H
#define DOCS_OOXML_H

#include "base/map.h"
#include "docs/block.h"
#include "docs/partxml.h"

/* In the URI of the name space that attributes of relations are in. */
#define OOXML_R "officeDocument"

struct rel {
	const char *id;
	char *type;		/* own; the last step of its URI: "styles" */
	char *part;		/* own; its name */
};

struct rels {
	struct rel *v;		/* own; in their order */
	size_t n, cap;
	struct map ids;		/* of index + 1 */
	const char *from;	/* borrowed while they are read */
	int64_t most;
};

void	rels_init(struct rels *);
void	rels_release(struct rels *);
/* Of a part, "" those of the document; no such part: there are none.  Those
 * to what is outside are left out. */
int	rels_load(struct rels *, struct parts *, const char *from,
	    const struct docs_limits *, struct err *);
/* The part; NULL: there is none. */
const char *rels_by_id(const struct rels *, const char *id);
const char *rels_by_type(const struct rels *, const char *type);

/*
 * A document is opened: its main part (own) and its relations; what is known
 * of it is told.  How many pages app.xml says it has is not looked at: pandoc
 * says 1 of all.
 */
struct ooxml {
	struct parts *parts;	/* own */
	const struct docs_limits *limits;	/* borrowed */
	const struct docs_sink *to;		/* borrowed */
	char *main;		/* own */
	struct rels rels;	/* of main */
};

int	ooxml_open(struct ooxml *, struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);
void	ooxml_close(struct ooxml *);

/* Each element of the part of this type that main names; see partxml_each. */
int	ooxml_each(struct ooxml *, const char *type,
	    int (*take)(void *, struct markup *, struct err *), void *arg,
	    struct err *);

#endif
