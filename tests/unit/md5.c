/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "md5.h"
#include "tap.h"

/* RFC 1321 appendix A.5 */
static const struct {
	const char *in, *hex;
} suite[] = {
	{ "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "a", "0cc175b9c0f1b6a831c399e269772661" },
	{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	{ "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	    "d174ab98d277d9f5a5611c2c9f419d9f" },
	{ "1234567890123456789012345678901234567890"
	  "1234567890123456789012345678901234567890",
	    "57edf4a22be3c955ac49da2e2107b67a" },
};

static char *
hex(const uint8_t sum[MD5_LEN])
{
	static char s[2 * MD5_LEN + 1];
	int i;

	for (i = 0; i < MD5_LEN; i++)
		snprintf(s + 2 * i, 3, "%02x", sum[i]);
	return s;
}

/* every split of every length around the block gives the same sum */
static int
splits(void)
{
	static uint8_t b[200];
	uint8_t one[MD5_LEN], two[MD5_LEN];
	struct md5 m;
	size_t n, i;

	for (i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i * 7);
	for (n = 0; n <= sizeof(b); n++) {
		md5(b, n, one);
		for (i = 0; i <= n; i++) {
			md5_init(&m);
			md5_add(&m, b, i);
			md5_add(&m, b + i, n - i);
			md5_end(&m, two);
			if (memcmp(one, two, MD5_LEN))
				return 0;
		}
	}
	return 1;
}

int
main(void)
{
	uint8_t sum[MD5_LEN];
	size_t i;

	for (i = 0; i < sizeof(suite) / sizeof(*suite); i++) {
		md5(suite[i].in, strlen(suite[i].in), sum);
		OK_MSG(!strcmp(hex(sum), suite[i].hex), suite[i].in);
	}
	OK(splits());
	return tap_done();
}
