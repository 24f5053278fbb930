#!/bin/sh
# Contents, facts and artifacts: what a call sees that is bound to a session,
# or that somebody grafted a session to.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

say() {
	echo "{\"session_id\":\"$1\",\"timestamp\":\"2026-03-0$2T10:0$3:00Z\",\"role\":\"user\",\"event_type\":\"user_message\",\"text\":\"$4\"}"
}
as() {
	u=$1; shift
	MEM_USER=$u "$@"
}
grafted() {
	as ann mem-session graft "$@" --json | jl id
}

test_that 'a store of two users' '
	{
		say s1 1 0 "We decided that the apple press uses redis for its queue."
		say s1 1 1 "The apple press runs at noon because of the sun."
		say s2 2 0 "We decided that the barley mill uses kafka for its queue."
		say s2 2 1 "The barley mill runs at night because of the wind."
		say s3 5 0 "We decided that the cherry barrel is of oak for its taste."
	} | as ann mem-ingest >out
	say s1 3 0 "We decided that the dill garden is watered by hand each day." | as bob mem-ingest >out
	as ann mem-toc build --user ann >out
	as bob mem-toc build --user bob >out
	for s in s1 s2; do
		as ann mem-artifact put --uri https://example.org/$s --session $s | jl artifact_id >art.$s
		MEM_SESSION=$s as ann mem-ltm add --scope session "Session $s is fun." | jl fact_id >fact.$s
	done
	as ann mem-artifact put --uri https://example.org/none | jl artifact_id >art.none
	as ann mem-ltm add "Ann likes tea." | jl fact_id >fact.user
	as ann mem-ltm add --scope tenant "All like bread." | jl fact_id >fact.tenant
	as ann mem-toc export >all
	jl node_id <all | grep segment | sort >segments
	[ "$(wc -l <segments)" = 3 ]
'
seg() {
	as ann mem-toc export | grep "\"session_id\":\"$1\"" | jl node_id
}
grip() {
	as ann mem-toc export "$(seg "$1")" | jl grip_id | grep -v "^$" | head -n 1
}
seg s1 >seg.s1; seg s2 >seg.s2; grip s1 >grip.s1; grip s2 >grip.s2

test_that 'bound: the segments of the session, and no days to years' '
	export MEM_USER=ann MEM_SESSION=s1
	mem-toc -d 9 >got
	[ "$(jl node_id <got)" = "$(cat seg.s1)" ]
	mem-toc export >got
	grep -q "barley\|cherry" got && exit 1
	grep "apple" got
	for f in html md; do
		mem-toc export --format $f >got
		grep -q "barley\|cherry" got && exit 1
		grep -q apple got
	done
	mem-toc --budget 2000 >got
	grep -q "barley\|cherry" got && exit 1
	mem-toc --budget 2000 --query queue >got
	[ "$(wc -l <got)" = 1 ]
	for n in 2026 2026-03 2026-W10 2026-03-01 "$(cat seg.s2)"; do
		exits 1 mem-toc "$n" >got 2>err
		[ ! -s got ]
	done
	mem-toc expand "$(cat grip.s1)" | grep apple
	mem-toc history "$(cat seg.s1)"
	cat art.s1
'
test_that 'by id: of another session as of nobody, byte for byte' '
	export MEM_USER=ann MEM_SESSION=s1
	look() {
		s=0; mem-toc $1 "$2" >out.$3 2>err || s=$?
		{ cat err; echo $s; } | sed "s|${2#toc:}|ID|g" >err.$3
	}
	same() {
		look "$1" "$2" a; look "$1" "$3" b
		cmp out.a out.b; diff err.a err.b
		exits 1 grep -q "^0" err.a
	}
	for verb in "" expand history diff export pin hide unmark; do
		same "$verb" "$(cat seg.s2)" toc:segment:2026-03-02:0123456789ab
	done
	exits 1 mem-toc rollback "$(cat seg.s2)" 1
	for verb in expand pin hide unmark; do
		same $verb "$(cat grip.s2)" grip:1772445600000:0123456789ab
	done
	unset MEM_SESSION
	mem-toc "$(cat seg.s2)" | grep barley
'
test_that 'bound: marks and moves are of its own segments, and it builds nothing' '
	export MEM_USER=ann MEM_SESSION=s1
	mem-toc pin "$(cat seg.s1)"
	mem-toc "$(cat seg.s1)" | grep "\"pinned\":true"
	mem-toc unmark "$(cat seg.s1)"
	exits 2 mem-toc build 2>err
	grep "bound to one" err
	exits 2 mem-ltm live 2>err
	grep "bound to a session" err
'
test_that 'where hits lie: bound, in the segment alone' '
	export MEM_USER=ann
	mem-search --in event queue >hits
	mem-toc - <hits | jl node_id >got
	grep year got
	MEM_SESSION=s1 mem-toc - <hits >got 2>err || [ $? = 3 ]
	[ "$(jl node_id <got)" = "$(cat seg.s1)" ]
'
test_that 'bound: facts of the session, the user and the tenant' '
	export MEM_USER=ann MEM_SESSION=s1
	mem-ltm list | jl fact_id | sort >got
	sort fact.s1 fact.user fact.tenant | diff got -
	for verb in explain history pin unpin expire; do
		exits 1 mem-ltm $verb "$(cat fact.s2)" >out 2>err
		[ ! -s out ]
		sed "s/$(cat fact.s2)/ID/" err >err.a
		exits 1 mem-ltm $verb fact:0123456789abcdef >out 2>err
		sed "s/fact:0123456789abcdef/ID/" err | diff err.a -
	done
	unset MEM_SESSION
	[ "$(mem-ltm list --scope session | wc -l)" = 2 ]
'
test_that 'a graft: segments, grips, facts and artifacts, marked' '
	grafted s1 --to user:bob >g
	export MEM_USER=bob
	mem-toc -d 9 >got
	[ "$(grep -c "\"graft\":\"$(cat g)\"" got)" = 1 ]
	grep "\"user\":\"ann\"" got
	grep -q "barley\|cherry" got && exit 1
	grep dill got
	mem-toc "$(cat seg.s1)" | grep apple
	mem-toc expand "$(cat grip.s1)" >got
	[ "$(grep -c "\"graft\":\"$(cat g)\"" got)" -ge 2 ]
	grep "apple press" got
	mem-toc expand "$(cat seg.s1)" | grep "at noon"
	mem-toc export --format md | grep "at noon"
	mem-toc history "$(cat seg.s1)"
	mem-ltm list | grep "$(cat fact.s1)" | grep "\"graft\":\"$(cat g)\""
	mem-ltm explain "$(cat fact.s1)" | grep "\"graft\":\"$(cat g)\""
	mem-ltm list >got
	grep -q "$(cat fact.s2)\|$(cat fact.user)" got && exit 1
	mem-artifact get "$(cat art.s1)" >got
	grep "\"graft\":\"$(cat g)\"" got
	grep "\"user\":\"ann\"" got
	[ "$(mem-artifact list | jl artifact_id)" = "$(cat art.s1)" ]
	mem-artifact head "$(cat art.s1)"
	for a in art.s2 art.none; do
		exits 2 mem-artifact get "$(cat $a)" 2>err
		grep artifact_not_found err
	done
'
test_that 'and it only reads: what is written is refused' '
	export MEM_USER=bob
	for c in "mem-toc pin $(cat seg.s1)" "mem-toc hide $(cat grip.s1)" \
	    "mem-toc rollback $(cat seg.s1) 1" "mem-ltm pin $(cat fact.s1)" \
	    "mem-ltm mark $(cat fact.s1) false_positive" \
	    "mem-ltm expire $(cat fact.s1)" "mem-ltm rollback $(cat fact.s1) 1" \
	    "mem-artifact delete $(cat art.s1)" "mem-artifact verify $(cat art.s1)"; do
		exits 2 $c >out 2>err
		grep "only read\|is only" err || { echo "$c"; cat err; exit 1; }
	done
	mem-admin audit --outcome denied --who bob >rows
	[ "$(wc -l <rows)" -ge 8 ]
	as ann mem-ltm list | grep "$(cat fact.s1)"
	as ann mem-artifact get "$(cat art.s1)" | grep stored
'
test_that 'what its owner hides is hidden to who reads it' '
	as ann mem-toc hide "$(cat seg.s1)"
	as bob mem-toc -d 9 >got
	grep -q "$(cat g)" got && exit 1
	as ann mem-toc unmark "$(cat seg.s1)"
	as bob mem-toc -d 9 | grep "$(cat g)"
	as ann mem-session ungraft "$(cat g)"
	exits 1 as bob mem-toc "$(cat seg.s1)" 2>err
	exits 1 as bob mem-ltm explain "$(cat fact.s1)" 2>err
	exits 2 as bob mem-artifact get "$(cat art.s1)" 2>err
'
test_that 'kinds: contents without events, and each alone' '
	grafted s1 --to user:bob --only contents >g
	export MEM_USER=bob
	mem-toc "$(cat seg.s1)" | grep apple
	mem-toc export | grep "\"grip\"" | grep "apple"
	exits 1 mem-toc expand "$(cat seg.s1)" >out
	exits 1 mem-ltm explain "$(cat fact.s1)" 2>err
	exits 1 mem-artifact list
	as ann mem-session ungraft "$(cat g)"
	grafted s1 --to user:bob --only facts >g
	exits 1 mem-toc "$(cat seg.s1)" 2>err
	mem-ltm list | grep "$(cat fact.s1)"
	as ann mem-session ungraft "$(cat g)"
'
test_that 'a session to a session: seen from there, and from no other' '
	as ann mem-session graft s2 --to session:s1 --json | jl id >g
	export MEM_USER=ann
	MEM_SESSION=s1 mem-toc -d 9 | jl node_id | sort >got
	sort seg.s1 seg.s2 | diff got -
	MEM_SESSION=s1 mem-ltm list | grep "$(cat fact.s2)"
	MEM_SESSION=s1 mem-artifact list --session s2 | grep "$(cat art.s2)"
	MEM_SESSION=s3 exits 1 mem-toc "$(cat seg.s2)" 2>err
	MEM_SESSION=s1 exits 2 mem-toc pin "$(cat seg.s2)" 2>err
	mem-session ungraft "$(cat g)"
'
test_that 'what users tell: bound, evidence of other sessions is left out' '
	{ say s4 6 0 "Please always print the diff first."; say s5 7 0 "Please always print the diff first."; } |
	    as ann mem-ingest >out
	as ann mem-ltm live >out
	id=$(as ann mem-ltm list | grep "print the diff" | jl fact_id)
	[ -n "$id" ]
	as ann mem-ltm explain "$id" >whole
	as ann mem-log --session s4 --json | jl event_id >e4
	as ann mem-log --session s5 --json | jl event_id >e5
	as ann mem-ltm history "$id" | grep "$(cat e4)"
	grep -q "$(cat e5)" whole
	MEM_SESSION=s5 as ann mem-ltm explain "$id" >part
	MEM_SESSION=s5 as ann mem-ltm list >>part
	MEM_SESSION=s5 as ann mem-ltm history "$id" >>part
	MEM_SESSION=s5 as ann mem-search --in fact print diff >>part
	grep -q "$(cat e5)" part
	grep -q "$(cat e4)\|\"s4\"" part && exit 1
	[ "$(head -n 1 part | jl count)" = 1 ]
	MEM_SESSION=s1 as ann mem-ltm explain "$id" >part
	grep -q "$(cat e4)\|$(cat e5)" part && exit 1
	[ "$(jl count <part)" = 0 ]
'
test_done
