/* limen: ISC licence, see LICENSE */
#ifndef SIGPOLL_H
#define SIGPOLL_H

#include <poll.h>
#include <signal.h>

/*
 * How a loop waits whose signals are blocked but while it does. The kernel
 * looks for signals only when no descriptor is ready, which in a flood is
 * never: every SIGPOLL_BUSY busy turns they are let in all the same.
 */
#define SIGPOLL_BUSY 32

struct sigpoll {
	sigset_t during; /* what is blocked while it waits */
	unsigned busy;	 /* turns with something ready, of all; 0 at first */
};

/* ppoll for ms milliseconds at most (-1: no end). How many are ready: 0 when a
 * signal came, too; -1 and errno. All revents are 0 when it is not above 0. */
int sigpoll(struct sigpoll *s, struct pollfd *p, int n, int ms);

/* something was ready: for a loop that waits by epoll_pwait */
void sigpoll_busy(struct sigpoll *s);

#endif
