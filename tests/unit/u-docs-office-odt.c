/*
 * odt: the blocks of texts that are written down here, by the rules of
 * OpenDocument.
 */
#include "tap.h"
#include "office.h"

#include "docs/odt.h"

#define BEGIN "=== content.xml\n<o:document-content xmlns:o='urn:o' xmlns:t='urn:t' " \
    "xmlns:a='urn:a' xmlns:s='urn:s' xmlns:d='urn:d' xmlns:f='urn:f'>" \
    "<o:automatic-styles><s:style s:name='P1' s:family='paragraph' " \
    "s:parent-style-name='Title'/>" \
    "<s:style s:name='C1' s:family='paragraph' s:parent-style-name='Preformatted_20_Text'/>" \
    "<s:style s:name='L1' s:family='paragraph' s:parent-style-name='L2'/>" \
    "<s:style s:name='L2' s:family='paragraph' s:parent-style-name='L1'/>"
#define BODY BEGIN "</o:automatic-styles><o:body><o:text>"
#define END "</o:text></o:body></o:document-content>\n"
#define P(text) "<t:p>" text "</t:p>"
#define CELL(text) "<a:table-cell>" P(text) "</a:table-cell>"

static void
is(const char *text, const char *want, const char *what)
{
	char *got = office_text(docs_read_odt, text);

	is_str(got, want, "%s", what);
	free(got);
}

int
main(void)
{
	is("=== meta.xml\n<m xmlns:meta='m' xmlns:dc='d'><dc:title>A title</dc:title>"
	    "<meta:initial-creator>First</meta:initial-creator><dc:creator>Last</dc:creator>"
	    "<meta:creation-date>2024-05-01T10:00:00.123456789</meta:creation-date>"
	    "<dc:date>2024-06</dc:date><meta:keyword>one</meta:keyword></m>\n"
	    BODY "<t:p t:style-name='P1'>Torque</t:p><t:h t:outline-level='2'>Two"
	    "<t:note><t:note-citation>1</t:note-citation><t:note-body>" P("Aside.")
	    P("More.") "</t:note-body></t:note></t:h>"
	    P("a<t:tab/>b<t:line-break/>c  <t:s t:c='3'/>d<t:span>e</t:span>"
	    "<o:annotation>" P("comment") "</o:annotation>\n   f")
	    "<t:p t:style-name='C1'>if<t:s t:c='4'/>x</t:p>"
	    "<t:p t:style-name='C1'>y</t:p><t:p t:style-name='L1'>circle</t:p>"
	    "<t:list><t:list-item>" P("one") P("more of it") "<t:list><t:list-item>"
	    P("deep") "</t:list-item></t:list></t:list-item><t:list-item>" P("two")
	    "</t:list-item></t:list>" P("after") END,
	    "title=A title\nauthor=First\nauthor=Last\ncreated=2024-05-01T10:00:00.123Z\n"
	    "modified=2024-06-01T00:00:00.000Z\ntag=one\ntitle=Torque\nH1 Torque\nH2 Two\n"
	    "P Aside./More.\nP a|b/c de f\nC if    x/y\nP circle\nI1 one\nP more of it\n"
	    "I2 deep\nI1 two\nP after\n", "headings, notes, lists, code");
	is(BODY "<t:tracked-changes><t:changed-region><t:deletion>" P("gone")
	    "</t:deletion></t:changed-region></t:tracked-changes>"
	    P("kept<t:change-start/> new<t:change-end/>")
	    "<t:table-of-content><t:index-body>" P("One 1") "</t:index-body></t:table-of-content>"
	    P("Around<d:frame><d:text-box>" P("in a box") "</d:text-box></d:frame> it")
	    "<d:frame><d:text-box>" P("alone") "</d:text-box></d:frame>" END,
	    "P kept new\nP Around it\nP in a box\nP alone\n",
	    "changes, contents, text boxes");
	is(BODY "<a:table><a:table-column/><a:table-header-rows><a:table-row>" CELL("h1")
	    CELL("h2") "</a:table-row></a:table-header-rows>"
	    "<a:table-row><a:table-cell a:number-columns-repeated='2'>" P("x") "</a:table-cell>"
	    "<a:covered-table-cell/>" CELL("<t:span>y</t:span>")
	    "<a:table-cell a:number-columns-repeated='2147483648'/></a:table-row>"
	    "<a:table-row a:number-rows-repeated='1048576'><a:table-cell "
	    "a:number-columns-repeated='1024'/></a:table-row>"
	    "<a:table-row>" CELL("a</t:p><t:p>b<a:table><a:table-row>" P("in")
	    "</a:table-row></a:table>") "</a:table-row></a:table>" END,
	    "R! h1|h2\nR x|x||y\nR a b in\n", "tables, and cells that repeat");
	is(BEGIN "<s:style s:name='B' s:family='paragraph'><s:paragraph-properties "
	    "f:break-before='page'/></s:style></o:automatic-styles><o:body>"
	    "<o:text t:use-soft-page-breaks='true'>" P("one") "<t:soft-page-break/>"
	    P("two <t:soft-page-break/>goes on") P("three") "<t:p t:style-name='B'>four</t:p>" END,
	    "G1 \nP one\nG2 \nP two goes on\nG3 \nP three\nG4 \nP four\n", "pages");
	is("=== META-INF/manifest.xml\n<manifest><file-entry><encryption-data/></file-entry>"
	    "</manifest>\n=== content.xml\nxyz\n",
	    "! part 'META-INF/manifest.xml': is encrypted; save it without a password\n",
	    "encrypted");
	is("=== x\ny\n", "! is no OpenDocument: it has no content.xml\n", "another zip");
	is(BODY P("a") "<t:p>cut", "P a\n! part 'content.xml': line 1: not well-formed: Extra "
	    "content at the end of the document\n", "cut off");
	is("=== content.xml\n<t:text-box xmlns:t='t'><t:p><t:list><t:note-body>"
	    "<t:table><t:table-row><t:table-cell><t:body>" P("a")
	    "<t:list><t:list-item>" P("b") "</t:list-item></t:list></t:body>"
	    "</t:table-cell></t:table-row></t:table></t:note-body></t:list></t:p>"
	    "<t:p>c</t:p><t:list><t:list-item>" P("d") "</t:list-item></t:list>"
	    "</t:text-box>\n", "P a\nI1 b\nP c\nI1 d\n",
	    "what closes was not opened");
	return done();
}
