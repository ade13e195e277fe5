/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "eth.h"
#include "pppoe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t *lo, *hi;

static void
within(struct pppoe_str s)
{
	if (s.p && (s.p < lo || s.p + s.len > hi))
		__builtin_trap();
}

/* what is read again after it was written must be the same */
static void
again(const struct pppoe *p, const struct pppoe_disc *d)
{
	static uint8_t b[70000];
	struct pppoe_disc e;
	struct pppoe q;
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	hole = pppoe_put(&w, p->code, p->sid);
	pppoe_echo_put(&w, PPPOE_SERVICE, d->service);
	pppoe_echo_put(&w, PPPOE_HOST_UNIQ, d->host_uniq);
	pppoe_echo_put(&w, PPPOE_COOKIE, d->cookie);
	pppoe_end(&w, hole);
	if (pppoe_get(&q, b, wr_len(&w)) < 0 || pppoe_disc_get(&e, &q) < 0 ||
	    q.sid != p->sid || q.code != p->code ||
	    !pppoe_str_is(e.service, d->service) ||
	    !e.host_uniq.p != !d->host_uniq.p ||
	    !pppoe_str_is(e.cookie, d->cookie))
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pppoe_disc d;
	struct pppoe p;
	struct eth e;

	lo = data;
	hi = data + len;
	if (eth_get(&e, data, len) < 0)
		return 0;
	if (e.ntag > ETH_TAGS || e.body + e.len != hi)
		__builtin_trap();
	if (pppoe_get(&p, e.body, e.len) < 0)
		return 0;
	within((struct pppoe_str){ p.body, p.len });
	if (pppoe_disc_get(&d, &p) < 0)
		return 0;
	within(d.service);
	within(d.host_uniq);
	within(d.cookie);
	within(d.relay_id);
	within(d.circuit);
	within(d.remote);
	within(d.error.v);
	again(&p, &d);
	return 0;
}
