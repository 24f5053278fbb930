# GNU make, one file, not recursive: libmemkit.a from common/, libcmd.a from
# what the tools share, a tool for each cmd/mem*.c.  `make help` lists the
# targets; obj/ mirrors the tree; V=1 shows the commands.
ifeq ($(filter help,$(MAKECMDGOALS)),)
include config.mak
endif
srcdir ?= .

SRC := $(wildcard $(srcdir)/common/*/*.c)
# programs that the tools run, not people
PROGRAMS := embed-http chat-http git-read docs-read blob-s3 blob-ipfs originals \
	engine-http
HELPSRC := $(PROGRAMS:%=$(srcdir)/cmd/%.c)
CMDSRC := $(filter-out $(srcdir)/cmd/mem% $(HELPSRC),$(wildcard $(srcdir)/cmd/*.c))
TOOLS := $(basename $(notdir $(wildcard $(srcdir)/cmd/mem*.c)))
BUILT_IN := $(wildcard $(srcdir)/share/sql/*.sql $(srcdir)/share/redact.rules \
	$(srcdir)/share/dict/*.dict $(srcdir)/share/stop/*.txt $(srcdir)/share/cue/*.txt \
	$(srcdir)/share/common/*.txt $(srcdir)/share/prompt/*.txt \
	$(srcdir)/share/page/* $(srcdir)/share/import/*.conf \
	$(srcdir)/share/processors/*.conf $(srcdir)/share/live/*.conf)
LIBOBJ := $(SRC:$(srcdir)/%.c=obj/%.o) $(BUILT_IN:$(srcdir)/share/%=obj/data/%.o)
CMDOBJ := $(CMDSRC:$(srcdir)/%.c=obj/%.o)

names = $(basename $(notdir $(wildcard $(srcdir)/tests/$(1))))
UNITS := $(patsubst %,obj/tests/unit/%,$(call names,unit/u-*.c))
TARGETS := $(call names,fuzz/f-*.c)
REPLAY := $(TARGETS:%=obj/tests/fuzz/%)
QUALITYBIN := $(patsubst %,obj/tests/quality/%,$(call names,quality/q-*.c))
HELPERS := $(patsubst %,obj/helper/%,$(call names,helper/*.c))
T ?= t*.sh
LONG ?= long-*.sh
FUZZ_TIME ?= 60
# 0: another each time.  CI names one, so that what it finds is of the change.
FUZZ_SEED ?= 0
# Two more than there are cores: some tests wait, for a disk or for a clock.
JOBS ?= $(shell n=$$(nproc 2>/dev/null) || n=2; echo $$((n + 2)))

WARN = -Wall -Wextra -Wshadow -Wvla -Wpedantic
CFLAGS_AUTO = -std=c11 $(WARN) $(CFLAGS_FOUND)
CPPFLAGS_AUTO = -I. -I$(srcdir)/common -I$(srcdir) $(CPPFLAGS_FOUND)
COMPILE = $(CC) $(CPPFLAGS_AUTO) $(CPPFLAGS) $(CFLAGS_AUTO) $(CFLAGS)
LIBS = $(LIB_sqlite) $(LIB_jansson) $(LIB_zstd) $(LIB_utf8proc) \
	$(LIB_stemmer) $(LIB_crypto) $(LIB_expat) -lm
LINK = $(CC) $(CFLAGS_FOUND) $(CFLAGS) $(LDFLAGS_FOUND) $(LDFLAGS)
RUN = MEM_BIN='$(CURDIR)/bin' MEM_SANITIZE=$(SANITIZE) \
	MEM_VERSION=$(version) sh $(srcdir)/tests/run

ifeq ($(V),)
say = @echo '  $(1) $@';
endif

all: $(TOOLS:%=bin/%) $(PROGRAMS:%=libexec/memkit/%)

bin/mem-admin: LIBS := $(LIB_archive) $(LIBS)
bin/mem-admin: STATIC := $(STATIC_ADMIN)
bin/mem-sync: LIBS := $(LIB_archive) $(LIB_curl) $(LIBS)
bin/mem-sync: STATIC := $(STATIC_CURL)
bin/%: obj/cmd/%.o obj/libcmd.a obj/libmemkit.a
	@mkdir -p $(@D)
	$(call say,link)$(LINK) $(STATIC) -o $@ $^ $(LIBS)

# those that know HTTP, and git: a tool's start does not pay for libcurl or libgit2
libexec/memkit/%: LIB_foreign = $(LIB_curl)
libexec/memkit/%: STATIC := $(STATIC_CURL)
libexec/memkit/git-read: LIB_foreign = $(LIB_git2)
libexec/memkit/git-read: STATIC := $(STATIC_GIT2)
libexec/memkit/docs-read: LIB_foreign = $(LIB_xml) $(LIB_archive) $(LIB_utf8proc)
libexec/memkit/docs-read: STATIC := $(STATIC_DOCS)
# those that keep objects of artifacts read the settings of the store
libexec/memkit/blob-%: LIB_foreign = $(LIB_curl) $(LIBS)
libexec/memkit/engine-http: LIB_foreign = $(LIB_curl) $(LIBS)
libexec/memkit/originals: LIB_foreign = $(LIBS)
libexec/memkit/originals: STATIC := $(STATIC)
libexec/memkit/%: obj/cmd/%.o obj/libcmd.a obj/libmemkit.a
	@mkdir -p $(@D)
	$(call say,link)$(LINK) $(STATIC) -o $@ $^ $(LIB_foreign) $(LIB_jansson) $(LIB_crypto) \
	    -lm

obj/libmemkit.a: $(LIBOBJ)
obj/libcmd.a: $(CMDOBJ)
obj/%.a:
	@rm -f $@
	$(call say,ar  )$(AR) rcs $@ $^

obj/%.o: $(srcdir)/%.c config.h config.mak
	@mkdir -p $(@D)
	$(call say,cc  )$(COMPILE) -MMD -MP -c -o $@ $<

# Data becomes an array named after its path: share/sql/001_base.sql is
# data_sql_001_base_sql[], its length data_sql_001_base_sql_len.  od, not
# quoting: a string literal has a limit.
obj/data/%.c: $(srcdir)/share/%
	@mkdir -p $(@D)
	@echo "  data $<"; { n=data_$$(echo '$*' | tr -c 'A-Za-z0-9\n' _); \
	  echo '#include <stddef.h>'; \
	  echo "extern const unsigned char $$n[]; extern const size_t $${n}_len;"; \
	  echo "const unsigned char $$n[] = {"; od -An -v -tx1 $< | \
	  sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
	  echo "0}; const size_t $${n}_len = sizeof $$n - 1;"; } >$@

# where a tool looks for its model when there is none beside it
obj/common/index/model.o obj/fuzz/common/index/model.o: \
    CPPFLAGS_AUTO += -DMODEL_DIR='"$(datadir)/memkit/model"'

# and where it looks for the programs that it runs
obj/common/base/coprocess.o obj/fuzz/common/base/coprocess.o: \
    CPPFLAGS_AUTO += -DLIBEXEC_DIR='"$(libexecdir)/memkit"'

obj/data/%.o: obj/data/%.c config.mak
	$(call say,cc  )$(COMPILE) -c -o $@ $<

# `mem` lists our tools as their man pages call them.
PAGES := $(wildcard $(srcdir)/share/man/man1/mem-*.1)
obj/cmd/mem.o: obj/mem-about.h
obj/cmd/mem.o: CPPFLAGS_AUTO += -Iobj
obj/mem-about.h: $(PAGES)
	@mkdir -p $(@D)
	@for p in $(PAGES); do \
	    sed -n -e 's/^\.Nm \(mem-[a-z]*\)$$/{ "\1",/p' \
		-e 's/^\.Nd \(.*\)/"\1" },/p' -e '/^\.Sh SYNOPSIS/q' $$p; done >$@

# ---- tests ----

obj/tests/unit/%: obj/tests/unit/%.o obj/libcmd.a obj/libmemkit.a
	$(call say,link)$(LINK) -o $@ $^ $(LIB_archive) $(LIB_curl) $(LIB_xml) $(LIBS)

obj/tests/perf/%: obj/tests/perf/%.o obj/libmemkit.a
	$(call say,link)$(LINK) -o $@ $^ $(LIB_archive) $(LIBS)

obj/tests/quality/q-%: obj/tests/quality/q-%.o obj/tests/quality/collection.o \
    obj/libmemkit.a
	$(call say,link)$(LINK) -o $@ $^ $(LIBS)

obj/tests/fuzz/f-%: obj/tests/fuzz/f-%.o obj/tests/fuzz/main.o obj/libcmd.a \
    obj/libmemkit.a
	$(call say,link)$(LINK) -o $@ $^ $(LIB_archive) $(LIB_xml) $(LIBS)

obj/helper/%.so: $(srcdir)/tests/helper/%.so.c config.mak
	@mkdir -p $(@D)
	$(call say,cc  )$(COMPILE) -fno-sanitize=all -fPIC -shared -o $@ $< -ldl

obj/helper/%: obj/tests/helper/%.o obj/libcmd.a obj/libmemkit.a
	@mkdir -p $(@D)
	$(call say,link)$(LINK) -o $@ $^ $(LIB_archive) $(LIB_curl) $(LIB_xml) $(LIBS)

# mem-admin with a fault: one module does not ask store/access who may see
LEAKS := $(addprefix obj/helper/leak-,event_read seen toc_see artifact_row)
obj/helper/leak-event_read: obj/leak/memory/event_read.o
obj/helper/leak-seen: obj/leak/search/seen.o
obj/helper/leak-toc_see: obj/leak/toc/toc_see.o
obj/helper/leak-artifact_row: obj/leak/artifact/artifact_row.o
obj/helper/leak-%: obj/tests/isolation/leak.o obj/cmd/mem-admin.o \
    obj/libcmd.a obj/libmemkit.a
	@mkdir -p $(@D)
	$(call say,link)$(LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	    $(LIB_archive) $(LIBS)
obj/leak/%.o: $(srcdir)/common/%.c config.h config.mak
	@mkdir -p $(@D)
	$(call say,cc  )$(COMPILE) -Daccess_may=leak_may \
	    -Daccess_session=leak_session -MMD -MP -c -o $@ $<

tests: all $(UNITS) $(REPLAY) $(HELPERS) $(LEAKS) $(QUALITYBIN)

check: tests
	@$(RUN) -m -j $(JOBS) $(wildcard $(addprefix $(srcdir)/tests/,$(T))) \
	    $(if $(filter t*.sh,$(T)),$(UNITS) $(REPLAY))

check-unit: $(UNITS) $(REPLAY)
	@$(RUN) -j $(JOBS) $(UNITS) $(REPLAY)

# one at a time, unless somebody waits for them
LONG_JOBS ?= 1
check-long: tests
	@$(RUN) -j $(LONG_JOBS) $(wildcard $(addprefix $(srcdir)/tests/,$(LONG)))

# clang's libFuzzer; what it finds worth keeping goes to obj/fuzz/corpus/.
FUZZ_CC ?= clang
FUZZ_FLAGS = -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZOBJ := $(LIBOBJ:obj/%=obj/fuzz/%)
obj/fuzz/data/%.o: obj/data/%.c
	@mkdir -p $(@D)
	$(call say,fuzz)$(FUZZ_CC) -c -o $@ $<
obj/fuzz/%.o: $(srcdir)/%.c config.h
	@mkdir -p $(@D)
	$(call say,fuzz)$(FUZZ_CC) $(CPPFLAGS_AUTO) $(CPPFLAGS) -std=c11 $(FUZZ_FLAGS) \
	    -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
obj/fuzz/libmemkit.a: $(FUZZOBJ)
obj/fuzz/f-%: obj/fuzz/tests/fuzz/f-%.o obj/fuzz/libmemkit.a
	$(call say,fuzz)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIB_archive) $(LIB_xml) \
	    $(LIBS)

# one after the other, or as many at a time as -j says; all are built before
FUZZ_RUN := $(TARGETS:f-%=fuzz-%)
fuzz: $(FUZZ_RUN)
$(FUZZ_RUN): fuzz-%: $(TARGETS:%=obj/fuzz/%)
	@mkdir -p obj/fuzz/corpus/$*
	@obj/fuzz/f-$* -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_TIME) -timeout=20 \
	    -rss_limit_mb=1024 -print_final_stats=1 \
	    -artifact_prefix=obj/fuzz/$*- obj/fuzz/corpus/$* \
	    $(wildcard $(srcdir)/tests/fuzz/corpus)/$* >obj/fuzz/$*.log 2>&1 || \
	    { tail -n 40 obj/fuzz/$*.log; exit 1; }
	@echo "fuzz $*, $(FUZZ_TIME) s, runs: $$(sed -n \
	    's/^stat::number_of_executed_units: *//p' obj/fuzz/$*.log)"

perf: all
	MEM_BIN='$(CURDIR)/bin' MEM_OBJ='$(CURDIR)/obj' \
	    CC='$(CC)' sh $(srcdir)/tests/perf/run $(PERF)

# make quality DATA=DIR [QUALITY='NAME ...']; MEM_MODEL and what else the
# tools read is as the caller has it.
quality: all $(QUALITYBIN)
	@MEM_BIN='$(CURDIR)/bin' MEM_OBJ='$(CURDIR)/obj/tests/quality' \
	    MEM_MODEL="$${MEM_MODEL-$(abspath $(srcdir))/share/model/minilm-256.model}" \
	    sh $(srcdir)/tests/quality/run '$(DATA)' $(QUALITY)

demo: all
	MEM_BIN='$(CURDIR)/bin' sh $(srcdir)/share/demo/run.sh

# ---- looking at the source ----

SCRIPTS = $(wildcard $(addprefix $(srcdir)/,configure .ci/run tests/run \
	tests/*.sh tests/perf/run tests/quality/run tests/*/*.sh share/*/*.sh \
	completions/mem.bash))
MAN = $(wildcard $(srcdir)/share/man/man*/*.[157])
TIDY = -Wall -Wextra -Wshadow -Wvla -Wpedantic -Wmissing-prototypes \
	-Wstrict-prototypes -Wformat-security -Wpointer-arith -Wcast-align \
	-Wundef -Wwrite-strings -Wunreachable-code \
	-Wdouble-promotion -Wmissing-variable-declarations \
	-Wshift-sign-overflow -Wloop-analysis

lint: lint-sh lint-man lint-c
lint-sh:
	shellcheck $(SCRIPTS)
# a page that refers to one that is not installed is right all the same
lint-man:
	! { mandoc -Tlint -Wstyle $(MAN) | \
	    grep -vE 'referenced manual not found|outdated mandoc\.db'; }
lint-c: config.h obj/mem-about.h
	@for f in $(SRC) $(CMDSRC) $(HELPSRC) $(TOOLS:%=$(srcdir)/cmd/%.c); do \
	    clang -fsyntax-only -std=c11 -Werror $(TIDY) $(CPPFLAGS_AUTO) \
		-Iobj $$f || exit 1; done

# ---- install ----

D = $(DESTDIR)
SHAREDIR = $(datadir)/memkit
LIBEXEC = $(libexecdir)/memkit
BASHDIR = $(datadir)/bash-completion/completions
ZSHDIR = $(datadir)/zsh/site-functions
FISHDIR = $(datadir)/fish/vendor_completions.d
SHARED = $(patsubst $(srcdir)/share/%,%,$(wildcard $(srcdir)/share/redact.rules \
	$(srcdir)/share/schema/* $(srcdir)/share/sql/* $(srcdir)/share/model/* \
	$(srcdir)/share/import/* $(srcdir)/share/examples/* $(srcdir)/share/processors/* \
	$(srcdir)/share/live/*))
DOCS = $(filter-out %/TODO,$(wildcard $(srcdir)/README $(srcdir)/share/doc/*))
MANINST = $(MAN:$(srcdir)/share/man/%=%)
# the shells load a file named after the command that is completed
LINKS = $(filter-out mem,$(TOOLS))

install: all
	mkdir -p $(D)$(bindir) $(D)$(LIBEXEC) $(D)$(docdir) $(D)$(BASHDIR) $(D)$(ZSHDIR) \
	    $(D)$(FISHDIR) $(sort $(dir $(addprefix $(D)$(SHAREDIR)/,$(SHARED)) \
	    $(addprefix $(D)$(mandir)/,$(MANINST))))
	for f in $(TOOLS); do install -m 755 bin/$$f $(D)$(bindir)/$$f || exit 1; done
	for f in $(PROGRAMS); do \
	    install -m 755 libexec/memkit/$$f $(D)$(LIBEXEC)/$$f || exit 1; done
	for f in $(MANINST); do \
	    install -m 644 $(srcdir)/share/man/$$f $(D)$(mandir)/$$f || exit 1; done
	for f in $(SHARED); do \
	    m=644; [ ! -x $(srcdir)/share/$$f ] || m=755; \
	    install -m $$m $(srcdir)/share/$$f $(D)$(SHAREDIR)/$$f || exit 1; done
	for f in $(DOCS); do install -m 644 $$f $(D)$(docdir)/ || exit 1; done
	install -m 644 $(srcdir)/completions/mem.bash $(D)$(BASHDIR)/mem
	install -m 644 $(srcdir)/completions/_mem $(D)$(ZSHDIR)/_mem
	install -m 644 $(srcdir)/completions/mem.fish $(D)$(FISHDIR)/mem.fish
	for f in $(LINKS); do ln -sf mem $(D)$(BASHDIR)/$$f && \
	    ln -sf mem.fish $(D)$(FISHDIR)/$$f.fish || exit 1; done

# Folders that install may have made.  Those of a system stay: it may want
# an empty /usr/local/bin.
EMPTY = $(BASHDIR) $(ZSHDIR) $(FISHDIR) $(if $(D),$(bindir) $(libexecdir) $(dir $(docdir)) \
	$(sort $(dir $(addprefix $(mandir)/,$(MANINST)))))

uninstall:
	cd $(D)$(bindir)/ && rm -f $(TOOLS)
	cd $(D)$(mandir)/ && rm -f $(MANINST)
	rm -f $(TOOLS:%=$(D)$(BASHDIR)/%) $(TOOLS:%=$(D)$(FISHDIR)/%.fish) \
	    $(D)$(ZSHDIR)/_mem
	rm -rf $(D)$(SHAREDIR) $(D)$(docdir) $(D)$(LIBEXEC)
	@for d in $(EMPTY); do (cd $(D)/ && rmdir -p .$$d) 2>/dev/null; done; :

# The same commit gives the same bytes (GNU tar).
DIST_LEVEL = 9
dist:
	cd $(srcdir) && t=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} && \
	git ls-files -z | tar --null -T - --sort=name --mtime="@$$t" \
	    --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
	    --format=ustar --transform 's,^,memkit-$(version)/,' -cf - | \
	    gzip -$(DIST_LEVEL)n >'$(CURDIR)/memkit-$(version).tar.gz'

clean:
	rm -rf obj bin libexec
distclean: clean
	rm -f config.mak config.h config.log memkit-*.tar.gz
	[ $(srcdir) = . ] || rm -f Makefile

help:
	@echo 'all         the tools, into bin/ (default)'
	@echo 'check       the tests (make check T="t2*.sh" for some of them)'
	@echo 'check-long  those that take minutes: crashes, faults, servers'
	@echo 'demo        build, and run the main job on the demo corpus'
	@echo 'perf        measure, as JSON (PERF=--quick: small)'
	@echo 'quality     measure what searches find: make quality DATA=DIR'
	@echo 'fuzz        search for bad input, FUZZ_TIME=60 seconds a target'
	@echo 'lint        shellcheck, mandoc and clang over the source'
	@echo 'install     below prefix, with DESTDIR in front; uninstall'
	@echo 'dist        memkit-VERSION.tar.gz of what git knows'
	@echo 'clean       what make made; distclean: what configure made too'

config.mak: $(srcdir)/configure
	@[ -e $@ ] || { echo 'run ./configure first'; exit 1; }
	$(srcdir)/configure $(CONFIGURE_ARGS)
config.h: config.mak ;

-include $(wildcard obj/*.d obj/*/*.d obj/*/*/*.d obj/fuzz/*/*/*.d)
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all tests check check-unit check-long fuzz $(FUZZ_RUN) perf quality \
	demo lint lint-sh lint-man lint-c install uninstall dist clean \
	distclean help
