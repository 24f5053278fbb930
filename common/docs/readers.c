#include "docs/readers.h"

#include "docs/code.h"
#include "docs/docx.h"
#include "docs/epub.h"
#include "docs/html.h"
#include "docs/markdown.h"
#include "docs/media.h"
#include "docs/odt.h"
#include "docs/pptx.h"
#include "docs/text.h"
#include "docs/xlsx.h"

#include <stddef.h>
#include <string.h>

#define OOXML "application/vnd.openxmlformats-officedocument."

static const struct {
	const char *type;
	docs_reader *read;
} readers[] = {
	{ "text/plain", docs_read_text },
	{ "text/markdown", docs_read_markdown },
	{ "text/html", docs_read_html },
	{ OOXML "wordprocessingml.document", docs_read_docx },
	{ OOXML "spreadsheetml.sheet", docs_read_xlsx },
	{ OOXML "presentationml.presentation", docs_read_pptx },
	{ "application/vnd.oasis.opendocument.text", docs_read_odt },
	{ "application/epub+zip", docs_read_epub },
};

docs_reader *
docs_reader_of(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof readers / sizeof *readers; i++)
		if (strcmp(readers[i].type, type) == 0)
			return readers[i].read;
	return media_is_code(type) ? docs_read_code :
	    media_is_text(type) ? docs_read_text : NULL;
}
