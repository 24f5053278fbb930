#!/bin/sh
# Grafts made and revoked beside readers, for minutes.
MEM_ALL=1 exec sh "${0%/*}/t2455-isolation-race.sh"
