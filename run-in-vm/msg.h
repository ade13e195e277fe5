/* limen: ISC licence, see LICENSE */
#ifndef MSG_H
#define MSG_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * What host and guest say to each other on the control port: a type, the
 * length of the body in 4 bytes, the body. Strings carry their length and a
 * NUL, so that the guest uses them where they lie.
 *
 * host to guest: MSG_JOB once, then signals, window sizes, and how long
 * stdin was. Guest to host: MSG_UP when its end of the port is open, then
 * MSG_EXIT with how many bytes it wrote to stdout and stderr, or MSG_FAIL.
 */
enum msg_type {
	MSG_JOB = 'J',
	MSG_SIGNAL = 'S',  /* u8 number */
	MSG_WINSIZE = 'W', /* u16 rows, u16 columns */
	MSG_STDIN = 'I',   /* u64 bytes of stdin in all */
	MSG_UP = 'U',
	MSG_EXIT = 'X', /* u32 status, u64 stdout, u64 stderr, u64 results */
	MSG_FAIL = 'F', /* u8 status, text */
	MSG_INIT = 'N', /* --init: from here on the console is all there is */
};

#define MSG_HEAD   5
#define MSG_MAX	   (4 << 20) /* argv and environment included */
#define MSG_MOUNTS 32

enum msg_fs { /* as --fs names them */
	MSG_9P,
	MSG_VIRTIOFS,
	MSG_IMAGE, /* a read-only file system image on a disk */
	MSG_CPIO,  /* in the initramfs, below GUEST_CPIO/tag */
};

struct msg_mount {
	uint32_t fs;
	uint32_t ro;
	const char *tag; /* 9p, virtiofs: mount tag; image: disk's serial */
	const char
	    *path; /* where in the guest; "/" is the root's lower layer */
};

enum {
	MSG_TTY = 1,	 /* stdin and stdout are a terminal */
	MSG_NET = 2,	 /* set eth0 up as QEMU's user network wants it */
	MSG_RESULTS = 4, /* send /results home */
	MSG_KEEP = 8,	 /* even when the command failed */
	MSG_CWD = 16,	 /* cwd must be there */
	MSG_USER = 32,	 /* the host's side is not root's */
	MSG_ONE = 64,	 /* stderr leads where stdout does */
};
#define MSG_UMASK 16 /* the flags' bit from which on umask(2) is */

struct msg_job {
	uint64_t sec;
	uint32_t nsec;
	uint8_t seed[32];
	uint8_t mac[6]; /* of eth0; zeros: as it is */
	uint32_t flags, uid, gid, rows, cols;
	const char *cwd, *init, *hostname;
	const char *prog; /* where argv[0] is likely to be, or "" */
	uint32_t nmounts, argc, envc;
	struct msg_mount mount[MSG_MOUNTS];
	uint32_t nbinds;
	/* to get: room for MSG_WORDS + 1, NULL-ended */
	const char **argv, **env;
	const char **binds; /* all that is seen of the store: its paths */
};

#define MSG_WORDS 65536

/* the body of MSG_JOB */
void msg_put_job(struct wr *w, const struct msg_job *j);

/* argv, env and binds point at the caller's arrays of MSG_WORDS + 1; strings
 * stay in r's buffer. 0, or -1 */
int msg_get_job(struct rd *r, struct msg_job *j);

/* a whole message; body may be NULL with len 0 */
void msg_put(struct wr *w, enum msg_type type, const void *body, size_t len);

/* the first message in buf[0..len): its body in r, its type; 0: not all of it
 * is there, -1: no such message */
int msg_get(const uint8_t *buf, size_t len, struct rd *r);

#endif
