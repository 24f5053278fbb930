#!/bin/sh
# SIGKILL at 200 random moments; the quick suite does it at 12.
MEM_KILLS=${MEM_KILLS:-200} exec sh "${0%/*}/t3005-ingest-kill.sh"
