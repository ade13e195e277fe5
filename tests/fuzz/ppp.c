/* limen: ISC licence, see LICENSE */
/* a frame: taken apart as every protocol takes it apart, and its options put
 * together again */
#include <stdint.h>
#include <string.h>

#include "ppp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

/* each option lies within the packet, and what was read is what is put */
static void
options(const struct ppp_ctl *c)
{
	static uint8_t out[70000];
	struct ppp_opt o;
	struct wr w;
	struct rd r;
	size_t used = 0;
	int more;

	wr_init(&w, out, sizeof(out));
	rd_init(&r, c->data, c->len);
	while ((more = ppp_opt_get(&r, &o)) > 0) {
		MUST(o.data >= c->data && o.data + o.len <= c->data + c->len);
		used += o.len + 2U;
		ppp_opt_put(&w, &o);
		(void)ppp_opt_num(&o);
		(void)ppp_method_name(ppp_method_get(&o));
	}
	MUST(used <= c->len && (more < 0 || used == c->len));
	MUST(wr_len(&w) == used && !memcmp(out, c->data, used));
	MUST(ppp_opt_get(&r, &o) <= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ppp_frame f;
	struct ppp_ctl c;
	struct ppp_opt o;
	uint8_t b[8];
	unsigned m;
	struct wr w;
	struct rd r;

	if (ppp_get(&f, data, len) == 0) {
		MUST(f.len < len && f.data + f.len == data + len);
		MUST(ppp_proto_name(f.proto)[0]);
		if (ppp_ctl_get(&c, f.data, f.len) == 0) {
			MUST(c.len + PPP_CTL_HDR <= f.len);
			options(&c);
		}
	}
	for (m = 1; m < PPP_NMETHODS; m++) {
		wr_init(&w, b, sizeof(b));
		ppp_method_put(&w, (enum ppp_method)m);
		rd_init(&r, b, wr_len(&w));
		MUST(ppp_opt_get(&r, &o) == 1 && ppp_method_get(&o) == m);
	}
	return 0;
}
