/* limen: ISC licence, see LICENSE */
#include "tap.h"
#include "tftp.h"
#include "tftp_rto.h"

#define GET(p, s) tftp_get(p, s, sizeof(s) - 1)

static const char *
path(const char *name)
{
	static char b[16];
	int r = tftp_path(b, sizeof(b), name);

	return r == TFTP_EACCESS ? "EACCESS" : r ? "ENOTFOUND" : b;
}

static void
requests(void)
{
	struct tftp_pkt p;

	OK(GET(&p, "\0\1a\0oCtEt\0") == 0 && p.op == TFTP_RRQ);
	OK(!strcmp(p.text, "a") && p.mode == TFTP_OCTET && !p.opts.have);
	/* RFC 2348: name, mode, option; RFC 2349, 7440 */
	OK(GET(&p, "\0\2b\0netascii\0BLKSIZE\0001432\0tsize\000673312\0"
		   "timeout\0001\0windowsize\00016\0") == 0);
	OK(p.op == TFTP_WRQ && p.mode == TFTP_NETASCII);
	OK(p.opts.have == 15 && p.opts.blksize == 1432);
	OK(p.opts.tsize == 673312 && p.opts.timeout == 1);
	OK(p.opts.window == 16);
	OK(GET(&p, "\0\1a\0mail\0") == 0 && !p.mode);
	OK(GET(&p, "\0\1a\0octet") < 0 && GET(&p, "\0\1a") < 0);
	OK(GET(&p, "\0\1") < 0 && GET(&p, "\0") < 0 && GET(&p, "") < 0);
	OK(GET(&p, "\0\1a\0octet\0blksize\0008") < 0);
	OK(GET(&p, "\0\1a\0octet\0blksize") < 0);
	OK(GET(&p, "\0\1a\0octet\0\0\0\0") == 0 && !p.opts.have);
	OK(GET(&p, "\0\1a\0octet\0foo\0bar\0tsize\0000\0") == 0 &&
	    p.opts.have == TFTP_HAVE_TSIZE);
}

static void
values(void)
{
	struct tftp_pkt p;

	OK(GET(&p, "\0\1a\0octet\0blksize\0007\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0blksize\00065465\0") == 0 &&
	    p.opts.blksize == 65464);
	OK(GET(&p, "\0\1a\0octet\0blksize\0001024\0blksize\0008\0") == 0 &&
	    p.opts.blksize == 1024);
	OK(GET(&p, "\0\1a\0octet\0timeout\0000\0windowsize\0000\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0timeout\000256\0windowsize\00065536\0") ==
		0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0windowsize\0004294967297\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0tsize\000-1\0blksize\00012x\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0tsize\00018446744073709551616\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
	OK(GET(&p, "\0\1a\0octet\0tsize\0\0") == 0 &&
	    p.opts.have == TFTP_HAVE_BAD);
}

/* a request that comes again is one of the same options; what was not asked
 * for does not count */
static void
compared(void)
{
	const struct tftp_opts o = { 15, 512, 3, 4, 9 };
	const struct tftp_opts other[] = { { 15, 513, 3, 4, 9 },
		{ 15, 512, 2, 4, 9 }, { 15, 512, 3, 4, 8 },
		{ 15, 512, 3, 5, 9 }, { 14, 512, 3, 4, 9 } };
	struct tftp_opts a, b;
	size_t i;

	OK(tftp_opts_same(&o, &o));
	for (i = 0; i < 5; i++)
		OK(!tftp_opts_same(&o, &other[i]));
	for (i = 0; i < 4; i++) {
		a = o;
		b = other[i];
		a.have = b.have = 15 & ~(1U << i);
		OK(tftp_opts_same(&a, &b));
	}
}

static void
others(void)
{
	struct tftp_pkt p;
	uint8_t b[64];
	struct wr w;

	OK(GET(&p, "\0\3\1\2xyz") == 0 && p.block == 0x102 && p.len == 3);
	OK(GET(&p, "\0\3\1\2") == 0 && p.len == 0);
	OK(GET(&p, "\0\4\377\376") == 0 && p.block == 0xfffe);
	OK(GET(&p, "\0\4\1") < 0 && GET(&p, "\0\7\0\0") < 0);
	OK(GET(&p, "\0\5\0\1gone\0") == 0 && p.code == 1);
	STREQ(p.text, "gone");
	OK(GET(&p, "\0\5\0\1gone") == 0 && !*p.text);
	OK(GET(&p, "\0\6tsize\0005\0") == 0 && p.opts.tsize == 5);
	wr_init(&w, b, sizeof(b));
	tftp_put_oack(&w, &p.opts);
	OK(wr_len(&w) == 10 && !memcmp(b, "\0\6tsize\0005\0", 10));
	wr_init(&w, b, sizeof(b));
	tftp_put_error(&w, TFTP_ETID, tftp_strerror(TFTP_ETID));
	OK(wr_len(&w) == 24 && !memcmp(b, "\0\5\0\5unknown", 11));
	OK(!strcmp(tftp_strerror(99), tftp_strerror(0)));
}

static void
netascii(void)
{
	static const char in[] = "a\nb\rc\r\n";
	struct tftp_ascii a = { 0, 0, 0 };
	uint8_t b[32], c[32];
	size_t n = 0, m, off = 0;

	/* a byte at a time: what is held comes first the next time */
	do {
		m = tftp_to_ascii(
		    &a, b + n, 1, (const uint8_t *)in + off, 7 - off);
		off += a.used;
		n += m;
	} while (m);
	OK(n == 11 && !memcmp(b, "a\r\nb\r\0c\r\0\r\n", 11));
	memset(&a, 0, sizeof(a));
	m = tftp_from_ascii(&a, c, b, 5);
	OK(m == 3 && a.pending);
	m += tftp_from_ascii(&a, c + m, b + 5, 6);
	OK(m == 7 && !memcmp(c, in, 7) && !a.pending);
	m = tftp_from_ascii(&a, c, (const uint8_t *)"\rx\r", 3);
	OK(m == 2 && !memcmp(c, "\rx", 2) && a.pending);
}

/* blocks beyond 65535, by either rule */
static void
numbers(void)
{
	OK(tftp_wire(65535, 0) == 65535 && tftp_wire(65536, 0) == 0);
	OK(tftp_wire(65535, 1) == 65535 && tftp_wire(65536, 1) == 1);
	OK(tftp_wire(0, 1) == 0 && tftp_wire(131071, 1) == 1);
	OK(tftp_ahead(65535, 0, 0) == 1 && tftp_ahead(65536, 0, 0) == 0);
	OK(tftp_ahead(65535, 1, 1) == 1 && tftp_ahead(65535, 0, 1) == -1);
	OK(tftp_ahead(0, 0, 1) == 0 && tftp_ahead(0, 7, 1) == 7);
	OK(tftp_ahead(10, 9, 0) == 65535 && tftp_ahead(10, 9, 1) == 65534);
}

/* RFC 6298: within bounds, doubled, the floor obeyed */
static void
patience(void)
{
	struct tftp_rto r;
	int i;

	tftp_rto_init(&r);
	OK(tftp_rto_wait(&r, 0, 0) == 1000 && tftp_rto_wait(&r, 1, 0) == 2000);
	OK(tftp_rto_wait(&r, 9, 0) == TFTP_RTO_MAX);
	OK(tftp_rto_wait(&r, 0, 3000) == 3000);
	OK(tftp_rto_wait(&r, 9, 30000) == 30000);
	tftp_rto_sample(&r, 200);
	OK(r.ms == 200 + 4 * 100);
	for (i = 0; i < 100; i++)
		tftp_rto_sample(&r, 1);
	OK(r.ms == 100);
	tftp_rto_sample(&r, 60000);
	OK(r.ms == TFTP_RTO_MAX);
}

int
main(void)
{
	requests();
	numbers();
	patience();
	values();
	compared();
	others();
	netascii();
	STREQ(path("uImage"), "uImage");
	STREQ(path("//boot/./a"), "boot/a");
	STREQ(path("a/../b"), "b");
	STREQ(path("/a/b/.././/../c/d"), "c/d");
	STREQ(path("a/b/../../../c"), "EACCESS");
	STREQ(path("a/..b/..."), "a/..b/...");
	STREQ(path("a/.."), "ENOTFOUND");
	STREQ(path("\\Boot\\BCD"), "Boot/BCD");
	STREQ(path("a\\..\\..\\b"), "EACCESS");
	STREQ(path("a\\"), "ENOTFOUND");
	STREQ(path("12345678901234/../a"), "a");
	STREQ(path(".."), "EACCESS");
	STREQ(path("..."), "...");
	STREQ(path(""), "ENOTFOUND");
	STREQ(path("/"), "ENOTFOUND");
	STREQ(path("."), "ENOTFOUND");
	STREQ(path("a/"), "ENOTFOUND");
	STREQ(path("123456789012345"), "ENOTFOUND");
	STREQ(path("12345678901234"), "12345678901234");
	STREQ(path("a/b/c/d/e/f/g/hh"), "ENOTFOUND");
	return tap_done();
}
