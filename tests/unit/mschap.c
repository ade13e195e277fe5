/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "des.h"
#include "md4.h"
#include "mschap.h"
#include "sha1.h"
#include "tap.h"

static char *
hex(const uint8_t *p, size_t n)
{
	static char s[2 * 32 + 1];
	size_t i;

	for (i = 0; i < n && i < 32; i++)
		snprintf(s + 2 * i, 3, "%02x", p[i]);
	return s;
}

/* RFC 1320 appendix A.5 */
static void
md4_suite(void)
{
	static const struct {
		const char *in, *hex;
	} v[] = {
		{ "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
		{ "a", "bde52cb31de33e46245e05fbdbd6fb24" },
		{ "abc", "a448017aaf21d8525fc10ae87aa6729d" },
		{ "message digest", "d9130a8164549fe818874806e1c7014b" },
		{ "abcdefghijklmnopqrstuvwxyz",
		    "d79e1c308aa5bbcdeea8ed63df412da9" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		  "0123456789",
		    "043f8582f241db351ce627e153e7f0e4" },
		{ "1234567890123456789012345678901234567890"
		  "1234567890123456789012345678901234567890",
		    "e33b4ddc9c38f2199c3e7b164fcc0536" },
	};
	uint8_t sum[MD4_LEN];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		md4(v[i].in, strlen(v[i].in), sum);
		OK_MSG(!strcmp(hex(sum, MD4_LEN), v[i].hex), v[i].in);
	}
}

/* FIPS 180-1 appendices A and B */
static void
sha1_suite(void)
{
	uint8_t sum[SHA1_LEN];
	struct sha1 s;
	int i;

	sha1_init(&s);
	sha1_add(&s, "abc", 3);
	sha1_end(&s, sum);
	STREQ(hex(sum, SHA1_LEN), "a9993e364706816aba3e25717850c26c9cd0d89d");
	sha1_init(&s);
	sha1_add(&s, "abcdbcdecdefdefgefghfghighijhi", 30);
	sha1_add(&s, "jkijkljklmklmnlmnomnopnopq", 26);
	sha1_end(&s, sum);
	STREQ(hex(sum, SHA1_LEN), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	sha1_init(&s);
	for (i = 0; i < 10000; i++)
		sha1_add(&s,
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    100);
	sha1_end(&s, sum);
	STREQ(hex(sum, SHA1_LEN), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

/* RFC 2759 section 9.2 */
static const uint8_t auth[16] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f,
	0x3e, 0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t peer[16] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26,
	0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e };

static void
rfc2759(void)
{
	static const uint8_t challenge[8] = { 0xd0, 0x2e, 0x43, 0x86, 0xbc,
		0xe9, 0x12, 0x26 };
	static const uint8_t hash[21] = { 0x44, 0xeb, 0xba, 0x8d, 0x53, 0x12,
		0xb8, 0xd6, 0x11, 0x47, 0x44, 0x11, 0xf5, 0x69, 0x89, 0xae };
	struct mschap m = { auth, peer, "User", 4, "clientPass", 10 };
	uint8_t nt[MSCHAP_NT_LEN], cut[MSCHAP_NT_LEN], longer[600];
	char proof[MSCHAP_PROOF];

	des(hash, challenge, nt);
	des(hash + 7, challenge, nt + 8);
	des(hash + 14, challenge, nt + 16);
	STREQ(hex(nt, sizeof(nt)),
	    "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
	memset(nt, 0, sizeof(nt));
	mschap_response(&m, nt);
	STREQ(hex(nt, sizeof(nt)),
	    "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
	mschap_proof(&m, nt, proof);
	MEMEQ(
	    proof, "S=407A5589115FD0D6209F510FE9C04566932CDA56", sizeof(proof));
	m.name = "DOMAIN\\User";
	m.namelen = 11;
	memset(nt, 0, sizeof(nt));
	mschap_response(&m, nt);
	OK_MSG(!strcmp(hex(nt, 4), "82309ecd"), "the domain does not count");
	memset(longer, 'x', sizeof(longer));
	m.secret = longer;
	m.secretlen = 256;
	mschap_response(&m, nt);
	m.secretlen = sizeof(longer);
	mschap_response(&m, cut);
	OK_MSG(!memcmp(nt, cut, sizeof(nt)), "256 characters are the most");
}

/* what pppd 2.4.9 as server accepted and proved itself with */
static void
pppd(void)
{
	static const uint8_t ours[16] = { 0x19, 0x28, 0x17, 0x3c, 0xbe, 0xfd,
		0xb5, 0xef, 0xa4, 0x7e, 0x3e, 0x37, 0x19, 0x47, 0xe2, 0xf3 };
	static const uint8_t its[16] = { 0x12, 0x8b, 0x86, 0x8a, 0xa4, 0x8e,
		0xa4, 0x54, 0x0e, 0xe5, 0x42, 0xac, 0x4f, 0x43, 0x8c, 0x1a };
	const struct mschap m = { its, ours, "u", 1, "p w", 3 };
	uint8_t nt[MSCHAP_NT_LEN];
	char proof[MSCHAP_PROOF];

	mschap_response(&m, nt);
	STREQ(hex(nt, sizeof(nt)),
	    "bb42abdb173c08acf72df9e533e17ac3fb748342b7ce79c7");
	mschap_proof(&m, nt, proof);
	MEMEQ(
	    proof, "S=03C79757A9C5D6D95E7F21CEEA23D2F5A9FBABE0", sizeof(proof));
}

int
main(void)
{
	md4_suite();
	sha1_suite();
	rfc2759();
	pppd();
	return tap_done();
}
