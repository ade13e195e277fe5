/* limen: ISC licence, see LICENSE */
#include "ere.h"
#include "tap.h"

static struct ere e;

/* 1, 0, or -1: refused */
static int
m(const char *re, const char *s)
{
	return ere_compile(&e, re) < 0 ? -1 : ere_match(&e, s, strlen(s));
}

static void
good(void)
{
	OK(m("b", "abc") == 1 && m("d", "abc") == 0 && m("", "") == 1);
	OK(m("^abc$", "abc") == 1 && m("^bc", "abc") == 0 &&
	    m("ab$", "abc") == 0);
	OK(m("^a.c$", "axc") == 1 && m("^a.c$", "ac") == 0);
	OK(m("^(ab|cd)+$", "abcdab") == 1 && m("^(ab|cd)+$", "abcda") == 0);
	OK(m("^a*b?c+$", "c") == 1 && m("^a*b?c+$", "aaabbc") == 0);
	OK(m("^a{2,3}$", "a") == 0 && m("^a{2,3}$", "aa") == 1 &&
	    m("^a{2,3}$", "aaa") == 1 && m("^a{2,3}$", "aaaa") == 0);
	OK(m("^a{2,}$", "a") == 0 && m("^a{2,}$", "aaaaa") == 1);
	OK(m("^a{0,2}$", "") == 1 && m("^a{0,2}$", "aaa") == 0);
	OK(m("^a{0}b$", "b") == 1 && m("^a{0,}b$", "aab") == 1);
	OK(m("^(a|b{2}){3}$", "abba") == 1 && m("^(a|b{2}){3}$", "aba") == 0);
	OK(m("^[a-c]+$", "abc") == 1 && m("^[^a-c]+$", "xyz") == 1 &&
	    m("[^a-c]", "abc") == 0);
	OK(m("^[]a]+$", "]a") == 1 && m("^[a-]+$", "a-") == 1);
	OK(m("^[[:digit:][:upper:]_]+$", "A_9") == 1 &&
	    m("^[[:digit:][:upper:]_]+$", "a") == 0);
	OK(m("a\\.b\\[\\^", "a.b[^") == 1 && m("a\\.b", "axb") == 0);
	OK(m("x(^a|b$)", "xb") == 1 && m("(^a|b$)x", "bx") == 0);
	OK(m("()*a|", "") == 1 && m("(a*)*b", "aaaac") == 0);
	OK(m("^router# $|^=> $", "router# ") == 1);
	/* where glibc, musl, or both are wrong */
	OK(m("$^|\\^*", "b") == 1 && m("((^_{0}|b?)*)a", "_a") == 1);
	OK(m("($|(.^c)a){3,}[^b].?", "].") == 0);
	OK(m("(a|(^a?|]?[^]])+.)+0", "]b0") == 0);
	OK_MSG(m("^(a*)*(a*)*(a*)*$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab") == 0,
	    "no time is lost on what other matchers choke on");
	OK(m("PING ok|failed", "limen: PING failed 10.0.0.1") == 1);
}

static void
bad(void)
{
	static const char *const s[] = { "(", "(a", "[", "[a", "[]", "a{",
		"a{x}", "a{2,1}", "a{256}", "a{1,256}", "*", "a|*", "(+)", "\\",
		"[z-a]", "[[:x:]]", "[[.a.]]", "(((a{99}){99}){99})" };
	char deep[200];
	size_t i;

	for (i = 0; i < sizeof(s) / sizeof(*s); i++)
		OK_MSG(ere_compile(&e, s[i]) < 0 && e.err, s[i]);
	memset(deep, '(', 199);
	deep[199] = 0;
	OK(ere_compile(&e, deep) < 0);
}

int
main(void)
{
	good();
	bad();
	return tap_done();
}
