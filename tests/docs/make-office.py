#!/usr/bin/env python3
"""Zipped documents for tests, by the rules of their formats alone.

	make-office.py FORMAT FILE	docx, odt, epub, xlsx or pptx: one that
					has a bit of everything
	make-office.py big-xlsx ROWS FILE	a sheet of so many rows
	make-office.py KIND FILE	a hostile one: see HOSTILE below
"""
import io
import struct
import sys
import zipfile
import zlib

REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
S = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
P = 'http://schemas.openxmlformats.org/presentationml/2006/main'
A = 'http://schemas.openxmlformats.org/drawingml/2006/main'
PKG = 'http://schemas.openxmlformats.org/package/2006/'
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def rels(*them):
    return (XML + '<Relationships xmlns="%srelationships">' % PKG +
            ''.join('<Relationship Id="rId%d" Type="%s" Target="%s"/>' %
                    (i, t if ':' in t else REL + t, target)
                    for i, (t, target) in enumerate(them, 1)) +
            '</Relationships>')


def opc(main, parts):
    """What every package of OPC has, in front of its parts."""
    core = (XML + '<cp:coreProperties xmlns:cp="%smetadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Torque '
            'tables</dc:title><dc:creator>Ann Author</dc:creator>'
            '<cp:keywords>bolts, torque</cp:keywords><dcterms:created>'
            '2024-05-01T10:00:00Z</dcterms:created></cp:coreProperties>' % PKG)
    first = [('[Content_Types].xml', XML + '<Types xmlns="%scontent-types">'
              '<Default Extension="xml" ContentType="application/xml"/>'
              '</Types>' % PKG),
             ('_rels/.rels', rels(('officeDocument', main), (
                 PKG + 'relationships/metadata/core-properties',
                 'docProps/core.xml'))),
             ('docProps/core.xml', core)]
    return first + parts


def w_p(text, style=None, more=''):
    ppr = '<w:pPr><w:pStyle w:val="%s"/>%s</w:pPr>' % (style, more) \
        if style else ''
    return '<w:p>%s<w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>' % (
        ppr, text)


def w_tr(*cells):
    return '<w:tr>%s</w:tr>' % ''.join('<w:tc>%s</w:tc>' % w_p(c)
                                       for c in cells)


def docx(body=None, dtd=''):
    styles = ''.join(
        '<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/>'
        '</w:style>' % x for x in (('Titel', 'Title'), ('U1', 'heading 1'),
                                   ('U2', 'heading 2')))
    if body is None:
        body = (w_p('Torque tables', 'Titel') + w_p('Bolts', 'U1') +
                w_p('All bolts are M8.') + w_p('steel', 'Liste',
                '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>') +
                w_p('Sizes', 'U2') +
                '<w:tbl><w:tblPr><w:tblLook w:firstRow="1"/></w:tblPr>' +
                w_tr('size', 'torque') + w_tr('M8', '25 Nm') + '</w:tbl>' +
                '<w:p><w:r><w:lastRenderedPageBreak/><w:t>The next page.'
                '</w:t></w:r></w:p>')
    return opc('word/document.xml', [
        ('word/document.xml', XML + dtd + '<w:document xmlns:w="%s"><w:body>'
         '%s</w:body></w:document>' % (W, body)),
        ('word/_rels/document.xml.rels', rels(('styles', 'styles.xml'))),
        ('word/styles.xml', XML + '<w:styles xmlns:w="%s">%s</w:styles>' %
         (W, styles))])


def xlsx(rows=None):
    if rows is None:
        rows = ('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1'
                '</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>M8'
                '</t></is></c><c r="B2" s="1"><v>45413</v></c></row>')
    return opc('xl/workbook.xml', [
        ('xl/workbook.xml', XML + '<workbook xmlns="%s" xmlns:r="%s"><sheets>'
         '<sheet name="Sizes" sheetId="1" r:id="rId1"/></sheets></workbook>' %
         (S, REL[:-1])),
        ('xl/_rels/workbook.xml.rels', rels(
            ('worksheet', 'worksheets/sheet1.xml'), ('styles', 'styles.xml'),
            ('sharedStrings', 'sharedStrings.xml'))),
        ('xl/styles.xml', XML + '<styleSheet xmlns="%s"><cellXfs><xf '
         'numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>' % S),
        ('xl/sharedStrings.xml', XML + '<sst xmlns="%s"><si><t>size</t></si>'
         '<si><t>checked</t></si></sst>' % S),
        ('xl/worksheets/sheet1.xml', XML + '<worksheet xmlns="%s"><sheetData>'
         '%s</sheetData></worksheet>' % (S, rows))])


def pptx():
    def slide(kind, title, body):
        return (XML + '<p:sld xmlns:p="%s" xmlns:a="%s"><p:cSld><p:spTree>'
                '<p:sp><p:nvSpPr><p:nvPr><p:ph type="%s"/></p:nvPr></p:nvSpPr>'
                '<p:txBody><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody>'
                '</p:sp><p:sp><p:nvSpPr><p:nvPr><p:ph idx="1"/></p:nvPr>'
                '</p:nvSpPr><p:txBody><a:p><a:r><a:t>%s</a:t></a:r></a:p>'
                '</p:txBody></p:sp></p:spTree></p:cSld></p:sld>' %
                (P, A, kind, title, body))
    return opc('ppt/presentation.xml', [
        ('ppt/presentation.xml', XML + '<p:presentation xmlns:p="%s" '
         'xmlns:r="%s"><p:sldIdLst><p:sldId id="256" r:id="rId2"/><p:sldId '
         'id="257" r:id="rId1"/></p:sldIdLst></p:presentation>' %
         (P, REL[:-1])),
        ('ppt/_rels/presentation.xml.rels', rels(
            ('slide', 'slides/slide1.xml'), ('slide', 'slides/slide2.xml'))),
        ('ppt/slides/slide1.xml', slide('title', 'Sizes', 'M8')),
        ('ppt/slides/slide2.xml', slide('ctrTitle', 'Torque', 'by hand'))])


def odt(body=None):
    ns = 'urn:oasis:names:tc:opendocument:xmlns:'
    if body is None:
        body = ('<text:h text:outline-level="1">Bolts</text:h><text:p>All '
                'bolts are M8.</text:p><text:list><text:list-item><text:p>'
                'steel</text:p></text:list-item></text:list><table:table>'
                '<table:table-header-rows><table:table-row><table:table-cell>'
                '<text:p>size</text:p></table:table-cell></table:table-row>'
                '</table:table-header-rows><table:table-row><table:table-cell>'
                '<text:p>M8</text:p></table:table-cell></table:table-row>'
                '</table:table>')
    return [('mimetype', 'application/vnd.oasis.opendocument.text'),
            ('content.xml', XML + '<office:document-content xmlns:office='
             '"%soffice:1.0" xmlns:text="%stext:1.0" xmlns:table="%stable:1.0"'
             ' office:version="1.3"><office:body><office:text>%s</office:text>'
             '</office:body></office:document-content>' % (ns, ns, ns, body)),
            ('meta.xml', XML + '<office:document-meta xmlns:office='
             '"%soffice:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
             '<office:meta><dc:title>Torque tables</dc:title></office:meta>'
             '</office:document-meta>' % ns)]


def epub():
    return [('mimetype', 'application/epub+zip'),
            ('META-INF/container.xml', XML + '<container xmlns="urn:oasis:'
             'names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
             '<rootfile full-path="book.opf"/></rootfiles></container>'),
            ('book.opf', XML + '<package xmlns="http://www.idpf.org/2007/opf" '
             'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>'
             'Torque</dc:title></metadata><manifest><item id="a" '
             'href="a.xhtml"/><item id="n" href="nav.xhtml" properties="nav"/>'
             '</manifest><spine><itemref idref="a"/></spine></package>'),
            ('nav.xhtml', XML + '<html xmlns="http://www.w3.org/1999/xhtml" '
             'xmlns:epub="http://www.idpf.org/2007/ops"><body><nav '
             'epub:type="toc"><a href="a.xhtml">Bolts</a></nav></body></html>'),
            ('a.xhtml', XML + '<html xmlns="http://www.w3.org/1999/xhtml">'
             '<head><title>a</title></head><body><h1>Bolts</h1><p>All bolts '
             'are M8.</p></body></html>')]


def pack(parts, how=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', how) as z:
        for name, data in parts:
            z.writestr(name, data)
    return out.getvalue()


# --- hostile ones ---

def laughs():
    dtd = '<!DOCTYPE d [<!ENTITY a0 "ha">' + ''.join(
        '<!ENTITY a%d "%s">' % (i, '&a%d;' % (i - 1) * 10)
        for i in range(1, 10)) + ']>'
    return pack(docx(w_p('&a9;'), dtd))


def external():
    return pack(docx(w_p('&x;'), '<!DOCTYPE d [<!ENTITY x SYSTEM '
                     '"file:///etc/passwd">]>'))


def parameter():
    return pack(docx(w_p('x'), '<!DOCTYPE d [<!ENTITY % x SYSTEM '
                     '"file:///etc/passwd"> %x;]>'))


def bomb():
    return pack(docx(w_p(' ' * (64 << 20) + 'x')))


def big_part():
    """A part that must be read before the text, far over its limit."""
    parts = docx()
    parts[-1] = ('word/footnotes.xml', '<w:footnotes xmlns:w="%s">' % W +
                 '<w:footnote w:id="1">' + w_p('0123456789' * 400000) * 12 +
                 '</w:footnote></w:footnotes>')
    parts[-2] = (parts[-2][0], rels(('footnotes', 'footnotes.xml')))
    # stored: it is not the ratio that is wrong
    return pack(parts, zipfile.ZIP_STORED)


def nested():
    inner = pack(docx())
    for _ in range(60):
        inner = pack(docx() + [('word/embeddings/more.docx', inner)])
    return inner


def deep():
    return pack(docx('<w:sdt>' * 100000))


def climbing():
    return pack(docx() + [('../../etc/x.xml', 'x')])


def twice():
    return pack(docx() + docx()[-1:])


def link():
    out = io.BytesIO(pack(docx()))
    with zipfile.ZipFile(out, 'a') as z:
        info = zipfile.ZipInfo('word/link.xml')
        info.create_system = 3
        info.external_attr = 0o120777 << 16
        z.writestr(info, '/etc/passwd')
    return out.getvalue()


def central(data):
    """Where the central directory begins."""
    return struct.unpack('<I', data[data.rfind(b'PK\5\6') + 16:][:4])[0]


def each_entry(data, change):
    """The bytes of each entry of the central directory, changed."""
    data = bytearray(data)
    at = central(data)
    while data[at:at + 4] == b'PK\1\2':
        n = 46 + sum(struct.unpack('<HHH', data[at + 28:at + 34]))
        change(data, at)
        at += n
    return bytes(data)


def lying(field, value):
    """CRC 16, packed size 20 or size 24, in both headers of each entry."""
    def change(d, at):
        local = struct.unpack('<I', d[at + 42:at + 46])[0]
        d[at + field:at + field + 4] = struct.pack('<I', value)
        d[local + field - 2:local + field + 2] = struct.pack('<I', value)
    return each_entry(pack(docx()), change)


def lying_small():
    return lying(24, 10)


def lying_large():
    return lying(24, 200000)


def lying_packed():
    return lying(20, 0x7fffffff)


def crc():
    return lying(16, 0x04030201)


def offsets():
    def change(d, at):
        d[at + 42:at + 46] = struct.pack('<I', 0x7ffffff0)
    return each_entry(pack(docx()), change)


def overlap():
    """Every entry is the bytes of the first, as in a bomb of Fifield's."""
    def change(d, at):
        d[at + 42:at + 46] = struct.pack('<I', 0)
    return each_entry(pack(docx()), change)


def encrypted():
    def change(d, at):
        d[at + 8] |= 1
        local = struct.unpack('<I', d[at + 42:at + 46])[0]
        d[local + 6] |= 1
    return each_entry(pack(docx()), change)


def broken():
    data = bytearray(pack(docx()))
    at = central(data)
    for i in range(at, len(data) - 22):
        data[i] ^= 0x5a
    return bytes(data)


def no_central():
    data = pack(docx())
    return data[:central(data)]


def cut():
    data = pack(docx())
    return data[:len(data) // 2]


def entries():
    out, index = bytearray(), bytearray()
    n = 100001
    for i in range(n):
        name = b'x/%d.xml' % i
        index += struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 20, 20, 0, 0, 0,
                             0, 0, 0, 0, len(name), 0, 0, 0, 0, 0,
                             len(out)) + name
        out += struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, 0, 0, 0, 0, 0, 0,
                           0, len(name), 0) + name
    # more than 65535 need the ending of zip64
    end = struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, n, n,
                      len(index), len(out))
    where = struct.pack('<IIQI', 0x07064b50, 0, len(out) + len(index), 1)
    last = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 0xffff, 0xffff,
                       0xffffffff, 0xffffffff, 0)
    return bytes(out + index + end + where + last)


def columns():
    cell = ('<table:table-cell table:number-columns-repeated="2147483648">'
            '<text:p>%s</text:p></table:table-cell>')
    row = ('<table:table-row table:number-rows-repeated="2147483648">%s'
           '</table:table-row>')
    return pack(odt('<table:table>' + row % (cell % 'x' + cell % '') * 10 +
                    '</table:table>'))


def cfb():
    return b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(4096)


HOSTILE = {f.__name__.replace('_', '-'): f for f in (
    laughs, external, parameter, bomb, big_part, nested, deep, climbing,
    twice, link, lying_small, lying_large, lying_packed, offsets, overlap,
    crc, encrypted, broken, no_central, cut, entries, columns, cfb)}
FORMATS = {f.__name__: f for f in (docx, odt, epub, xlsx, pptx)}


def big_xlsx(rows):
    return pack(xlsx(''.join(
        '<row r="%d"><c r="A%d" t="inlineStr"><is><t>row number %d of a large '
        'sheet, %08x</t></is></c><c r="B%d"><v>%d</v></c></row>' %
        (i, i, i, zlib.crc32(b'%d' % i), i, i * 7)
        for i in range(1, rows + 1))))


def main(argv):
    kind, path = argv[1], argv[-1]
    if kind == 'big-xlsx':
        data = big_xlsx(int(argv[2]))
    elif kind in FORMATS:
        data = pack(FORMATS[kind]())
    else:
        data = HOSTILE[kind]()
    with open(path, 'wb') as f:
        f.write(data)


main(sys.argv)
