#!/bin/sh
# mem-search, mem-index: texts in other languages than English.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

index=$MEM_STORE/tenants/default/index/user/tester

# lines N TEXT...: events from N on
lines() {
	n=$1
	shift
	for text; do
		printf '{"event_id":"01HNAVQZC000000000000000%02d",' "$n"
		printf '"session_id":"s%d","timestamp":%d,"text":"%s"}\n' \
		    $((n % 2)) $((1706540400000 + n)) "$text"
		n=$((n + 1))
	done
}

# finds ID QUERY...: it and nothing else
finds() {
	id=$1
	shift
	mem-search --mode text -l "$@" >got 2>err || :
	cat got err
	[ "$(cat got)" = "01HNAVQZC000000000000000$id" ]
}

test_that 'a language that is not known: those that are' '
	exits 2 mem-admin config set index.language klingon 2>err
	cat err
	grep "index.language: there is no language .klingon.; there are english, none, arabic" err
	lines 1 "text" | mem-ingest -q >/dev/null
	printf "[index]\n\tlanguage = klingon\n" >"$MEM_STORE/config"
	for t in "mem-search text" mem-index "mem-index --verify"; do
		exits 2 $t >out 2>err
		cat err
		grep "index.language: there is no language .klingon." err
		[ ! -s out ]
	done
	mem-log | grep text
'
test_that 'none: words as they stand, and no stop words' '
	fresh_store
	mem-admin config set index.language none
	lines 1 "the walks" "a walk" | mem-ingest -q >/dev/null
	finds 02 walk
	finds 01 the
	mem-index >/dev/null
	grep -x "language none" "$index/manifest"
	finds 02 walk
	finds 01 the
	mem-admin config set index.language english
	mem-index >/dev/null 2>&1
	[ "$(grep -c language "$index/manifest")" -eq 0 ]
	mem-search --mode text --count walk | grep -x 2
'

if ! mem-admin config set index.language german 2>err; then
	cat err
	test_that 'without libstemmer the remedy is named' '
		grep "libstemmer" err
	'
	skip 'German, French, Russian' 'no libstemmer here'
	test_done
	exit
fi

test_that 'libstemmer that cannot be loaded is told, with the remedy' '
	fresh_store
	lines 1 "text" | mem-ingest -q >/dev/null
	printf "[index]\n\tlanguage = german\n" >"$MEM_STORE/config"
	so=$(sed -n "s/^#define LIBSTEMMER_SO \"\(.*\)\"$/\1/p" \
	    "$(dirname "${MEM_BIN:-$top/bin}")/config.h")
	[ -n "$so" ] || exit 0
	mkdir -p broken
	: >"broken/$so"
	LD_LIBRARY_PATH=$PWD/broken exits 2 mem-search text 2>err
	cat err
	grep "index.language: cannot load .$so.; install libstemmer, or use another language: mem-admin config set index.language english" err
'

# german|french|russian: a store with texts that inflect
german() {
	lines 1 'Die Häuser am Fluss wurden verkauft' \
	    'Alle Verbindungen zur Datenbank brachen ab' \
	    'Wir haben den Dienst neu gestartet' \
	    'Die Straße ist für Fahrräder gesperrt' \
	    'Kubernetes startet den Dienst auf dem Rechner'
}
# shellcheck disable=SC1112 # apostrophes as texts have them
french() {
	lines 1 'Les pommes que nous avons mangées étaient rouges' \
	    'L’erreur vient des élèves qui n’ont pas fermé la connexion' \
	    'Il a décidé de supprimer le cache' \
	    'Quelles décisions ont été prises hier ?' \
	    'Kubernetes redémarre le serveur'
}
russian() {
	lines 1 'Мы переехали на новую базу данных' \
	    'Ошибка в соединении с сервером' \
	    'Вчера обсуждали решение о кеше' \
	    'Ёлка стоит в старом доме' \
	    'Kubernetes перезапускает службу'
}

# queries of a language, and how many of the five texts each finds
queries() {
	case $1 in
	german) cat <<'END'
1 Haus
1 verkaufte
1 Verbindung
2 Dienste
1 hauser
1 strasse
1 "am Fluss"
0 "am Flüsse"
1 start*
2 die
1 häuser -redis
5 Häuser OR Verbindungen OR Dienst OR Straße
END
	;;
	french) cat <<'END'
1 manger pomme
1 mange
1 eleve
1 élève
1 d'élève
1 erreurs
1 decision
1 supprimé
1 "le cache"
0 "les cache"
1 serveurs
2 dec*|déc*
END
	;;
	russian) cat <<'END'
1 база
1 новый
1 ошибки
1 соединения
1 решения
1 елка
1 дома
1 старый
1 "новую базу"
0 "новая база"
1 служба
1 перезапуск*
END
	;;
	esac
}

# ask LANGUAGE OUT: what all of its queries print
ask() {
	queries "$1" | while read -r n q; do
		echo "== $n $q"
		mem-search --mode text -v --explain -- "$q" 2>&1 || :
		mem-search --mode text --text -- "$q" 2>&1 || :
	done >"$2"
	mem-search --mode text --budget 500 -- "$(queries "$1" |
	    sed 's/^[0-9] //' | head -n 3 | tr '\n' ' ')" >>"$2"
}

for l in german french russian; do
	fresh_store
	mem-admin config set index.language $l
	$l >in
	mem-ingest -q <in >/dev/null
	test_that "$l: inflected forms are found" '
		queries $l | while read -r n q; do
			case $q in
			0*) exit 1 ;;
			*"|"*) q="${q%|*} OR ${q#*|}" ;;
			esac
			got=$(mem-search --mode text --count -- "$q" 2>err) || :
			[ "$got" = "$n" ] || {
				echo "$q: $got, not $n"
				cat err
				exit 1
			}
		done
	'
	test_that "$l: the same bytes without an index, with half of one, with all of it" '
		ask $l none
		head -n 3 in >half
		fresh_store
		mem-admin config set index.language $l
		mem-ingest -q <half >/dev/null
		mem-index >/dev/null
		mem-ingest -q <in >/dev/null
		ask $l half
		cmp none half
		mem-index >/dev/null
		grep -x "language $l" "$index/manifest"
		ask $l all
		cmp none all
		mem-index --verify >/dev/null
		grep -c "\*\*" all
	'
	test_that "$l: the same bytes with vectors and neighbours" '
		MEM_MODEL=$model
		mem-index >/dev/null
		queries $l | while read -r n q; do
			mem-search --explain -- "$q" 2>&1 || :
		done >all
		rm -r "$index"
		queries $l | while read -r n q; do
			mem-search --explain -- "$q" 2>&1 || :
		done >none
		cmp none all
		[ -s all ]
	'
done
test_that 'what is typed wrong is repaired by the words of the language' '
	for l in german:verbindngen french:conexion russian:соедининии \
	    french:redémare german:häusr; do
		word=${l#*:}
		l=${l%:*}
		fresh_store
		mem-admin config set index.language $l
		$l | mem-ingest -q >/dev/null
		mem-search --mode text -l -- "$word" >a 2>b || :
		mem-index >/dev/null
		mem-search --mode text -l -- "$word" >c 2>d || :
		echo "$word"
		cat b d
		cmp a c
		cmp b d
		grep "searched for" b
	done
'
test_that 'another language: told, searched without the index, made anew by mem-index' '
	fresh_store
	lines 1 "Die Häuser" "the houses" "redis" | mem-ingest -q >/dev/null
	mem-index >/dev/null
	finds 02 house
	mem-search --mode text -l Haus 2>/dev/null >got || :
	[ ! -s got ]
	mem-admin config set index.language de
	finds 01 Haus
	grep "searched without the index: it is for texts in english, and index.language is german now; mem-index makes it anew" err
	[ "$(grep -c . err)" -eq 1 ]
	exits 2 mem-index --verify 2>err
	mem-index >out 2>err
	cat out err
	grep "index.language has changed; the index is made anew" err
	[ "$(jl added <out | head -n 1)" = 3 ]
	finds 01 Haus
	[ ! -s err ]
	mem-index >out 2>err
	[ "$(jl added <out | head -n 1)" = 0 ]
	[ ! -s err ]
	mem-admin config set index.language german
	finds 01 Haus
	[ ! -s err ]
'
test_that 'more than a search reads over is not indexed anew by it' '
	fresh_store
	mkevents 400 | mem-ingest -q >/dev/null
	mem-index >/dev/null
	before=$(cat "$index/manifest")
	mem-admin config set index.language french
	mem-search -n 1 text >out 2>err
	cat err
	grep "searched without the index" err
	[ "$before" = "$(cat "$index/manifest")" ]
'
test_that 'a standing query and a batch know the language' '
	fresh_store
	mem-admin config set index.language german
	german | mem-ingest -q >/dev/null
	printf "Haus\nVerbindung\n" | mem-search --mode text --batch - >out
	[ "$(wc -l <out)" -eq 2 ]
	{ sleep 1; lines 50 "Noch ein Haus" | mem-ingest -q >/dev/null; } &
	timeout 20 mem-search --watch -n 1 Häuser >out
	wait
	grep "Noch ein" out
'
test_done
