#!/bin/sh
# mem-artifact with nothing set: pointers.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

test_that 'a pointer needs nothing, and says what it was told' '
	mem-artifact put --uri https://example.org/spec.pdf --content-type application/pdf \
	    --name "dir/the spec.pdf" --session s1 --meta project=auth --meta of=a,b >out
	valid out
	cat out
	grep "\"mode\":\"pointer_only\",\"status\":\"stored\",\"uri\":\"https://example.org/spec.pdf\"" out
	grep "\"filename\":\"the spec.pdf\",\"content_type\":\"application/pdf\"" out
	grep "\"metadata\":{\"project\":\"auth\",\"of\":\"a,b\"},\"session_id\":\"s1\",\"user\":\"tester\"" out
	exits 1 grep provider out
	exits 1 grep size_bytes out
	id=$(jl artifact_id <out)
	for verb in get head; do
		mem-artifact $verb "$id" | cmp - out
	done
	mem-artifact get - <out | cmp - out
	echo "$id" | mem-artifact get - | cmp - out
	mem-artifact list | cmp - out
	mem-session list | grep "\"s1\""
	mem-artifact capabilities >out
	valid out
	[ "$(cat out)" = "{\"type\":\"capabilities\",\"mode\":\"pointer_only\",\"pointer_uri_schemes\":[\"https\",\"s3\",\"gs\",\"ipfs\"]}" ]
	[ ! -e "$blobs" ]
	mem-admin check
'
test_that 'its content is elsewhere: the URI is told, whole in the record' '
	long=https://example.org/$(printf %0600d 7)
	id=$(put --uri "$long")
	code pointer_content_not_managed mem-artifact content "$id"
	grep "\"uri\":\"$long\"" code.out
	grep "its content is at https://example.org/000" err
	code pointer_content_not_managed mem-artifact verify "$id"
	exits 2 mem-artifact content "$id" --range 0-1 >got 2>err
	[ ! -s got ]
'
test_that 'bytes are refused' '
	echo hello >file
	code managed_storage_disabled mem-artifact put file
	code managed_storage_disabled mem-artifact put -
	[ ! -e "$blobs" ]
'
test_that 'schemes: the default, in any case, and no other' '
	for uri in https://a/b HTTPS://a/b s3://b/k gs://b/k ipfs://bafy/x; do
		put --uri "$uri" >/dev/null
	done
	for uri in http://a/b local-fs://x ftp://a/b file:///etc/passwd \
	    javascript://x data://x httpss://a/b https a ://a \
	    unix+verylongscheme://x "mailto:a@b"; do
		code invalid_pointer_uri_scheme mem-artifact put --uri "$uri"
		grep "\"allowed\":\[\"https\",\"s3\",\"gs\",\"ipfs\"\]" code.out
	done
'
test_that 'schemes: http and local-fs are opted in' '
	conf artifact.schemes "http local-fs, https"
	put --uri http://a/b >/dev/null
	put --uri local-fs://a/b >/dev/null
	code invalid_pointer_uri_scheme mem-artifact put --uri s3://a/b
	grep "\"allowed\":\[\"http\",\"local-fs\",\"https\"\]" code.out
	mem-admin config unset artifact.schemes
'
test_that 'schemes: unknown and doubled ones are refused at start' '
	for bad in gopher https,ftp "https, https" "HTTPS https" ", ,"; do
		exits 2 env RAW_STORAGE_POINTER_URI_SCHEMES="$bad" mem-artifact list 2>err
		grep "RAW_STORAGE_POINTER_URI_SCHEMES" err
		exits 2 mem-admin config set artifact.schemes "$bad" 2>err
		grep "artifact.schemes" err
	done
	git config -f "$MEM_STORE/config" artifact.schemes "https gopher" 2>/dev/null ||
	    printf "[artifact]\n\tschemes = https gopher\n" >>"$MEM_STORE/config"
	exits 2 mem-artifact capabilities 2>err
	grep "artifact.schemes is a list of https, s3, gs, ipfs, http, local-fs and file, not .gopher" err
	mem-admin config unset artifact.schemes
'
test_that 'URIs: no password, no blanks, no controls, 8 KiB at most' '
	code invalid_metadata mem-artifact put --uri https://u:pw@example.org/x
	exits 1 grep pw err code.out
	put --uri https://u@example.org/x >/dev/null
	put --uri https://example.org/a:b@c >/dev/null
	code invalid_metadata mem-artifact put --uri "https://a/b c"
	code invalid_metadata mem-artifact put --uri "$(printf "https://a/b\nc")"
	code invalid_metadata mem-artifact put --uri "$(printf "https://a/b\033c")"
	code invalid_metadata mem-artifact put --uri "$(printf "https://a/\377")"
	code invalid_metadata mem-artifact put --uri https:/a
	code invalid_metadata mem-artifact put --uri https://
	code invalid_metadata mem-artifact put --uri ""
	long=https://example.org/$(printf %08172d 7)
	[ ${#long} -eq 8192 ]
	id=$(put --uri "$long")
	mem-artifact get "$id" | grep -F "\"$long\""
	code invalid_metadata mem-artifact put --uri "${long}8"
'
test_that 'a secret in a URI is refused, in metadata replaced' '
	secret=ghp_$(printf "%s" 16C7e42F292c6912E7710c838347Ae178B4a)
	code invalid_metadata mem-artifact put --uri "https://example.org/?token=$secret"
	exits 1 grep "$secret" err code.out
	mem-artifact put --uri https://example.org/ --meta t="$secret" >out
	exits 1 grep "$secret" out
	grep "\[redacted:" out
	mem-artifact put --no-redact --uri "https://example.org/?token=$secret" | grep "$secret"
'
test_that 'deleted: a tombstone, and the id does not come back' '
	id=$(put --uri https://example.org/gone --session s1 --name n --meta a=b --content-type a/b)
	mem-artifact delete "$id" >out
	valid out
	grep "\"status\":\"deleted\",\"metadata\":{},\"session_id\":\"s1\"" out
	exits 1 grep -e uri -e filename -e content_type -e example out
	mem-artifact delete "$id" | cmp - out
	mem-artifact get "$id" | cmp - out
	code artifact_not_found mem-artifact content "$id"
	exits 1 eval "mem-artifact list --session s1 --status stored | grep $id"
	mem-artifact list --all | grep "$id"
	mem-artifact list --status deleted | grep "$id"
	exits 1 grep -r -a example.org/gone "$tenant/memory.db" "$tenant/memory.db-wal"
'
test_that 'ids that are none, of somebody else, of nobody: one text' '
	id=$(put --uri https://example.org/mine)
	other=$(MEM_USER=ann put --uri https://example.org/hers)
	for verb in get head content verify delete "delete --dry-run"; do
		code artifact_not_found mem-artifact $verb 01M812K106BKMD6HBQR1C5VKAM
		sed s/01M812K106BKMD6HBQR1C5VKAM/ID/ err code.out >want
		code artifact_not_found mem-artifact $verb "$other"
		sed "s/$other/ID/" err code.out | cmp - want
	done
	for bad in x "" .. "$id/" "01M812K106BKMD6HBQR1C5VKAMX" "../../memory.db"; do
		code artifact_not_found mem-artifact get -- "$bad" || exit
	done
	mem-artifact get "$(echo "$id" | tr A-Z a-z)" | grep "$id"
	MEM_USER=ann mem-artifact list >out
	[ "$(wc -l <out)" -eq 1 ]
	exits 1 env MEM_USER=nobody mem-artifact list
	[ "$(MEM_USER=ann status "$other")" = stored ]
'
test_that 'a call that is bound to a session sees that one, and what is of none' '
	none=$(put --uri https://example.org/none)
	one=$(MEM_SESSION=b1 put --uri https://example.org/b1)
	two=$(put --uri https://example.org/b2 --session b2)
	mem-artifact get "$one" | grep "\"session_id\":\"b1\""
	MEM_SESSION=b1; export MEM_SESSION
	mem-artifact get "$none" "$one" >out
	for verb in get head content verify delete; do
		code artifact_not_found mem-artifact $verb "$two"
	done
	mem-artifact list >out
	grep "$one" out
	grep "$none" out
	exits 1 grep "$two" out
	exits 2 mem-artifact list --session b2 2>err
	exits 2 mem-artifact list --session there-is-none 2>err2
	cmp err err2
	MEM_SESSION=nothing
	code artifact_not_found mem-artifact get "$one"
	mem-artifact get "$none"
	unset MEM_SESSION
	[ "$(status "$two")" = stored ]
'
test_that 'a session that was forgotten takes none, and none is made of it' '
	put --uri https://example.org/a --session lost >/dev/null
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"lost\"}" | mem-ingest -q >out
	before=$(mem-artifact list --all | wc -l)
	exits 2 mem-artifact put --uri https://example.org/b --session lost >out 2>err
	cat err
	grep "forgotten" err
	[ ! -s out ]
	[ "$(mem-artifact list --all | wc -l)" -eq "$before" ]
	exits 1 mem-artifact list --session lost
	exits 64 mem-artifact put --uri https://example.org/b --session "$(printf "a\001")" 2>err
	mem-admin check
'
test_that 'list: by time, session, state; each way, so many' '
	fresh_store
	MEM_NOW=2026-11-18T12:00:00Z put --uri https://example.org/1 >one
	MEM_NOW=2026-11-19T12:00:00Z put --uri https://example.org/2 --session s >two
	MEM_NOW=2026-11-20T12:00:00Z put --uri https://example.org/3 >three
	mem-artifact list | jl artifact_id >got
	cat one two three | cmp - got
	mem-artifact list --reverse -n 2 | jl artifact_id >got
	cat three two | cmp - got
	mem-artifact list --since 2026-11-19 --until 2026-11-20 | jl artifact_id | cmp - two
	mem-artifact list --session s | jl artifact_id | cmp - two
	exits 1 mem-artifact list --session other
	exits 1 mem-artifact list --provider s3
	exits 1 mem-artifact list --status failed
	exits 64 mem-artifact list --status odd 2>err
	mem-artifact delete "$(cat two)" >out
	mem-artifact list --status stored | jl artifact_id >got
	cat one three | cmp - got
	mem-artifact --complete get "" >got
	cat three one | cmp - got
'
test_that 'called wrongly' '
	exits 64 mem-artifact put 2>err
	exits 64 mem-artifact put --uri https://a/b file 2>err
	exits 64 mem-artifact put --batch file 2>err
	exits 64 mem-artifact put --batch --uri https://a/b 2>err
	exits 64 mem-artifact put a b --name x 2>err
	exits 64 mem-artifact get 2>err
	exits 64 mem-artifact content 2>err
	exits 64 mem-artifact content a b 2>err
	exits 64 mem-artifact list a 2>err
	exits 64 mem-artifact capabilities a 2>err
	exits 64 mem-artifact reconcile a 2>err
	exits 64 mem-artifact rekey 2>err
	grep "artifact.codec is not aes_gcm" err
'
if command -v python3 >/dev/null; then
	test_that 'nothing is ever fetched: who listens at the URI hears nothing' '
		fresh_store
		cat >listen.py <<-"EOT"
		import socket, sys
		s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
		print(s.getsockname()[1], file=open("port.new", "w"), flush=True)
		import os; os.rename("port.new", "port")
		while True:
		    c, who = s.accept()
		    open("heard", "a").write("somebody\n")
		    c.close()
		EOT
		python3 listen.py & listener=$!
		trap "kill $listener" EXIT
		while [ ! -s port ]; do sleep .05; done
		port=$(cat port)
		conf artifact.schemes "https http s3 gs ipfs local-fs"
		managed
		for scheme in https http s3 gs ipfs local-fs; do
			for host in 127.0.0.1 localhost; do
				put --uri "$scheme://$host:$port/file?x=1#y" --session s1 \
				    --content-type text/plain --name file.txt \
				    --meta say=tangerine --disclose-hash --public
			done
		done >ids
		mem-artifact get - <ids >out
		mem-artifact head - <ids >out
		[ "$(wc -l <out)" -eq 12 ]
		exits 2 mem-artifact verify - <ids 2>err
		while read -r id; do
			exits 2 mem-artifact content "$id" 2>err
		done <ids
		mem-search tangerine >out || :
		mem-index -q
		mem-search tangerine >out || :
		mem-artifact reconcile --scan >out
		mem-artifact reconcile --scan --dry-run >out
		mem-artifact list >out
		mem-admin check
		mem-artifact delete - <ids >out
		[ ! -e heard ]
		# it would have heard
		python3 -c "import socket; socket.create_connection((\"127.0.0.1\", $port)).recv(1)"
		[ -s heard ]
	'
else
	skip 'nothing is ever fetched' 'no python3'
fi
test_done
