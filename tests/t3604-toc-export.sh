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
test_that 'some nodes, each once, with what is below' '
	mem-toc export 2026-11-17 >out
	[ "$(grep -c "^{\"type\":\"toc_node\"" out)" -eq 2 ]
	exits 1 grep "2026-11-16" out
	mem-toc export >all
	mem-toc export 2026-11-17 2026 >out
	sort out >one
	sort all | cmp - one
	exits 3 mem-toc export 2026-11-17 2020 2>err >out
	mem-toc export --format md 2026-11-17 >page.md
	grep -c "^#" page.md | grep -qx 3
	mem-toc export --format html 2026-11-17 >page.html
	grep -c "<details id" page.html | grep -qx 2
'
test_that 'what is hidden is in no form of it' '
	g=$(mem-toc 2026-11-17 | grep -o "grip:[0-9]*:[0-9a-f]*" | head -n 1)
	text=$(mem-toc 2026-11-17 | sed "s/.*\"text\":\"\([^\"]*\)\",\"grip_ids\":\[\"$g.*/\1/")
	mem-toc export | grep -c "$g" | grep -qx 6
	mem-toc hide "$g"
	mem-toc build -q
	mem-toc export >out
	exits 1 grep "$g" out
	mem-toc export --format md | grep "^- " >out
	[ -s out ]
	exits 1 grep -F "$text" out
	mem-toc unmark "$g"
	mem-toc build -q
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
	exits 1 grep -iE "<[^>]*(src *=|href *=[^#]*>|href *=.?[^#\"])|url\(|@import" page.html
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
	grep -qF "&lt;script>" page.md
	exits 1 grep -F "**stars**" page.md
'
test_that 'Markdown keeps lines, and makes no list, heading or code of them' '
	printf "%s\n" "{\"session_id\":\"l\",\"timestamp\":1795000000000,\"text\":\"# one\\n- two\\r\\n \\n\\n    4. four\\n=====\\n2026) x | y\"}" |
	    mem-ingest -q --user lines >/dev/null
	mem-toc build -q --user lines
	mem-toc export --format md --user lines | sed -n "/^> \*\*/,\$p" >got
	cat >want <<-"EOT"
	> **2026-11-18 11:06 user**
	>
	> \# one\
	> \- two
	>
	>
	> &nbsp;&nbsp;&nbsp;&nbsp;4\. four\
	> \=====\
	> 2026\) x \| y
	EOT
	diff want got
'
test_that 'nothing to export exits 1' 'exits 1 mem-toc export --user nobody'

mem-toc export --format html 2026-11-17 >day.html
# Chromium does what a reader would (tests/browser.pl says how it is told).
chromium=
for c in chromium chromium-browser google-chrome; do
	command -v $c >/dev/null && { chromium=$c; break; }
done
{
	sed "s,</main>,<script>document.title=1</script></main>," page.html
} >bad.html
# contrast: that of each text with what is behind it (WCAG 2.2, 1.4.3)
contrast="(function(){function lum(c){var v=c.match(/[0-9.]+/g).slice(0,3)\
.map(function(x){x/=255;return x<=.04045?x/12.92:Math.pow((x+.055)/1.055,2.4)});\
return .2126*v[0]+.7152*v[1]+.0722*v[2]}\
function back(e){for(;;e=e.parentElement){var b=getComputedStyle(e).backgroundColor;\
if(!/, 0\)/.test(b))return b}}var bad=[];\
document.querySelectorAll('body *:not(script)').forEach(function(e){\
var f=lum(getComputedStyle(e,e.id==='q'?'::placeholder':null).color),b=lum(back(e));\
if((Math.max(f,b)+.05)/(Math.min(f,b)+.05)<4.5)bad.push(e.outerHTML.slice(0,60))});\
return bad.join()})()"
seen="[].filter.call(document.querySelectorAll('main details[id]'),\
function(d){return d.checkVisibility()}).map(function(d){return d.id.split(':')[0]}).join()"
day17=day:2026-11-17
cat >commands <<EOT
about opens
open $PWD/page.html
is document.title # Contents: x<b>&"y
is document.querySelectorAll('img,iframe,main style,main script,main b').length # 0
is document.documentElement.lang # en
is document.querySelector('main').textContent.includes('<script>alert(1)</script>') # true
is getComputedStyle(document.body).display # block
is $seen # year,month,week,day,day
is document.querySelectorAll('[id]').length===new Set([].map.call(document.querySelectorAll('[id]'),function(e){return e.id})).size # true
silent
about unfolds
click details[id^="day:2026-11-16"] > summary
is $seen # year,month,week,day,segment,day
is location.hash # #day:2026-11-16
click details[id^="segment:2026-11-16"] > summary
click details[open][id^="segment:2026-11-16"] > .x > summary
is document.querySelectorAll('details[open] > .e').length # 4
is document.querySelector('.e p').checkVisibility() # true
click details[id^="month"] > summary
is $seen # year,month
silent
about the keyboard works
open $PWD/page.html
key Tab
is document.activeElement.id # q
is getComputedStyle(document.activeElement).outlineStyle # solid
key Tab
is document.activeElement.parentElement.id # year:2026
is getComputedStyle(document.activeElement).outlineStyle # solid
key Enter
is $seen # year
key Enter
key j
key j
is document.activeElement.parentElement.id # week:2026-w47
key k
is document.activeElement.parentElement.id # month:2026-11
key k
key k
is document.activeElement.parentElement.id # year:2026
key /
is document.activeElement.id # q
type j/k
is document.activeElement.value # j/k
key Escape
is document.activeElement.tagName+document.getElementById('q').value # BODY
silent
about finds
key /
type ZSTD Gzip
until document.getElementById('n').textContent==='1 found'
is $seen # year,month,week,day,segment
is document.querySelector('.e p').checkVisibility() # false
is CSS.highlights.get('found').size>=2 # true
is document.querySelector('main > details > ul').checkVisibility() # false
key Enter
is document.getElementById('n').textContent # 1 of 1
is [].some.call(document.querySelectorAll('.e'),function(e){return e.checkVisibility()&&e.textContent.includes('zstd')}) # true
key Escape
is $seen # year,month,week,day,day
is document.getElementById('n').textContent+CSS.highlights.get('found').size # 0
key /
type of
until document.getElementById('n').textContent==='2 found'
key Enter
is document.getElementById('n').textContent # 1 of 2
key Enter
is document.getElementById('n').textContent # 2 of 2
key Shift+Enter
is document.getElementById('n').textContent # 1 of 2
key Shift+Enter
is document.getElementById('n').textContent # 2 of 2
key Escape
key /
type 2026-11-16
until document.getElementById('n').textContent==='1 found'
is $seen # year,month,week,day,segment
type zzz
until document.getElementById('n').textContent==='0 found'
key Enter
is $seen # 
key Escape
silent
about a link leads to a node and to an event
open $PWD/page.html#$day17
is document.getElementById('$day17').open # true
open $PWD/page.html#toc:$day17
is document.getElementById('$day17').open # true
click [id="$day17"] li a
is document.querySelector('.e:target').checkVisibility() # true
is document.querySelector('.e:target').textContent.includes('The backup of the database') # true
open $PWD/page.html#%ff
open $PWD/page.html#none
silent
open $PWD/day.html
is $seen # day,segment
silent
about light and dark
media prefers-color-scheme=light
open $PWD/page.html#$day17
is getComputedStyle(document.body).backgroundColor # rgb(255, 255, 255)
is $contrast # 
media prefers-color-scheme=dark
is getComputedStyle(document.body).backgroundColor # rgb(13, 17, 23)
is $contrast # 
silent
about a narrow window
size 360 700
open $PWD/page.html
eval document.querySelectorAll('details').forEach(function(d){d.open=true})
is document.documentElement.scrollWidth # 360
about prints
size 800 1000
open $PWD/page.html
eval addEventListener('beforeprint',function(){document.title=document.querySelectorAll('details[id]:not([open])').length})
pdf
is document.title # 0
is $seen # year,month,week,day,day
media type=print
is document.querySelector('label').checkVisibility() # false
silent
about without scripts
media type=screen
script off
open $PWD/page.html
is document.getElementById('find').checkVisibility() # false
is $seen # year,month
click details[id^="month"] > summary
is $seen # year,month,week
click details[id^="month"] li a
is document.querySelector('.e:target').checkVisibility() # true
silent
about no other script
script on
open $PWD/bad.html
is document.title # Contents: x<b>&"y
said Content Security Policy
EOT
if [ -n "$chromium" ]; then
	perl "$tests/browser.pl" "$chromium" "$work/profile" <commands >result 2>why
	for about in 'opens' 'unfolds' 'the keyboard works' 'finds' \
	    'a link leads to a node and to an event' 'light and dark' \
	    'a narrow window' 'prints' 'without scripts' 'no other script'; do
		test_that "in a browser: $about" '
			grep "^$about: " result || { cat why; tail -n 3 "$work/profile.log"; }
			grep -qx "$about: ok" result
		'
	done
elif [ "${MEM_NEED_BROWSER:-0}" = 1 ]; then
	test_that 'there is a browser' 'exit 1'
else
	skip 'a browser opens it' 'no chromium'
fi
test_done
