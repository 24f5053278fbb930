/*
 * docx: the blocks of documents that are written down here, by the rules of
 * ECMA-376.
 */
#include "tap.h"
#include "office.h"

#include "docs/docx.h"

#define W "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define TOP "=== _rels/.rels\n<Relationships>" \
    "<Relationship Id='r1' Type='" TYPE "officeDocument' Target='word/document.xml'/>" \
    "<Relationship Id='r2' Type='http://schemas.openxmlformats.org/package/2006/" \
    "relationships/metadata/core-properties' Target='/docProps/core.xml'/>" \
    "<Relationship Id='r3' Type='" TYPE "extended-properties' Target='docProps/app.xml'/>" \
    "</Relationships>\n"
#define RELS "=== word/_rels/document.xml.rels\n<Relationships>" \
    "<Relationship Id='a' Type='" TYPE "styles' Target='styles.xml'/>" \
    "<Relationship Id='b' Type='" TYPE "footnotes' Target='footnotes.xml'/>" \
    "<Relationship Id='c' Type='" TYPE "hyperlink' TargetMode='External' " \
    "Target='https://example.org/'/></Relationships>\n"
#define STYLES "=== word/styles.xml\n<w:styles " W ">" \
    "<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val='de-DE'/></w:rPr>" \
    "</w:rPrDefault></w:docDefaults>" \
    "<w:style w:type='paragraph' w:default='1' w:styleId='N'><w:name w:val='Normal'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='T'><w:name w:val='Title'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='Mine'><w:name w:val='Mine'/>" \
    "<w:basedOn w:val='H2'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='H2'><w:name w:val='Part'/><w:pPr>" \
    "<w:outlineLvl w:val='1'/></w:pPr></w:style>" \
    "<w:style w:type='paragraph' w:styleId='L'><w:name w:val='List Bullet'/><w:pPr>" \
    "<w:numPr><w:numId w:val='3'/></w:numPr></w:pPr></w:style>" \
    "<w:style w:type='paragraph' w:styleId='TOC1'><w:name w:val='toc 1'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='SC'><w:name w:val='Source Code'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='X'><w:name w:val='x'/><w:basedOn w:val='Y'/></w:style>" \
    "<w:style w:type='paragraph' w:styleId='Y'><w:name w:val='y'/><w:basedOn w:val='X'/></w:style>" \
    "</w:styles>\n"
#define BODY "=== word/document.xml\n<w:document " W "><w:body>"
#define END "</w:body></w:document>\n"
#define P(style, text) "<w:p><w:pPr><w:pStyle w:val='" style "'/></w:pPr>" \
    "<w:r><w:t>" text "</w:t></w:r></w:p>"
#define N(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define C(text) "<w:tc>" N(text) "</w:tc>"

static void
is(const char *text, const char *want, const char *what)
{
	char *got = office_text(docs_read_docx, text);

	is_str(got, want, "%s", what);
	free(got);
}

static void
paragraphs(void)
{
	is(TOP RELS STYLES
	    "=== docProps/core.xml\n<c xmlns:dc='d'><dc:title> Torque  tables</dc:title>"
	    "<dc:creator>A. Smith</dc:creator><keywords>bolt, nut;M8</keywords>"
	    "<created>2024-05-01T10:00:00Z</created><modified>2025</modified></c>\n"
	    BODY P("T", "Torque") P("berschrift1", "One") N("Plain &amp; simple")
	    P("Mine", "Two") P("L", "first") "<w:p><w:pPr><w:numPr><w:ilvl w:val='2'/>"
	    "<w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>deep</w:t></w:r></w:p>"
	    "<w:p><w:pPr><w:pStyle w:val='L'/><w:numPr><w:numId w:val='0'/></w:numPr>"
	    "</w:pPr><w:r><w:t>none</w:t></w:r></w:p>"
	    P("TOC1", "One 3") P("X", "round") P("gone", "unknown")
	    "<w:p><w:pPr><w:pStyle w:val='SC'/></w:pPr><w:r><w:t>if (x)</w:t><w:br/>"
	    "<w:t xml:space='preserve'>    y();</w:t></w:r></w:p>"
	    "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>"
	    "<w:noBreakHyphen/><w:t>d</w:t></w:r></w:p><w:p/>"
	    "<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink>"
	    "<w:fldSimple><w:r><w:t> 7</w:t></w:r></w:fldSimple>"
	    "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>" P("SC", "{") "<w:p/>" P("SC", "}") END,
	    "title=Torque tables\nauthor=A. Smith\ntag=bolt\ntag=nut\ntag=M8\n"
	    "created=2024-05-01T10:00:00.000Z\nmodified=2025-01-01T00:00:00.000Z\n"
	    "language=de-DE\ntitle=Torque\nH1 Torque\nH1 One\nP Plain & simple\n"
	    "H2 Two\nI1 first\nI3 deep\nP none\nP round\nP unknown\n"
	    "C if (x)/    y();\nP a|b/c-d\nP link 7\nC {//}\n",
	    "styles make headings, lists, code; basedOn may go in a circle");
}

static void
changes(void)
{
	is(TOP BODY "<w:p><w:r><w:t>kept </w:t></w:r><w:del><w:r><w:delText>gone"
	    "</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
	    "<w:moveFrom><w:r><w:t> from</w:t></w:r></w:moveFrom>"
	    "<w:moveTo><w:r><w:t> to</w:t></w:r></w:moveTo></w:p>"
	    "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>one </w:t></w:r></w:p>"
	    N("paragraph")
	    "<w:tbl><w:tr><w:trPr><w:del/></w:trPr>" C("x") "</w:tr><w:tr>" C("y")
	    "</w:tr></w:tbl>" END,
	    "P kept new to\nP one paragraph\nR y\n",
	    "deletions are left out, insertions kept");
}

static void
asides(void)
{
	is(TOP RELS
	    "=== word/footnotes.xml\n<w:footnotes " W "><w:footnote w:type='separator' w:id='0'>"
	    N("-----") "</w:footnote><w:footnote w:id='2'>" N("A note.") N("Its end.")
	    "</w:footnote></w:footnotes>\n"
	    BODY "<w:p><w:r><w:t>Text</w:t><w:footnoteReference w:id='2'/><w:t> goes on."
	    "</w:t></w:r></w:p>"
	    "<w:p><w:r><w:t>Around </w:t></w:r><w:r><mc:AlternateContent xmlns:mc='mc'>"
	    "<mc:Choice><w:txbxContent>" N("in a box") N("twice") "</w:txbxContent></mc:Choice>"
	    "<mc:Fallback><w:txbxContent>" N("in a box") "</w:txbxContent></mc:Fallback>"
	    "</mc:AlternateContent></w:r><w:r><w:t>it</w:t></w:r></w:p>"
	    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t><w:footnoteReference w:id='2'/></w:r>"
	    "</w:p></w:tc>" C("next") "</w:tr></w:tbl>" END,
	    "P Text goes on.\nP A note. Its end.\nP Around it\nP in a box/twice\n"
	    "R cell A note. Its end.|next\n",
	    "notes and text boxes come once, behind their paragraph");
}

static void
tables(void)
{
	is(TOP BODY "<w:tbl><w:tblPr><w:tblLook w:val='04A0'/></w:tblPr>"
	    "<w:tr>" C("size") C("torque") C("unit") "</w:tr>"
	    "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" N("M8") "</w:tc>" C("Nm") "</w:tr>"
	    "<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>" C("9") "<w:tc>" N("a") N("b")
	    "<w:tbl><w:tr>" C("in") C("ner") "</w:tr></w:tbl><w:p/></w:tc></w:tr>"
	    "<w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
	    "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>" C("h") "</w:tr><w:tr>" C("d")
	    "</w:tr></w:tbl>" N("after") END,
	    "R! size|torque|unit\nR M8||Nm\nR |9|a b in ner\nR! h\nR d\nP after\n",
	    "tables: headers, spans, tables in cells");
}

static void
frames(void)
{
	is(TOP RELS STYLES BODY "<w:tbl><w:x><w:tblGrid><w:gridCol/></w:tblGrid></w:x><w:tr>"
	    C("a") "</w:tr></w:tbl><w:x><w:tbl><w:tr>" C("b") "</w:tr></w:tbl></w:x>"
	    "<w:txbxContent>" N("aside") "</w:txbxContent>" N("after") END,
	    "language=de-DE\nR a\nR b\nP after\nP aside\n", "a grid that stands elsewhere");
	is(TOP RELS STYLES BODY "<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>"
	    P("berschrift1", "Head") N("text") "<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>"
	    C("inner") "</w:tr></w:tbl><w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid><w:tr>"
	    C("a") "<w:tc><w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>" C("b") "</w:tr></w:tbl>"
	    "</w:tc></w:tr></w:tbl>" N("more") "</w:tc></w:tr></w:tbl>" N("after") END,
	    "language=de-DE\nH1 Head\nP text\nP inner\nR a|b\nP more\nP after\n",
	    "a table of one column frames what is in it");
}

static void
pages(void)
{
	is(TOP BODY N("one") "<w:p><w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>"
	    "<w:p><w:r><w:t>starts on two, </w:t><w:br w:type='page'/><w:lastRenderedPageBreak/>"
	    "<w:t>ends on three</w:t></w:r></w:p>" N("three")
	    "<w:tbl><w:tr><w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>a</w:t></w:r></w:p></w:tc>"
	    "<w:tc><w:p><w:r><w:lastRenderedPageBreak/><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>" END,
	    "G1 \nP one\nG2 \nP two\nP starts on two, ends on three\nG3 \nP three\nG4 \nR a|b\n",
	    "pages as they were rendered");
	is(TOP BODY N("one") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>" N("two")
	    "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>three</w:t></w:r></w:p>"
	    "<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>end</w:t></w:r></w:p>" N("four") END,
	    "G1 \nP one\nG2 \nP two\nG3 \nP three\nP end\nG4 \nP four\n",
	    "pages begun by hand");
	is(TOP "=== docProps/app.xml\n<Properties><Pages>1</Pages></Properties>\n"
	    BODY N("one") END, "P one\n", "app.xml is not believed");
}

static void
refused(void)
{
	is("=== a\nb\n", "! is no document of Office Open XML: it names no main part\n",
	    "a zip that is none");
	is(TOP, "! is no document of Office Open XML: it names no main part\n",
	    "the main part is not there");
	is(TOP "=== word/document.xml\n<!DOCTYPE d [<!ENTITY a \"b\">]><d>&a;</d>\n",
	    "! part 'word/document.xml': line 2: its DTD declares entities, which is "
	    "not accepted; take them out\n", "entities");
}

static void
strict(void)
{
	is("=== _rels/.rels\n<Relationships><Relationship Id='r1' Type='http://purl.oclc.org/"
	    "ooxml/officeDocument/relationships/officeDocument' Target='Word/Document.xml'/>"
	    "</Relationships>\n"
	    "=== word/document.xml\n<document xmlns='http://purl.oclc.org/ooxml/wordprocessingml/"
	    "main'><body><p><r><t>strict</t></r></p></body></document>\n",
	    "P strict\n", "the strict form, names in another case");
}

int
main(void)
{
	paragraphs();
	changes();
	asides();
	tables();
	frames();
	pages();
	strict();
	refused();
	return done();
}
