#!/bin/sh
# What mem-sync and mem-session do with a remote, in buckets that are set up in
# every way: MinIO by TLS, with encryption by a key of the server and by one of
# its KMS, with versions, with locks; versitygw, which says nothing of
# encryption.  What is removed there goes from sight and nothing else does.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"

# nodes NODE...: new, with the bucket as their remote; $settings are NAME=VALUE
nodes() {
	url=s3://$bucket/prod node "$@"
	for who; do
		as "$who" mem-admin config set remote.main.endpoint "$endpoint"
		as "$who" mem-admin config set remote.main.timeout 30
		[ -z "$tls" ] || as "$who" mem-admin config set \
		    remote.main.caFile "$work/tls/ca.pem"
		for s in ${settings-}; do
			as "$who" mem-admin config set "remote.main.${s%%=*}" \
			    "${s#*=}"
		done
	done
}
dir() {
	as "$1" mem-session path s1 inputs
}
same_files() {
	for who; do
		(cd "$(dir "$who")/.." && find inputs cache -type f \
		    -exec sha256sum {} + | LC_ALL=C sort -k 2) >files."$who"
	done
	[ -s "files.$1" ] && diff "files.$1" "files.$2"
}
lies() {
	rem list default/tester/ | cut -d' ' -f2- | grep -q -x -F \
	    "default/tester/s1/inputs/$1"
}

# everything, in the bucket as it is
everything() {
	test_that "$what: pushed and pulled, with files" '
		nodes A B C
		fill A
		mkdir -p "$(dir A)" && cd "$(dir A)"
		echo one >plain
		echo two >changed
		echo three >gone
		head -c 9000000 /dev/urandom >large
		head -c 40000000 /dev/urandom >in-parts
		cd "$work"
		push A --snapshot >out
		cat out
		grep "\"published\":true,.*\"snapshot\":true,\"files\":5," out
		pull B >out
		cat out
		same A B
		same_files A B
		push A | grep "\"published\":false,.*\"sent_bytes\":0}"
	'
	test_that "$what: changed and removed" '
		echo "two and a half" >"$(dir A)/changed"
		as A mem-session rm -q s1 inputs gone
		say A s1 more
		push A >out
		cat out
		lies changed
		exits 1 lies gone
		rem get default/tester/s1/inputs/changed g >/dev/null
		cmp g "$(dir A)/changed"
		rem list default/.memkit/file/ >out
		[ ! -s out ]
		pull B >out
		same A B
		same_files A B
		[ ! -e "$(dir B)/gone" ]
		# and once more under the name that was removed
		echo "three again" >"$(dir A)/gone"
		push A >out
		pull B >out
		same_files A B
		pull C >out
		same A C
		same_files A C
	'
	test_that "$what: the restore drill" '
		as A mem-sync verify >out
		cat out
		grep "\"missing\":0,\"different\":0," out
		rem list default/.memkit/ >out
		fetched
		R=$work/local remote_whole
		[ -s named ]
	'
	test_that "$what: held, refused, stolen" '
		as A mem-sync lease take s1 --hold 100 >out
		pull B >out
		say B s1 "of B"
		exits 75 push B --wait 0 2>err
		grep "is held by node" err
		push B --steal >out
		say A s1 "of A"
		exits 75 push A --wait 0 2>err
		cat err
		grep "written by node\|is held by" err
		pull A >out
		push A --steal >out
		pull B >out
		same A B
		as B mem-sync lease show s1 | grep "\"epoch\":3,"
		exits 1 as B mem-sync lease drop s1
	'
	test_that "$what: archived and restored" '
		as A mem-session archive s1 >out
		cat out
		grep "\"files\":5,.*\"status\":\"done\"" out
		[ -z "$(find "$(dir A)" -type f)" ]
		as A mem-session restore s1 >out
		same_files A B
		as A mem-session archive s1 --verify >out
		as A mem-session restore s1 >out
		same_files A B
		push A >out
	'
	test_that "$what: deleted by policy, here and there" '
		as A mem-session put -q s1 cache "$work/out" --as old
		push A >out
		rem list default/tester/s1/cache/ | grep old
		MEM_NOW=2031-01-10T00:00:00Z as A mem-sync retain \
		    --policy "delete cache after 30" >out
		cat out
		rem list default/tester/s1/cache/ >out
		[ ! -s out ]
		pull B >out
		same_files A B
		as A mem-sync verify >out
		sound A B
	'
}
settings=
bucket=tls what=TLS
if s3_at minio tls kms; then
	everything
	test_that 'TLS: another authority is refused, and none; nothing is sent' '
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		    -nodes -days 2 -subj "/CN=another" -keyout other.key \
		    -out other.pem 2>/dev/null
		say A s1 "not yet"
		rem list default/ >before
		as A mem-admin config set remote.main.timeout 5
		as A mem-admin config set remote.main.caFile "$work/other.pem"
		exits 75 push A 2>err
		cat err
		grep "certificate problem.*; if it is the right server, set its caFile" err
		as A mem-admin config unset remote.main.caFile
		exits 75 push A 2>err
		cat err
		grep -i "certificate" err
		as A mem-admin config set remote.main.caFile "$work/nowhere.pem"
		exits 75 push A 2>err
		cat err
		grep nowhere.pem err
		as A mem-admin config set remote.main.caFile "$work/tls/ca.pem"
		rem list default/ | cmp before -
		sound A
		push A >out
		pull B >out
		texts B | grep -x "not yet"
	'
	test_that 'http is for this machine alone' '
		say A s1 "by http"
		for host in 192.0.2.1:9 minio.example; do
			as A mem-admin config set remote.main.endpoint \
			    "http://$host"
			exits 2 push A 2>err
			cat err
			grep "by http, where others can read it; use https" err
		done
		# it speaks TLS alone
		as A mem-admin config set remote.main.endpoint \
		    "http://127.0.0.1:$port"
		as A mem-admin config set remote.main.timeout 5
		exits 2 push A 2>err
		cat err
		grep "answered with status 400" err
		as A mem-admin config set remote.main.endpoint "$endpoint"
		push A | grep "\"published\":true"
	'
	bucket=sse what='encrypted by the server' settings=encrypt=s3
	s3 make-bucket
	everything
	# all_are SSE: every object says that it is
	all_are() {
		rem list default/ | cut -d" " -f2- >keys
		[ "$(wc -l <keys)" -gt 8 ]
		while read -r k; do
			s3 head "prod/$k" | grep -q -x "sse $1" ||
			    { echo "$k"; s3 head "prod/$k"; exit 1; }
		done <keys
	}
	test_that 'each object is' 'all_are AES256'
	bucket=kms what='encrypted by the KMS'
	settings='encrypt=kms kmsKey=test-key'
	s3 make-bucket
	everything
	test_that 'each object is, by it' 'all_are aws:kms'
	test_that 'a key that the KMS does not have: refused, and told' '
		as A mem-admin config set remote.main.kmsKey no-such-key
		say A s1 "with another key"
		rem list default/ >before
		exits 2 push A 2>err
		cat err
		grep "no-such-key\|KMS\|key" err
		rem list default/ | cmp before -
		as A mem-admin config set remote.main.kmsKey test-key
		push A | grep "\"published\":true"
	'
fi
settings=
bucket=versions what='with versions'
if s3_at minio; then
	s3_ask PUT '?versioning=' '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
	everything
	test_that 'with versions: what was removed is there as an older one' '
		s3_ask GET "?versions=" >versions
		grep -o "<Key>prod/default/tester/s1/cache/old</Key>" versions |
		    wc -l | grep -x 2
		grep "<DeleteMarker>" versions >/dev/null
	'
	bucket=locks what='with locks'
	s3_ask PUT '' '' -H 'x-amz-bucket-object-lock-enabled: true'
	s3_ask PUT '?object-lock=' '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>'
	everything
	test_that 'with locks: no version can be taken away, and all is there' '
		# a version, not the mark of a deletion, which is none of it
		s3_ask GET "?versions=" | tr "<" "\n" | awk "/^Version>/ { v = 1 }
		    /^DeleteMarker>/ { v = 0 }
		    v && sub(/^Key>/, \"\") { key = \$0 }
		    v && sub(/^VersionId>/, \"\") { print key, \$0; exit }" >version
		read -r k v <version
		bucket=locks/$k exits 22 s3_ask DELETE "?versionId=$v" 2>err
		cat err
		rem list default/ >out
		[ "$(wc -l <out)" -gt 8 ]
		as A mem-sync verify >out
	'
fi
bucket=plain
if s3_at versitygw; then
	test_that 'versitygw ignores that it is to encrypt: refused, nothing stays' '
		for how in s3 kms; do
			settings=encrypt=$how
			nodes A B C
			fill A
			exits 2 push A 2>err
			cat err
			grep "was asked to encrypt .*and says nothing of it; nothing is kept there" err
			rem list default/ >out
			[ ! -s out ]
			mkdir -p "$(dir A)"
			echo one >"$(dir A)/plain"
			exits 2 push A 2>err
			cat err
			grep "was asked to encrypt" err
			rem list default/ >out
			[ ! -s out ]
			exits 2 pull B 2>err
			grep "there is nothing in" err
			sound A
		done
		as A mem-admin config unset remote.main.encrypt
		push A | grep "\"published\":true"
		as B mem-admin config unset remote.main.encrypt
		pull B >out
		same A B
	'
fi
test_done
