#!/bin/sh
# Contents as pages: whole, the same bytes each time, and all text is text.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

{
	say a 2026-11-16T09:00:00Z user "Why does <script>alert(1)</script> show up in the page?"
	say a 2026-11-16T09:02:00Z assistant "It was not escaped: </details></main><img src=x onerror=alert(2)> & \\\"quotes\\\"."
	say a 2026-11-16T09:05:00Z user "We decided to escape all of it, see [a link](javascript:alert(3)) and **stars**."
	say a 2026-11-16T09:06:00Z user "<!-- --> ]]> <style>body{display:none}</style> \\u0007 \\u001b[31m \\u202e"
	say b 2026-11-17T10:00:00Z user "The backup of the database takes too long, four hours last night."
	say b 2026-11-17T10:03:00Z assistant "The fix was to compress with zstd instead of gzip."
} | mem-ingest -q --user "x<b>&\"y" >/dev/null
# shellcheck disable=SC2089
MEM_USER="x<b>&\"y"
# shellcheck disable=SC2090
export MEM_USER
mem-toc build -q
chats 3 8 | mem-ingest -q --user plain >/dev/null
mem-toc build -q

test_that 'JSON Lines: children before parents, all there, and every grip' '
	mem-toc export --user plain >out
	sed -n "s/^{\"type\":\"toc_node\",\"node_id\":\"\([^\"]*\)\".*/\1/p" out >nodes
	[ "$(sort -u nodes | wc -l)" -eq "$(wc -l <nodes)" ]
	awk "
		/^{\"type\":\"toc_node\"/ {
			match(\$0, /\"node_id\":\"[^\"]*/)
			id = substr(\$0, RSTART + 11, RLENGTH - 11)
			match(\$0, /\"child_node_ids\":\\[[^]]*/)
			n = split(substr(\$0, RSTART + 18, RLENGTH - 18), c, /[\",]+/)
			for (i = 1; i <= n; i++) if (c[i] != \"\" && !seen[c[i]]) { print id, c[i]; bad = 1 }
			seen[id] = 1
		}
		END { exit bad }" out
	grep "^{\"type\":\"toc_node\"" out | grep -o "grip:[0-9]*:[0-9a-f]*" | sort -u >named
	grep "^{\"type\":\"grip\"" out | grep -o "\"grip_id\":\"[^\"]*" | cut -c 12- | sort -u >there
	cmp named there
	exits 1 grep "\"open\":" out
'
test_that 'the same store gives the same bytes' '
	for f in jsonl html md; do
		mem-toc export --format $f >one
		MEM_NOW=2031-01-01T00:00:00Z mem-toc export --format $f >two
		cmp one two
		rm -rf copy
		cp -R "$MEM_STORE" copy
		mem-toc export --format $f --store copy >two
		cmp one two
	done
'
test_that 'the page needs nothing else, and no text of ours is markup' '
	mem-toc export --format html >page.html
	grep -q "default-src .none." page.html
	exits 1 grep -iE "<[^>]*(src|href) *=|url\(|@import" page.html
	[ "$(grep -c "<script" page.html)" -eq 1 ]
	[ "$(grep -c "<style" page.html)" -eq 1 ]
	exits 1 grep -E "<img|<b>&|onerror=alert\(2\)>" page.html
	grep -qF "&lt;script&gt;alert(1)&lt;/script&gt;" page.html
	[ "$(grep -o "<details" page.html | wc -l)" -eq "$(grep -o "</details>" page.html | wc -l)" ]
	exits 1 grep -qP "[\x00-\x08\x0b-\x1f]" page.html
	perl -ne "BEGIN { binmode STDIN } exit 1 unless utf8::decode(\$_)" page.html
'
test_that 'Markdown has no HTML, and no link of theirs' '
	mem-toc export --format md >page.md
	exits 1 grep -F "<" page.md
	exits 1 grep -F "](" page.md
	grep -qF "&lt;script\\>" page.md
	exits 1 grep -F "**stars**" page.md
'
test_that 'nothing to export exits 1' 'exits 1 mem-toc export --user nobody'

chromium=
for c in chromium chromium-browser google-chrome; do
	command -v $c >/dev/null && { chromium=$c; break; }
done
# dump PAGE: the document after its scripts ran; what it said goes to err
dump() {
	timeout 60 "$chromium" --headless --no-sandbox --disable-gpu \
	    --disable-dev-shm-usage --user-data-dir="$work/profile" \
	    --enable-logging=stderr --virtual-time-budget=4000 \
	    --dump-dom "file://$PWD/$1" 2>err
}
# with FILE: the page without its policy, and a script of the test at its end
with() {
	sed "/Content-Security-Policy/d; /<.body>/,\$d" page.html
	echo "<script>"
	cat "$1"
	echo "</script></body></html>"
}
if [ -n "$chromium" ] && dump /dev/null >/dev/null 2>&1; then
	test_that 'a browser opens it, runs nothing of theirs, and reports no error' '
		dump page.html >dom
		cat err
		exits 1 grep -i "CONSOLE" err
		exits 1 grep "<img" dom
		grep -qF "&lt;script&gt;alert(1)" dom
		grep -qE "<label id=\"find\" class=\"\">" dom
	'
	test_that 'it unfolds, finds, and the keyboard works' '
		cat >try.js <<-"EOT"
		(function(){var r=[];
		var d=document.querySelectorAll("main details");
		r.push("open="+[].filter.call(d,function(x){return x.open}).length);
		var s=document.querySelectorAll("main summary");
		s[1].click(); r.push("unfold="+d[1].open);
		document.dispatchEvent(new KeyboardEvent("keydown",{key:"/",bubbles:true}));
		r.push("focus="+document.activeElement.id);
		var q=document.getElementById("q"); q.value="zstd gzip";
		q.dispatchEvent(new Event("input"));
		setTimeout(function(){
		var seen=[].filter.call(document.querySelectorAll("[data-level=segment]"),function(x){return x.offsetParent!==null});
		r.push("found="+seen.length+" "+document.getElementById("n").textContent);
		document.dispatchEvent(new KeyboardEvent("keydown",{key:"Escape",bubbles:true}));
		r.push("left="+q.value+"."+(document.activeElement.id||"none"));
		document.dispatchEvent(new KeyboardEvent("keydown",{key:"j",bubbles:true}));
		r.push("down="+document.activeElement.tagName);
		r.push("off="+document.querySelectorAll("main .off").length);
		document.title=r.join("|")},500)})();
		EOT
		with try.js >try.html
		dump try.html >dom
		cat err
		exits 1 grep -i "CONSOLE" err
		sed -n "s/.*<title>\(.*\)<\/title>.*/\1/p" dom >title
		cat title
		[ "$(cat title)" = "open=1|unfold=true|focus=q|found=1 1 found|left=.none|down=SUMMARY|off=0" ]
	'
	test_that 'the policy lets no other script run' '
		sed "s,</main>,<script>document.title=1</script></main>," page.html >bad.html
		dump bad.html >dom
		grep -q "<title>Contents" dom
		grep -qi "Content Security Policy" err
	'
	test_that 'without scripts it is whole, too' '
		sed "/<script/,/<.script>/d" page.html >plain.html
		dump plain.html >dom
		grep -q "What was said" dom
		grep -qE "<label id=\"find\" class=\"off\">" dom
	'
else
	skip 'a browser opens it' 'no chromium'
fi
test_done
