#!/bin/sh
# The query language of mem-query(7), over a handful of texts.
. "${0%/*}/lib.sh"

n=0
while read -r text; do
	n=$((n + 1))
	printf '{"event_id":"01HNAVQZC000000000000000%02d","session_id":"s","timestamp":%d,"role":"%s","text":"%s"}\n' \
	    $n $n "$([ $((n % 2)) = 1 ] && echo user || echo tool)" "$text"
done >in <<'END'
the refresh token expires
a token, refreshed by the client
connection pools and one connection
getUserName() in src/auth/jwt.c fails with ERR-42
get_user_name of v1.2.3
to be or not to be
数据库连接超时
库 is a character
Café naïve STRASSE
C++ and C#
name of the user
END
mem-ingest <in >out

# finds QUERY NUMBER...: exactly these texts, in any order
finds() {
	query=$1
	shift
	mem-search -n 0 -l -- "$query" 2>err | sed 's/.*\(..\)$/\1/' | sort >got
	for i; do printf '%02d\n' "$i"; done | sort >want
	cmp want got || { echo "for $query:"; cat got; return 1; }
}

test_that 'plain words: one is enough, by stem' '
	finds token 1 2
	finds "tokens refreshing" 1 2
	finds "token connecting" 1 2 3
	finds "POOL" 3
'
test_that 'stop words find nothing among others, and all by themselves' '
	finds "the token" 1 2
	finds "to be" 6
	finds "the" 1 2 11
'
test_that 'phrases: in a row, as written' '
	finds "\"refresh token\"" 1
	finds "\"token refresh\""
	finds "\"refreshed by the client\"" 2
	finds "\"to be or not to be\"" 6
	finds "\"connection\"" 3
	finds "\"pools\"" 3
	finds "\"pool\""
	finds "“refresh token”" 1
'
test_that 'a phrase and a word must both be there' '
	finds "\"refresh token\" expires" 1
	[ "$(mem-search -c "\"refresh token\" pools")" = 0 ]
	exits 1 mem-search -q "\"refresh token\" pools"
'
test_that 'where nothing has both, words are enough, and it is said' '
	finds "\"refresh token\" pools" 1 3
	grep "nothing holds all that is quoted" err
	finds "+\"refresh token\" pools"
	finds "\"no such words\""
'
test_that 'what is quoted comes first, the rest follows, each once' '
	mem-search "\"refresh token\" expires pools" >hits 2>err
	[ "$(jl id <hits | sed "s/.*\(..\)$/\1/" | tr "\n" " ")" = "01 03 " ] ||
	    { cat hits; exit 1; }
	jl score <hits >scores
	sort -rg scores | cmp - scores
	grep "1 holds all that is quoted; what holds some of the words follows" err
	[ "$(mem-search -n 1 -l "\"refresh token\" pools expires" 2>err | wc -l)" = 1 ]
	[ ! -s err ]
	[ "$(mem-search -c "\"refresh token\" expires pools")" = 1 ]
	[ "$(mem-search --mode text -l "\"refresh token\" expires pools" | wc -l)" = 1 ]
'
test_that 'minus' '
	finds "token -client" 1
	finds "token -\"refresh token\"" 2
	finds "connection -pool"
	finds "-token -name -be role:user" 3 7 9
'
test_that 'plus' '
	finds "token +client" 2
	finds "+token +refresh +expire" 1
	finds "user +name" 4 5 11
'
test_that 'OR' '
	finds "pools OR expires" 1 3
	finds "token expires OR client" 1 2
	finds "connection expires OR client"
	finds "\"refresh token\" OR \"connection pools\"" 1 3
	finds "role:tool OR pools" 2 3 4 6 8 10
'
test_that 'beginnings' '
	finds "refr*" 1 2
	finds "conn*" 3
	finds "get_us*" 5
	finds "-r* token +e*" 
	finds "src/au*" 4
'
test_that 'names, whole and in parts' '
	finds getUserName 4 5 11
	[ "$(mem-search -n 1 -l getUserName)" = 01HNAVQZC00000000000000004 ]
	[ "$(mem-search -n 1 -l get_user_name)" = 01HNAVQZC00000000000000005 ]
	finds "\"getUserName\"" 4 5
	finds "+getUserName" 4 5
	finds "-getUserName name" 11
	finds getusername 4
	finds "jwt.c" 4
	finds "\"src/auth\"" 4
	finds ERR-42 4
	finds 42 4
	finds 1.2 5
	finds v1.2.3 5
	finds "C++" 10
	finds "C#" 10
	finds "\"C++\"" 10
	finds "\"C++\" OR pools" 3 10
	finds "\"F#\""
	finds "-\"C#\" +C++"
'
test_that 'scripts without blanks, by pairs and by one character' '
	finds 数据库 7
	finds 连接 7
	finds 时超
	finds 库 7 8
	finds "\"数据库连接\"" 7
	finds "+数据库" 7
'
test_that 'accents, capitals, sharp s' '
	finds cafe 9
	finds CAFÉ 9
	finds "naive strasse" 9
	finds straße 9
'
test_that 'properties' '
	finds "token role:user" 1
	finds "token -role:user" 2
	finds "token role:user role:tool" 1 2
	finds "token ROLE:USER,tool" 1 2
	finds "role:tool" 2 4 6 8 10
	finds "token session:s" 1 2
	finds "token session:x"
	finds "token id:01HNAVQZC00000000000000002" 2
	finds "token date:1970" 1 2
	finds "token since:2000"
	finds "token until:\"1970-01-02\"" 1 2
	finds "token source:kb"
'
test_that 'nothing is an error; standard error tells' '
	said() {
		finds "$@"
		[ -s err ] || { echo "nothing was said of $1"; return 1; }
	}
	said "\"refresh token" 1
	grep "not closed" err
	said "foo:token" 1 2
	grep "unknown field .foo." err
	said "since:never token" 1 2
	said "role:boss token" 1 2
	said "OR token" 1 2
	said "token OR" 1 2
	said "token AND client" 1 2
	said "token - client" 1 2
	said "* token" 1 2
	finds "token" 1 2
	[ ! -s err ]
'
test_that 'hostile queries are answered soon' '
	awk "BEGIN { for (i = 0; i < 100000; i++) printf \"w%d \", i; print \"\" }" >q
	exits 1 timeout 10 mem-search - <q 2>err
	grep "only the first" err
	awk "BEGIN { for (i = 0; i < 100000; i++) printf \"(\\\"-+\" }" >q
	timeout 10 mem-search - <q 2>err || [ $? -eq 1 ]
	awk "BEGIN { for (i = 0; i < 20000; i++) printf \"the and of \" }" >q
	timeout 10 mem-search -q - <q
	printf "\377\376 \355\240\200 token \342\200\256 \342\200\213\n" >q
	mem-search -c - <q | grep -x 2
	awk "BEGIN { for (i = 0; i < 200000; i++) printf \"x\"; print \"\" }" >q
	exits 1 timeout 10 mem-search - <q
	head -c 2000000 /dev/zero | tr "\0" a >q
	exits 2 mem-search - <q 2>err
	grep "over 1048576 bytes" err
'
test_done
