/*
 * What is different from store to store, as data; with where it is said, or
 * "tried" where a test of ours shows it.
 */
#ifndef NET_S3_PRESET_H
#define NET_S3_PRESET_H

#include <stdbool.h>

enum s3_style {
	S3_STYLE_PRESET,	/* as the preset says */
	S3_STYLE_PATH,		/* https://HOST/BUCKET/KEY */
	S3_STYLE_HOST		/* https://BUCKET.HOST/KEY */
};

struct s3_preset {
	const char *name;
	const char *about;
	const char *endpoint;	/* "%s": the region; NULL: it has to be given */
	enum s3_style style;
	/* the header of a PUT that must not replace anything */
	const char *once;
	bool sse;		/* knows encryption by the server; where it
				   does not, asking for it is refused at once */
	const char *quirk;	/* what else to know; NULL: nothing */
	const char *source;
};

/* NULL: there is none of that name. */
const struct s3_preset *s3_preset(const char *name);
/* All of them; the last has no name. */
extern const struct s3_preset s3_presets[];

#endif
