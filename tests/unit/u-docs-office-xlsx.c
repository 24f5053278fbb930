/*
 * xlsx: sheets that are written down here, and how values are shown.
 */
#include "tap.h"
#include "office.h"

#include "docs/xlsx.h"
#include "docs/xlsx_format.h"

#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define TOP "=== _rels/.rels\n<Relationships><Relationship Id='r1' Type='" TYPE \
    "officeDocument' Target='xl/workbook.xml'/></Relationships>\n"
#define RELS "=== xl/_rels/workbook.xml.rels\n<Relationships>" \
    "<Relationship Id='s1' Type='" TYPE "worksheet' Target='worksheets/sheet1.xml'/>" \
    "<Relationship Id='s2' Type='" TYPE "worksheet' Target='/xl/worksheets/sheet2.xml'/>" \
    "<Relationship Id='st' Type='" TYPE "styles' Target='styles.xml'/>" \
    "<Relationship Id='ss' Type='" TYPE "sharedStrings' Target='sharedStrings.xml'/>" \
    "</Relationships>\n"
#define BOOK(pr) "=== xl/workbook.xml\n<workbook xmlns:r='http://schemas.openxmlformats.org/" \
    "officeDocument/2006/relationships'>" pr "<sheets>" \
    "<sheet name='Second' sheetId='2' r:id='s2'/>" \
    "<sheet name='First' sheetId='1' state='hidden' r:id='s1'/></sheets></workbook>\n"
#define STYLES "=== xl/styles.xml\n<styleSheet><numFmts>" \
    "<numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd;@'/>" \
    "<numFmt numFmtId='165' formatCode='#,##0.000\\ \"EUR\"'/></numFmts>" \
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs>" \
    "<xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='10'/>" \
    "<xf numFmtId='22'/></cellXfs></styleSheet>\n"
#define SHEET(n) "=== xl/worksheets/sheet" n ".xml\n<worksheet><sheetData>"
#define END "</sheetData></worksheet>\n"
#define S(ref, i) "<c r='" ref "' t='s'><v>" i "</v></c>"
#define V(ref, style, v) "<c r='" ref "' s='" style "'><v>" v "</v></c>"

static void
is(const char *text, const char *want, const char *what)
{
	char *got = office_text(docs_read_xlsx, text);

	is_str(got, want, "%s", what);
	free(got);
}

static void
shown(const char *code, const char *value, const char *want)
{
	struct xlsx_format f = xlsx_format_of(code);
	char out[XLSX_SHOWN];

	xlsx_show(out, &f, value, false);
	is_str(out, want, "'%s' of %s", code, value);
}

static void
formats(void)
{
	struct xlsx_format date = xlsx_format_id(14);
	char out[XLSX_SHOWN];

	shown("General", "0.30000000000000004", "0.3");
	shown("General", "12345678901", "12345678901");
	shown("General", "1e300", "1e+300");
	shown("0.00", "2.5", "2.50");
	shown("#,##0", "1234.5", "1234");
	shown("0%", "0.125", "12%");
	shown("0.0%", "0.125", "12.5%");
	shown("dd/mm/yyyy", "45413", "2024-05-01");
	shown("[$-409]d\\-mmm\\-yy;@", "45413.75", "2024-05-01");
	shown("mmm yy", "45413", "2024-05-01");
	shown("yyyy-mm-dd hh:mm", "45413.75", "2024-05-01T18:00:00");
	shown("h:mm AM/PM", "0.75", "18:00:00");
	shown("[h]:mm:ss", "1.5", "36:00:00");
	shown("mm:ss", "0.0007060185", "00:01:01");
	shown("0.00E+00", "12345", "12345");
	shown("[Red]0.0", "3", "3.0");
	shown("\"day\" 0", "3", "3");
	shown("0.0\"unended", "3", "3.0");
	shown("[", "3", "3");
	shown("\\", "3", "3");
	shown("d", "1", "1900-01-01");
	shown("d", "59", "1900-02-28");
	shown("d", "61", "1900-03-01");
	shown("d", "2958465", "9999-12-31");
	shown("d", "2958466", "2958466");
	shown("d", "-1", "-1");
	shown("d", "nan", "nan");
	shown("0.000000000000000000000000", "1", "1.000000000000000");
	xlsx_show(out, &date, "0", true);
	is_str(out, "1904-01-01", "days from 1904 on");
	xlsx_show(out, &date, "43951", true);
	is_str(out, "2024-05-01", "and later");
}

static void
sheets(void)
{
	is(TOP RELS BOOK("") STYLES
	    "=== xl/sharedStrings.xml\n<sst><si><t>size</t></si><si><r><t>tor</t></r><r>"
	    "<rPr><b/></rPr><t>que</t></r><rPh><t>sound</t></rPh></si><si><t>a_x000A_b_x0041_"
	    "_xZZZZ_</t></si></sst>\n"
	    SHEET("1") "<row r='1'><c r='A1'><v>1</v></c></row>" END
	    SHEET("2") "<row r='1'><c r='A1' t='inlineStr'><is><t>All bolts</t></is></c></row>"
	    "<row r='3'>" S("A3", "0") S("B3", "1") "<c r='C3' t='str'><f>A1</f><v>when</v></c></row>"
	    "<row r='4'>" S("A4", "0") S("C4", "2") "</row>"
	    "<row r='5'>" V("A5", "2", "25.5") V("B5", "3", "0.5") V("C5", "1", "45413")
	    V("D5", "4", "45413.25") "<c r='E5' t='b'><v>1</v></c><c r='F5' t='e'><v>#N/A</v></c>"
	    "<c r='H5' t='d'><v>2024-05-01</v></c><c r='J5' s='99'><v>7</v></c><c r='K5'/></row>"
	    "<row r='6'>" S("A6", "99") S("B6", "x") "<c><v>1</v></c></row>" END,
	    "S Second\nR All bolts\nR! size|torque|when\nR size||a bA_xZZZZ_\n"
	    "R 25.500|50.00%|2024-05-01|2024-05-01T06:00:00|TRUE|#N/A||2024-05-01||7\nR ||1\n"
	    "S First (hidden)\nR 1\n", "sheets in their order, cells in their columns");
	is(TOP RELS BOOK("<workbookPr date1904='1'/>") STYLES
	    SHEET("1") END SHEET("2") "<row><c s='1'><v>43951</v></c></row>" END,
	    "S Second\nR 2024-05-01\nS First (hidden)\n", "a book from 1904");
}

/* A row that is as wide as can be. */
static void
wide(void)
{
	char *got = office_text(docs_read_xlsx, TOP RELS BOOK("") SHEET("2")
	    "<row><c r='A1'><v>1</v></c><c r='XFD1'><v>2</v></c><c r='ZZZZZZ9'><v>3</v></c></row>"
	    END);
	size_t n = 0, i;

	for (i = 0; got[i] != '\0'; i++)
		n += got[i] == '|';
	is_int((int64_t)n, 16384, "the last column that there is, and one more");
	free(got);
}

/* More strings than memory is meant for go to a file, and come back. */
static void
many_strings(void)
{
	struct docs_limits limits = DOCS_LIMITS;
	struct buf text = BUF_INIT, zip = BUF_INIT, want = BUF_INIT;
	char *got;
	int i;

	buf_adds(&text, TOP RELS BOOK("") "=== xl/sharedStrings.xml\n<sst>");
	for (i = 0; i < 5000; i++)
		buf_addf(&text, "<si><t>string number %d of them</t></si>", i);
	buf_adds(&text, "</sst>\n" SHEET("2"));
	buf_adds(&want, "S Second\n");
	for (i = 4999; i >= 0; i -= 7) {
		buf_addf(&text, "<row><c t='s'><v>%d</v></c></row>", i);
		buf_addf(&want, "R string number %d of them\n", i);
	}
	buf_adds(&text, END);
	buf_adds(&want, "S First (hidden)\n");
	office_zip(&zip, text.p, text.len, true);
	limits.part = 65536;
	got = office_told(docs_read_xlsx, zip.p, zip.len, &limits);
	is_str(got, want.p, "strings in a file");
	free(got);
	limits.part = 8000;
	got = office_told(docs_read_xlsx, zip.p, zip.len, &limits);
	is_str(got, "! part 'xl/sharedStrings.xml': has more than 1000 shared strings "
	    "(docs.maxPart)\n", "too many of them");
	free(got);
	buf_release(&text);
	buf_release(&zip);
	buf_release(&want);
}

int
main(void)
{
	formats();
	sheets();
	wide();
	many_strings();
	return done();
}
