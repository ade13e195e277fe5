/* limen: ISC licence, see LICENSE */
/* the automaton, cell by cell, against the table as RFC 1661 prints it */
#include <stdint.h>

#include "ppp_cp.h"
#include "tap.h"

static const char *const printed[PPP_CP_NEVENTS] = {
	/* section 4.1: 0 Initial .. 5 Stopping, 6 Req-Sent .. 9 Opened */
	" Up   |    2     irc,scr/6     -         -         -         -"
	"      |    -         -         -           -",
	" Down |    -         -         0       tls/1       0         1"
	"      |    1         1         1         tld/1",
	" Open |  tls/1       1     irc,scr/6     3         5         5"
	"      |    6         7         8           9",
	" Close|    0       tlf/0       2         2         4         4"
	"      |irc,str/4 irc,str/4 irc,str/4 tld,irc,str/4",
	"  TO+ |    -         -         -         -       str/4     str/5"
	"      |  scr/6     scr/6     scr/8         -",
	"  TO- |    -         -         -         -       tlf/2     tlf/3"
	"      |  tlf/3     tlf/3     tlf/3         -",
	" RCR+ |    -         -       sta/2 irc,scr,sca/8   4         5"
	"      |  sca/8   sca,tlu/9   sca/8   tld,scr,sca/8",
	" RCR- |    -         -       sta/2 irc,scr,scn/6   4         5"
	"      |  scn/6     scn/7     scn/6   tld,scr,scn/6",
	" RCA  |    -         -       sta/2     sta/3       4         5"
	"      |  irc/7     scr/6   irc,tlu/9   tld,scr/6",
	" RCN  |    -         -       sta/2     sta/3       4         5"
	"      |irc,scr/6   scr/6   irc,scr/8   tld,scr/6",
	" RTR  |    -         -       sta/2     sta/3     sta/4     sta/5"
	"      |  sta/6     sta/6     sta/6   tld,zrc,sta/5",
	" RTA  |    -         -         2         3       tlf/2     tlf/3"
	"      |    6         6         8       tld,scr/6",
	" RUC  |    -         -       scj/2     scj/3     scj/4     scj/5"
	"      |  scj/6     scj/7     scj/8     scj/9",
	" RXJ+ |    -         -         2         3         4         5"
	"      |    6         6         8           9",
	" RXJ- |    -         -       tlf/2     tlf/3     tlf/2     tlf/3"
	"      |  tlf/3     tlf/3     tlf/3   tld,irc,str/5",
	" RXR  |    -         -         2         3         4         5"
	"      |    6         7         8         ser/9",
};

/* a protocol with one option of ours (1: yes) and of the peer's: 1 is good,
 * 2 becomes 1, all else is bad */
static void
reset(struct ppp_cp *cp)
{
	(void)cp;
}

static void
request(struct ppp_cp *cp, struct wr *w)
{
	(void)cp;
	ppp_opt_put16(w, 1, 7);
}

static enum ppp_verdict
judge(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_opt *o,
    struct wr *nak)
{
	(void)cp;
	(void)t;
	if (o->type == 2)
		ppp_opt_put16(nak, 1, 7);
	return o->type == 1 ? PPP_ACK : o->type == 2 ? PPP_NAK : PPP_REJ;
}

static void
missing(struct ppp_cp *cp, struct ppp_turn *t, struct wr *nak)
{
	(void)cp;
	(void)t;
	(void)nak;
}

static int
refused(struct ppp_cp *cp, struct ppp_turn *t, unsigned code,
    const struct ppp_opt *o)
{
	(void)cp;
	(void)t;
	(void)o;
	return code == PPP_CONF_REJ ? -1 : 0;
}

static int unknowns, echoed;
static void
extra(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	(void)cp;
	(void)t;
	echoed += in->code == PPP_ECHO_REQ;
}

static void
unknown(struct ppp_cp *cp, unsigned code)
{
	(void)cp;
	(void)code;
	unknowns++;
}

static const struct ppp_cp_ops ops = { PPP_LCP, reset, request, reset, judge,
	missing, refused, 1U << PPP_ECHO_REQ, extra, unknown };
static struct ppp_turn t;
static struct ppp_cp cp;

static unsigned
packet(unsigned code, unsigned id, const char *data, size_t len)
{
	uint8_t b[128];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_u8(&w, code);
	wr_u8(&w, id);
	wr_u16(&w, (unsigned)len + 4);
	wr_bytes(&w, data, len);
	return ppp_cp_input(&cp, &t, b, wr_len(&w));
}

/* makes an event happen as it does in life */
static unsigned
happen(unsigned ev)
{
	switch (ev) {
	case PPP_CP_TO_PLUS:
	case PPP_CP_TO_MINUS:
		if (cp.deadline >= 0)
			cp.deadline = t.now;
		cp.tries = ev == PPP_CP_TO_PLUS ? 1 : 10;
		return ppp_cp_tick(&cp, &t);
	case PPP_CP_RCR_PLUS: return packet(1, 50, "\1\4\0\7", 4);
	case PPP_CP_RCR_MINUS: return packet(1, 50, "\2\4\0\7", 4);
	case PPP_CP_RCA: return packet(2, cp.id, "\1\4\0\7", 4);
	case PPP_CP_RCN: return packet(3, cp.id, "\1\4\0\10", 4);
	case PPP_CP_RTR: return packet(5, 50, "", 0);
	case PPP_CP_RTA: return packet(6, 50, "", 0);
	case PPP_CP_RUC: return packet(99, 50, "abc", 3);
	case PPP_CP_RXJ_PLUS: return packet(7, 50, "\14\1\0\4", 4);
	case PPP_CP_RXJ_MINUS: return packet(7, 50, "\1\1\0\4", 4);
	case PPP_CP_RXR: return packet(9, 50, "\0\0\0\0", 4);
	}
	return ppp_cp_event(&cp, &t, (enum ppp_cp_event)ev);
}

/* "irc,scr/6" of what has been seen, in the order that the RFC uses */
static void
describe(char *s, size_t cap, unsigned got)
{
	static const char *const sends[] = { "", "scr,", "sca,", "scn,", "scn,",
		"str,", "sta,", "scj," };
	const struct ppp_act *a;
	size_t n;

	s[0] = 0;
	if (got & PPP_CP_TLD)
		snprintf(s, cap, "tld,");
	while ((a = ppp_turn_next(&t)))
		if (a->type == PPP_ACT_SEND)
			snprintf(s + strlen(s), cap - strlen(s), "%s",
			    a->p[2] < 8 ? sends[a->p[2]] : "?");
	if (echoed)
		snprintf(s + strlen(s), cap - strlen(s), "ser,");
	snprintf(s + strlen(s), cap - strlen(s), "%s%s%s",
	    got & PPP_CP_TLU ? "tlu," : "", got & PPP_CP_TLS ? "tls," : "",
	    got & PPP_CP_TLF ? "tlf," : "");
	n = strlen(s);
	if (n)
		s[n - 1] = '/';
	snprintf(s + n, cap - n, "%d", cp.state);
}

/* the next cell of a printed row, without irc and zrc: those show in the
 * requests counted, 3 before the event; Opened has a full count (irc) */
static const char *
cell(const char *p, char *s, int *tries)
{
	size_t n = 0;

	*tries = 3;
	if (!strncmp(p + strspn(p, " |"), "irc", 3))
		*tries = 0;
	if (!strncmp(p + strspn(p, " |"), "tld", 3))
		*tries = 0;

	p += strspn(p, " |");
	while (*p && *p != ' ' && *p != '|') {
		if (!strncmp(p, "irc,", 4) || !strncmp(p, "zrc,", 4))
			p += 4;
		else if (!strncmp(p, "irc/", 4))
			p += 4;
		else
			s[n++] = *p++;
	}
	s[n] = 0;
	*tries += strstr(s, "scr") || strstr(s, "str");
	return p;
}

static int
running(unsigned state)
{
	return state >= PPP_CP_CLOSING && state <= PPP_CP_ACK_SENT;
}

static void
whole_table(void)
{
	char want[32], got[64], what[128];
	unsigned ev, state, r;
	const char *p;
	int tries;

	for (ev = 0; ev < PPP_CP_NEVENTS; ev++) {
		p = strchr(printed[ev], '|');
		for (state = 0; state < PPP_CP_NSTATES; state++) {
			p = cell(p, want, &tries);
			ppp_cp_init(&cp, &ops, &ppp_cp_defaults);
			ppp_turn(&t, 1000);
			cp.state = (uint8_t)state;
			cp.id = 5;
			cp.tries = 3;
			if (running(state))
				cp.deadline = 5000;
			echoed = 0;
			r = happen(ev);
			describe(got, sizeof(got), r);
			snprintf(what, sizeof(what), "%.6s in %s: %s, %s",
			    printed[ev], ppp_cp_state_name(state), want, got);
			if (!strcmp(want, "-"))
				OK_MSG(
				    cp.state == state && t.n == 0 && !r, what);
			else
				OK_MSG(!strcmp(got, want), what);
			OK_MSG((cp.deadline >= 0) == running(cp.state),
			    "its timer runs in the states that have it");
			if (ev == PPP_CP_TO_PLUS || ev == PPP_CP_TO_MINUS)
				continue;
			if (!strncmp(want, "tld,sta", 7))
				tries = cp.cfg->max_terminate;
			if (state == PPP_CP_OPENED && !strchr(want, '/'))
				tries = 3;
			OK_MSG(cp.tries == tries || !strcmp(want, "tld/1"),
			    "restart count");
		}
	}
}

static void
to_req_sent(void)
{
	ppp_cp_init(&cp, &ops, &ppp_cp_defaults);
	ppp_turn(&t, 0);
	ppp_cp_event(&cp, &t, PPP_CP_OPEN);
	ppp_cp_event(&cp, &t, PPP_CP_UP);
}

/* section 4.6: ten requests, then it gives up; the interval doubles */
static void
restart_timer(void)
{
	int64_t at[16] = { 0 };
	unsigned n = 0, got = 0;

	to_req_sent();
	while (cp.deadline >= 0 && n < 15) {
		at[n++] = cp.deadline;
		got = ppp_cp_tick(&cp, ppp_turn(&t, cp.deadline));
	}
	OK(n == 10 && got == PPP_CP_TLF && cp.state == PPP_CP_STOPPED);
	OK(at[0] == 1000 && at[1] == 3000 && at[2] == 6000 && at[3] == 9000);
	to_req_sent();
	OK(ppp_cp_tick(&cp, ppp_turn(&t, 999)) == 0 && t.n == 0);
	n = cp.id;
	ppp_cp_tick(&cp, ppp_turn(&t, 1000));
	OK_MSG(cp.id == n, "a retransmission keeps its Identifier");
	ppp_cp_event(&cp, &t, PPP_CP_CLOSE);
	for (n = 0; cp.deadline >= 0 && n < 9; n++)
		ppp_cp_tick(&cp, ppp_turn(&t, cp.deadline));
	OK(n == 2 && cp.state == PPP_CP_CLOSED);
}

/* five Naks, then Rejects, then the end */
static void
max_failure(void)
{
	int naks = 0, rejs = 0, i;
	const struct ppp_act *a;

	to_req_sent();
	for (i = 0; i < 30 && cp.state == PPP_CP_REQ_SENT; i++) {
		ppp_turn(&t, 0);
		packet(1, (unsigned)i, "\2\4\0\7", 4);
		while ((a = ppp_turn_next(&t))) {
			naks += a->type == PPP_ACT_SEND && a->p[2] == 3;
			rejs += a->type == PPP_ACT_SEND && a->p[2] == 4;
		}
	}
	OK(naks == 5 && rejs > 0 && i < 30 && cp.state == PPP_CP_CLOSING);
	to_req_sent();
	for (i = 0; i < 100 && cp.state == PPP_CP_REQ_SENT; i++)
		packet(3, cp.id, "\1\4\0\10", 4), ppp_turn(&t, 0);
	OK_MSG(i < 30 && cp.state == PPP_CP_CLOSING,
	    "a peer that refuses for ever is left");
	to_req_sent();
	packet(4, cp.id, "\1\4\0\7", 4);
	OK_MSG(cp.state == PPP_CP_CLOSING, "an option we need is refused");
}

static void
what_does_not_count(void)
{
	unknowns = 0;
	to_req_sent();
	ppp_turn(&t, 0);
	packet(2, cp.id + 1U, "\1\4\0\7", 4);
	OK_MSG(cp.state == PPP_CP_REQ_SENT, "an Ack of another Identifier");
	packet(2, cp.id, "\1\4\0\6", 4);
	OK_MSG(cp.state == PPP_CP_REQ_SENT, "an Ack of other options");
	packet(2, cp.id, "\1\4\0\7\1\2", 6);
	OK_MSG(cp.state == PPP_CP_REQ_SENT, "an Ack of more options");
	packet(2, cp.id, "", 0);
	OK_MSG(cp.state == PPP_CP_REQ_SENT, "an Ack of fewer");
	packet(3, cp.id, "\1\1", 2);
	OK_MSG(cp.state == PPP_CP_REQ_SENT && t.n == 0, "a malformed Nak");
	packet(1, 9, "\1\4\0", 3);
	OK_MSG(t.n == 0, "a malformed Request is discarded");
	packet(7, 9, "\11", 1);
	OK(unknowns == 1 && cp.state == PPP_CP_REQ_SENT);
	packet(7, 9, "", 0);
	OK_MSG(unknowns == 1, "an empty Code-Reject");
	packet(2, cp.id, "\1\4\0\7", 4);
	packet(2, cp.id, "\1\4\0\7", 4);
	OK_MSG(cp.state == PPP_CP_ACK_RCVD, "the same Ack twice is one");
	packet(1, 9, "\1\4\0\7", 4);
	packet(2, cp.id, "\1\4\0\7", 4);
	OK_MSG(cp.state == PPP_CP_OPENED, "nor does it close what is open");
	OK(ppp_cp_input(&cp, &t, "\5\1\0\5", 4) == 0);
	OK_MSG(cp.state == PPP_CP_OPENED, "a length beyond the end");
	packet(5, 1, "bye", 3);
	OK(cp.state == PPP_CP_STOPPING && cp.deadline == 1000);
	to_req_sent();
	packet(7, 9, "\7", 1);
	OK_MSG(unknowns == 1 && cp.state == PPP_CP_STOPPED,
	    "a code that everybody has is rejected");
}

int
main(void)
{
	whole_table();
	restart_timer();
	max_failure();
	what_does_not_count();
	return tap_done();
}
