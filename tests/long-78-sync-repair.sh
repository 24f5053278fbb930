#!/bin/sh
# mem-sync repair and prune, and states, on real servers.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync

rem() {
	MEM_STORE=$work/A "$obj/helper/remote" main "$@"
}
below() {
	rem list "default/.memkit/$1/" >there
	awk '{ print $2 }' there
}
for server in minio versitygw rgw; do
	if ! s3_have $server; then
		s3_missing $server
		continue
	fi
	if ! s3_start $server; then
		test_that "$server starts" 'exit 1'
		continue
	fi
	s3 make-bucket
	url=s3://$bucket/prod
	node A B
	for who in A B; do
		as $who mem-admin config set remote.main.endpoint "$endpoint"
	done

	test_that "$server: what is lost or damaged is put again" '
		fill A
		d=$(as A mem-session path s1 inputs)
		mkdir -p "$d"
		echo "some text" >"$d/a.txt"
		push A --snapshot >out
		pull B >out
		as A mem-sync repair --verify >out
		grep "\"damaged\":0" out
		echo other >other
		for k in $(below segment) $(below snapshot) default/tester/s1/inputs/a.txt; do
			rem delete "$k"
		done
		rem put "$(below piece | head -n 1)" other
		exits 2 as A mem-sync verify >out 2>err
		as A mem-sync repair >out
		cat out
		grep "\"broken\":0" out
		as A mem-sync verify >out
		as A mem-sync repair --verify >out
		grep "\"damaged\":0" out
		rem put default/tester/s1/inputs/a.txt other
		as A mem-sync repair >out
		grep "\"what\":\"file\",.*\"status\":\"put\"" out
		as A mem-sync repair --verify >out
		grep "\"damaged\":0" out
		[ "$(rem get default/tester/s1/inputs/a.txt got >/dev/null; cat got)" = "some text" ]
		same A B
	'
	test_that "$server: nothing that is young goes, and nothing that is named" '
		rem put "default/.memkit/segment/ab/ab$(printf %062d 0)" other
		rem list default/.memkit/ | awk "{ print \$2 }" >was
		as A mem-sync prune --older "2 days" >out
		cat out
		grep "\"deleted\":0," out
		rem list default/.memkit/ | awk "{ print \$2 }" | cmp was -
	'
	test_that "$server: a new node begins with a state" '
		i=$(below manifest | wc -l)
		while [ "$i" -lt 100 ]; do
			as A mem-sync lease take s1 >out
			i=$((i + 1))
		done
		[ "$(below state)" = default/.memkit/state/000000000100 ]
		for who in C D; do
			rm -rf $who
			as $who mem-admin config set remote.main.url "$url"
			as $who mem-admin config set remote.main.endpoint "$endpoint"
		done
		pull C >out
		rem get default/.memkit/state/000000000100 state >/dev/null
		rem delete default/.memkit/state/000000000100
		pull D >out
		for who in C D; do
			sqlite3 $who/tenants/default/sync/main.db "SELECT number, hash, snapshot FROM head;
			    SELECT node, first, last, number, name FROM segment ORDER BY 1, 3;
			    SELECT user, session, node, epoch, number FROM lease ORDER BY 1, 2" >knows.$who
		done
		cmp knows.C knows.D
		as A mem-sync verify >out
		as A mem-sync repair >out
		rem get default/.memkit/state/000000000100 again >/dev/null
		cmp state again
	'
	s3_stop
done
test_done
