#!/bin/sh
# Two nodes of one store, their artifacts at one place of a bucket, one of them
# behind: it touches nothing of what the other did, and what it did not find
# does not count against what the other knows.
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-artifact.sh"
command -v python3 >/dev/null || { skip 'S3' 'no python3 here'; test_done; exit; }
s3_fake
echo small >small
echo other >other

node A B
as A mem-admin key new k1 >/dev/null
keys() {
	rm -f ring
	as A mem-admin key export --plain ring >/dev/null 2>&1
	as B mem-admin key import ring >/dev/null
}
keys
for who in A B; do
	for s in mode=managed_blob provider=s3 codec=aes_gcm \
	    s3.url=s3://bucket "s3.endpoint=$endpoint" s3.timeout=20; do
		as $who mem-admin config set "artifact.${s%%=*}" "${s#*=}"
	done
done
in_bucket() {
	as A "${MEM_BIN:-$top/bin}/../libexec/memkit/blob-s3" \
	    --store "$work/A" --list "" | jl key | LC_ALL=C sort
}
both() {
	for step in 'push A' 'pull B' 'push B' 'pull A'; do
		$step >out 2>err || { cat out err; return 1; }
	done
}

as A mem-artifact put small >made
id=$(ids made)
both

test_that 'what one put the other one reads' '
	as B mem-artifact content "$id" | cmp small -
'
test_that 'what is new elsewhere is listed, and left alone' '
	as A mem-artifact put other -q
	as B mem-artifact put small -q
	in_bucket >was
	[ "$(wc -l <was)" = 3 ]
	for who in A B; do
		as $who mem-artifact reconcile --scan --adopt >got
		cat got
		[ "$(grep -c "\"what\"" got)" = 1 ]
		grep "\"what\":\"unknown\"" got
	done
	in_bucket | cmp was -
	both
	for who in A B; do
		MEM_STORE=$work/$who
		nothing_to_do --scan
	done
'
test_that 'sealed anew elsewhere: not found here does not undo it' '
	as A mem-admin key new k2 >/dev/null
	as A mem-artifact rekey -q
	in_bucket >was
	as B mem-artifact reconcile --scan >got && exit 1
	[ "$(grep -c "\"what\":\"lost\"" got)" = 3 ]
	as B mem-artifact verify "$id" >got && exit 1
	in_bucket | cmp was -
	push B >out 2>err || { cat err; exit 1; }
	both
	as A mem-artifact content "$id" | cmp small -
	keys
	as B mem-artifact content "$id" | cmp small -
	for who in A B; do
		MEM_STORE=$work/$who
		mem-artifact reconcile >got
		nothing_to_do --scan
	done
'
test_that 'deleted elsewhere: it is gone when that is heard' '
	as A mem-artifact delete "$id" -q
	in_bucket >was
	[ "$(wc -l <was)" = 2 ]
	as B mem-artifact reconcile --scan >got && exit 1
	grep "\"what\":\"lost\"" got
	both
	exits 2 as B mem-artifact content "$id" 2>err
	grep artifact_not_found err
	in_bucket | cmp was -
'
test_that 'both delete one, one of them without knowing' '
	last=$(as B mem-artifact list --json | ids | head -n 1)
	as A mem-artifact delete "$last" -q
	as B mem-artifact delete "$last" -q
	both
	both
	for who in A B; do
		MEM_STORE=$work/$who
		[ "$(mem-artifact get "$last" --json | jl status)" = deleted ]
		nothing_to_do --scan
	done
'
s3_stop
test_done
