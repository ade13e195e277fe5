/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "accounts.h"
#include "addr.h"
#include "bng.h"
#include "clock.h"
#include "die.h"
#include "dircmd.h"
#include "fwd.h"
#include "ip.h"
#include "ip6.h"
#include "lns.h"
#include "nat_error.h"
#include "pcap.h"
#include "plan.h"
#include "proc.h"
#include "status.h"
#include "subs.h"
#include "world.h"

enum {
	STOP_MS = 3000, /* for the clients to take leave */
};

void
bng_log(const struct bng *b, const struct sub *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!b->conf->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s)
		warn("%04x %s: %s", s->id, s->where, text);
	else
		warn("%s", text);
}

void
bng_fail(struct bng *b, const char *what)
{
	warn("%s:", what);
	b->stopping = 1;
	b->failed = 1;
}

/* what libslirp says counts as well (RFC 1812 section 4.3.2.8) */
static int
may_complain(const struct bng *b, const uint8_t *ip)
{
	struct sub *s = ip[0] >> 4 == 6 ? ip6_owner(b, ip + 24)
					: subs_by_addr(b, ip_get4(ip + 16));

	return !s || fwd_may_complain(b, &s->errors);
}

static void
to_subscriber(void *arg, const uint8_t *ip, size_t len)
{
	struct bng *b = arg;
	uint8_t buf[IP6_MTU_MIN];
	struct wr w;
	int error;

	wr_init(&w, buf, sizeof(buf));
	error = nat_error(&w, b->us6, ip, len);
	if (error >= 0 && !may_complain(b, ip))
		return;
	if (error == 0) {
		ip = buf;
		len = wr_len(&w);
	}
	if (ip[0] >> 4 == 6)
		ip6_down(b, ip, len);
	else if (!dns6_answer(b, ip, len))
		fwd_down(b, ip, len);
}

static void
open_nat(struct bng *b)
{
	const struct conf *c = b->conf;
	const struct plan plan = plan_make(c, &b->users);
	struct nat_conf nc = { .address = c->address,
		.mask = plan.mask,
		.dns = plan.dns,
		.mtu = c->mtu > 1500 ? 1500 : c->mtu,
		.flows = &b->flows,
		.out = to_subscriber,
		.arg = b };
	char addr[16];
	int i;

	b->dns[0] = c->dns[0] ? c->dns[0] : nc.dns;
	b->dns[1] = c->dns[1];
	ip6_init(b);
	nat_init(&b->nat, &nc);
	for (i = 0; i < c->nforward; i++) {
		const struct conf_forward *f = &c->forward[i];
		struct nat_forward nf = { f->proto == CONF_UDP, f->host,
			f->addr, f->host_port, f->port };

		if (nat_add_forward(&b->nat, fwd_nat(b, 0, f->addr), &nf) < 0)
			die(1,
			    "forward %s port %u of %s:", nf.udp ? "udp" : "tcp",
			    f->host_port,
			    f->host ? addr_ip4str(addr, f->host)
				    : "any address");
	}
}

static void
configure_ppp(struct bng *b)
{
	const struct conf *c = b->conf;

	b->ppp = ppp_link_defaults;
	memcpy(b->ppp.lcp.auth, c->auth, sizeof(c->auth));
	b->ppp.lcp.auth_optional = c->auth[c->nauth - 1] == PPP_NOAUTH;
	b->ppp.auth.name = c->ac_name;
	b->ppp.lcp.echo = c->echo;
	b->ppp.lcp.echo_failures = (uint8_t)c->echo_failures;
}

static void
open_all(struct bng *b)
{
	const struct conf *c = b->conf;

	b->now = b->started = clock_ms();
	configure_ppp(b);
	if (pool_init(&b->pool, c->pool_first, c->pool_last) < 0)
		die(1, "memory for the pool:");
	accounts_open(b);
	flows_init(&b->flows);
	subs_init(b);
	if (line_set(&b->line, &c->line) < 0)
		die(1, "memory for the line:");
	b->capture.fd = -1;
	if (c->capture &&
	    pcapfile_open(&b->capture, c->capture, PCAP_ETHERNET) < 0)
		die(1, "%s:", c->capture);
	access_open(b);
	open_nat(b);
	if (c->have_world)
		b->world = world_open(b);
	if (c->l2tp)
		b->lns = lns_open(b);
}

static void
close_all(struct bng *b)
{
	access_close(b);
	nat_free(&b->nat);
	world_close(b->world);
	lns_close(b->lns);
	ctl_close(&b->ctl);
	pcapfile_tell(b->conf->capture, pcapfile_close(&b->capture));
	line_free(&b->line);
	subs_free(b);
	pool_free(&b->pool);
	users_free(&b->users);
	flows_free(&b->flows);
	pollset_free(&b->polls);
}

/* what a turn waits for */
struct turn {
	int access, world, lns, ctl;
	int64_t deadline;
};

static void
fill(struct bng *b, struct turn *t)
{
	struct pollfd c[CTL_CLIENTS + 1];
	struct pollset *p = &b->polls;
	int i;

	pollset_clear(p);
	t->access = pollset_add(p, b->access.fd, POLLIN);
	ctl_poll(&b->ctl, c);
	t->ctl = p->n;
	for (i = 0; i < CTL_CLIENTS + 1; i++)
		pollset_add(p, c[i].fd, c[i].events);
	t->deadline = clock_min(subs_deadline(b), access_deadline(b));
	t->deadline = clock_min(t->deadline, nat_fill(&b->nat, p, b->now));
	t->deadline = clock_min(t->deadline, line_deadline(&b->line));
	t->lns = -1;
	if (b->lns) {
		t->lns = pollset_add(p, b->lns->fd, POLLIN);
		t->deadline = clock_min(t->deadline, lns_deadline(b->lns));
	}
	t->world = -1;
	if (b->world) {
		t->world = pollset_add(p, world_fd(b->world), POLLIN);
		t->deadline =
		    clock_min(t->deadline, world_fill(b->world, p, b->now));
	}
}

/* one turn of the loop */
static void
turn(struct bng *b, struct sigpoll *sig, int64_t limit)
{
	struct pollset *p = &b->polls;
	struct turn t;

	fill(b, &t);
	t.deadline = clock_min(t.deadline, limit);
	if (pollset_wait(p, b->now, t.deadline, sig) < 0) {
		warn("poll:");
		vmdir_close(&b->dir);
		exit(1);
	}
	b->now = clock_ms();
	if (pollset_got(p, t.access))
		access_input(b);
	if (t.lns >= 0 && pollset_got(p, t.lns))
		lns_input(b->lns);
	if (t.world >= 0 && pollset_got(p, t.world))
		world_input(b);
	nat_poll(&b->nat, p);
	if (b->world)
		world_poll(b->world, p);
	line_tick(b);
	access_tick(b);
	if (b->lns)
		lns_tick(b->lns);
	subs_tick(b);
	ctl_serve(&b->ctl, &p->p[t.ctl]);
	ethport_flush(&b->access);
	if (b->lns)
		lns_flush(b->lns);
	if (b->world)
		world_flush(b->world);
	pcapfile_tell(b->conf->capture, pcapfile_flush(&b->capture));
}

/* Terminate-Requests and PADTs, then a bounded time for the answers */
static void
take_leave(struct bng *b, struct sigpoll *sig)
{
	int64_t until = clock_ms() + STOP_MS;
	uint32_t i;

	b->stopping = 1;
	b->ac.conf.flags |= PPPOE_AC_DRAIN;
	for (i = 0; i < b->subs.max; i++)
		if (b->subs.s[i].bearer)
			subs_close(b, &b->subs.s[i], "bng ends");
	ethport_flush(&b->access);
	proc_signal = 0;
	while (b->subs.count && !proc_signal && clock_ms() < until) {
		b->now = clock_ms();
		turn(b, sig, until);
	}
	if (b->lns)
		lns_stop(b->lns);
	while (
	    b->lns && lns_busy(b->lns) && !proc_signal && clock_ms() < until) {
		b->now = clock_ms();
		turn(b, sig, until);
	}
	for (i = 0; i < b->subs.max; i++)
		if (b->subs.s[i].bearer)
			subs_down(b, &b->subs.s[i], "bng ends");
}

/* the last thing that can fail: nothing is left behind before it. Returns the
 * log that takes the place of the standard error in the background, or -1 */
static int
open_dir(struct bng *b, const char *path)
{
	const int logs = b->conf->mode == CONF_BACKGROUND && b->conf->verbose;
	int fd = -1, log = -1;

	if (path) {
		dircmd_take(&b->dir, path);
		fd = vmdir_listen(&b->dir, "control");
		if (fd < 0 || vmdir_pid(&b->dir, getpid()) < 0 ||
		    (logs && (log = vmdir_create(&b->dir, "log")) < 0)) {
			warn("%s:", path);
			vmdir_close(&b->dir);
			exit(1);
		}
	}
	ctl_init(&b->ctl, fd, status_command, b);
	return log;
}

static void
run(struct bng *b, struct proc_bg *bg)
{
	struct sigpoll sig = { .busy = 0 };
	int log;

	proc_signals(&sig.during);
	if (b->conf->dir)
		dircmd_idle(b->conf->dir);
	open_all(b);
	log = open_dir(b, b->conf->dir);
	if (proc_ready(bg, log) < 0) {
		warn("it ends, for whoever started it has gone:");
		b->stopping = b->failed = 1;
	} else
		bng_log(b, NULL, "ready: libslirp %s", nat_version());
	while (!proc_signal && !b->stopping)
		turn(b, &sig, -1);
	take_leave(b, &sig);
	close_all(b);
	vmdir_close(&b->dir);
}

int
main(int argc, char **argv)
{
	static struct bng b;
	static struct conf c;
	struct proc_bg bg = { -1, 0 };

	(void)argc;
	conf_read(&c, argv);
	b.conf = &c;
	b.dir.fd = b.dir.lock = -1;
	if (c.mode == CONF_BACKGROUND)
		switch (proc_background(&bg)) {
		case PROC_PARENT: return bg.status;
		case PROC_CHILD: break;
		default: die(1, "background:");
		}
	run(&b, &bg);
	return b.failed;
}
