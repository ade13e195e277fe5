/* limen: ISC licence, see LICENSE */
#include "pppoe_cookie.h"
#include "rd.h"
#include "siphash.h"
#include "wr.h"

void
pppoe_cookie_make(const struct pppoe_cookie *c, const uint8_t key[16],
    uint8_t b[PPPOE_COOKIE_LEN])
{
	const struct pppoe_str *u = &c->host_uniq;
	uint8_t in[20];
	struct wr w;

	wr_init(&w, in, sizeof(in));
	wr_u32(&w, c->stamp);
	wr_u64(&w, c->id);
	wr_u64(&w, u->len ? siphash(key, u->p, u->len) : 0);
	wr_init(&w, b, PPPOE_COOKIE_LEN);
	wr_u32(&w, c->stamp);
	wr_u64(&w, siphash(key, in, sizeof(in)));
}

/* the comparison takes the same time whatever differs */
int
pppoe_cookie_check(
    struct pppoe_cookie *c, const uint8_t key[16], struct pppoe_str got)
{
	uint8_t good[PPPOE_COOKIE_LEN], diff = 0;
	struct rd r;
	int i;

	if (got.len != PPPOE_COOKIE_LEN)
		return -1;
	rd_init(&r, got.p, got.len);
	c->stamp = rd_u32(&r);
	pppoe_cookie_make(c, key, good);
	for (i = 0; i < PPPOE_COOKIE_LEN; i++)
		diff |= good[i] ^ got.p[i];
	return diff ? -1 : 0;
}
