/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "addr.h"
#include "bng.h"
#include "die.h"
#include "lns.h"
#include "num.h"
#include "status.h"
#include "subs.h"

enum {
	LONGEST = 200, /* of a reason, in a line of the control socket */
};

/* one line a session */
static void
session(const struct bng *b, const struct sub *s, struct wr *w)
{
	const char *name = ppp_link_name(&s->link);
	char addr[16];

	ctl_say(w, "%04x %s %s %s %s in %llu out %llu up %llus", s->id,
	    s->where, *name ? name : "-",
	    s->addr ? addr_ip4str(addr, s->addr) : "-", subs_state(s),
	    (unsigned long long)s->in.bytes, (unsigned long long)s->out.bytes,
	    (unsigned long long)(b->now - s->since) / 1000);
}

static enum ctl_result
status(const struct bng *b, struct wr *w, long *at)
{
	const struct subs *t = &b->subs;

	for (; *at < (long)t->max; ++*at) {
		if (!t->s[*at].bearer)
			continue;
		if (!ctl_fits(w))
			return CTL_MORE;
		session(b, &t->s[*at], w);
	}
	if (!ctl_fits(w))
		return CTL_MORE;
	ctl_say(w, "%u sessions, %u up", (unsigned)t->count, (unsigned)t->up);
	return CTL_OK;
}

static void
count(struct wr *w, const char *name, uint64_t v)
{
	ctl_say(w, "%s %llu", name, (unsigned long long)v);
}

/* numbers since the start, a name and a value a line */
static enum ctl_result
counters(struct bng *b, struct wr *w)
{
	const struct pppoe_ac_count *n = &b->ac.n;
	struct nat_count nat;
	int i;

	count(w, "sessions", b->subs.count);
	count(w, "sessions-up", b->subs.up);
	count(w, "sessions-begun", b->subs.began);
	count(w, "sessions-ended", b->subs.ended);
	count(w, "sessions-refused", b->subs.refused);
	count(w, "auth-failed", b->subs.auth_failed);
	count(w, "padi", n->padi);
	count(w, "pado", n->pado);
	count(w, "padr", n->padr);
	count(w, "pads", n->pads);
	count(w, "padt-in", n->padt_in);
	count(w, "padt-out", n->padt_out);
	for (i = PPPOE_AC_MALFORMED; i < PPPOE_AC_WHYS; i++)
		if (n->dropped[i])
			ctl_say(w, "dropped %llu: %s",
			    (unsigned long long)n->dropped[i],
			    pppoe_ac_why((enum pppoe_ac_why)i));
	count(w, "frames-in", b->access.rx_frames);
	count(w, "frames-out", b->access.tx_frames);
	count(w, "frames-lost", ethport_lost(&b->access) + b->access.tx_lost);
	count(w, "line-lost", b->line.lost);
	if (b->lns) {
		count(w, "tunnels", b->lns->ntunnels);
		count(w, "tunnels-forgotten", b->lns->forgotten);
		count(w, "l2tp-malformed", b->lns->bad);
		count(w, "l2tp-strays", b->lns->strays);
	}
	nat = nat_count(&b->nat);
	count(w, "nat-instances", nat.all);
	count(w, "nat-awake", nat.awake);
	count(w, "flows", b->flows.total);
	count(w, "flows-refused", b->flows.refused);
	count(w, "spoofed", b->spoofed);
	count(w, "unreachable", b->unreachable);
	return CTL_OK;
}

static enum ctl_result
error(struct wr *w, const char *what, const char *why)
{
	ctl_say(w, "error: %s: %s", what, why);
	return CTL_DONE;
}

/* "0001" (a session id as status shows it), a user's name or an address */
static int
is(const struct sub *s, const char *which)
{
	char b[16];
	int64_t id;

	if (s->addr && !strcmp(which, addr_ip4str(b, s->addr)))
		return 1;
	if (*ppp_link_name(&s->link) && !strcmp(which, ppp_link_name(&s->link)))
		return 1;
	memcpy(b, "0x", 2);
	if (strlen(which) > 8)
		return 0;
	memcpy(b + 2, which, strlen(which) + 1);
	return s->id && num_parse(b, 1, 65535, &id) == 0 && id == s->id;
}

enum drop {
	DROP_POLITE, /* Terminate-Request, then PADT */
	DROP_SILENT, /* as if the line were cut: no word */
};

static enum ctl_result
drop(struct bng *b, struct wr *w, const char *which, enum drop how)
{
	struct subs *t = &b->subs;
	unsigned n = 0;
	uint32_t i;

	for (i = 0; i < t->max; i++) {
		if (!t->s[i].bearer ||
		    (strcmp(which, "all") != 0 && !is(&t->s[i], which)))
			continue;
		n++;
		if (how == DROP_POLITE)
			subs_close(b, &t->s[i], "dropped by hand");
		else
			subs_cut(b, &t->s[i], "cut by hand");
	}
	if (!n)
		return error(w, which, "no such session");
	ctl_say(w, "%u dropped", n);
	return CTL_OK;
}

/* "lossy 5" and so on: the lines of all sessions from now on */
static enum ctl_result
set_line(struct bng *b, struct wr *w, const char *text)
{
	struct line_conf c = b->line.conf;
	int bad = text[0] == 'l'   ? line_lossy(&c, text + 6)
		  : text[0] == 'd' ? line_delay(&c, text + 6)
				   : line_rate(&c, text + 5);

	if (bad || line_set(&b->line, &c) < 0)
		return error(
		    w, text, bad ? "not a value for that" : "no memory");
	return CTL_OK;
}

static enum ctl_result
reload(struct bng *b, struct wr *w)
{
	char text[LONGEST], *why;
	size_t n;

	if (accounts_reload(b, &why) < 0) {
		n = die_fit(text, sizeof(text), why ? why : "no memory");
		ctl_say(w, "error: %.*s", (int)n, text);
		free(why);
		return CTL_DONE;
	}
	ctl_say(w, "%zu users", b->users.n);
	return CTL_OK;
}

static enum ctl_result
help(struct wr *w)
{
	ctl_say(w, "status             a line for each session");
	ctl_say(w, "counters           numbers since the start");
	ctl_say(w, "drop WHICH         end sessions: an id, a user, an "
		   "address, or all");
	ctl_say(w, "cut WHICH          the same without a word to the client");
	ctl_say(w, "lossy PERCENT, delay TIME[,JITTER], rate BPS");
	ctl_say(w, "                   how bad the lines are from now on");
	ctl_say(w, "reload             read the file of --secrets again");
	ctl_say(w, "stop               end bng");
	ctl_say(w, "quit               end this connection");
	return CTL_OK;
}

enum ctl_result
status_command(void *arg, const char *text, struct wr *w, long *at)
{
	struct bng *b = arg;

	if (!strcmp(text, "status"))
		return status(b, w, at);
	if (!strcmp(text, "counters"))
		return counters(b, w);
	if (!strcmp(text, "help"))
		return help(w);
	if (!strcmp(text, "reload"))
		return reload(b, w);
	if (!strncmp(text, "drop ", 5))
		return drop(b, w, text + 5, DROP_POLITE);
	if (!strncmp(text, "drop-session ", 13))
		return drop(b, w, text + 13, DROP_POLITE);
	if (!strncmp(text, "cut ", 4))
		return drop(b, w, text + 4, DROP_SILENT);
	if (!strncmp(text, "lossy ", 6) || !strncmp(text, "delay ", 6) ||
	    !strncmp(text, "rate ", 5))
		return set_line(b, w, text);
	if (!strcmp(text, "stop")) {
		b->stopping = 1;
		return CTL_OK;
	}
	return error(w, text, "no such command; try help");
}
