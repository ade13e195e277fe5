/* limen: ISC licence, see LICENSE */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stddef.h>

/*
 * A daemon gives away what it does not need, in this order, when its sockets
 * are bound and before the first packet is read:
 *
 *	sandbox_user(name)    be somebody else, keep no capability
 *	sandbox_files(r, w)   Landlock: open nothing but these
 *	sandbox_calls(sets)   seccomp: make no other system calls
 *
 * All return 0, or -1 and errno. The kernel that cannot is ENOSYS or
 * EOPNOTSUPP (Landlock) and EINVAL (seccomp): the tool ends then, unless
 * its user has said that it may go on without.
 */

/*
 * Becomes user NAME (or "UID", "UID:GID") with its groups, and drops every
 * capability and the right to gain any by exec. NULL keeps the user. ENOENT:
 * no such user; EPERM: not root; EINVAL: not in this user namespace.
 */
int sandbox_user(const char *name);

/* keeps the user, and drops every capability and the right to gain any */
int sandbox_caps(void);

/* the same, but CAP_NET_ADMIN is kept where it was had */
int sandbox_net_admin(void);

/*
 * From now on only what lies under these paths (NULL-terminated lists, NULL:
 * none) can be opened: for reading, or for creating, writing, renaming and
 * removing files; a path in both lists for all of that. Open descriptors stay
 * as they are.
 */
int sandbox_files(const char *const *read, const char *const *write);

/* the highest Landlock interface of this kernel, 0: it has none */
int sandbox_landlock(void);

enum {
	SANDBOX_READ = 1,    /* open files and read them */
	SANDBOX_WRITE = 2,   /* create, write, rename, remove them */
	SANDBOX_UDP = 4,     /* new sockets of AF_INET, AF_INET6 */
	SANDBOX_ACCEPT = 8,  /* accept connections */
	SANDBOX_REMOVE = 16, /* remove files, and open none */
	SANDBOX_PPP = 32,    /* new sockets of AF_PPPOX; join PPP channels */
};

/*
 * From now on only the calls of a loop (memory, time, poll, epoll, signals'
 * return, reading, writing, sending and receiving on open descriptors) and
 * of the given sets are let through; others fail with EPERM. A foreign
 * machine's calls (x32, 32-bit) end the process.
 */
int sandbox_calls(unsigned sets);

#endif
