/* limen: ISC licence, see LICENSE */
/* a byte of length each, then a discovery frame's bytes after the addresses;
 * 0 lets the timer fire, 1 is a good offer, 2 a good session, 3 hangs up */
#include <stdint.h>
#include <string.h>

#include "pppoe_host.h"
#include "rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

static const struct pppoe_host_conf conf = { "isp", "ac", 1000, 3, 1500 };
static const uint8_t us[6] = { 2, 0, 0, 0, 0, 1 }, ac[6] = { 2, 0, 0, 0, 0, 2 };
static struct pppoe_host h;
static int64_t now;

/* what it sends is a whole discovery frame from us */
static void
check(enum pppoe_host_event ev, const struct wr *w)
{
	struct pppoe_disc d;
	struct pppoe p;
	struct eth e;

	MUST(!w->err);
	MUST((ev == PPPOE_HOST_OPENED) <= (h.state == PPPOE_HOST_UP && h.sid));
	MUST((h.deadline >= 0) ==
	     (h.state == PPPOE_HOST_LOOKING || h.state == PPPOE_HOST_ASKING));
	MUST(h.max_payload <= conf.max_payload);
	if (!wr_len(w))
		return;
	MUST(eth_get(&e, w->buf, wr_len(w)) == 0 && e.type == ETH_PPPOED);
	MUST(!memcmp(e.src, us, 6) && pppoe_get(&p, e.body, e.len) == 0);
	MUST(p.len + PPPOE_HEAD == e.len && pppoe_disc_get(&d, &p) == 0);
	MUST(d.host_uniq.len == 4);
}

static void
hear(const uint8_t *b, size_t len)
{
	struct eth e = { .type = ETH_PPPOED, .body = b, .len = len };
	uint8_t out[1518];
	struct wr w;

	memcpy(e.src, ac, 6);
	memcpy(e.dst, us, 6);
	wr_init(&w, out, sizeof(out));
	check(pppoe_host_input(&h, now, &e, &w), &w);
}

static void
good(unsigned code, unsigned sid)
{
	static const uint8_t uniq[4] = { 0, 0, 0, 77 };
	uint8_t b[64];
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	hole = pppoe_put(&w, code, sid);
	pppoe_tag_put(&w, PPPOE_AC_NAME, pppoe_str("ac"));
	pppoe_tag_put(&w, PPPOE_HOST_UNIQ, (struct pppoe_str){ uniq, 4 });
	pppoe_tag_put(&w, PPPOE_COOKIE, pppoe_str("cookie"));
	pppoe_end(&w, hole);
	hear(b, wr_len(&w));
}

static void
fire(void)
{
	uint8_t out[1518];
	struct wr w;

	now = h.deadline > now ? h.deadline : now;
	wr_init(&w, out, sizeof(out));
	check(pppoe_host_tick(&h, now, &w), &w);
	MUST(h.deadline < 0 || h.deadline > now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t out[1518];
	const uint8_t *p;
	struct rd r;
	struct wr w;
	unsigned n, i;

	now = 0;
	rd_init(&r, data, len);
	pppoe_host_init(&h, &conf, us, 77);
	wr_init(&w, out, sizeof(out));
	pppoe_host_start(&h, now, &w);
	check(PPPOE_HOST_NOTHING, &w);
	while (rd_left(&r)) {
		n = rd_u8(&r);
		if (n == 0)
			fire();
		else if (n == 1)
			good(PPPOE_PADO, 0);
		else if (n == 2)
			good(PPPOE_PADS, 5);
		else if (n == 3) {
			wr_init(&w, out, sizeof(out));
			pppoe_host_close(&h, &w);
			check(PPPOE_HOST_NOTHING, &w);
		} else if ((p = rd_bytes(&r, n)))
			hear(p, n);
	}
	for (i = 0; h.deadline >= 0; i++) {
		MUST(i < 10);
		fire();
	}
	return 0;
}
