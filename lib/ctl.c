/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

void
ctl_init(struct ctl *c, int fd, ctl_fn *fn, void *arg)
{
	int i;

	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->fn = fn;
	c->arg = arg;
	c->refused = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	for (i = 0; i < CTL_CLIENTS; i++)
		c->c[i].fd = -1;
}

int
ctl_fits(const struct wr *w)
{
	return w->end - w->p >= 256;
}

void
ctl_say(struct wr *w, const char *fmt, ...)
{
	char b[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(b, sizeof(b) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(b) - 2)
		n = (int)sizeof(b) - 2;
	b[n < 0 ? 0 : n] = '\n';
	wr_bytes(w, b, (size_t)(n < 0 ? 0 : n) + 1);
}

static void
hang_up(struct ctl_client *k)
{
	close(k->fd);
	k->fd = -1;
}

/* is there a command in what came in? */
static int
has_line(const struct ctl_client *k)
{
	return memchr(k->in, '\n', k->nin) || (k->eof && k->nin) ||
	       k->nin == sizeof(k->in) - 1;
}

/* the next line of it becomes the command */
static void
take_line(struct ctl_client *k)
{
	char *nl = memchr(k->in, '\n', k->nin);
	size_t len, used;

	len = nl ? (size_t)(nl - k->in) : k->nin;
	used = nl ? len + 1 : len;
	while (len && (k->in[len - 1] == '\r' || k->in[len - 1] == ' '))
		len--;
	memcpy(k->cmd, k->in, len);
	k->cmd[len] = '\0';
	k->nin -= used;
	memmove(k->in, k->in + used, k->nin);
	k->at = 0;
}

/* answers as much as there is room for; a command begins with all of it, as
 * few can go on later */
static void
answer(struct ctl *c, struct ctl_client *k)
{
	enum ctl_result r = CTL_OK;
	struct wr w;

	while (k->cmd[0] || (!k->nout && has_line(k))) {
		if (!k->cmd[0]) {
			take_line(k);
			continue;
		}
		if (!strcmp(k->cmd, "quit")) {
			k->eof = 1;
			k->nin = 0;
			k->cmd[0] = '\0';
			return;
		}
		wr_init(&w, k->out + k->nout, sizeof(k->out) - k->nout - 8);
		r = c->fn(c->arg, k->cmd, &w, &k->at);
		k->nout += wr_len(&w);
		if (r == CTL_MORE)
			return;
		if (r == CTL_OK) {
			memcpy(k->out + k->nout, "ok\n", 3);
			k->nout += 3;
		}
		k->cmd[0] = '\0';
	}
}

static void
receive(struct ctl_client *k)
{
	ssize_t n = read(k->fd, k->in + k->nin, sizeof(k->in) - 1 - k->nin);

	if (n > 0)
		k->nin += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		k->eof = 1;
}

static int
transmit(struct ctl_client *k)
{
	ssize_t n;

	while (k->sent < k->nout) {
		n = send(
		    k->fd, k->out + k->sent, k->nout - k->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		k->sent += (size_t)n;
	}
	k->nout = k->sent = 0;
	return 0;
}

static void
serve(struct ctl *c, struct ctl_client *k, int got)
{
	int more = 1;

	if (got & (POLLIN | POLLHUP | POLLERR) && !k->eof)
		receive(k);
	/* bounded: what one client asks must not keep the others waiting */
	for (int i = 0; more && i < 4; i++) {
		answer(c, k);
		more = k->nout > 0;
		if (transmit(k) < 0) {
			hang_up(k);
			return;
		}
		if (k->nout)
			return;
	}
	if (k->eof && !k->nin && !k->cmd[0] && !k->nout)
		hang_up(k);
}

static void
refused_close(struct ctl *c)
{
	if (c->refused >= 0)
		close(c->refused);
	c->refused = -1;
}

static int
take(const struct ctl *c)
{
	return accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* the reason reaches it, since its buffer is empty; what it writes before it
 * reads must not fail, so it stays until the next */
static void
refuse(struct ctl *c, int fd, const char *why)
{
	send(fd, why, strlen(why), MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	refused_close(c);
	c->refused = fd;
}

static void
welcome(struct ctl *c)
{
	int i, fd = take(c);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		/* left alone it would wait, and poll() not */
		refused_close(c);
		fd = take(c);
		if (fd >= 0)
			refuse(c, fd, "error: too many open files\n");
		return;
	}
	if (fd < 0)
		return;
	for (i = 0; i < CTL_CLIENTS; i++)
		if (c->c[i].fd < 0) {
			memset(&c->c[i], 0, sizeof(c->c[i]));
			c->c[i].fd = fd;
			return;
		}
	refuse(c, fd, "error: too many clients\n");
}

void
ctl_poll(const struct ctl *c, struct pollfd *p)
{
	const struct ctl_client *k;
	int i;

	p[CTL_CLIENTS] = (struct pollfd){ c->fd, POLLIN, 0 };
	for (i = 0; i < CTL_CLIENTS; i++) {
		k = &c->c[i];
		p[i] = (struct pollfd){ k->fd, 0, 0 };
		if (!k->eof && !k->cmd[0] && k->nin < sizeof(k->in) - 1)
			p[i].events |= POLLIN;
		if (k->nout || k->cmd[0] || has_line(k))
			p[i].events |= POLLOUT;
	}
}

void
ctl_serve(struct ctl *c, const struct pollfd *p)
{
	int i;

	for (i = 0; i < CTL_CLIENTS; i++)
		if (c->c[i].fd >= 0 && p[i].fd == c->c[i].fd && p[i].revents)
			serve(c, &c->c[i], p[i].revents);
	if (c->fd >= 0 && p[CTL_CLIENTS].revents & POLLIN)
		welcome(c);
}

void
ctl_close(struct ctl *c)
{
	int i;

	for (i = 0; i < CTL_CLIENTS; i++)
		if (c->c[i].fd >= 0)
			hang_up(&c->c[i]);
	refused_close(c);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}
