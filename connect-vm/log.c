/* limen: ISC licence, see LICENSE */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "fd.h"
#include "log.h"

static void
now(char b[LOG_STAMP + 1])
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	n = strftime(b, LOG_STAMP + 1, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(b + n, LOG_STAMP + 1 - n, ".%03d ",
	    (int)(ts.tv_nsec / 1000000) % 1000);
}

size_t
log_stamp(int *bol, char *out, const char *p, size_t n)
{
	char b[LOG_STAMP + 1], *o = out;
	const char *nl;
	size_t k;

	for (now(b); n > 0; p += k, n -= k) {
		if (*bol) {
			memcpy(o, b, LOG_STAMP);
			o += LOG_STAMP;
		}
		nl = memchr(p, '\n', n);
		k = nl ? (size_t)(nl - p) + 1 : n;
		memcpy(o, p, k);
		o += k;
		*bol = nl != NULL;
	}
	return (size_t)(o - out);
}

void
log_open(struct log *l, const char *path, int stamp)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->path = path;
	l->stamp = stamp;
	l->bol = 1;
	if (!path)
		return;
	l->fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);
	if (l->fd < 0)
		die(1, "open %s:", path);
}

static void
put(struct log *l, const char *p, size_t n)
{
	if (l->fd < 0 || fd_write_all(l->fd, p, n) == 0)
		return;
	warn("write %s: the log ends here:", l->path);
	close(l->fd);
	l->fd = -1;
	l->failed = 1;
}

void
log_write(struct log *l, const char *p, size_t n)
{
	char b[1024 * (LOG_STAMP + 1)];
	size_t k, grown;

	if (l->fd < 0)
		return;
	if (!l->stamp) {
		put(l, p, n);
		return;
	}
	for (; n > 0; p += k, n -= k) {
		k = n < 1024 ? n : 1024;
		grown = log_stamp(&l->bol, b, p, k);
		put(l, b, grown);
	}
}
