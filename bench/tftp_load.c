/* limen: ISC licence, see LICENSE */
/*
 * tftp_load MODE BLKSIZE WINDOW CLIENTS FILE SIZE MS CMD...
 *
 * Runs the server CMD, waits until it answers on 127.0.0.1 port 69, has
 * CLIENTS at once fetch FILE again and again for MS, ends the server and
 * prints
 *
 *	MiB/s  server-CPU-ms/MiB  start-ms  largest-resident-KiB  own-CPU-ms/MiB
 *
 * MODE tftp speaks TFTP; raw takes datagrams of a known number from a sender
 * that knows nothing of it (udp_floor). The CPU time is the server's and its
 * children's, less what starting and ending it costs. It is the servers that
 * are measured: the client reads headers and leaves the data where they are
 * (MSG_TRUNC; the tests compare files), takes a window that came as one buffer
 * as one (UDP_GRO), knows the way (connect), and sleeps in the receiving call
 * when it is one. What is on its way after MS is told to end.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

struct load {
	int raw, clients;
	unsigned blksize, window;
	const char *file;
	uint64_t size;
	double ms;
	char **cmd;
};

struct one {
	int fd, run; /* blocks since the last ACK */
	int known;   /* the server's port: connected to it */
	unsigned window, blksize;
	struct sockaddr_in to;
	uint64_t blocks; /* got */
	double last;
};

static uint64_t moved; /* bytes, of all clients */

/* CPU time, ms */
static double
spent(const struct rusage *ru)
{
	return (double)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1e3 +
	       (double)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1e3;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static struct sockaddr_in
port69(void)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(69);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static int
request(const struct load *l, uint8_t *b, const char *file)
{
	int n = 2;

	b[0] = 0;
	b[1] = 1;
	n += sprintf((char *)b + n, "%s", file) + 1;
	n += sprintf((char *)b + n, "octet") + 1;
	if (l->blksize == 512 && l->window == 1)
		return n;
	n += sprintf((char *)b + n, "blksize") + 1;
	n += sprintf((char *)b + n, "%u", l->blksize) + 1;
	if (l->window == 1)
		return n;
	n += sprintf((char *)b + n, "windowsize") + 1;
	n += sprintf((char *)b + n, "%u", l->window) + 1;
	return n;
}

static void
start_one(const struct load *l, struct one *o)
{
	const struct timeval patience = { 1, 0 };
	const int big = 16 << 20, one = 1;
	struct sockaddr_in me = port69();
	uint8_t b[600];
	int n;

	if (o->fd >= 0)
		close(o->fd);
	o->fd = socket(
	    AF_INET, SOCK_DGRAM | (l->clients > 1 ? SOCK_NONBLOCK : 0), 0);
	me.sin_port = 0;
	bind(o->fd, (struct sockaddr *)&me, sizeof(me));
	if (setsockopt(o->fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big)) <
	    0)
		setsockopt(o->fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof(big));
	setsockopt(o->fd, SOL_UDP, UDP_GRO, &one, sizeof(one));
	setsockopt(o->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	o->to = port69();
	o->blocks = 0;
	o->known = 0;
	o->window = l->window;
	o->blksize = l->blksize;
	o->run = 0;
	o->last = now();
	n = l->raw ? 4 : request(l, b, l->file);
	sendto(
	    o->fd, b, (size_t)n, 0, (struct sockaddr *)&o->to, sizeof(o->to));
}

static void
ack(struct one *o, uint64_t block)
{
	const uint8_t b[4] = { 0, 4, (uint8_t)(block >> 8), (uint8_t)block };

	o->run = 0;
	send(o->fd, b, 4, 0);
}

/* what the server granted of what was asked */
static void
granted(struct one *o, const uint8_t *p, size_t n)
{
	const char *s = (const char *)p + 2, *end = (const char *)p + n;
	const char *v;

	o->window = 1;
	o->blksize = 512;
	for (; s < end; s = v + strlen(v) + 1) {
		v = s + strlen(s) + 1;
		if (!strcasecmp(s, "windowsize"))
			o->window = (unsigned)strtoul(v, NULL, 10);
		if (!strcasecmp(s, "blksize"))
			o->blksize = (unsigned)strtoul(v, NULL, 10);
	}
}

/* n datagrams of data, the first one's number as given; 1 when the last of
 * the file is among them */
static int
data(const struct load *l, struct one *o, unsigned number, unsigned n)
{
	const uint64_t last = l->size / o->blksize + 1;
	uint64_t next;

	if (!l->raw && (uint16_t)number != (uint16_t)(o->blocks + 1))
		return 0;
	while (n--) {
		next = o->blocks++ * o->blksize;
		moved +=
		    l->size - next < o->blksize ? l->size - next : o->blksize;
		o->run++;
		if (o->blocks == last || o->run == (int)o->window)
			ack(o, o->blocks);
		if (o->blocks == last)
			return 1;
	}
	return 0;
}

static int
packet(const struct load *l, struct one *o, const uint8_t *p, size_t n,
    unsigned seg)
{
	if (!o->known)
		connect(o->fd, (struct sockaddr *)&o->to, sizeof(o->to));
	o->known = 1;
	if (!l->raw && p[1] == 6) { /* OACK */
		granted(o, p, n);
		ack(o, 0);
		return 0;
	}
	if (!l->raw && p[1] != 3) {
		fprintf(stderr, "tftp_load: error %u\n", p[3]);
		exit(1);
	}
	return data(l, o, (unsigned)p[2] << 8 | p[3],
	    seg ? (unsigned)((n + seg - 1) / seg) : 1);
}

/* what has come; 1 when the file is complete */
static int
take(const struct load *l, struct one *o)
{
	union {
		struct cmsghdr h;
		uint8_t b[64];
	} ctl;
	uint8_t b[256]; /* an OACK, or a header and some data */
	struct iovec iov = { b, sizeof(b) };
	struct msghdr mh;
	struct cmsghdr *c;
	ssize_t n;
	int seg = 0;

	memset(&mh, 0, sizeof(mh));
	if (!o->known) {
		mh.msg_name = &o->to;
		mh.msg_namelen = sizeof(o->to);
	}
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = &ctl;
	mh.msg_controllen = sizeof(ctl);
	if ((n = recvmsg(o->fd, &mh, MSG_TRUNC)) < 4)
		return 0;
	for (c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&seg, CMSG_DATA(c), sizeof(seg));
	o->last = now();
	return packet(l, o, b, (size_t)n, (unsigned)seg);
}

static void
watch(int ep, struct one *o, int i)
{
	struct epoll_event ev = { .events = EPOLLIN,
		.data = { .u32 = (unsigned)i } };

	epoll_ctl(ep, EPOLL_CTL_ADD, o->fd, &ev);
}

static void
stalled(const struct load *l, const struct one *o)
{
	const double t = now();
	int i;

	for (i = 0; i < l->clients; i++)
		if (t - o[i].last > 20000) {
			fprintf(stderr, "tftp_load: stalled\n");
			exit(1);
		}
}

/* MiB moved */
static double
run(const struct load *l, double *ms)
{
	struct one *o = calloc((size_t)l->clients, sizeof(*o));
	struct epoll_event ev[64];
	int i, n, ep = epoll_create1(0);
	const double t0 = now();

	moved = 0;
	for (i = 0; i < l->clients; i++) {
		o[i].fd = -1;
		start_one(l, &o[i]);
		watch(ep, &o[i], i);
	}
	while (now() - t0 < l->ms) {
		ev[0].data.u32 = 0;
		n = l->clients > 1 ? epoll_wait(ep, ev, 64, 1000) : 1;
		for (i = 0; i < n; i++) {
			struct one *c = &o[ev[i].data.u32];

			if (take(l, c)) {
				start_one(l, c);
				watch(ep, c, (int)ev[i].data.u32);
			}
		}
		if (n <= 0 || l->clients == 1)
			stalled(l, o);
	}
	*ms = now() - t0;
	for (i = 0; i < l->clients; i++) {
		if (!l->raw && o[i].known)
			send(o[i].fd, "\0\5\0\0", 5, 0);
		close(o[i].fd);
	}
	free(o);
	close(ep);
	return (double)moved / 1048576;
}

/* until the server answers a request for nothing */
static void
await(const struct load *l, double t0)
{
	struct pollfd p = { 0, POLLIN, 0 };
	struct sockaddr_in to = port69();
	uint8_t b[600];
	int n = request(l, b, "no-such-file");

	if (l->raw)
		n = 0; /* is answered by an empty one */
	while (now() - t0 < 5000) {
		p.fd = socket(AF_INET, SOCK_DGRAM, 0);
		sendto(
		    p.fd, b, (size_t)n, 0, (struct sockaddr *)&to, sizeof(to));
		if (poll(&p, 1, 1) == 1 && recv(p.fd, b, sizeof(b), 0) >= 0) {
			close(p.fd);
			return;
		}
		close(p.fd);
	}
	fprintf(stderr, "tftp_load: %s does not answer\n", l->cmd[0]);
	exit(1);
}

static pid_t server;

static void
kill_server(void)
{
	if (server > 0)
		kill(-server, SIGKILL);
}

/* the most that the server had resident, KiB: not what its parent had when it
 * forked, as getrusage(2) would tell of a small one */
static double
resident(void)
{
	char path[64], line[128];
	double kib = 0;
	FILE *fp;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)server);
	if (!(fp = fopen(path, "r")))
		return 0;
	while (fgets(line, sizeof(line), fp))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtod(line + 6, NULL);
	fclose(fp);
	return kib;
}

/* CPU ms of a server that moved *mib in *ms, 0 transfers if mib is NULL */
static double
session(const struct load *l, double *mib, double *ms, double out[3])
{
	struct rusage ru, own;
	const double t0 = now();
	int st;

	if (!(server = fork())) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!getenv("BENCH_LOUD")) {
			freopen("/dev/null", "w", stdout);
			freopen("/dev/null", "w", stderr);
		}
		execvp(l->cmd[0], l->cmd);
		_exit(127);
	}
	await(l, t0);
	out[0] = now() - t0;
	getrusage(RUSAGE_SELF, &own);
	if (mib)
		*mib = run(l, ms);
	getrusage(RUSAGE_SELF, &ru);
	out[2] = spent(&ru) - spent(&own);
	if (mib && strstr(l->cmd[0], "atftpd"))
		usleep(100000);
	out[1] = resident();
	kill(server, SIGTERM);
	if (wait4(server, &st, 0, &ru) < 0)
		exit(1);
	server = 0;
	return spent(&ru);
}

int
main(int argc, char **argv)
{
	struct load l;
	double mib, ms, idle, cpu, out[3];

	if (argc < 9)
		return 2;
	l.raw = !strcmp(argv[1], "raw");
	l.blksize = (unsigned)strtoul(argv[2], NULL, 10);
	l.window = (unsigned)strtoul(argv[3], NULL, 10);
	l.clients = (int)strtol(argv[4], NULL, 10);
	l.file = argv[5];
	l.size = strtoull(argv[6], NULL, 10);
	l.ms = strtod(argv[7], NULL);
	l.cmd = argv + 8;
	atexit(kill_server);
	idle = session(&l, NULL, NULL, out);
	cpu = session(&l, &mib, &ms, out);
	printf("%.1f %.4f %.2f %.0f %.4f\n", mib / ms * 1e3, (cpu - idle) / mib,
	    out[0], out[1], out[2] / mib);
	return 0;
}
