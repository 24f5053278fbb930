#!/bin/sh
# A remote in a folder: what holds of every remote (tests/remote-all.sh); and
# links, foreign files, disks that are full or broken.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
mem-admin init >/dev/null
mem-admin config set remote.main.url "file://$work/remote"
R=$work/remote
RACE=${MEM_ALL:+100} MANY=${MEM_ALL:+100}
RACE=${RACE:-30} MANY=${MANY:-80}

test_that 'a folder that is not there is not made: it may not be mounted' '
	exits 3 "$obj/helper/remote" main open 2>err
	cat err
	grep "remote .main.: the folder .*/remote. is not there: mount it" err
	[ ! -e "$R" ]
'
mkdir "$R"
. "$tests/remote-all.sh"

test_that 'files are as they were put, their folders go with the last' '
	rm -rf "$R"/*
	rem put x/y/z one
	cmp one "$R/x/y/z"
	[ "$(stat -c %a "$R/x/y/z" "$R/x" | tr "\n" " ")" = "600 700 " ]
	rem put x/k one
	rem delete x/y/z
	[ ! -e "$R/x/y" ]
	rem delete x/k
	find "$R" | grep -x "$R"
	[ "$(find "$R" | wc -l)" -eq 1 ]
'
test_that 'putting into folders that others delete' '
	(for i in $(seq "$RACE"); do rem put d/e/f one; done) >/dev/null &
	p=$!
	for i in $(seq "$RACE"); do
		rem delete d/e/f || exit 1
	done
	wait $p
	rem put d/e/f one
	rem verify d/e/f "$(sum one)"
	rem delete d/e/f
'
test_that 'links are never followed' '
	mkdir -p away/in
	echo secret >away/in/file
	ln -s "$PWD/away" "$R/link"
	ln -s "$PWD/away/in/file" "$R/flink"
	for k in link/in/file flink; do
		exits 9 rem get $k g 2>err
		cat err
		exits 9 rem put $k one 2>err
	done
	exits 9 rem put link/new one 2>err
	exits 4 rem new flink one 2>err || exits 9 rem new flink one 2>err
	exits 2 rem head flink 2>err
	grep -x secret away/in/file
	[ ! -e away/new ]
	rem list >got
	cat got
	grep "flink # it is no file" got
	grep "link # it is no file" got
	[ "$(wc -l <got)" -eq 2 ]
	exits 9 rem list link/ 2>err
	exits 9 rem sweep link/ 0 2>err
	rm "$R/link" "$R/flink"
'
test_that 'the folder itself may be a link' '
	ln -s "$R" rlink
	mem-admin config set remote.other.url "$PWD/rlink"
	"$obj/helper/remote" other put a one
	cmp one "$R/a"
	rem delete a
'
test_that 'what is no file is no object, and keeps nobody waiting' '
	mkfifo "$R/pipe"
	mkdir -p "$R/Folder of Others/x"
	echo hi >"$R/Upper"
	echo hi >"$R/bad name"
	rem list >got
	cat got
	grep "^0 Folder of Others/ # it is a folder of others" got
	grep "^3 Upper # " got
	grep "^3 bad name # " got
	grep "^0 pipe # it is no file" got
	[ "$(wc -l <got)" -eq 4 ]
	exits 2 rem get pipe g 2>err
	exits 2 rem head pipe 2>err
	rem put "d1/d2" one
	exits 2 rem get d1 g 2>err
	exits 9 rem put d1 one 2>err
	exits 9 rem put d1/d2/d3 one 2>err
	cat err
	rem delete d1/d2
	rm -rf "${R:?}"/*
'
test_that 'temporary files are not listed, and go by their age' '
	mkdir -p "$R/s/t"
	echo x >"$R/s/.tmp-old"
	echo x >"$R/s/t/.tmp-old"
	echo x >"$R/.tmp-old"
	touch -d "3 days ago" "$R/s/.tmp-old" "$R/s/t/.tmp-old" "$R/.tmp-old"
	echo x >"$R/s/.tmp-new"
	rem put s/a one
	rem list >got
	[ "$(cut -d" " -f2 got)" = s/a ]
	rem sweep s/ 86400000 | grep -x 2
	[ -e "$R/.tmp-old" ]
	[ -e "$R/s/.tmp-new" ]
	rem sweep "" 86400000 | grep -x 1
	rem sweep "" -1000 | grep -x 1
	rem sweep none/ 0 | grep -x 0
	find "$R" -name ".tmp-*" >left
	[ ! -s left ]
	rem verify s/a
	rem delete s/a
'
test_that 'each call of the system fails in turn: told, and nothing half done' '
	faults_work || exit 0
	printf old >old
	head -c 700000 /dev/urandom >new
	afresh() {
		rm -rf "${R:?}"/*
		[ $verb = new ] || cp old "$R/k"
	}
	spread=3
	for op in write fsync rename open mkdir; do
		for verb in put new; do
			hits=0
			points_of $op 1 afresh "$obj/helper/remote" main \
			    $verb k new
			[ $status -eq 0 ]
			for n in $points; do
				afresh
				fault $op:$n:EIO "$obj/helper/remote" main \
				    $verb k new || continue
				hits=$((hits + 1))
				if [ $status -eq 0 ]; then
					cmp new "$R/k"
				elif [ -e "$R/k" ]; then
					cmp old "$R/k" || { cmp new "$R/k" &&
					    grep -x unsure out; }
				elif [ $verb = put ]; then
					exit 1
				fi
				[ $status -eq 0 ] || grep -q . err
			done
			echo "$op $verb: $hits at $points"
			[ $hits -gt 0 ] || [ -z "$points" ]
		done
	done
'
test_that 'a full disk and a broken one are called by their names' '
	faults_work || exit 0
	# called FAULT TEXT VERB...: some such call is that of the remote; the
	# last ones are
	called() {
		how=$1 text=$2
		shift 2
		verb=$1
		absent() { [ $verb != new ] || rm -f "$R/k"; }
		points_of "${how%%:*}" 1 absent "$obj/helper/remote" main "$@"
		absent
		n=$calls
		while [ "$n" -gt 0 ]; do
			fault "${how%%:*}:$n:${how##*:}" \
			    "$obj/helper/remote" main "$@" || break
			if [ $status -ne 0 ] && grep "$text" err; then
				return 0
			fi
			n=$((n - 1))
		done
		cat err
		return 1
	}
	rm -rf "${R:?}"/*
	called write:ENOSPC "cannot write .k.: No space left on device" \
	    put k new
	grep -x "not made" out
	called fsync:EIO "cannot sync .k.: Input/output error" put k new
	grep -x "not made" out
	called fsync:EIO "cannot sync the folder of .k.: Input" new k new
	grep -x unsure out
	rem delete k
	called read:EIO "cannot read .new.: Input/output error" put k new
	rem put k new
	called read:EIO "cannot read .k.: Input/output error" verify k
'
test_that 'killed at every call: whole or not there' '
	faults_work || exit 0
	for op in write fsync rename; do
		afresh() { rm -rf "${R:?}"/*; }
		points_of $op 1 afresh "$obj/helper/remote" main put q/k new
		[ -n "$points" ]
		for n in $points; do
			afresh
			fault $op:$n:KILL "$obj/helper/remote" main put q/k new
			[ ! -e "$R/q/k" ] || cmp new "$R/q/k"
			rem list >out
			[ ! -s out ] || grep -x "700000 q/k" out
		done
	done
	rem sweep "" -1000
	find "$R" -name ".tmp-*" >left
	[ ! -s left ]
'
test_that 'who may not, is told' '
	[ "$(id -u)" -ne 0 ] || exit 0
	rem put locked/a one
	chmod 500 "$R/locked"
	exits 9 rem put locked/b one 2>err
	exits 9 rem delete locked/a 2>err
	chmod 700 "$R/locked"
'
test_that 'settings that are none' '
	set_() { mem-admin config set "remote.bad.$1" "$2"; }
	bad() {
		exits "$1" "$obj/helper/remote" bad open 2>err
		cat err
		grep "$2" err
	}
	bad 3 "remote.bad.url is not set"
	set_ url relative/path
	bad 1 "none of s3://BUCKET/PREFIX"
	set_ url http://x/y
	bad 1 "none of s3://BUCKET/PREFIX"
	set_ url s3://bucket
	bad 1 "names a whole bucket"
	set_ url s3://bucket/
	bad 1 "names a whole bucket"
	set_ url s3://B/x
	bad 1 "is no bucket"
	set_ url s3://bucket/a/../b
	bad 1 "is no prefix"
	set_ url s3://bucket/prod
	set_ encrypt maybe
	bad 1 "remote.bad.encrypt is none, s3 or kms"
	set_ encrypt s3
	set_ kmsKey k
	bad 1 "kmsKey needs"
	mem-admin config unset remote.bad.kmsKey
	set_ style odd
	bad 1 "remote.bad.style is path or host"
	set_ style path
	set_ limit 100
	bad 2 "remote.bad.limit"
	set_ limit 1m
	set_ preset none
	bad 1 "no kind of store .none."
	set_ caFile ca.pem
	bad 1 "remote.bad.caFile should begin with"
	mem-admin config unset remote.bad.caFile
	set_ preset gateway
	set_ endpoint http://127.0.0.1:9
	bad 9 "does not encrypt"
	set_ encrypt none
	set_ region eu-west-1
	set_ regions us-east-1
	AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b bad 9 \
	    "data may not go to the region"
	set_ regions eu-west-1
	AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b \
	    "$obj/helper/remote" bad open | grep -x s3
'
test_that 'a configuration that others may write to is not obeyed' '
	chmod 666 "$MEM_STORE/config"
	exits 9 rem open 2>err
	cat err
	grep "remote.main.url is not obeyed" err
	chmod 600 "$MEM_STORE/config"
'
test_done
