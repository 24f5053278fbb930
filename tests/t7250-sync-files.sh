#!/bin/sh
# Working files of sessions by way of a remote: what comes, changes, goes, is
# written on both sides, is not there, and when a push is killed in between.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

test_that 'files come as they are, whatever they are called' '
	fresh A B
	write A report.txt one
	write A "deep/er/B b ü.txt" two
	: >"$(dir A)/empty"
	printf "#!/bin/sh\n" >"$(dir A artifacts)/run.sh"
	chmod +x "$(dir A artifacts)/run.sh"
	head -c 3000000 /dev/urandom >"$(dir A cache)/big"
	push A >out
	cat out
	grep "\"files\":5,\"files_missing\":0," out
	objects >names
	cat names
	grep -x default/tester/s1/inputs/report.txt names
	grep -x default/tester/s1/inputs/deep/er/%42%20b%20%c3%bc.txt names
	cmp "$R/default/tester/s1/cache/big" "$(dir A cache)/big"
	pull B >out
	grep "\"files\":5," out
	same_files A B
	[ -x "$(dir B artifacts)/run.sh" ]
	[ ! -x "$(dir B)/report.txt" ]
	as B mem-session files s1 | jl state | sort -u >out
	[ "$(cat out)" = here ]
	push A | grep "\"published\":false"
	push B | grep "\"published\":false"
	sound A B
'
test_that 'what is changed keeps its name, what is removed goes' '
	write A report.txt "one and a half"
	as A mem-session rm -q s1 inputs empty >out
	push A >out
	cat out
	grep "\"files\":1," out
	[ "$(cat "$R/default/tester/s1/inputs/report.txt")" = "one and a half" ]
	[ ! -e "$R/default/tester/s1/inputs/empty" ]
	[ -z "$(find "$R/default/.memkit/file" -type f)" ]
	pull B >out
	cat out
	grep "\"files\":1,\"files_removed\":1," out
	same_files A B
	as A mem-sync verify >out
	grep "\"files\":4,.*\"missing\":0,\"different\":0," out
'
test_that 'what is absent is missing, not removed' '
	rm "$(dir B)/report.txt"
	push B | grep "\"published\":false"
	as B mem-session files s1 | grep "report.txt.*\"state\":\"missing\""
	[ -e "$R/default/tester/s1/inputs/report.txt" ]
	same_files A A
'
test_that 'the bytes of one that is no more there: told, and the rest comes' '
	fresh A B
	write A a one
	write A b two
	push A >out
	rm "$R/default/tester/s1/inputs/a"
	exits 3 pull B >out
	cat out
	grep "\"type\":\"file_missing\",.*\"path\":\"a\",\"why\":\"missing\"" out
	grep "\"files\":1,.*\"files_missing\":1," out
	[ "$(cat "$(dir B)/b")" = two ]
	exits 1 as A mem-sync verify >out
	grep "\"what\":\"file\",.*\"id\":\"s1/inputs/a\",\"why\":\"missing\"" out
	echo damaged >"$R/default/tester/s1/inputs/b"
	exits 1 as A mem-sync verify >out
	grep "\"id\":\"s1/inputs/b\",\"why\":" out
'
test_that 'both wrote one: the later one counts, and the other is kept' '
	fresh A B
	write A a.txt "at first"
	push A >out
	pull B >out
	write A a.txt "of A"
	write B a.txt "of B"
	as A mem-session scan -q s1 >out
	sleep 0.05
	as B mem-session scan -q s1 >out
	push A >out
	exits 75 push B --wait 0 2>err
	pull B >out
	cat out
	[ "$(cat "$(dir B)/a.txt")" = "of B" ]
	push B --steal >out
	pull A >out
	cat out
	grep "\"type\":\"file_kept\",.*\"why\":\"kept as a.conflict-........\.txt\"" out
	[ "$(cat "$(dir A)/a.txt")" = "of B" ]
	[ "$(cat "$(dir A)"/a.conflict-*.txt)" = "of A" ]
	push A --steal >out
	pull B >out
	same_files A B
	sound A B
'
test_that 'one of them wrote it twice: what the other wrote is kept, too' '
	fresh A B
	write A a.txt "at first"
	push A >out
	pull B >out
	write A a.txt "of A"
	as A mem-session scan -q s1 >out
	for text in "of B" "of B again"; do
		sleep 0.05
		write B a.txt "$text"
		as B mem-session scan -q s1 >out
	done
	push B >out
	pull A >out
	cat out
	[ "$(cat "$(dir A)/a.txt")" = "of B again" ]
	[ "$(cat "$(dir A)"/a.conflict-*.txt)" = "of A" ]
	push A --steal >out
	pull B >out
	same_files A B
	# who knew of it writes over it
	write B a.txt "of B at last"
	push B --steal >out
	pull A >out
	[ "$(ls "$(dir A)" | wc -l)" -eq 2 ]
	same_files A B
'
test_that 'one removed what the other wrote: that is kept' '
	fresh A B
	write A a.txt "at first"
	push A >out
	pull B >out
	write B a.txt "of B"
	as B mem-session scan -q s1 >out
	sleep 0.05
	as A mem-session rm -q s1 inputs a.txt >out
	push A >out
	pull B >out
	cat out
	[ ! -e "$(dir B)/a.txt" ]
	[ "$(cat "$(dir B)"/a.conflict-*.txt)" = "of B" ]
	push B --steal >out
	pull A >out
	same_files A B
'
test_that 'the log was trimmed before the first push: files come all the same' '
	fresh A
	write A a.txt one
	as A mem-session scan -q s1 >out
	as A mem-admin compact >out
	say A s1 "after it"
	push A >out
	grep "\"snapshot\":true," out
	rm -rf B
	as B mem-admin config set remote.main.url "file://$R"
	pull B >out
	cat out
	same_files A B
	as A mem-sync verify >out
	# and once more, where the remote was emptied
	rm -rf "${R:?}"/*
	push A --anew >out
	as A mem-sync verify >out
	grep "\"files\":1," out
'
test_that 'somebody else has left something under the name' '
	fresh A B
	mkdir -p "$R/default/tester/s1/inputs"
	echo foreign >"$R/default/tester/s1/inputs/a"
	write A a mine
	push A >out
	pull B >out
	same_files A B
	[ "$(cat "$R/default/tester/s1/inputs/a")" = mine ]
'
# a fault at each call, as points_of has it
test_that 'killed anywhere in a push: what is published can be pulled' '
	faults_work || exit 0
	fresh A
	write A old "of the first push"
	write A changed "of the first push"
	write A gone "of the first push"
	push A >out
	have A >was
	write A changed "of the second push"
	write A new "of the second push"
	as A mem-session rm -q s1 inputs gone >out
	have A >is
	mkdir before
	cp -R A remote before
	back() {
		rm -rf A remote
		cp -R before/A before/remote .
	}
	hits=0
	for op in write fsync rename unlink; do
		points_of $op 1 back env MEM_STORE="$work/A" mem-sync push
		[ "$status" -eq 0 ]
		for n in $points; do
			back
			fault $op:$n:KILL env MEM_STORE="$work/A" mem-sync \
			    push || continue
			hits=$((hits + 1))
			node B
			pull B >out
			have B >has
			cmp has was || cmp has is || { diff was has; exit 1; }
			push A >out
			node B
			pull B >out
			same_files A B
			as A mem-sync verify >out
		done
		echo "$op: $points"
	done
	[ $hits -gt 4 ]
'
test_done
