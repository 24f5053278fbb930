#!/bin/sh
# A store on a network file system: refused, but for the machine that
# core.host names.  The file system is a local one that says otherwise.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# remote TOOL...: on NFS, as it seems
remote() {
	MEM_STATFS=${magic:-6969} LD_PRELOAD=$fault_lib "$@"
}
if ! faults_work || ! [ "$(uname)" = Linux ]; then
	skip 'network file systems' 'the library does not reach these tools'
	test_done
	exit
fi
host=$(uname -n)
mkevents 5 >in

test_that 'nothing is made there' '
	for how in "mem-ingest in" "mem-admin init" "mem-session set s k v" \
	    "mem-admin config set core.timezone UTC"; do
		exits 2 remote $how >out 2>err
		cat err
		grep "on a network file system (nfs).*move it to a local disk" err
		grep "mem-admin config set core.host .$host." err
		[ ! -e "$MEM_STORE/memkit" ]
		[ ! -e "$MEM_STORE/lock" ]
	done
'
test_that 'one that is there is not opened' '
	mem-ingest -q in
	for how in "mem-log" "mem-search text" "mem-index" "mem-ingest in" \
	    "mem-admin stats" "mem-admin check" "mem-session list"; do
		exits 2 remote $how >out 2>err
		grep "on a network file system (nfs)" err
		[ ! -s out ]
	done
'
test_that 'whichever kind it is' '
	for magic in FF534D42 FE534D42 517B 5346414F 6B414653 C36400 0BD00BD0; do
		export magic
		exits 2 remote mem-log >out 2>err
		grep "on a network file system" err
	done
'
test_that 'other kinds are as ever' '
	for magic in EF53 58465342 9123683E 01021994 794c7630 01021997; do
		export magic
		remote mem-log >out
	done
'
test_that 'the machine that core.host names may' '
	remote mem-admin config set core.host "$host" 2>err
	[ ! -s err ]
	[ "$(remote mem-log | wc -l)" -eq 5 ]
	remote mem-ingest -q in
	remote mem-index -q
	remote mem-search -q text
	mem-log -q >out
'
test_that 'another may not, and is told who may' '
	remote mem-admin config set core.host another
	exits 2 remote mem-log >out 2>err
	cat err
	grep "only .another. may use it; this machine is .$host." err
	mem-log >out
'
test_that 'whichever, if somebody says so' '
	remote mem-admin config set core.host "*"
	remote mem-log >out
	mem-admin config unset core.host
	exits 2 remote mem-log >out 2>err
'
test_that 'one is made for this machine alone' '
	fresh_store
	remote mem-admin config set core.host "$host"
	remote mem-ingest -q in
	[ "$(remote mem-log | wc -l)" -eq 5 ]
'
test_that 'a restored one is refused like any other' '
	mem-admin backup backup.tar >out
	remote mem-admin restore --store again backup.tar >out
	exits 2 remote mem-log --store again 2>err
	remote mem-admin config set core.host "$host" --store again
	[ "$(remote mem-log --store again | wc -l)" -eq 5 ]
'
test_done
