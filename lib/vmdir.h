/* limen: ISC licence, see LICENSE */
#ifndef VMDIR_H
#define VMDIR_H

#include <sys/types.h>

#include <stddef.h>

/*
 * The state directory of a program that runs in the background: DIR/lock is
 * held while it lives (a lock of its open file, so it goes with the process
 * however that ends) and tells which tool it is and its process, DIR/pid names
 * the one to end once it runs, and its sockets stand in DIR. What such programs
 * leave there after the end: console.log, args, status.
 *
 * A socket's path may be longer than the 107 bytes that sun_path takes:
 * they are bound and connected by name from within the directory.
 */
struct vmdir {
	const char *path; /* as given; must outlive this */
	int fd;		  /* the directory */
	int lock;
	int made; /* we made the directory */
};

/*
 * Makes path (mode 0700, its parent must be there) or takes it as it is, locks
 * it, and removes the sockets and the pid file that a dead owner left. 0, or
 * -1 and errno; EBUSY: its owner lives.
 */
int vmdir_open(struct vmdir *d, const char *path);

/* removes sockets, pid and lock, and the directory when it was made by
 * vmdir_open() and is empty; unlocks */
void vmdir_close(struct vmdir *d);

/* a listening stream socket DIR/name, mode 0600, non-blocking, or -1 */
int vmdir_listen(struct vmdir *d, const char *name);

/* writes DIR/name at once (by renaming a new file), mode 0600; 0 or -1 */
int vmdir_put(struct vmdir *d, const char *name, const char *text);

/* opens DIR/name for appending from empty, mode 0600; or -1 */
int vmdir_create(struct vmdir *d, const char *name);

/* writes DIR/pid; 0 or -1 */
int vmdir_pid(struct vmdir *d, pid_t pid);

/* For whoever looks at somebody else's directory. */

/* a stream connection to DIR/name (blocking, close-on-exec), or -1; EAGAIN: for
 * so many seconds nobody was let in */
#define VMDIR_CONNECT 3
int vmdir_connect(const char *dir, const char *name);

/* the same for any path of a socket: dirname and basename */
int vmdir_connect_path(const char *path);

/* the pid in DIR/pid while its owner lives, or what took the lock when it has
 * written none yet; 0: nobody does; -1 and errno */
pid_t vmdir_owner(const char *dir);

/* what took the lock, whatever is in DIR/pid: the same as long as an owner that
 * runs another program is starting */
pid_t vmdir_keeper(const char *dir);

/* the tool that an owner is (its argv0), from DIR/lock; "": it is not said */
#define VMDIR_TOOL 32
void vmdir_tool(const char *dir, char b[VMDIR_TOOL]);

/* what the owner is, for whoever got EBUSY of vmdir_open(), in words: "TOOL
 * runs there already (pid N)", as far as both are known; b */
#define VMDIR_BUSY 96
const char *vmdir_busy(const char *dir, char b[VMDIR_BUSY]);

/* sends the owner SIGTERM and waits ms at most for its end. 0, or -1 and
 * errno; ESRCH: nothing runs there, ETIMEDOUT: it does not end */
int vmdir_stop(const char *dir, int ms);

#endif
