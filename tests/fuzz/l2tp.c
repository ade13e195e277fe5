/* limen: ISC licence, see LICENSE */
#include <stdint.h>
#include <stdlib.h>

#include "l2tp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int x)
{
	if (!x)
		abort();
}

/* bytes of a message lie in the packet or among what was deciphered */
static void
inside(const struct l2tp_msg *m, const struct l2tp_bytes *b, const struct rd *r)
{
	if (!b->p) {
		must(!b->len);
		return;
	}
	must((b->p >= r->p && b->p + b->len <= r->end) ||
	     (b->p >= m->plain && b->p + b->len <= m->plain + m->used));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct l2tp_secret secret[] = { { NULL, 0 },
		{ (const uint8_t *)"s3cret", 6 } };
	struct l2tp_msg m;
	struct l2tp_hdr h;
	int got;

	if (!len)
		return 0;
	got = l2tp_hdr_get(&h, data + 1, len - 1);
	if (got < 0)
		return 0;
	must(h.body.end <= data + len && h.body.p <= h.body.end);
	if (!(h.flags & L2TP_T))
		return 0;
	got = l2tp_msg_get(&m, &h, &secret[data[0] & 1]);
	must((got < 0) == (m.bad != 0));
	must(m.used <= L2TP_PLAIN);
	if (got < 0)
		return 0;
	must(m.type != L2TP_ICRQ || m.asid);
	must(m.type != L2TP_SCCRQ || (m.atid && m.host.len));
	inside(&m, &m.text, &h.body);
	inside(&m, &m.host, &h.body);
	inside(&m, &m.challenge, &h.body);
	inside(&m, &m.response, &h.body);
	inside(&m, &m.calling, &h.body);
	inside(&m, &m.circuit, &h.body);
	inside(&m, &m.remote, &h.body);
	inside(&m, &m.ppp_cause, &h.body);
	return 0;
}
