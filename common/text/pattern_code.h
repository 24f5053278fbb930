/*
 * What a pattern is compiled to.  Jumps are relative, so that code can be
 * moved and copied while it is built.
 */
#ifndef TEXT_PATTERN_CODE_H
#define TEXT_PATTERN_CODE_H

#include "text/pattern.h"

enum op { OP_SET, OP_LAZY, OP_NEXT, OP_NOT_NEXT, OP_SPLIT, OP_JUMP, OP_OPEN,
    OP_CLOSE, OP_END };

struct instr {
	enum op op;
	bool keep;		/* OP_SET: giving back cannot help */
	int other;		/* OP_SPLIT, OP_JUMP: relative */
	uint32_t min, max;
	unsigned char set[PATTERN_SET];
	const char *from, *end;	/* the run that was seen last */
};

struct pattern {
	struct instr *code;	/* own */
	size_t n, cap;
	uint64_t id;		/* of the text that the runs are of */
};

#endif
