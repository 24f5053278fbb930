#!/bin/sh
# mem-artifact: what is set in the file, and in the environment.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

echo hello >file
mem-admin -q init >/dev/null

# refused TEXT VARIABLE=VALUE...: at start, whatever is asked for
refused() {
	what=$1
	shift
	for verb in list capabilities "put --uri https://a/b" reconcile; do
		# shellcheck disable=SC2086
		exits 2 env "$@" mem-artifact $verb >out 2>err || return 1
		grep -e "$what" err || { cat err; return 1; }
		[ ! -s out ] || return 1
	done
}
# provider VARIABLE=VALUE...: who takes what is put
provider() {
	env "$@" mem-artifact capabilities | jl provider
}

test_that 'what is missing is named' '
	refused "artifact.provider (or RAW_STORAGE_PROVIDER) is not set" RAW_STORAGE_MODE=managed_blob
	refused "artifact.s3.url is not set" RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=s3
	refused "artifact.ipfs.api is not set" RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=filecoin
	refused "artifact.s3.url is not set" RAW_STORAGE_LEGACY_PROVIDERS=s3
	refused "artifact.ipfs.api is not set" RAW_STORAGE_LEGACY_PROVIDERS="local_fs filecoin"
	refused "mem-admin key new" RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs RAW_CONTENT_CODEC=aes_gcm
	exits 1 mem-artifact list
'
test_that 'what is wrong is named, as it was given' '
	refused "RAW_STORAGE_MODE is pointer_only or managed_blob, not .odd" RAW_STORAGE_MODE=odd
	refused "RAW_STORAGE_PROVIDER is local_fs, s3 or filecoin, not .gcs" RAW_STORAGE_PROVIDER=gcs
	refused "RAW_STORAGE_LEGACY_PROVIDERS is a list" RAW_STORAGE_LEGACY_PROVIDERS=local_fs,gcs
	refused "there twice" RAW_STORAGE_LEGACY_PROVIDERS=local_fs,local_fs
	refused "or is the active one" RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs \
	    RAW_STORAGE_LEGACY_PROVIDERS=local_fs
	refused "RAW_CONTENT_CODEC is none or aes_gcm" RAW_CONTENT_CODEC=rot13
	for bad in /a a/ a//b .a a/.b a/../b "a b" "a\\b" ü "$(printf %0257d 1)"; do
		refused "RAW_STORAGE_PREFIX cannot be" RAW_STORAGE_PREFIX="$bad" || exit
	done
	refused RAW_CONTENT_CODEC_ACTIVE_KEY_ID RAW_CONTENT_CODEC_ACTIVE_KEY_ID="a b"
'
test_that 'mem-admin config set refuses the same, by the name of the setting' '
	while read -r key value; do
		exits 2 mem-admin config set "$key" "$value" 2>err
		grep "$key" err
		exits 1 mem-admin config get "$key"
	done <<-"EOT"
	artifact.mode odd
	artifact.provider gcs
	artifact.legacy local_fs,gcs
	artifact.legacy s3 s3
	artifact.schemes gopher
	artifact.prefix a/../b
	artifact.codec rot13
	artifact.activeKey a/b
	artifact.localFs.dir here
	EOT
	exits 64 mem-admin config set artifact.maxBytes 0 2>err
	exits 64 mem-admin config set artifact.maxBytes many 2>err
	while read -r key value; do
		mem-admin config set "$key" "$value" 2>err
		[ ! -s err ]
		mem-admin config unset "$key"
	done <<-"EOT"
	artifact.mode managed_blob
	artifact.provider filecoin
	artifact.legacy local_fs, s3
	artifact.schemes HTTPS http
	artifact.prefix a/b
	artifact.codec none
	artifact.activeKey k-1
	artifact.localFs.dir /srv/files
	artifact.maxBytes 5G
	artifact.s3.url s3://b/p
	artifact.ipfs.api http://127.0.0.1:5001
	artifact.pin.url https://pin.example.org
	EOT
	ARTIFACT=$(mem-admin config set ARTIFACT.Mode odd 2>&1) && exit 1
	echo "$ARTIFACT" | grep "pointer_only or managed_blob"
'
test_that 'a wrong setting of the file is told by every call, and mended by mem-admin' '
	printf "[artifact]\n\tmode = odd\n" >>"$MEM_STORE/config"
	refused "artifact.mode is pointer_only or managed_blob, not .odd" A=b
	mem-admin config set artifact.mode pointer_only
	exits 1 mem-artifact list
	mem-admin config unset artifact.mode
'
test_that 'the environment wins over the file; what is empty there is not set' '
	conf artifact.mode managed_blob artifact.provider local_fs artifact.prefix file
	[ "$(provider A=b)" = local_fs ]
	[ -z "$(provider RAW_STORAGE_MODE=pointer_only | tr -d " ")" ]
	[ "$(provider RAW_STORAGE_MODE= RAW_STORAGE_PROVIDER=)" = local_fs ]
	refused "artifact.s3.url" RAW_STORAGE_PROVIDER=s3
	put file >/dev/null
	grep "local-fs://file/s/" put.out
	RAW_STORAGE_PREFIX=env/x mem-artifact put file >out
	# the same bytes, the same object
	grep "local-fs://file/s/" out
	echo other >file2
	RAW_STORAGE_PREFIX=env/x mem-artifact put file2 >out
	grep "local-fs://env/x/s/" out
	mem-artifact list | mem-artifact verify - >out
	RAW_STORAGE_POINTER_URI_SCHEMES=http mem-artifact put --uri http://a/b >out
	RAW_STORAGE_POINTER_URI_SCHEMES=http exits 2 mem-artifact put --uri https://a/b 2>err
'
test_that 'a prefix of the file may be empty, and the folder another' '
	mkdir elsewhere
	conf artifact.prefix "" artifact.localFs.dir "$work/elsewhere/deep"
	echo third >file3
	id=$(put file3)
	grep "local-fs://s/[0-9a-f]\{32\}/$id.bin" put.out
	[ "$(cat elsewhere/deep/s/*/"$id.bin")" = third ]
	[ "$(stat -c %a elsewhere/deep)" = 700 ]
	mem-artifact content "$id" | cmp - file3
	mem-artifact reconcile --scan >out || :
	mem-admin config unset artifact.localFs.dir
	mem-admin config unset artifact.prefix
	exits 2 mem-artifact content "$id" >got 2>err
	[ ! -s got ]
'
test_that 'no fallback: a provider that is not registered any more is named' '
	fresh_store
	managed
	id=$(put file)
	conf artifact.mode pointer_only
	mem-artifact get "$id" | grep "\"status\":\"stored\",\"provider\":\"local_fs\""
	for verb in content verify delete head "delete --dry-run"; do
		code storage_backend_unavailable mem-artifact $verb "$id"
		grep "\"provider\":\"local_fs\"" code.out
	done
	[ -e "$(object "$id")" ]
	[ "$(status "$id")" = stored ]
	mem-artifact reconcile >out
	# as a legacy one it is read and deleted
	conf artifact.legacy local_fs
	mem-artifact content "$id" | cmp - file
	mem-artifact verify "$id"
	mem-artifact delete "$id" | grep deleted
	[ "$(objects)" = 0 ]
	code managed_storage_disabled mem-artifact put file
'
test_that 'artifact.maxBytes: as many, and not one more, whatever it comes from' '
	fresh_store
	managed
	for max in 1 100 70000; do
		conf artifact.maxBytes $max
		bytes $max as-many
		bytes $((max + 1)) more
		put as-many >/dev/null
		put - <as-many >/dev/null
		cat as-many | put - >/dev/null
		code artifact_too_large mem-artifact put more
		code artifact_too_large mem-artifact put - <more
		cat more | code artifact_too_large mem-artifact put -
	done
	mem-artifact capabilities | grep "\"max_upload_bytes\":70000"
	[ "$(mem-artifact list --all | wc -l)" -eq 9 ]
	[ -z "$(find "$blobs/tmp" -type f -name "put*" -o -type f -name "new*")" ]
	mem-admin config unset artifact.maxBytes
	mem-artifact capabilities | grep "\"max_upload_bytes\":26214400"
	mem-artifact capabilities | valid
'
test_that 'keys of the environment: the first seals, all open, none is told' '
	fresh_store
	managed
	k1=a1:$(printf %043d 1 | tr 1 A) k2=a2:$(openssl rand 32 | base64 | tr "+/" "-_" | tr -d "=\n")
	RAW_CONTENT_CODEC=aes_gcm; export RAW_CONTENT_CODEC
	RAW_CONTENT_CODEC_KEYS=$k2; export RAW_CONTENT_CODEC_KEYS
	id=$(put file)
	[ "$(sql "SELECT json_extract(codec, \"\$.key_id\") FROM artifact")" = a2 ]
	exits 1 grep -q hello "$(object "$id")"
	RAW_CONTENT_CODEC_KEYS=$k1,$k2
	mem-artifact content "$id" | cmp - file
	two=$(put file)
	[ "$(sql "SELECT json_extract(codec, \"\$.key_id\") FROM artifact" | sort | tr "\n" " ")" = "a1 a2 " ]
	RAW_CONTENT_CODEC_ACTIVE_KEY_ID=a2 put file >/dev/null
	[ "$(sql "SELECT count(*) FROM artifact WHERE json_extract(codec, \"\$.key_id\") = \"a2\"")" = 2 ]
	refused "a9" RAW_CONTENT_CODEC_ACTIVE_KEY_ID=a9
	# one that is not known is named by its id
	RAW_CONTENT_CODEC_KEYS=$k1
	exits 2 mem-artifact content "$id" >got 2>err
	grep a2 err
	[ ! -s got ]
	# a wrong one
	RAW_CONTENT_CODEC_KEYS=a2:$(openssl rand 32 | base64 | tr "+/" "-_" | tr -d "=\n")
	exits 2 mem-artifact content "$id" >got 2>err
	cat err
	grep a2 err
	exits 1 grep -F -e "${RAW_CONTENT_CODEC_KEYS#*:}" err
	[ ! -s got ]
	refused RAW_CONTENT_CODEC_KEYS RAW_STORAGE_MODE=managed_blob RAW_CONTENT_CODEC_KEYS=junk
	unset RAW_CONTENT_CODEC RAW_CONTENT_CODEC_KEYS
'
test_done
