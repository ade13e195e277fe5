/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pppoe_cookie.h"
#include "tap.h"

static const uint8_t key[16] = "a secret of ours";

static struct pppoe_str
bytes(const uint8_t *p, size_t n)
{
	return (struct pppoe_str){ p, n };
}

int
main(void)
{
	struct pppoe_cookie c = { 0xfffffff0, 0x1234, pppoe_str("uniq") }, g;
	uint8_t b[PPPOE_COOKIE_LEN + 1] = { 0 }, bad[PPPOE_COOKIE_LEN];
	size_t i;
	int n = 0;

	pppoe_cookie_make(&c, key, b);
	g = c;
	g.stamp = 0;
	OK_MSG(pppoe_cookie_check(&g, key, bytes(b, PPPOE_COOKIE_LEN)) == 0 &&
		   g.stamp == c.stamp,
	    "ours, and when it was made");
	g.id++;
	OK_MSG(pppoe_cookie_check(&g, key, bytes(b, PPPOE_COOKIE_LEN)) < 0,
	    "another client's");
	g.id--;
	g.host_uniq = pppoe_str("other");
	OK_MSG(pppoe_cookie_check(&g, key, bytes(b, PPPOE_COOKIE_LEN)) < 0,
	    "another Host-Uniq");
	g.host_uniq = pppoe_str("");
	OK_MSG(pppoe_cookie_check(&g, key, bytes(b, PPPOE_COOKIE_LEN)) < 0,
	    "no Host-Uniq");
	g = c;
	OK_MSG(pppoe_cookie_check(&g, (const uint8_t *)"another's secret",
		   bytes(b, PPPOE_COOKIE_LEN)) < 0,
	    "made with another key");
	for (i = 0; i < sizeof(bad); i++) {
		memcpy(bad, b, sizeof(bad));
		bad[i] ^= 0x10;
		n += pppoe_cookie_check(&g, key, bytes(bad, sizeof(bad))) < 0;
	}
	OK_MSG(n == PPPOE_COOKIE_LEN, "each byte counts");
	OK_MSG(
	    pppoe_cookie_check(&g, key, bytes(b, PPPOE_COOKIE_LEN - 1)) < 0 &&
		pppoe_cookie_check(&g, key, bytes(b, sizeof(b))) < 0 &&
		pppoe_cookie_check(&g, key, bytes(NULL, 0)) < 0,
	    "a byte short, a byte long, none");
	return tap_done();
}
