/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "l2tp_why.h"

enum { TEXT = 64 };

const char *
l2tp_why_tunnel(const struct l2tp_cc *cc, char b[L2TP_WHY])
{
	/* beside "version not supported" it is the one that would be */
	const int error = cc->error && cc->result != L2TP_STOP_VERSION;

	switch (cc->why) {
	case L2TP_CC_WHY_STOPCCN:
		snprintf(b, L2TP_WHY, "StopCCN %u, %s%s%s%s%s", cc->result,
		    l2tp_stop_name(cc->result), error ? ", " : "",
		    error ? l2tp_err_name(cc->error) : "",
		    cc->text[0] ? ": " : "", cc->text);
		return b;
	case L2TP_CC_WHY_MESSAGE:
		snprintf(b, L2TP_WHY, "%s: %s (AVP %u)",
		    l2tp_cc_whyname(cc->why), l2tp_err_name(cc->bad),
		    cc->bad_avp);
		return b;
	default: return l2tp_cc_whyname(cc->why);
	}
}

static void __attribute__((format(printf, 2, 3)))
append(char b[L2TP_WHY], const char *fmt, ...)
{
	const size_t n = strlen(b);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b + n, L2TP_WHY - n, fmt, ap);
	va_end(ap);
}

/* Q.931 Cause Code and PPP Disconnect Cause Code, each with its words */
static void
causes(const struct l2tp_msg *m, char b[L2TP_WHY])
{
	static const char at[][9] = { "", " (peer)", " (local)" };
	const uint8_t *p = m->cause.p;
	struct l2tp_bytes words;
	char text[TEXT];

	if (p) {
		words =
		    (struct l2tp_bytes){ p + 3, (uint16_t)(m->cause.len - 3) };
		l2tp_text(text, sizeof(text), &words);
		append(b, "; Q.931 %u, %s%s%s", p[0] << 8 | p[1],
		    l2tp_q931_name((unsigned)(p[0] << 8 | p[1])),
		    *text ? ": " : "", text);
	}
	if ((p = m->ppp_cause.p)) {
		words = (struct l2tp_bytes){ p + 5,
			(uint16_t)(m->ppp_cause.len - 5) };
		l2tp_text(text, sizeof(text), &words);
		append(b, "; PPP %u %02x%02x, %s%s%s%s", p[0] << 8 | p[1], p[2],
		    p[3], l2tp_ppp_cause_name((unsigned)(p[0] << 8 | p[1])),
		    at[p[4] % 3], *text ? ": " : "", text);
	}
}

const char *
l2tp_why_call(
    const struct l2tp_call *c, const struct l2tp_msg *m, char b[L2TP_WHY])
{
	char text[TEXT];

	if (m->type != L2TP_CDN) {
		snprintf(b, L2TP_WHY, "%s that cannot be taken: %s",
		    l2tp_msg_name(m->type), l2tp_err_name(c->error));
		return b;
	}
	l2tp_text(text, sizeof(text), &m->text);
	snprintf(b, L2TP_WHY, "CDN %u, %s%s%s%s%s", c->result,
	    l2tp_cdn_name(c->result), c->error ? ", " : "",
	    c->error ? l2tp_err_name(c->error) : "", *text ? ": " : "", text);
	causes(m, b);
	return b;
}
