/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#include <linux/random.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "guest.h"
#include "guestnet.h"

static void
off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void
guest_send(struct guest *g, enum msg_type type, const void *b, size_t n)
{
	uint8_t head[MSG_HEAD];
	struct wr w;

	wr_init(&w, head, sizeof(head));
	wr_u8(&w, type);
	wr_u32(&w, (uint32_t)n);
	if (fd_write_all(g->ctl, head, sizeof(head)) < 0 ||
	    fd_write_all(g->ctl, b, n) < 0)
		off();
}

void
guest_fail(struct guest *g, int status, const char *fmt, ...)
{
	int err = errno;
	char b[512];
	va_list ap;
	size_t n;

	b[0] = (char)status;
	va_start(ap, fmt);
	vsnprintf(b + 1, sizeof(b) - 1, fmt, ap);
	va_end(ap);
	n = strlen(b + 1) + 1;
	if (b[n - 1] == ':')
		n += (size_t)snprintf(
		    b + n, sizeof(b) - n, " %s", strerror(err));
	if (n >= sizeof(b))
		n = sizeof(b) - 1;
	if (g->ctl < 0) { /* the host reads it from the console */
		dprintf(g->con, "\036limen failed %d %s\n", status, b + 1);
		off();
	}
	guest_send(g, MSG_FAIL, b, n);
	for (;;) /* the host ends the machine */
		pause();
}

static void
early_mounts(struct guest *g)
{
	if (mount("proc", "/proc", "proc", 0, "") < 0 ||
	    mount("sys", "/sys", "sysfs", 0, "") < 0)
		guest_fail(g, 125, "mount /proc and /sys:");
	/* some kernels mount it themselves */
	if (mount("dev", "/dev", "devtmpfs", 0, "") < 0 && errno != EBUSY)
		guest_fail(g, 125, "the kernel has no devtmpfs:");
}

static void
load(struct guest *g, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	/* built in, or there is no such device: the job will tell */
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 &&
			  errno != EEXIST && errno != ENODEV))
		guest_fail(g, 125, "load %s:", path);
	close(fd);
}

static void
load_list(struct guest *g, const char *list)
{
	char *t, *s, *save = NULL;
	size_t len;

	if (!(t = fd_slurp_path(list, 1 << 20, &len)))
		return;
	for (s = strtok_r(t, "\n", &save); s; s = strtok_r(NULL, "\n", &save))
		load(g, s);
	free(t);
}

/* raw: what the host sends must not be echoed, nor wait for a newline */
static void
console(struct guest *g)
{
	struct termios t;

	g->con = open("/dev/console", O_RDWR | O_CLOEXEC);
	if (g->con < 0)
		off();
	if (tcgetattr(g->con, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(g->con, TCSANOW, &t);
	}
}

static void
wait_go(struct guest *g)
{
	char c = access(GUEST_WAIT, F_OK) < 0 ? GUEST_GO : 0;

	if (fd_write_all(g->con, GUEST_READY, sizeof(GUEST_READY) - 1) < 0)
		off();
	while (c != GUEST_GO)
		if (read(g->con, &c, 1) < 0 && errno != EINTR)
			off();
}

/* Ports appear a moment after their driver, in the order of their numbers.
 * Ours is the first device of its kind, whatever QEMU_OPTS adds. */
static void
ports(struct guest *g)
{
	const struct timespec pause = { 0, 1000000 };
	int *const fd[] = { &g->ctl, &g->in, &g->out, &g->err, &g->res };
	const int n = sizeof(fd) / sizeof(*fd);
	char path[32];
	int i, k = 0;

	for (i = 0; i < 5000; i++) {
		for (; k < n; k++) {
			snprintf(path, sizeof(path), "/dev/vport0p%d",
			    GUEST_CTL + k);
			*fd[k] = open(path, O_RDWR | O_CLOEXEC);
			if (*fd[k] < 0)
				break;
		}
		if (k == n)
			return;
		nanosleep(&pause, NULL);
	}
	guest_fail(g, 125,
	    "no virtio serial ports: the kernel has no virtio_pci or "
	    "virtio_console");
}

static void
read_job(struct guest *g)
{
	static const char *argv[MSG_WORDS + 1], *env[MSG_WORDS + 1],
	    *binds[MSG_WORDS + 1];
	struct rd r;
	ssize_t n;
	int type;

	if (!(g->buf = malloc(MSG_MAX + MSG_HEAD)))
		guest_fail(g, 125, "memory:");
	g->job.argv = argv;
	g->job.env = env;
	g->job.binds = binds;
	guest_send(g, MSG_UP, "", 0);
	while ((type = msg_get(g->buf, g->len, &r)) == 0) {
		n = read(g->ctl, g->buf + g->len, MSG_MAX + MSG_HEAD - g->len);
		if (n <= 0)
			off();
		g->len += (size_t)n;
	}
	g->used = (size_t)(r.end - g->buf);
	if (type != MSG_JOB || g->len - g->used > 4096 ||
	    msg_get_job(&r, &g->job) < 0)
		guest_fail(g, 125, "the host speaks another language");
}

/* a clone of a saved guest shares its entropy and clock: not for long */
static void
renew(struct guest *g)
{
	/* linux, random(4): struct rand_pool_info, then the bytes */
	struct {
		int entropy_count, buf_size;
		uint8_t seed[sizeof(g->job.seed)];
	} pool;
	struct timespec ts = { (time_t)g->job.sec, (long)g->job.nsec };
	int fd;

	clock_settime(CLOCK_REALTIME, &ts);
	pool.entropy_count = 8 * (int)sizeof(pool.seed);
	pool.buf_size = sizeof(pool.seed);
	memcpy(pool.seed, g->job.seed, sizeof(pool.seed));
	if ((fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC)) >= 0) {
		ioctl(fd, (int)RNDADDENTROPY, &pool);
		ioctl(fd, (int)RNDRESEEDCRNG, 0);
		close(fd);
	}
	explicit_bzero(&pool, sizeof(pool));
	explicit_bzero(g->job.seed, sizeof(g->job.seed));
	if (sethostname(g->job.hostname, strlen(g->job.hostname)) < 0)
		guest_fail(g, 125, "hostname:");
}

void
guest_main(void)
{
	static struct guest g = { -1, -1, -1, -1, -1, -1, { 0 }, NULL, 0, 0 };
	struct guest_result res;
	uint8_t b[32];
	struct wr w;

	console(&g);
	early_mounts(&g);
	load_list(&g, GUEST_EARLY);
	if (access(GUEST_LATE, F_OK) < 0)
		ports(&g);
	wait_go(&g);
	load_list(&g, GUEST_LATE);
	if (g.ctl < 0)
		ports(&g);
	read_job(&g);
	renew(&g);
	guestnet_lo();
	if ((g.job.mac[0] && guestnet_mac(g.job.mac) < 0) ||
	    (g.job.flags & MSG_NET && guestnet_up() < 0))
		guest_fail(&g, 125, "set up eth0:");
	guest_mounts(&g);
	if (*g.job.init)
		guest_init(&g);
	res = guest_run(&g);
	sync();
	wr_init(&w, b, sizeof(b));
	wr_u32(&w, res.status);
	wr_u64(&w, res.out);
	wr_u64(&w, res.err);
	wr_u64(&w, res.res);
	guest_send(&g, MSG_EXIT, b, wr_len(&w));
	for (;;) /* the host ends the machine */
		pause();
}
