/*
 * pptx: slides that are written down here.
 */
#include "tap.h"
#include "office.h"

#include "docs/pptx.h"

#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define A "xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'"
#define REL(id, type, target) "<Relationship Id='" id "' Type='" TYPE type "' Target='" \
    target "'/>"
#define TOP "=== _rels/.rels\n<Relationships>" \
    REL("r1", "officeDocument", "ppt/presentation.xml") "</Relationships>\n"
#define SHOW "=== ppt/_rels/presentation.xml.rels\n<Relationships>" \
    REL("a", "slide", "slides/slide1.xml") REL("b", "slide", "slides/slide2.xml") \
    REL("c", "slide", "slides/slide3.xml") "</Relationships>\n" \
    "=== ppt/presentation.xml\n<p:presentation xmlns:p='p' xmlns:r='http://schemas." \
    "openxmlformats.org/officeDocument/2006/relationships'><p:sldIdLst>" \
    "<p:sldId id='256' r:id='b'/><p:sldId id='257' r:id='a'/><p:sldId id='258' r:id='c'/>" \
    "</p:sldIdLst></p:presentation>\n"
#define SLIDE(n, attr) "=== ppt/slides/slide" n ".xml\n<p:sld xmlns:p='p' " A attr \
    "><p:cSld><p:spTree>"
#define END "</p:spTree></p:cSld></p:sld>\n"
#define SP(ph, body) "<p:sp><p:nvSpPr><p:nvPr>" ph "</p:nvPr></p:nvSpPr><p:txBody>" body \
    "</p:txBody></p:sp>"
#define P(text) "<a:p><a:r><a:t>" text "</a:t></a:r></a:p>"
#define L(lvl, in, text) "<a:p><a:pPr lvl='" lvl "'>" in "</a:pPr><a:r><a:t>" text \
    "</a:t></a:r></a:p>"

/* In two parts: a literal has a limit. */
static void
is(const char *text, const char *more, const char *want, const char *what)
{
	struct buf all = BUF_INIT;
	char *got;

	buf_addf(&all, "%s%s", text, more);
	got = office_text(docs_read_pptx, all.p);
	is_str(got, want, "%s", what);
	free(got);
	buf_release(&all);
}

int
main(void)
{
	is(TOP SHOW
	    SLIDE("2", "") SP("<p:ph type='subTitle'/>", P("A subtitle"))
	    SP("<p:ph type='ctrTitle'/>", P("The") "<a:p><a:r><a:t>deck</a:t></a:r><a:br/></a:p>")
	    SP("<p:ph type='dt'/>", P("1 May")) SP("<p:ph type='sldNum'/>", P("1")) END
	    SLIDE("1", " show='0'") SP("<p:ph type='title'/>", P("Bolts"))
	    SP("<p:ph idx='1'/>", P("one") L("1", "", "deeper") L("0", "<a:buNone/>", "no bullet")
	    "<a:p><a:r><a:t>two</a:t></a:r><a:br/><a:r><a:t>lines</a:t></a:r></a:p>")
	    SP("", P("a box") L("0", "<a:buChar char='-'/>", "a bullet"))
	    "<p:graphicFrame><a:graphic><a:tbl><a:tblPr firstRow='1'/><a:tr><a:tc><a:txBody>"
	    P("size") "</a:txBody></a:tc><a:tc><a:txBody>" P("torque") "</a:txBody></a:tc></a:tr>"
	    "<a:tr><a:tc gridSpan='2'><a:txBody>" P("M8") "</a:txBody></a:tc><a:tc hMerge='1'>"
	    "<a:txBody><a:p/></a:txBody></a:tc></a:tr></a:tbl></a:graphic></p:graphicFrame>" END,
	    "=== ppt/slides/_rels/slide1.xml.rels\n<Relationships>"
	    REL("n", "notesSlide", "../notesSlides/notesSlide1.xml")
	    REL("d", "diagramData", "../diagrams/data1.xml") "</Relationships>\n"
	    "=== ppt/notesSlides/notesSlide1.xml\n<p:notes xmlns:p='p' " A ">"
	    SP("<p:ph type='sldImg'/>", P("x")) SP("<p:ph type='body' idx='1'/>",
	    P("Say this.") P("And that.")) SP("<p:ph type='sldNum'/>", P("2")) "</p:notes>\n"
	    "=== ppt/diagrams/data1.xml\n<dgm:dataModel xmlns:dgm='dgm' " A "><dgm:pt><dgm:t>"
	    P("first step") "</dgm:t></dgm:pt><dgm:pt><dgm:t>" P("second step")
	    "</dgm:t></dgm:pt></dgm:dataModel>\n"
	    SLIDE("3", "") SP("", P("alone") "<a:p><a:fld type='slidenum'><a:t>3</a:t></a:fld>"
	    "</a:p>") END,
	    "G1 The deck\ntitle=The deck\nH1 The deck\nP A subtitle\n"
	    "G2 Bolts (hidden)\nH2 Bolts\nI1 one\nI2 deeper\nP no bullet\nI1 two/lines\n"
	    "P a box\nI1 a bullet\nR! size|torque\nR M8\nI1 first step\nI1 second step\n"
	    "P Say this.\nP And that.\nG3 \nH2 Slide 3\nP alone\n",
	    "slides in their order, with titles, bullets, tables, notes");
	is(TOP "=== ppt/_rels/presentation.xml.rels\n<Relationships>"
	    REL("a", "slide", "../../../etc/passwd") REL("b", "slide", "gone.xml")
	    "</Relationships>\n=== ppt/presentation.xml\n<p xmlns:r='http://purl.oclc.org/ooxml/"
	    "officeDocument/relationships'><sldId r:id='a'/><sldId r:id='b'/><sldId/></p>\n", "",
	    "G1 \nH2 Slide 1\n", "slides that are not there");
	return done();
}
