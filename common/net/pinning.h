/*
 * A pinning service: it is asked to keep what a CID leads to, under a name,
 * and says later whether it does.
 *
 * Source: "IPFS Pinning Service API", version 1.0.0
 * (ipfs.github.io/pinning-services-api-spec).  What it answers is believed
 * nothing: a request that is not of the CID and the name that were asked for,
 * a status that there is none of, are ERR_INPUT.
 */
#ifndef NET_PINNING_H
#define NET_PINNING_H

#include "base/cid.h"
#include "net/ask.h"

struct pinning;

/* The token is needed. */
int	pinning_open(struct pinning **, const struct ask_how *, struct err *);
void	pinning_free(struct pinning *);		/* takes NULL; wipes it */

enum pin_status { PIN_QUEUED, PIN_PINNING, PIN_PINNED, PIN_FAILED };
extern const char *const pin_status_names[];	/* as it says them; then NULL */

#define PIN_NAME 255			/* bytes of a name; of an id, too */

/* A request that the service has. */
struct pin {
	char id[PIN_NAME + 1], name[PIN_NAME + 1];
	enum pin_status status;
	struct cid cid;
	int64_t created_ms;
	struct strv delegates;		/* own; multiaddrs of who fetches it */
};
#define PIN_INIT { .delegates = STRV_INIT }
void	pin_release(struct pin *);

/*
 * Ask for it: a new request, or one in place of `instead` (an id; NULL).
 * origins: where the bytes are.  *out is what became of it.
 */
int	pinning_add(struct pinning *, const struct cid *, const char *name,
	    const struct strv *origins, const char *instead, struct pin *out,
	    struct err *);
/* 1; 0: there is none of that id. */
int	pinning_get(struct pinning *, const char *id, struct pin *out,
	    struct err *);
/* 1, 0 there was none. */
int	pinning_delete(struct pinning *, const char *id, struct err *);
/* The newest of that name, exactly; 1, 0 there is none. */
int	pinning_find(struct pinning *, const char *name, struct pin *out,
	    struct err *);
/* All whose name begins so, the newest first; -1 ends it.  Those of CIDs that
 * we do not know are passed over.  A page goes on before the time of the one
 * before it, as the API has it: of more than a page of one moment some may be
 * missed. */
typedef int pinning_found(void *, const struct pin *, struct err *);
int	pinning_list(struct pinning *, const char *prefix, pinning_found *,
	    void *, struct err *);

void	pinning_hide(const struct pinning *, char *text);

#endif
