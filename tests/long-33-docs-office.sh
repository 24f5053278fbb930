#!/bin/sh
# Documents that LibreOffice makes, too, which the quick suite leaves out.
MEM_ALL=1 exec sh "${0%/*}/t3320-docs-office.sh"
