# GNU make, one file.  libmemkit.a from common/, a tool for each cmd/mem*.c.
include config.mak

SRC := $(wildcard $(srcdir)/common/*/*.c)
TOOLS := $(basename $(notdir $(wildcard $(srcdir)/cmd/mem*.c)))
DATA := $(wildcard $(srcdir)/share/sql/*.sql $(srcdir)/share/redact.rules \
	$(srcdir)/share/dict/*.dict $(srcdir)/share/stop/*.txt)
CMDSRC := cmd/cmd.c cmd/out.c cmd/render.c cmd/names.c

OBJ := $(patsubst $(srcdir)/%.c,obj/%.o,$(SRC)) \
	$(patsubst $(srcdir)/share/%,obj/data/%.o,$(DATA))
CMDOBJ := $(CMDSRC:%.c=obj/%.o)

CFLAGS_AUTO = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Wall -Wextra -Wshadow -Wvla \
	-Wpedantic $(SANITIZE)
CPPFLAGS_AUTO = -I. -I$(srcdir)/common -I$(srcdir)
LIBS = $(LIB_sqlite) $(LIB_jansson) $(LIB_zstd) $(LIB_archive) \
	$(LIB_crypto) $(LIB_utf8proc) -lm
LDFLAGS_AUTO = -Wl,--as-needed $(SANITIZE)

all: $(TOOLS:%=bin/%)

bin/%: obj/cmd/%.o $(CMDOBJ) obj/libmemkit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS_AUTO) $(LDFLAGS) -o $@ $< $(CMDOBJ) \
	    obj/libmemkit.a $(LIBS)

obj/libmemkit.a: $(OBJ)
	rm -f $@
	$(AR) rcs $@ $(OBJ)

obj/%.o: $(srcdir)/%.c config.mak
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_AUTO) $(CPPFLAGS) $(CFLAGS_AUTO) $(CFLAGS) -MMD -c -o $@ $<

# Data becomes an array named after its path: share/sql/001_base.sql is
# data_sql_001_base_sql[], its length data_sql_001_base_sql_len.
obj/data/%.c: $(srcdir)/share/%
	@mkdir -p $(@D)
	{ n=data_$$(echo '$*' | tr -c 'A-Za-z0-9\n' _); \
	  echo '#include <stddef.h>'; \
	  echo "extern const unsigned char $$n[]; extern const size_t $${n}_len;"; \
	  echo "const unsigned char $$n[] = {"; od -An -v -tx1 $< | \
	  sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
	  echo "0}; const size_t $${n}_len = sizeof $$n - 1;"; } >$@

obj/data/%.o: obj/data/%.c
	$(CC) $(CFLAGS) -c -o $@ $<

# A unit test, a fuzz replay: one program each.
obj/tests/%: $(srcdir)/tests/%.c obj/libmemkit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_AUTO) -I$(srcdir)/tests/unit $(CFLAGS_AUTO) $(CFLAGS) \
	    $(LDFLAGS_AUTO) -MMD -o $@ $< obj/libmemkit.a $(LIBS)

-include $(wildcard obj/*.d obj/*/*.d obj/*/*/*.d)
.PRECIOUS: obj/data/%.c obj/%.o
.PHONY: all
