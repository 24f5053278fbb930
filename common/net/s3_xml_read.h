/*
 * Reading an answer, for s3_xml.c and s3_xml_list.c alone.
 */
#ifndef NET_S3_XML_READ_H
#define NET_S3_XML_READ_H

#include <jansson.h>

#include "net/s3_xml.h"

/* The root element, if it has one of these names (other NULL: no other); the
 * caller's.  NULL: ERR_INPUT. */
json_t	*s3_xml_root(const char *, size_t, const char *name,
	    const char *other, struct err *);

/* A member's text, "" if it has none; borrowed. */
const char *s3_xml_text(const json_t *, const char *key);
/* Once, several times, or not at all: an array, the caller's. */
json_t	*s3_xml_all(const json_t *, const char *key);
bool	s3_xml_true(const json_t *, const char *key);
int	s3_xml_number(const json_t *, const char *key, int64_t most,
	    int64_t *out, struct err *);
/* Without its quotes. */
int	s3_xml_etag(const json_t *, char out[S3_ETAG + 1], struct err *);
/* A token or an id, appended. */
int	s3_xml_word(const json_t *, const char *key, struct buf *,
	    struct err *);

#endif
