/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "pcap.h"
#include "pcapfile.h"

enum {
	PIPE = 1 << 20, /* bytes, as much as anybody may ask for */
	LAST_MS = 1000,
};

/* writes what can be had without waiting for more than ms. All but files take
 * PIPE_BUF bytes at least when poll() has them ready. */
static void
put(struct pcapfile *f, int ms)
{
	struct pollfd p = { f->fd, POLLOUT, 0 };
	size_t at = 0, n;
	ssize_t r;

	while (f->fd >= 0 && at < f->used) {
		n = f->used - at;
		if (!f->file && n > PIPE_BUF)
			n = PIPE_BUF;
		if (!f->file && poll(&p, 1, ms) <= 0)
			break;
		if ((r = write(f->fd, f->buf + at, n)) >= 0) {
			at += (size_t)r;
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			f->err = errno;
			close(f->fd);
			f->fd = -1;
		}
	}
	f->used -= at;
	memmove(f->buf, f->buf + at, f->used);
}

int
pcapfile_open(struct pcapfile *f, const char *path, uint32_t link)
{
	struct stat st;
	struct wr w;

	f->err = 0;
	f->lost = 0;
	if (!strcmp(path, "-"))
		f->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		f->fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (f->fd < 0)
		return -1;
	f->file = fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode);
	(void)fcntl(f->fd, F_SETPIPE_SZ, PIPE); /* when it is one */
	wr_init(&w, f->buf, sizeof(f->buf));
	pcap_put(&w, link);
	f->used = wr_len(&w);
	put(f, 0);
	if (f->fd >= 0)
		return 0;
	errno = f->err;
	f->err = 0;
	return -1;
}

static const char *
told(struct pcapfile *f)
{
	const int err = f->err;

	f->err = 0;
	return err && err != EPIPE ? strerror(err) : NULL;
}

const char *
pcapfile_flush(struct pcapfile *f)
{
	put(f, 0);
	return told(f);
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
pcapfile_addv(struct pcapfile *f, const struct iovec *v, int n)
{
	size_t len = 0;
	struct wr w;
	int i;

	if (f->fd < 0)
		return;
	for (i = 0; i < n; i++)
		len += v[i].iov_len;
	if (f->used + PCAP_REC + len > sizeof(f->buf))
		put(f, 0);
	if (f->fd < 0)
		return;
	if (f->used + PCAP_REC + len > sizeof(f->buf)) {
		f->lost++;
		return;
	}
	wr_init(&w, f->buf + f->used, sizeof(f->buf) - f->used);
	pcap_rec_put(&w, now_ns(), (uint32_t)len);
	for (i = 0; i < n; i++)
		wr_bytes(&w, v[i].iov_base, v[i].iov_len);
	f->used += wr_len(&w);
}

void
pcapfile_add(struct pcapfile *f, const void *p, size_t len)
{
	struct iovec v = { (void *)(uintptr_t)p, len };

	pcapfile_addv(f, &v, 1);
}

const char *
pcapfile_close(struct pcapfile *f)
{
	const unsigned long lost = f->lost;

	put(f, LAST_MS);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->lost = 0;
	if (f->err || !lost)
		return told(f);
	snprintf(f->why, sizeof(f->why),
	    "without %lu packets: its reader was behind", lost);
	return f->why;
}

void
pcapfile_tell(const char *path, const char *why)
{
	if (why)
		warn("%s: %s", path, why);
}
