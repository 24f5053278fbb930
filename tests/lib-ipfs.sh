# shellcheck shell=sh
# A node of IPFS and a pinning service, on this machine only; sourced after
# lib.sh and lib-s3.sh, whose servers' folder, ports and stopping it shares.
#
# The real node is js-ipfs: npm builds it once into $MEM_SERVERS.  Where that
# cannot be had its tests are skipped; with MEM_NEED_SERVERS=1 that is a
# failure.  The others (server/ipfs.py, pin.py) fail as they are told.
JSIPFS=0.66.1
ipfs_home=$servers/ipfs-$JSIPFS
CID=$obj/helper/cid
# shellcheck disable=SC2034
BLOB=${MEM_BIN:-$top/bin}/../libexec/memkit/blob-ipfs
prefix=artifacts/s/0123456789abcdef0123456789abcdef

# ipfs_have: is the node there, or can it be built?
ipfs_have() {
	[ -e "$ipfs_home/built" ] && command -v node >/dev/null && return
	[ "${MEM_NEED_SERVERS:-0}" = 1 ] && command -v npm >/dev/null || return
	mkdir -p "$ipfs_home"
	(
		cd "$ipfs_home" || exit 1
		echo '{"name":"node","version":"1.0.0","private":true}' >package.json
		HOME=${real_home:-$HOME} nice npm install --no-audit --no-fund \
		    "ipfs@$JSIPFS" || exit 1
		# node before 22 lacks what a library of it calls
		cat >before.cjs <<-'END'
		if (!Promise.withResolvers) Promise.withResolvers = function () {
		  let resolve, reject;
		  const promise = new Promise((a, b) => { resolve = a; reject = b; });
		  return { promise, resolve, reject };
		};
		END
		: >built
	) >"$work/build.log" 2>&1 ||
	    { tail -n 5 "$work/build.log" | sed 's/^/# /'; return 1; }
}

ipfs_missing() {
	if [ "${MEM_NEED_SERVERS:-0}" = 1 ]; then
		test_that 'a node of IPFS can be had' 'exit 1'
	else
		skip 'a node of IPFS' 'it is not installed; MEM_NEED_SERVERS=1 builds it, with npm'
	fi
}

# ipfs_start: js-ipfs, alone; $api
ipfs_start() {
	IPFS_PATH=$work/ipfs port=$(free_port) gateway=$(free_port)
	export IPFS_PATH
	# no telling of a home that has none
	timeout 300 "$ipfs_home/node_modules/.bin/jsipfs" init --empty-repo \
	    --profile test >>"$work/server.log" 2>&1 || return
	PORT=$port GATEWAY=$gateway node -e '
	    const fs = require("fs"), p = process.env.IPFS_PATH + "/config";
	    const c = JSON.parse(fs.readFileSync(p)), at = "/ip4/127.0.0.1/tcp/";
	    c.Addresses = { Swarm: [], Announce: [], Delegates: [],
		API: at + process.env.PORT, Gateway: at + process.env.GATEWAY,
		RPC: at + "0" };
	    c.Bootstrap = []; c.Routing = { Type: "none" };
	    c.Pubsub = { Enabled: false };
	    fs.writeFileSync(p, JSON.stringify(c));' || return
	api=http://127.0.0.1:$port
	NODE_OPTIONS="--require $ipfs_home/before.cjs" s3_spawn \
	    node "$ipfs_home/node_modules/.bin/jsipfs" daemon --offline
	i=0
	until rpc version >/dev/null 2>&1; do
		i=$((i + 1))
		if [ $i -gt 600 ] || ! kill -0 "$s3_pid" 2>/dev/null; then
			tail -n 5 "$work/server.log" | sed 's/^/# /'
			return 1
		fi
		sleep 0.2
	done
}

# rpc COMMAND?QUERY [CURL-OPTION...]
rpc() {
	path=$1
	shift
	curl -sSf -m 60 -X POST "$api/api/v0/$path" "$@"
}

config() {
	mem-admin config set "$1" "$2" >/dev/null
}
# service [TOKEN]: the pinning service counts, too
service() {
	server_start pin
	(umask 077; echo "${1:-a-token-of-the-test}" >"$work/token")
	config artifact.pin.tokenFile "$work/token"
	config artifact.pin.url "http://127.0.0.1:$port"
}

# object NAME FILE [SAID]: of a put
object() {
	printf '{"key":"%s","file":"%s","size_bytes":%d,"sha256":"%s","cid":"%s"%s}' \
	    "$prefix/$1.bin" "$(realpath "$2")" "$(wc -c <"$2")" \
	    "$(sha256sum <"$2" | cut -d' ' -f1)" "$("$CID" "$2")" \
	    "${3:+,\"said\":$3}"
}
# ask TYPE OBJECT[,OBJECT...]: the answer to `got`
ask() {
	printf '{"type":"%s","id":7,"objects":[%s]}\n' "$1" "$2" |
	    timeout 300 "$BLOB" --store "$MEM_STORE" >got 2>err
}
put() {
	ask blob_put "$(object "$@")"
}
# head_of, drop NAME [SAID]
head_of() {
	ask blob_head "{\"key\":\"$prefix/$1.bin\"${2:+,\"said\":$2}}"
}
drop() {
	ask blob_delete "{\"key\":\"$prefix/$1.bin\"${2:+,\"said\":$2}}"
}
# content NAME SAID [OPTION...]
content() {
	name=$1 of=$2
	shift 2
	timeout 300 "$BLOB" --store "$MEM_STORE" --get "$prefix/$name.bin" \
	    ${of:+--said "$of"} "$@"
}
said() {
	sed 's/.*"said":\({[^}]*}\).*/\1/' got
}
# is WHERE, refused CODE [PATTERN]: what the answer says
is() {
	cat got
	[ "$(jl where <got)" = "$1" ]
}
refused() {
	cat got
	[ "$(jl code <got)" = "$1" ] && grep -q "${2:-.}" got
}
