# shellcheck shell=sh
# Real servers that speak S3, on this machine only; sourced after lib.sh.
#
# They are built once into $MEM_SERVERS (default: a folder in the user's
# cache) with go, or come as packages (Ceph).  Where one cannot be had its tests
# are skipped; with MEM_NEED_SERVERS=1 that is a failure.
. "$tests/lib-store.sh"
S3=$obj/helper/s3
servers=${MEM_SERVERS:-${real_home:-/tmp}/.cache/memkit-servers}
VERSITYGW=github.com/versity/versitygw/cmd/versitygw@v1.8.0
# the module mirror has this one; release tags are not Go versions
MINIO=github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
s3_pids=
# shellcheck disable=SC2154 # work: of lib.sh
trap 's3_stop; rm -rf "$work"' EXIT
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset AWS_PROFILE AWS_REGION AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE \
    AWS_SESSION_TOKEN

# s3_have NAME: is it there, or can it be built?
s3_have() {
	case $1 in
	versitygw) s3_build versitygw "$VERSITYGW" ;;
	minio) s3_build minio "$MINIO" ;;
	rgw)
		for t in radosgw ceph-mon ceph-osd ceph ceph-authtool monmaptool; do
			command -v $t >/dev/null || return 1
		done
		;;
	esac
}
s3_build() {
	[ -x "$servers/$1" ] && return
	[ "${MEM_NEED_SERVERS:-0}" = 1 ] && command -v go >/dev/null || return
	mkdir -p "$servers"
	(cd / && HOME=${real_home:-$HOME} GOFLAGS=-mod=mod GOBIN=$servers \
	    nice go install -ldflags '-s -w' "$2") >"$work/build.log" 2>&1 ||
	    { tail -n 5 "$work/build.log" | sed 's/^/# /'; return 1; }
}

s3_stop() {
	for p in $s3_pids; do
		kill "$p" 2>/dev/null
	done
	for p in $s3_pids; do
		i=0
		while kill -0 "$p" 2>/dev/null && [ $i -lt 50 ]; do
			i=$((i + 1))
			sleep 0.1
		done
		kill -9 "$p" 2>/dev/null
	done
	s3_pids=
}

free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# s3_spawn COMMAND...: in the background, until s3_stop
s3_spawn() {
	"$@" >>"$work/server.log" 2>&1 </dev/null &
	s3_pid=$!
	s3_pids="$s3_pids $s3_pid"
}

# s3_ready URL: any answer below 500
s3_ready() {
	i=0
	while [ $i -lt 600 ]; do
		c=$(python3 "$tests/server/s3_status.py" "$1")
		case $c in
		[1-4]??) return 0 ;;
		esac
		kill -0 "$s3_pid" 2>/dev/null || break
		i=$((i + 1))
		sleep 0.1
	done
	tail -n 5 "$work/server.log" | sed 's/^/# /'
	return 1
}

# s3_fake [CERTIFICATE KEY CA]: a store that fails as the file `script` says
# (tests/server/s3.py), and writes what it was asked to `log`; $port, $endpoint
s3_fake() {
	AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=a-secret-of-the-test
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	rm -f "$work/port"
	: >"$work/script"
	: >"$work/log"
	s3_spawn python3 "$tests/server/s3.py" "$work/port" "$work/log" \
	    "$work/script" "$@"
	i=0
	until [ -s "$work/port" ] || [ $i -gt 200 ]; do
		i=$((i + 1))
		sleep 0.05
	done
	port=$(cat "$work/port")
	endpoint=http${1:+s}://127.0.0.1:$port
}

# s3_certificate: tls/ca.pem, and tls/public.crt with tls/private.key for this
# machine
s3_certificate() {
	[ -s "$work/tls/public.crt" ] && return
	mkdir -p "$work/tls"
	(
		cd "$work/tls" || exit 1
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		    -nodes -days 2 -subj '/CN=a CA' -keyout ca.key -out ca.pem
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		    -nodes -subj '/CN=localhost' -keyout private.key -out x.csr
		echo 'subjectAltName=DNS:localhost,DNS:*.s3.localhost,IP:127.0.0.1' >ext
		openssl x509 -req -in x.csr -CA ca.pem -CAkey ca.key \
		    -CAcreateserial -days 2 -extfile ext -out public.crt
	) >"$work/openssl.log" 2>&1
}

# server_start NAME [WORD...]: server/NAME.py, told by the file NAME.script; its
# port
server_start() {
	rm -f "$work/$1.port"
	: >"$work/$1.script"
	: >"$work/$1.log"
	name=$1
	shift
	s3_spawn python3 -B "$tests/server/$name.py" "$work/$name.port" \
	    "$work/$name.log" "$work/$name.script" "$@"
	i=0
	until [ -s "$work/$name.port" ] || [ $i -gt 200 ]; do
		i=$((i + 1))
		sleep 0.05
	done
	port=$(cat "$work/$name.port")
}

# will SERVER LINE...: what it does next; asked SERVER PATTERN N: so many came
will() {
	to=$1
	shift
	: >"$work/$to.log"
	[ $# -eq 0 ] && : >"$work/$to.script" ||
	    printf '%s\n' "$@" >"$work/$to.script"
}
asked() {
	[ "$(grep -c "$2" "$work/$1.log")" -eq "$3" ] ||
	    { cat "$work/$1.log"; return 1; }
}

# s3_start NAME [tls] [kms]: the server; how to reach it in the environment
# and in $endpoint, $port
s3_start() {
	name=$1 tls='' kms=''
	shift
	for o; do
		case $o in
		tls) tls=1 ;;
		kms) kms=1 ;;
		esac
	done
	data=$work/data-$name${tls:+-tls}
	mkdir -p "$data" "$work/certs-none"
	port=$(free_port)
	endpoint=http${tls:+s}://127.0.0.1:$port
	[ -z "$tls" ] || s3_certificate || return
	AWS_ACCESS_KEY_ID=AK$(openssl rand -hex 9)
	AWS_SECRET_ACCESS_KEY=$(openssl rand -hex 20)
	AWS_CA_BUNDLE=${tls:+$work/tls/ca.pem}
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CA_BUNDLE
	"s3_start_$name" || return
}

s3_start_versitygw() {
	mkdir -p "$data.iam" "$data.versions"
	set --
	[ -z "$tls" ] || set -- --cert "$work/tls/public.crt" \
	    --key "$work/tls/private.key"
	ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID \
	ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
	    s3_spawn "$servers/versitygw" --quiet --keep-alive \
	    --port "127.0.0.1:$port" --region us-east-1 \
	    --virtual-domain s3.localhost --iam-dir "$data.iam" \
	    --health /health "$@" posix --versioning-dir "$data.versions" \
	    "$data"
	s3_ready "$endpoint/health"
}

s3_start_minio() {
	certs=$work/certs-none
	[ -z "$tls" ] || certs=$work/tls
	unset MINIO_KMS_SECRET_KEY
	if [ -n "$kms" ]; then
		MINIO_KMS_SECRET_KEY=test-key:$(openssl rand -base64 32)
		export MINIO_KMS_SECRET_KEY
	fi
	# MINIO_CI_CD: the data may be on the system's disk
	MINIO_ROOT_USER=$AWS_ACCESS_KEY_ID \
	MINIO_ROOT_PASSWORD=$AWS_SECRET_ACCESS_KEY MINIO_BROWSER=off \
	MINIO_UPDATE=off MINIO_DOMAIN=s3.localhost MINIO_CI_CD=1 \
	MINIO_SITE_REGION=us-east-1 s3_spawn "$servers/minio" server --quiet \
	    --address "127.0.0.1:$port" --certs-dir "$certs" "$data"
	s3_ready "$endpoint/minio/health/ready"
}

# One node of Ceph, in memory: a monitor, a disk, a gateway.
s3_rgw_conf() {
	cat <<-EOF
	[global]
	fsid = $(cat /proc/sys/kernel/random/uuid)
	mon host = [v2:127.0.0.1:$1]
	public addr = 127.0.0.1
	ms bind ipv4 = true
	ms bind ipv6 = false
	auth cluster required = cephx
	auth service required = cephx
	auth client required = cephx
	keyring = $data/keyring
	run dir = $data
	admin socket = $data/\$name.asok
	pid file =
	log file = $data/\$name.log
	log to stderr = false
	mon data = $data/mon
	osd data = $data/osd
	osd objectstore = memstore
	memstore device bytes = 2147483648
	osd memory target = 939524096
	osd pool default size = 1
	osd pool default min size = 1
	osd pool default pg num = 8
	osd pool default pgp num = 8
	osd pool default pg autoscale mode = off
	osd crush chooseleaf type = 0
	osd max object name len = 2048
	mon allow pool size one = true
	mon data avail crit = 1
	mon max pg per osd = 1000
	rgw dns name = s3.localhost
	rgw crypt require ssl = false
	rgw enable usage log = false
	rgw gc obj min wait = 1
	rgw crypt s3 kms backend = testing
	rgw crypt s3 kms encryption keys = test-key=$(openssl rand -base64 32)
	EOF
}
s3_start_rgw() {
	C=$data/ceph.conf K=$data/keyring monport=$(free_port)
	mkdir -p "$data/mon" "$data/osd"
	(umask 077; s3_rgw_conf "$monport" >"$C")
	{
		monmaptool --create --clobber \
		    --fsid "$(sed -n 's/^fsid = //p' "$C")" \
		    --addv a "[v2:127.0.0.1:$monport]" "$data/monmap" &&
		ceph-authtool --create-keyring "$K" --gen-key -n mon. \
		    --cap mon 'allow *' &&
		ceph-authtool "$K" --gen-key -n client.admin --cap mon 'allow *' \
		    --cap osd 'allow *' --cap mgr 'allow *' &&
		ceph-authtool "$K" --gen-key -n osd.0 --cap mon 'allow profile osd' \
		    --cap osd 'allow *' --cap mgr 'allow profile osd' &&
		ceph-authtool "$K" --gen-key -n client.rgw --cap mon 'allow rwx' \
		    --cap osd 'allow rwx' --cap mgr 'allow rw' &&
		ceph-mon -c "$C" -i a --mkfs --monmap "$data/monmap" --keyring "$K"
	} >>"$work/server.log" 2>&1 || return
	s3_spawn ceph-mon -c "$C" -i a -f
	u=$(cat /proc/sys/kernel/random/uuid)
	{
		timeout 60 ceph -c "$C" osd new "$u" &&
		ceph-osd -c "$C" -i 0 --mkfs --osd-uuid "$u"
	} >>"$work/server.log" 2>&1 || return
	s3_spawn ceph-osd -c "$C" -i 0 -f
	s3_spawn radosgw -c "$C" -n client.rgw -f --rgw-frontends \
	    "beast endpoint=127.0.0.1:$port"
	s3_ready "$endpoint/" || return
	timeout 60 radosgw-admin -c "$C" -n client.rgw user create --uid tester \
	    --display-name tester --access-key "$AWS_ACCESS_KEY_ID" \
	    --secret-key "$AWS_SECRET_ACCESS_KEY" >>"$work/server.log" 2>&1
}

# s3 WORD...: the client, at the server that was started
s3() {
	"$S3" --endpoint "$endpoint" --bucket "$bucket" \
	    ${tls:+--ca "$work/tls/ca.pem"} "$@"
}
# The same in place of the (sub)shell, so that $! is its own
s3_exec() {
	exec "$S3" --endpoint "$endpoint" --bucket "$bucket" \
	    ${tls:+--ca "$work/tls/ca.pem"} "$@"
}

# s3_ask METHOD [?QUERY [XML [HEADER...]]]: curl, of the bucket itself
s3_ask() {
	m=$1 q=${2-} xml=${3-}
	shift
	[ $# -eq 0 ] || shift
	[ $# -eq 0 ] || shift
	printf %s "$xml" >body
	printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" \
	    "$AWS_SECRET_ACCESS_KEY" >curl.conf
	set -- -H "x-amz-content-sha256: $(sha256sum <body | cut -d' ' -f1)" \
	    -H "content-md5: $(openssl md5 -binary body | base64)" "$@"
	curl -s -S -f --show-error -K curl.conf --aws-sigv4 aws:amz:us-east-1:s3 \
	    ${tls:+--cacert "$work/tls/ca.pem"} -X "$m" --data-binary @body \
	    "$@" "$endpoint/$bucket$q"
}

# s3_at NAME [OPTION...]: that server, and no other, with the bucket $bucket, and
# $server; false: it is not there, which was told
s3_at() {
	s3_stop
	echo "# $*"
	if ! s3_have "$1"; then
		s3_missing "$1"
		return 1
	fi
	if ! s3_start "$@"; then
		test_that "$* starts" 'exit 1'
		return 1
	fi
	server=$1
	# one that was started before has it
	s3 make-bucket 2>/dev/null || s3 there >/dev/null
}

# s3_harm SEED PERCENT: a proxy to it that does harm, at the port $through, until
# s3_no_harm
s3_harm() {
	rm -f proxy.port
	"$obj/helper/faultproxy" proxy.port "$port" "$1" "$2" &
	proxy=$!
	i=0
	until [ -s proxy.port ]; do
		i=$((i + 1))
		[ $i -lt 200 ] || return 1
		sleep 0.02
	done
	through=$(cat proxy.port)
}
s3_no_harm() {
	kill "$proxy"
	wait "$proxy" 2>/dev/null || :
}

# s3_missing NAME: skipped, or failed where it must be there
s3_missing() {
	if [ "${MEM_NEED_SERVERS:-0}" = 1 ]; then
		test_that "$1 can be had" 'exit 1'
	else
		skip "$1" 'it is not installed; MEM_NEED_SERVERS=1 builds it'
	fi
}
