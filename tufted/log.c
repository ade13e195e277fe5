/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "json_str.h"
#include "log.h"
#include "num.h"
#include "tty.h"

#define NAMELEN 256
#define SIZELEN 12
#define JSONLEN (6 * TFTP_REQMAX + 3) /* a name of controls, escaped */
#define BURST	20		      /* refusals told at once, and then */
#define PER_S	5		      /* a second */
#define HUSH	1000 /* ms until it is told how many were not */

void
log_init(struct log *l, const struct conf *conf)
{
	memset(l, 0, sizeof(*l));
	l->conf = conf;
	l->tty = tty_cols(2) && !conf->json;
	l->live = l->tty && conf->loglevel == LOG_NORMAL && tty_live(2);
	l->tell_at = -1;
}

/* what another end says goes into a line from b[n] on, escaped as also those
 * characters are, and cut when it is too long; where it ends */
static size_t
escape(char b[NAMELEN], size_t n, const char *s, const char *also)
{
	for (; *s && n < NAMELEN - 10; s++) {
		if (strchr(also, *s))
			b[n++] = '\\';
		if (*s < ' ' || *s > '~')
			n += (size_t)snprintf(
			    b + n, NAMELEN - n, "\\x%02x", *s & 255);
		else
			b[n++] = *s;
	}
	b[n] = 0;
	return n;
}

/* name in quotes */
static const char *
quote(char b[NAMELEN], const char *s)
{
	size_t n;

	b[0] = '"';
	n = escape(b, 1, s, "\"\\");
	b[n++] = '"';
	b[n] = 0;
	return b;
}

static const char *
json_quote(char b[JSONLEN], const char *s)
{
	struct wr w;

	wr_init(&w, b, JSONLEN);
	json_str_put(&w, s, strnlen(s, TFTP_REQMAX));
	wr_u8(&w, 0);
	return b;
}

void
log_object(int fatal, const char *text)
{
	char b[JSONLEN];

	dprintf(2, "{\"event\":\"%s\",\"text\":%s}\n",
	    fatal ? "error" : "warning", json_quote(b, text));
}

static void
json(const struct log_entry *e, const char *addr)
{
	char name[JSONLEN], err[JSONLEN];

	json_quote(name, e->name);
	json_quote(err, e->error ? e->error : "");
	dprintf(2,
	    "{\"event\":\"%s\",\"file\":%s,\"client\":\"%s\",\"port\":%u,"
	    "\"bytes\":%llu,\"ms\":%lld,\"blksize\":%u,\"windowsize\":%u,"
	    "\"resent\":%u,\"ok\":%s,\"error\":%s}\n",
	    e->verb, name, addr, sock_port(e->peer),
	    (unsigned long long)e->bytes, (long long)e->ms, e->blksize,
	    e->window, e->resent, e->error ? "false" : "true",
	    e->error ? err : "null");
}

/* bytes a second */
static uint64_t
rate(const struct log_entry *e)
{
	return e->bytes * 1000 / (uint64_t)(e->ms > 0 ? e->ms : 1);
}

/* with its unit, which is one of 1024 */
static const char *
size(char b[SIZELEN], uint64_t n)
{
	char num[8];

	snprintf(b, SIZELEN, "%s%s", num_human(num, n), n < 1000 ? "B" : "iB");
	return b;
}

static void
human(const struct log_entry *e, const char *addr)
{
	char name[NAMELEN], err[NAMELEN], n[SIZELEN], r[SIZELEN];
	const int out = *e->verb == 's';

	quote(name, e->name);
	escape(err, 0, e->error ? e->error : "", "");
	if (e->error)
		warn("could not %s %s %s %s:%u: %s", out ? "send" : "receive",
		    name, out ? "to" : "from", addr, sock_port(e->peer), err);
	else
		warn("%s %s %s %s:%u, %s in %lld.%03lld s, %s/s", e->verb, name,
		    out ? "to" : "from", addr, sock_port(e->peer),
		    size(n, e->bytes), (long long)e->ms / 1000,
		    (long long)e->ms % 1000, size(r, rate(e)));
}

static void
parsable(const struct log_entry *e, const char *addr)
{
	char name[NAMELEN], err[NAMELEN];

	warn("%s file=%s client=%s port=%u bytes=%llu ms=%lld blksize=%u "
	     "windowsize=%u resent=%u %s%s",
	    e->verb, quote(name, e->name), addr, sock_port(e->peer),
	    (unsigned long long)e->bytes, (long long)e->ms, e->blksize,
	    e->window, e->resent, e->error ? "error=" : "ok",
	    e->error ? quote(err, e->error) : "");
}

void
log_end(struct log *l, const struct log_entry *e)
{
	char addr[ADDR_LEN];

	if (l->conf->loglevel == LOG_QUIET && !e->error)
		return;
	addr_str(addr, &e->peer->sa);
	log_clear(l);
	if (l->conf->json)
		json(e, addr);
	else if (l->tty)
		human(e, addr);
	else
		parsable(e, addr);
}

void
log_hushed(struct log *l)
{
	if (!l->hushed)
		return;
	log_clear(l);
	if (l->conf->json)
		dprintf(2, "{\"event\":\"refused\",\"more\":%u}\n", l->hushed);
	else
		warn("%u more refused requests", l->hushed);
	l->hushed = 0;
	l->tell_at = -1;
}

void
log_refused(struct log *l, int64_t now, const struct log_entry *e)
{
	if (!bucket_take(&l->refusals, now, PER_S, 1, BURST)) {
		if (!l->hushed++)
			l->tell_at = now + HUSH;
		return;
	}
	log_hushed(l);
	log_end(l, e);
}

static const char *
opname(int op)
{
	static const char *const name[] = { "?", "RRQ", "WRQ", "DATA", "ACK",
		"ERROR", "OACK" };

	return name[op < 7 && op >= 0 ? op : 0];
}

static void
json_packet(
    const char *arrow, const union sock_addr *peer, const struct tftp_pkt *p)
{
	char addr[ADDR_LEN], text[JSONLEN];

	dprintf(2,
	    "{\"event\":\"packet\",\"sent\":%s,\"client\":\"%s\","
	    "\"port\":%u,\"op\":\"%s\",\"number\":%u,\"bytes\":%zu,"
	    "\"text\":%s}\n",
	    *arrow == '>' ? "true" : "false", addr_str(addr, &peer->sa),
	    sock_port(peer), opname(p->op),
	    p->op == TFTP_ERROR ? p->code : p->block, p->len,
	    json_quote(text, p->text ? p->text : ""));
}

static void
line_packet(
    const char *arrow, const union sock_addr *peer, const struct tftp_pkt *p)
{
	char addr[ADDR_LEN], name[NAMELEN];

	addr_portstr(addr, &peer->sa);
	switch (p->op) {
	case TFTP_DATA:
		warn("%s %s DATA %u, %zu bytes", arrow, addr, p->block, p->len);
		break;
	case TFTP_ACK: warn("%s %s ACK %u", arrow, addr, p->block); break;
	case TFTP_ERROR:
		warn("%s %s ERROR %u %s", arrow, addr, p->code,
		    quote(name, p->text ? p->text : ""));
		break;
	case TFTP_RRQ:
	case TFTP_WRQ:
		if (p->text) {
			warn("%s %s %s %s", arrow, addr, opname(p->op),
			    quote(name, p->text));
			break;
		} /* FALLTHROUGH */
	default: warn("%s %s %s", arrow, addr, opname(p->op));
	}
}

void
log_packet(const struct log *l, const char *arrow, const union sock_addr *peer,
    const struct tftp_pkt *p)
{
	if (l->conf->loglevel < LOG_PACKETS)
		return;
	if (l->conf->json)
		json_packet(arrow, peer, p);
	else
		line_packet(arrow, peer, p);
}

void
log_sent(const struct log *l, const union sock_addr *peer, const void *pkt,
    size_t len)
{
	struct tftp_pkt p;

	if (l->conf->loglevel >= LOG_PACKETS && tftp_get(&p, pkt, len) == 0)
		log_packet(l, ">", peer, &p);
}

void
log_clear(struct log *l)
{
	if (l->rows > 0)
		dprintf(2, "\033[%dA\033[J", l->rows);
	l->rows = 0;
}

void
log_row(struct log *l, const struct log_entry *e)
{
	char addr[ADDR_LEN], name[NAMELEN], n[SIZELEN], r[SIZELEN];
	char left[48] = "", line[256];
	const uint64_t bps = rate(e);
	/* the other end's word for the size may be wrong */
	const uint64_t all = e->size < e->bytes ? e->bytes : e->size;

	if (l->rows == LOG_ROWS)
		return;
	if (all != UINT64_MAX && all)
		snprintf(left, sizeof(left), " %3u%% ETA %llu s",
		    (unsigned)(e->bytes * 100 / all),
		    (unsigned long long)(bps ? (all - e->bytes) / bps : 0));
	quote(name, e->name);
	snprintf(line, sizeof(line), "%.28s %s %s%s %s/s", name,
	    addr_str(addr, &e->peer->sa), size(n, e->bytes), left,
	    size(r, bps));
	/* a line that wraps would not be cleared */
	dprintf(2, "%.*s\n", tty_cols(2), line);
	l->rows++;
}

void
log_silence(struct log *l, const char *host, int64_t ms)
{
	char line[256];

	snprintf(line, sizeof(line), "%.200s: no answer for %lld s", host,
	    (long long)ms / 1000);
	dprintf(2, "%.*s\n", tty_cols(2), line);
	l->rows++;
}
