/*
 * What a store answers in XML, read as what it must be.  It comes from
 * outside and is believed nothing: another root element, a value that is no
 * number, a name that is escaped wrongly are ERR_INPUT; a DTD is refused
 * (base/xml.h).
 *
 * Source: Amazon S3 API Reference, the response of each action.
 */
#ifndef NET_S3_XML_H
#define NET_S3_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define S3_XML_MAX ((size_t)16 << 20)	/* bytes of an answer */
#define S3_ETAG 128			/* longest ETag, without its quotes */
#define S3_VERSION 1024		/* longest id of a version */
#define S3_TOKEN 4096			/* longest token, upload id */
#define S3_CODE 64

/* <Error>; what is absent is "". */
struct s3_error {
	char code[S3_CODE], text[256], region[64];
};
void	s3_xml_error(const char *, size_t, struct s3_error *);

/* An object of a listing, or what an upload in parts will become. */
struct s3_entry {
	const char *key;	/* borrowed */
	size_t nkey;
	bool folder;		/* a common prefix; nothing else is known */
	const char *why;	/* the key is none that we take (s3_key.h);
				   NULL: it is */
	uint64_t size;
	int64_t modified_ms;
	const char *etag;	/* without quotes, borrowed */
	const char *class;	/* "" */
	const char *upload_id;	/* of an upload; NULL */
};
typedef int	s3_found(void *, const struct s3_entry *, struct err *);

/* Where a listing goes on: "" nowhere. */
struct s3_page {
	struct buf token;	/* own; of uploads the key */
	struct buf upload_id;	/* own; of uploads */
};
void	s3_page_release(struct s3_page *);

/* ListObjectsV2: fn for each, in their order; then where it goes on.  Every
 * key must begin with prefix.  -1: also what fn returned. */
int	s3_xml_list(const char *, size_t, const char *prefix, s3_found *fn,
	    void *arg, struct s3_page *, struct err *);
/* ListMultipartUploads: the same. */
int	s3_xml_uploads(const char *, size_t, const char *prefix, s3_found *fn,
	    void *arg, struct s3_page *, struct err *);

/* CreateMultipartUpload. */
int	s3_xml_upload_id(const char *, size_t, struct buf *id, struct err *);

/* CompleteMultipartUpload.  1 done, 0 it is an error all the same, although
 * the status was 200 (s3_xml_error), -1 it is neither. */
int	s3_xml_completed(const char *, size_t, char etag[S3_ETAG + 1],
	    struct err *);

/* ListParts. */
struct s3_part {
	int number;		/* 1 to 10000 */
	uint64_t size;
	char etag[S3_ETAG + 1];
};
typedef int	s3_part_found(void *, const struct s3_part *, struct err *);
/* *next: the number to go on after; 0: that was all. */
int	s3_xml_parts(const char *, size_t, s3_part_found *, void *arg,
	    int *next, struct err *);

/* DeleteObjects: those that could not be. */
int	s3_xml_not_deleted(const char *, size_t,
	    int (*fn)(void *, const char *key, const char *code, struct err *),
	    void *arg, struct err *);

/* GetObjectTagging: name, value, name, value ... appended. */
int	s3_xml_tags(const char *, size_t, struct strv *, struct err *);

/* Text with what XML wants escaped; UTF-8 goes in as it is. */
void	s3_xml_escape(struct buf *, const char *);

#endif
