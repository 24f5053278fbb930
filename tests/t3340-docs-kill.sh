#!/bin/sh
# SIGKILL at random moments of an import of documents, of who reads, of who
# stores, or of both: nothing that was acknowledged is lost, nothing is there
# twice, and the next run completes it.
# MEM_KILLS: so many rounds.
. "${0%/*}/lib-docs.sh"
. "$tests/lib-store.sh"
command -v python3 >/dev/null || {
	skip 'documents that are cut off' 'no python3'
	test_done
	exit
}

rounds=${MEM_KILLS:-8}
python3 - "$work/d" <<'E2'
import os, random, sys, zipfile
random.seed(7)
words = [a + b for a in "bar fel gon hus jit".split() for b in
         "an em ol us ik ta pe".split()]
def text(n):
    s = "# Page %s\n" % n
    for k in range(random.randint(1, 12)):
        s += "\n## Part %d of %s\n\n" % (k, n)
        s += " ".join(random.choice(words) for _ in range(120)) + ".\n"
    return s
for i in range(120):
    os.makedirs(sys.argv[1] + "/%d" % (i // 30), exist_ok=True)
    with open(sys.argv[1] + "/%d/%d.md" % (i // 30, i), "w") as f:
        f.write(text(i))
with zipfile.ZipFile(sys.argv[1] + "/z.zip", "w") as z:
    for i in range(60):
        z.writestr("m%d.md" % i, text("z%d" % i))
E2

# what a whole run makes: documents by name and their chunks that count
state() {
	sql "SELECT type, id, status FROM record r WHERE NOT EXISTS
	    (SELECT 1 FROM record n WHERE n.kb = r.kb AND n.id = r.id AND
	    n.version > r.version) AND (type = ':document' OR status IS NULL)
	    ORDER BY 1, 2"
}
whole() {
	mem-from -q docs --kb k d | mem-ingest -q >/dev/null
}

start=$(date +%s%N)
whole
took=$((($(date +%s%N) - start) / 1000000 + 5))
state >"$work/full"
fresh_store

over=false seed=20261122 killed=0 partly=0 round=0
while [ $killed -lt "$rounds" ] && [ $round -lt $((rounds * 5)) ]; do
	round=$((round + 1))
	# behind one that was not killed there is nothing left to do
	$over && fresh_store
	over=false
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	ms=$((seed / 65536 % (took + 1)))
	who=$((round % 3))
	: >acks
	# each end of the pipe goes with the tool that has it
	{
		mem-from -q docs --kb k d 2>err2 &
		echo $! >from.pid
		wait $!
	} | {
		exec 3<&0
		mem-ingest --ack <&3 >acks 2>err &
		echo $! >ingest.pid
		wait $!
	} &
	both=$!
	until [ -s from.pid ] && [ -s ingest.pid ]; do
		sleep 0.01
	done
	from=$(cat from.pid) ingest=$(cat ingest.pid)
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	status=0
	case $who in
	0)	kill -KILL "$from" 2>/dev/null || status=1 ;;
	1)	kill -KILL "$ingest" 2>/dev/null || status=1 ;;
	*)	kill -KILL "$from" "$ingest" 2>/dev/null || status=1 ;;
	esac
	wait $both 2>/dev/null
	rm from.pid ingest.pid
	# machines are not as fast at all times: aim at where it is at work
	if [ $status -eq 0 ]; then
		killed=$((killed + 1)) took=$((took + took / 8 + 1))
	else
		over=true took=$((took - took / 4))
	fi
	n=$(grep -c '"status":"stored"' acks)
	test_that "round $round: after $ms ms, $n acknowledged" '
		[ ! -e "$MEM_STORE/tenants/default/memory.db" ] || {
			# a line that the kill cut is not an acknowledgement
			LC_ALL=C sed -n "s/^{\"type\":\"ack\",.*\"status\":\"stored\",\"id\":\"\([^\"]*\)\".*}$/\1/p" \
			    acks | sort -u >want
			sql "SELECT id FROM record" | sort -u >there
			comm -23 want there >lost
			[ ! -s lost ] || { echo lost; cat lost; exit 1; }
			[ $n -eq 0 ] || [ -s want ]
		}
	'
	[ "$n" -eq 0 ] || partly=$((partly + 1))
	# the next run, or the one after some more kills, completes it
	[ $((round % 4)) -eq 0 ] || continue
	over=true
	test_that "round $round: completed" '
		whole
		state | diff "$work/full" -
		[ "$(sql "SELECT count(*) FROM record WHERE version > 1")" -eq 0 ]
		mem-from -q docs --kb k d >again
		exits 1 grep -E "^.type.:.(document|chunk)" again
		store_whole
	'
done
test_that "it was killed $killed times, $partly of them in the middle" '
	[ $killed -eq "$rounds" ]
	[ $((partly * 5)) -ge "$rounds" ]
'
test_that 'what is left is completed' '
	whole
	state | diff "$work/full" -
	[ "$(sql "SELECT count(*) FROM record WHERE version > 1")" -eq 0 ]
	store_whole
'
test_done
