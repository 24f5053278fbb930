#!/bin/sh
# Keys, and passphrases that are typed at a terminal.
MEM_ALL=1 exec sh "${0%/*}/t2500-keys.sh"
