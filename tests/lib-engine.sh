# shellcheck shell=sh
# Engines, on this machine only; sourced after lib.sh, before which the script
# says real_home=$HOME.
#
# The real ones are built once into $MEM_SERVERS by maven (server/java) with
# MEM_NEED_SERVERS=1.  Where one cannot be had its tests are skipped; with
# MEM_NEED_SERVERS=1 that is a failure.
#
#	need_engine opensearch || { test_done; exit; }	# elasticsearch, neo4j
#	engine_set os "$engine"		# engine.os.*, of $MEM_STORE
#
# It is there until the script ends; engine_down and engine_up stop it and
# start it again, with what it holds, at the same port.
. "$tests/lib-s3.sh"
ENGINE_OPENSEARCH=2.19.1
ENGINE_ELASTICSEARCH=8.17.0
ENGINE_NEO4J=5.26.0
engine=			# its URL
# shellcheck disable=SC2154 # work: of lib.sh
trap 'engine_end; s3_stop; rm -rf "$work"' EXIT

# engine_folder KIND: where it was built
engine_folder() {
	case $1 in
	opensearch) echo "$servers/engine-opensearch-$ENGINE_OPENSEARCH" ;;
	elasticsearch) echo "$servers/engine-elasticsearch-$ENGINE_ELASTICSEARCH" ;;
	neo4j) echo "$servers/engine-neo4j-$ENGINE_NEO4J" ;;
	esac
}
# engine_class KIND
engine_class() {
	case $1 in
	opensearch) echo OpenSearchNode ;;
	elasticsearch) echo ElasticsearchNode ;;
	neo4j) echo Neo4jNode ;;
	esac
}

# engine_have KIND: is it there, or can it be built?
engine_have() {
	command -v java >/dev/null || return
	dir=$(engine_folder "$1")
	[ "$(engine_sum "$1")" = "$(cat "$dir/built" 2>/dev/null)" ] && return
	if [ "${MEM_NEED_SERVERS:-0}" != 1 ] || ! command -v mvn >/dev/null; then
		# one of other sources still is one
		[ -e "$dir/built" ]
		return
	fi
	mkdir -p "$servers"
	# one at a time, and it is there when it is whole
	(
		flock 9
		[ "$(engine_sum "$1")" = "$(cat "$dir/built" 2>/dev/null)" ] ||
		{
			rm -rf "$dir.new"
			engine_build "$1" "$dir.new" && rm -rf "$dir" &&
			    mv "$dir.new" "$dir"
		}
	) 9>"$servers/engine.lock" >"$work/build.log" 2>&1 ||
	    { tail -n 5 "$work/build.log" | sed 's/^/# /'; return 1; }
}
engine_sum() {
	cat "$tests/server/java/$1.xml" "$tests/server/java/Owner.java" \
	    "$tests/server/java/$(engine_class "$1").java" | cksum
}

# engine_build KIND FOLDER
engine_build() {
	java=$tests/server/java HOME=${real_home:-$HOME}
	mkdir -p "$2/lib" "$2/cls" &&
	engine_mvn -f "$java/$1.xml" dependency:copy-dependencies \
	    "-DoutputDirectory=$2/lib" || return
	case $1 in
	opensearch) engine_build_knn "$2" || return ;;
	elasticsearch) engine_build_module "$2" || return ;;
	esac
	javac -nowarn -cp "$2/lib/*" -d "$2/cls" "$java/Owner.java" \
	    "$java/$(engine_class "$1").java" && engine_sum "$1" >"$2/built"
}
engine_build_knn() {
	knn=opensearch-knn-$ENGINE_OPENSEARCH.0
	engine_mvn dependency:copy "-DoutputDirectory=$1" -Dartifact="\
org.opensearch.plugin:opensearch-knn:$ENGINE_OPENSEARCH.0:zip" &&
	python3 -m zipfile -e "$1/$knn.zip" "$1/knn" &&
	mv "$1"/knn/*.jar "$1/lib/" && rm -rf "$1/knn" "$1/$knn.zip"
}
# HTTP is a module there, which must not be in the path of classes
engine_build_module() {
	m=$1/modules/transport-netty4
	mkdir -p "$m" && mv "$1"/lib/netty-*.jar "$1"/lib/transport-netty4*.jar "$m" &&
	printf '%s\n' name=transport-netty4 description=HTTP \
	    classname=org.elasticsearch.transport.netty4.Netty4Plugin \
	    java.version=17 "version=$ENGINE_ELASTICSEARCH" \
	    "elasticsearch.version=$ENGINE_ELASTICSEARCH" \
	    >"$m/plugin-descriptor.properties"
}
engine_mvn() {
	(cd "$work" && nice mvn -q -B "-Duser.home=$HOME" "$@")
}

# engine_missing KIND: skipped, or failed where it must be there
engine_missing() {
	if [ "${MEM_NEED_SERVERS:-0}" = 1 ]; then
		test_that "$1 can be had" 'exit 1'
	else
		skip "$1" 'it is not installed; MEM_NEED_SERVERS=1 builds it, with maven'
	fi
}

# need_engine KIND: started, at $engine; false: it cannot be, which was told
need_engine() {
	engine_kind=$1
	if ! engine_have "$1"; then
		engine_missing "$1"
		return 1
	fi
	engine_port=$(free_port)
	engine=http://127.0.0.1:$engine_port
	if ! engine_up; then
		test_that "$1 starts" 'exit 1'
		return 1
	fi
}

# engine_up: the one that need_engine named, which is not running.  Its number
# is in a file: who starts it may be a subshell.
engine_up() {
	dir=$(engine_folder "$engine_kind") home=$work/engine-$engine_kind
	mkdir -p "$home"
	set -- -cp "$dir/cls:$dir/lib/*"
	if [ "$engine_kind" = elasticsearch ]; then
		ln -sfn "$dir/modules" "$home/modules"
		set -- --module-path "$dir/lib" --add-modules=jdk.net \
		    --add-modules=ALL-MODULE-PATH -cp "$dir/cls"
	fi
	# of a subshell: nobody tells how it ended
	# shellcheck disable=SC2086 # words
	(
		nohup java -Xms${ENGINE_HEAP:-512m} -Xmx${ENGINE_HEAP:-512m} \
		    -Dlog4j2.disable.jmx=true ${ENGINE_JAVA-} "$@" \
		    "$(engine_class "$engine_kind")" "$home" "$engine_port" $$ \
		    >>"$work/engine.log" 2>&1 </dev/null 7>&- 8>&- 9>&- &
		echo $! >"$work/engine.pid"
	)
	i=0
	until engine_ready; do
		i=$((i + 1))
		if [ $i -gt 900 ] ||
		    ! kill -0 "$(cat "$work/engine.pid")" 2>/dev/null; then
			tail -n 5 "$work/engine.log" | sed 's/^/# /'
			return 1
		fi
		sleep 0.2
	done
}
# before it has read what it holds it is green, and has nothing
engine_ready() {
	case $engine_kind in
	neo4j) curl -sf -m 5 "$engine/" ;;
	*) curl -sf -m 5 "$engine/_count" &&
	    curl -sf -m 5 \
	    "$engine/_cluster/health?wait_for_status=yellow&timeout=1s" ;;
	esac >/dev/null
}

# engine_down [SIGNAL]: and it is gone
engine_down() {
	engine_pid=$(cat "$work/engine.pid" 2>/dev/null) || return 0
	kill -"${1:-TERM}" "$engine_pid" 2>/dev/null || :
	i=0
	while kill -0 "$engine_pid" 2>/dev/null && [ $i -lt 150 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	kill -9 "$engine_pid" 2>/dev/null || :
	rm -f "$work/engine.pid"
}
engine_end() {
	engine_down KILL
}

# engine_cpu: milliseconds of CPU that it took so far
engine_cpu() {
	sed 's/.*) //' "/proc/$(cat "$work/engine.pid")/stat" |
	    awk -v hz="$(getconf CLK_TCK)" '{ print ($12 + $13) * 1000 / hz }'
}

# engine_set NAME URL [KIND]: engine.NAME.*, of the store
engine_set() {
	mem-admin config set "engine.$1.url" "$2" &&
	mem-admin config set "engine.$1.kind" "${3:-${engine_kind:-opensearch}}"
}

# lines_of FILE N: wait until it has so many
lines_of() {
	i=0
	until [ "$(wc -l <"$1")" -ge "$2" ]; do
		i=$((i + 1))
		[ $i -lt 600 ] || { cat "$1"; return 1; }
		sleep 0.05
	done
}

# engine_curl METHOD PATH [JSON]: past us
engine_curl() {
	curl -sS -m 60 -X "$1" -H 'Content-Type: application/json' \
	    ${3:+--data-binary "$3"} "$engine$2"
}

# engine_proxy [URL]: between us and it (or nobody: what was asked is answered),
# at $proxy; it fails as `will proxy LINE...` says (server/faults.py, proxy.py)
engine_proxy() {
	server_start proxy "$@"
	# shellcheck disable=SC2034 # of who sources us
	proxy=http${FAULTS_TLS:+s}://127.0.0.1:$port
}
