/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "pcap.h"
#include "pcapfile.h"

int
pcapfile_open(struct pcapfile *f, const char *path, uint32_t link)
{
	struct wr w;

	f->err = 0;
	f->used = 0;
	if (!strcmp(path, "-"))
		f->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		f->fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (f->fd < 0)
		return -1;
	wr_init(&w, f->buf, sizeof(f->buf));
	pcap_put(&w, link);
	f->used = wr_len(&w);
	pcapfile_flush(f);
	if (f->fd >= 0)
		return 0;
	errno = f->err;
	return -1;
}

void
pcapfile_flush(struct pcapfile *f)
{
	if (f->fd < 0 || !f->used)
		return;
	if (fd_write_all(f->fd, f->buf, f->used) < 0) {
		f->err = errno;
		pcapfile_close(f);
	}
	f->used = 0;
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
		pcapfile_flush(f);
	if (f->fd < 0)
		return;
	wr_init(&w, f->buf + f->used, sizeof(f->buf) - f->used);
	pcap_rec_put(&w, now_ns(), (uint32_t)len);
	for (i = 0; i < n; i++)
		wr_bytes(&w, v[i].iov_base, v[i].iov_len);
	f->used += wr_len(&w); /* one too large for any file is left out */
}

void
pcapfile_add(struct pcapfile *f, const void *p, size_t len)
{
	struct iovec v = { (void *)(uintptr_t)p, len };

	pcapfile_addv(f, &v, 1);
}

void
pcapfile_close(struct pcapfile *f)
{
	int fd = f->fd;

	if (fd < 0)
		return;
	if (!f->err)
		pcapfile_flush(f);
	if (f->fd >= 0)
		close(fd);
	f->fd = -1;
}
