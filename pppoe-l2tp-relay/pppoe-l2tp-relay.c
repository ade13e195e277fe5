/* limen: ISC licence, see LICENSE */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr.h"
#include "clock.h"
#include "conf.h"
#include "die.h"
#include "dircmd.h"
#include "pcap.h"
#include "proc.h"
#include "relay.h"
#include "sandbox.h"
#include "sigpoll.h"
#include "vmdir.h"

enum {
	STOP_CALLS = 1000, /* ms for CDNs, then StopCCN */
	STOP_ALL = 3000,
	P_PORT = 0,
	P_WIRE = 1, /* and the next: v4, v6 */
	P_RESOLVER = 3,
	P_CTL = 4,
	P_KERNEL = P_CTL + CTL_CLIENTS + 1,
	P_N = P_KERNEL + KPATH_FDS,
};

static void
init(struct relay *r, const struct relay_conf *c)
{
	const char *why;
	int i;

	r->conf = c;
	r->now = r->start = clock_ms();
	r->pcap.fd = r->resolver = -1;
	r->serial = (uint32_t)time(NULL); /* none of before a restart again */
	if (getentropy(r->key, sizeof(r->key)) < 0)
		die(1, "random bytes:");
	for (i = 0; i < c->nlns; i++)
		if (lns_add(r, c->lns[i], &why) < 0)
			die(2, "%s: %s", c->lns[i], why);
	r->ac_mem = calloc(1, pppoe_ac_size(&c->ac));
	if (!r->ac_mem || call_init(r) < 0 || tunnel_init(r) < 0 ||
	    path_init(r) < 0)
		die(1, "memory:");
}

/* names that are not found are worth an early word, but DNS may come later */
static void
resolve_first(struct relay *r)
{
	union sock_addr a[RELAY_ADDRS];
	int i, n, names = 0;

	for (i = 0; i < r->nlns; i++) {
		if (r->lns[i].numeric)
			continue;
		names++;
		n = resolve_now(r->lns[i].host, a);
		if (!n)
			warn("%s: name not found, it is tried again for each "
			     "session",
			    r->lns[i].host);
		else
			lns_answer(r, (unsigned)i, a, n);
	}
	if (names && (r->resolver = resolve_start()) < 0)
		die(1, "resolver:");
}

static void
own_mac(struct relay *r, struct pppoe_ac_conf *ac)
{
	if (r->conf->have_mac) {
		if (r->conf->promisc && ethport_promisc(&r->port) < 0)
			die(1, "%s: promiscuous mode:", r->conf->portname);
		return;
	}
	if (r->port.kind == NETNAME_PACKET) {
		memcpy(ac->mac, r->port.mac, 6);
		return;
	}
	if (getentropy(ac->mac, 6) < 0)
		die(1, "random bytes:");
	ac->mac[0] = (uint8_t)((ac->mac[0] & 0xfc) | 2);
}

static void
open_all(struct relay *r)
{
	const struct relay_conf *c = r->conf;
	struct pppoe_ac_conf ac = c->ac;
	int got;

	if (ethport_open(&r->port, &c->port, ETHPORT_PPPOE) < 0)
		die(1, "%s: %s", c->portname, ethport_why(errno));
	own_mac(r, &ac);
	ac.max_payload = pppoe_mru(ac.max_payload, r->port.mtu);
	if (getentropy(ac.key, sizeof(ac.key)) < 0)
		die(1, "random bytes:");
	pppoe_ac_init(&r->ac, &ac, r->ac_mem);
	if ((got = wire_open(r)) == -2)
		die(1, "%s:", c->capture_lns);
	if (got < 0)
		die(1, "UDP port %u:", c->local_port);
	if (c->capture &&
	    pcapfile_open(&r->pcap, c->capture, PCAP_ETHERNET) < 0)
		die(1, "%s:", c->capture);
}

/* where no starter is left to clean the directory */
static void
leave(struct vmdir *dir, const char *what)
{
	warn("%s:", what);
	vmdir_close(dir);
	exit(1);
}

/* a log file takes the place of the standard error that goes away */
static void
go_on(struct relay *r, struct proc_bg *bg, struct vmdir *dir)
{
	char mac[ADDR_MACLEN];
	int log = -1;

	if (r->conf->background && r->conf->verbose &&
	    (log = vmdir_create(dir, "log")) < 0)
		die(1, "%s/log:", r->conf->dir);
	if (proc_ready(bg, log) < 0)
		leave(dir, "it ends, for whoever started it has gone");
	note(r, "ready: %s at %s on %s", r->conf->ac.name,
	    addr_macstr(mac, r->ac.conf.mac), r->conf->portname);
}

/* the state directory is emptied at the end */
static void
confine(const struct relay *r)
{
	const unsigned dir = SANDBOX_ACCEPT | SANDBOX_REMOVE;
	const unsigned kernel = SANDBOX_PPP | SANDBOX_UDP | SANDBOX_READ;

	if (sandbox_calls((r->conf->dir ? dir : 0) | (r->kpath ? kernel : 0)) <
	    0)
		warn("no seccomp, going on without:");
}

/* an error is no poll result: only deadlines; unless there may be fewer
 * descriptors than are asked about, when no signal would be let in either */
static void
wait_input(struct relay *r, struct pollfd *p, struct sigpoll *sig)
{
	int64_t at = clock_min(clock_min(tunnel_deadline(r), kpath_deadline(r)),
	    clock_min(call_deadline(r), pppoe_ac_deadline(&r->ac)));
	const int n = r->kpath ? P_N : P_KERNEL;
	int i;

	at = clock_min(at, kick_deadline(r));
	if (r->stopping)
		at = clock_min(at, r->now + 50);
	memset(p, 0, P_N * sizeof(*p));
	p[P_PORT].fd = r->gone ? -1 : r->port.fd;
	p[P_WIRE].fd = wire_fd(r, 0);
	p[P_WIRE + 1].fd = wire_fd(r, 1);
	p[P_RESOLVER].fd = r->resolver;
	for (i = 0; i < P_CTL; i++)
		p[i].events = POLLIN;
	ctl_poll(&r->ctl, p + P_CTL);
	for (i = P_KERNEL; i < n; i++) {
		p[i].fd = kpath_fd(r, i - P_KERNEL);
		p[i].events = POLLIN;
	}
	if (sigpoll(sig, p, n, clock_left(clock_ms(), at)) < 0 &&
	    errno == EINVAL && !r->gone) {
		warn("poll:");
		r->gone = 1;
	}
	r->now = clock_ms();
}

static void
turn(struct relay *r, const struct pollfd *p)
{
	int i;

	if (p[P_RESOLVER].revents)
		resolve_input(r);
	if (p[P_PORT].revents)
		path_access(r);
	for (i = P_WIRE; i < P_RESOLVER; i++)
		if (p[i].revents)
			wire_input(r, p[i].fd);
	for (i = P_KERNEL; i < P_N; i++)
		if (p[i].revents)
			kpath_event(r, i - P_KERNEL);
	ctl_serve(&r->ctl, p + P_CTL);
	call_tick(r);
	kick_tick(r);
	tunnel_tick(r);
	while (pppoe_ac_deadline(&r->ac) >= 0 &&
	       pppoe_ac_deadline(&r->ac) <= r->now) {
		pppoe_ac_tick(&r->ac, r->now);
		path_discovery(r);
	}
	tunnel_turn(r);
	wire_flush(r);
	path_flush(r);
	kpath_turn(r);
	pcapfile_tell(r->conf->capture, pcapfile_flush(&r->pcap));
}

static void
run(struct relay *r, struct sigpoll *sig)
{
	struct pollfd p[P_N];

	while (!proc_signal && !r->gone) {
		wait_input(r, p, sig);
		turn(r, p);
	}
}

/* PADT and CDN to all, then StopCCN; waits for the peers, but not long */
static void
stop(struct relay *r, struct sigpoll *sig)
{
	const int64_t begun = clock_ms();
	struct pollfd p[P_N];
	uint32_t i;
	int told = 0;

	r->stopping = 1;
	r->ac.conf.flags |= PPPOE_AC_DRAIN;
	note(r, "stopping: %u sessions, %u tunnels", r->used, r->live);
	for (i = 1; i <= r->ncalls; i++)
		if (r->calls[i].used)
			call_drop(r, &r->calls[i],
			    "the access concentrator shuts down");
	proc_signal = 0;
	while (!proc_signal && r->now - begun < STOP_ALL) {
		if (!told && (!r->used || r->now - begun >= STOP_CALLS)) {
			tunnel_stop(r);
			told = 1;
		}
		memset(p, 0, sizeof(p));
		turn(r, p);
		if (told && !tunnel_live(r))
			break;
		wait_input(r, p, sig);
		turn(r, p);
	}
}

/* returns in the child only; what a child that failed left is removed here,
 * as the directory is open in both */
static void
background(struct proc_bg *bg, struct vmdir *dir)
{
	int got = proc_background(bg);

	if (got == PROC_CHILD) {
		/* DIR/lock names the parent, whom --stop cannot end */
		(void)vmdir_pid(dir, getpid());
		return;
	}
	if (got < 0)
		warn("background:");
	if (got < 0 || bg->status)
		vmdir_close(dir);
	exit(got < 0 ? 1 : bg->status);
}

int
main(int argc, char **argv)
{
	static struct relay_conf conf;
	static struct relay relay;
	struct proc_bg bg = { -1, 0 };
	struct vmdir dir = { .fd = -1 };
	struct relay *r = &relay;
	struct sigpoll sig = { .busy = 0 };
	int ctl = -1;

	(void)argc;
	conf_get(&conf, argv);
	/* before the captures of the one that runs there are emptied */
	if (conf.dir)
		dircmd_idle(conf.dir);
	init(r, &conf);
	proc_signals(&sig.during);
	if (conf.background) {
		dircmd_take(&dir, conf.dir);
		background(&bg, &dir);
	}
	open_all(r);
	resolve_first(r);
	/* whatever can fail does so while the starter still listens, and before
	 * there is a directory that nobody would clean up */
	if (kpath_init(r) < 0)
		die(1, "memory:");
	if (conf.dir && !conf.background)
		dircmd_take(&dir, conf.dir);
	if (conf.dir && ((ctl = vmdir_listen(&dir, "control")) < 0 ||
			    vmdir_pid(&dir, getpid()) < 0)) {
		if (!conf.background)
			leave(&dir, conf.dir);
		die(1, "%s:", conf.dir);
	}
	ctl_init(&r->ctl, ctl, report_command, r);
	if ((r->kpath ? sandbox_net_admin() : sandbox_caps()) < 0)
		die(1, "dropping privileges:");
	go_on(r, &bg, &dir);
	confine(r);
	run(r, &sig);
	stop(r, &sig);
	ctl_close(&r->ctl);
	wire_close(r);
	pcapfile_tell(conf.capture, pcapfile_close(&r->pcap));
	ethport_close(&r->port);
	if (conf.dir)
		vmdir_close(&dir);
	return r->gone;
}
