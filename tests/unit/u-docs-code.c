/*
 * Source code: where a block begins.
 */
#include "told.h"

#include "docs/code.h"

static const struct {
	const char *what, *name, *text, *want;
} cases[] = {
	{ "C", "a/b.c", "/* License\n */\n\n#include <a.h>\n#include <b.h>\n\n"
	    "static int x;\n\n/* does f */\nint\nf(int a)\n{\n\tif (a) {\n\n"
	    "\t\tg('{', \"}\"); /* } */\n\t}\n}\nint g(void) { return 1; }\n\n"
	    "struct s {\n\tint a;\n\n\tint b;\n};\n",
	    "C0 /* License| */\nC0 #include <a.h>|#include <b.h>\n"
	    "C0 static int x;\nC1 /* does f */|int|f(int a)|{|\tif (a) {||"
	    "\t\tg('{', \"}\"); /* } */|\t}|}\nC1 int g(void) { return 1; }\n"
	    "C1 struct s {|\tint a;||\tint b;|};\n" },
	{ "macros with half a bracket", "b.c", "#define A {\n#ifdef B\nint f(a)"
	    " {\n#else\nint f() {\n#endif\n\tx;\n}\n\nint g() {\n}\n",
	    "C1 #define A {|#ifdef B|int f(a) {|#else|int f() {|#endif|\tx;|}\n"
	    "C1 int g() {|}\n" },
	{ "C++", "b.cc", "namespace n {\n\ntemplate <class T> void f() {\n"
	    "  int a;\n\n  int b;\n}\n\nclass A {\n  void g() {\n  }\n\n"
	    "  void h();\n};\n\n}\n",
	    "C1 namespace n {\nC1 template <class T> void f() {|  int a;||"
	    "  int b;|}\nC1 class A {|  void g() {|  }\nC0   void h();|};\n"
	    "C0 }\n" },
	{ "Java", "T.java", "package a;\n\n/** Doc. */\n@Ann(x)\npublic class "
	    "T {\n  int a;\n\n  /** m */\n  void m(int x) {\n    if (x) {\n\n"
	    "    }\n  }\n  void n() { }\n}\n",
	    "C0 package a;\nC1 /** Doc. */|@Ann(x)|public class T {|  int a;\n"
	    "C1   /** m */|  void m(int x) {|    if (x) {||    }|  }\n"
	    "C1   void n() { }|}\n" },
	{ "JavaScript", "x.js", "import a from 'a'\nconst s = `{\n`;\n\n"
	    "const f = (a) => {\n  return '}';\n};\nfunction g() {\n}\n",
	    "C0 import a from 'a'|const s = `{|`;\nC1 const f = (a) => {|"
	    "  return '}';|};\nC1 function g() {|}\n" },
	{ "Rust", "x.rs", "impl<'a> S<'a> {\n    fn a(&'a self) -> char { '{' "
	    "}\n\n    /// b\n    fn b() {\n    }\n}\n",
	    "C1 impl<'a> S<'a> {|    fn a(&'a self) -> char { '{' }\n"
	    "C1     /// b|    fn b() {|    }|}\n" },
	{ "Python", "x.py", "#!/usr/bin/python\n\"\"\"Doc\nstring\"\"\"\n"
	    "import os\n\nX = [\n  1,\n]\n\n# about f\n@dec\ndef f(a):\n"
	    "    x = \"\"\"\ndef not\n\"\"\"\n\n    return a\n\n"
	    "class C(B):\n    y = 1\n\n    def m(self):\n        def k():\n"
	    "            pass\n        return 1\n\n    @property\n"
	    "    def n(self):\n        return 2\n",
	    "C0 #!/usr/bin/python|\"\"\"Doc|string\"\"\"|import os\n"
	    "C0 X = [|  1,|]\nC1 # about f|@dec|def f(a):|    x = \"\"\"|"
	    "def not|\"\"\"||    return a\nC1 class C(B):|    y = 1\n"
	    "C1     def m(self):|        def k():|            pass|"
	    "        return 1\nC1     @property|    def n(self):|"
	    "        return 2\n" },
	{ "Ruby", "x.rb", "require 'a'\n\nmodule M\n  class C\n    def a\n"
	    "      1\n    end\n\n    def b\n\n      2\n    end\n  end\nend\n",
	    "C0 require 'a'\nC1 module M|  class C\n"
	    "C1     def a|      1|    end\n"
	    "C1     def b||      2|    end|  end|end\n" },
	{ "shell", "x.sh", "#!/bin/sh\nset -e\n\n# f\nf() {\n\techo a\n\n"
	    "\techo b\n}\nf\n", "C0 #!/bin/sh|set -e\nC1 # f|f() {|\techo a||"
	    "\techo b|}\nC0 f\n" },
	{ "SQL", "x.sql", "-- t\nCREATE TABLE t (\n  a,\n\n  b);\n\n"
	    "SELECT 1;\n", "C1 -- t|CREATE TABLE t (|  a,||  b);\n"
	    "C0 SELECT 1;\n" },
	{ "a language that nobody knows", "x.qq", "a\n b\n\nc\n",
	    "C0 a| b\nC0 c\n" },
	{ "a suffix in capitals", "a/b.C", "int f() {\n\n\n}\n",
	    "C1 int f() {|||}\n" },
	{ "the last of two suffixes", "x.c.py", "x = \"\"\"\ny\n\nz\"\"\"\n",
	    "C0 x = \"\"\"|y||z\"\"\"\n" },
	{ "a suffix of the folder", "a.c/b", "int f() {\n\n\ng\n}\n",
	    "C0 int f() {\nC0 g|}\n" },
	{ "brackets that never close", "x.c", "int f() {\n\n\nint g() {\n",
	    "C1 int f() {|||int g() {\n" },
	{ "nothing", "x.c", "\n\n", "" }
};

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(read_as(docs_read_code, cases[i].name, cases[i].text,
		    strlen(cases[i].text)), cases[i].want, "%s",
		    cases[i].what);
	buf_release(&told);
	return done();
}
