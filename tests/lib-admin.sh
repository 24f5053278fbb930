# shellcheck shell=sh
# Texts that compress as texts do, for the tests of mem-admin; sourced after
# lib.sh and lib-store.sh.

# mktexts N [SESSIONS [SEED]]: events of about 200 bytes, words by chance
mktexts() {
	awk -v n="$1" -v s="${2:-3}" -v seed="${3:-1}" '
		{ for (i = 1; i <= NF; i++) if ($i ~ /^[A-Za-z.,]+$/) w[k++] = $i }
		END {
			srand(seed)
			for (i = 1; i <= n; i++) {
				t = ""
				for (j = 0; j < 30; j++)
					t = t " " w[int(rand() * rand() * k)]
				printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
				    "\"text\":\"%d%s\"%s}\n", i % s,
				    1790000000000 + i * 1000 + seed, i, t,
				    i % 5 ? "" : ",\"metadata\":{\"cwd\":\"/src\"}"
			}
		}' "$top/share/dict/general.txt"
}

# the tenant's database
db=$MEM_STORE/tenants/default/memory.db

# change SQL: done to the store by somebody who is not us
change() {
	sqlite3 -cmd '.timeout 10000' \
	    -cmd 'PRAGMA ignore_check_constraints = ON' "$db" "$1"
}

# everything that the store holds, as its tools show it; none is no failure
contents() {
	mem-log --json || [ $? -eq 1 ]
	MEM_USER=ann mem-log --json || [ $? -eq 1 ]
}
