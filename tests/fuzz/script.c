/* limen: ISC licence, see LICENSE */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

int LLVMFuzzerTestOneInput(const uint8_t *d, size_t len);

/*
 * Byte 0 chooses flags and rules; then pairs of a length and so many bytes
 * from the peer, with a tick between. Whatever the peer says: the engine
 * sends nothing but its interrupt and its lines, a line's return key only
 * behind the whole line, and before the first where a console wants it, asks
 * for a line only when none is at work, comes to an end, and says so once.
 */
struct probe {
	struct script s;
	int asked, ended, at; /* at: bytes of the line are out, 2: return too */
	int lines;
	int64_t now;
};

static const char text[] = "setenv a b";

static void
must(int x)
{
	if (!x)
		abort();
}

static int
match(void *arg, enum script_rule rule, const char *line)
{
	(void)arg;
	must(strlen(line) <= VTLINE_MAX);
	return rule == SCRIPT_PROMPT ? line[0] == '=' : line[0] == '!';
}

static void
sent(struct probe *p, const struct script_act *a)
{
	must(a->len > 0 && a->pace >= 0);
	if (a->len == 1 && a->text[0] == '\r') {
		must(!p->lines || p->at == 1);
		p->at = p->lines ? 2 : 0;
	} else if (a->len == sizeof(text) - 1) {
		must(!memcmp(a->text, text, a->len) && p->at == 0);
		p->at = 1;
	} else
		must(a->len == 1 && a->text[0] == 3);
	script_sent(&p->s, p->now);
}

static void
drain(struct probe *p)
{
	struct script_act a;
	int n = 0;

	while (script_next(&p->s, &a)) {
		must(++n < 10000 && !p->ended);
		switch (a.type) {
		case SCRIPT_NEXT:
			must(p->at != 1);
			p->at = 0;
			if (p->lines++ < 5)
				must(script_line(&p->s, text, sizeof(text) - 1,
					 p->lines == 5) == 0);
			else
				script_end(&p->s);
			break;
		case SCRIPT_SEND: sent(p, &a); break;
		case SCRIPT_TEXT: must(a.len <= VTLINE_MAX); break;
		case SCRIPT_RESEND: p->at = 0; break;
		case SCRIPT_DONE:
		case SCRIPT_FAILED: p->ended = 1; break;
		}
	}
}

static void
feed(struct probe *p, const uint8_t *b, size_t n)
{
	size_t k, stuck = 0;

	for (; n > 0; b += k, n -= k) {
		k = script_input(&p->s, p->now, b, n);
		must(k <= n && (k > 0 || ++stuck < 10));
		must(p->s.vt.len <= VTLINE_MAX && p->s.vt.col <= p->s.vt.len);
		stuck = k ? 0 : stuck;
		drain(p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t len)
{
	static struct probe p;
	struct script_conf c = {
		.nudge = "\3", .key = "\3", .patience = 5000, .match = match
	};
	size_t n;
	int i;

	memset(&p, 0, sizeof(p));
	if (len < 1)
		return 0;
	c.flags = d[0] & 7;
	c.prompt = d[0] & 8 ? "(qemu) " : NULL;
	script_init(&p.s, &c, 0);
	for (d++, len--; len > 0; d += n, len -= n) {
		n = *d++ & 63;
		len--;
		n = n < len ? n : len;
		feed(&p, d, n);
		if (script_deadline(&p.s) > p.now)
			p.now = script_deadline(&p.s);
		script_tick(&p.s, p.now);
		drain(&p);
	}
	for (i = 0; i < 1000 && !p.ended; i++) {
		must(script_deadline(&p.s) >= 0);
		if (script_deadline(&p.s) > p.now)
			p.now = script_deadline(&p.s);
		script_tick(&p.s, p.now);
		drain(&p);
	}
	must(p.ended && script_deadline(&p.s) == -1);
	return 0;
}
