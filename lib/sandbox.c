/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/ppp-ioctl.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "num.h"
#include "sandbox.h"
#include "sandbox_sys.h"

#define ALL_FILES ((1 << 13) - 1) /* what interface 1 can govern */
#define REFER	  (1 << 13)	  /* interface 2: rename between directories */
#define TRUNCATE  (1 << 14)	  /* interface 3 */
#define OF_A_FILE                                                       \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	    TRUNCATE)

#define END    (-2) /* of a list; -1 stands for a call not had here */
#define LOW    (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)
#define ARG(n) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (n) + LOW))

/* the busiest first: the list is walked from its head. No machine's numbers
 * need more than 16 bits. */
static const int16_t loop_calls[] = { SYS_recvfrom, SYS_sendmsg,
	SYS_epoll_pwait, SYS_preadv, SYS_pread64, SYS_sendmmsg, SYS_recvmmsg,
	SYS_recvmmsg_time64, SYS_read, SYS_write, SYS_epoll_ctl, SYS_epoll_wait,
	SYS_epoll_pwait2, SYS_clock_gettime, SYS_clock_gettime64, SYS_sendto,
	SYS_recvmsg, SYS_ppoll, SYS_ppoll_time64, SYS_poll, SYS_pwrite64,
	SYS_pwritev, SYS_readv, SYS_writev, SYS_close, SYS_mmap, SYS_mmap2,
	SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex,
	SYS_futex_time64, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_sigreturn, SYS_getpid, SYS_gettid, SYS_getuid,
	SYS_getuid32, SYS_getrandom, SYS_gettimeofday, SYS_nanosleep,
	SYS_clock_nanosleep, SYS_clock_nanosleep_time64, SYS_getsockname,
	SYS_getsockopt, SYS_setsockopt, SYS_shutdown, SYS_restart_syscall,
	SYS_exit, SYS_exit_group, SYS__newselect, END };
static const int16_t read_calls[] = { SYS_openat, SYS_open, SYS_openat2,
	SYS_fstat, SYS_fstat64, SYS_newfstatat, SYS_fstatat64, SYS_statx,
	SYS_stat, SYS_stat64, SYS_lstat, SYS_lstat64, SYS_lseek, SYS__llseek,
	SYS_readlink, SYS_readlinkat, SYS_access, SYS_faccessat, SYS_getdents64,
	SYS_splice, END };
static const int16_t write_calls[] = { SYS_ftruncate, SYS_ftruncate64,
	SYS_rename, SYS_renameat, SYS_renameat2, SYS_link, SYS_linkat,
	SYS_unlink, SYS_unlinkat, SYS_rmdir, SYS_fsync, SYS_fdatasync,
	SYS_fchmod, END };
static const int16_t udp_calls[] = { SYS_bind, SYS_connect, END };
static const int16_t accept_calls[] = { SYS_accept4, END };
static const int16_t remove_calls[] = { SYS_newfstatat, SYS_fstatat64,
	SYS_statx, SYS_unlink, SYS_unlinkat, SYS_rmdir, END };

/* numbers that a call may have as its argument */
struct rule {
	int call, arg;
	uint32_t value;
	unsigned sets; /* that need it, 0: all */
};
static const struct rule rules[] = {
	SANDBOX_SOCKETCALLS{ SYS_ioctl, 1, TIOCGWINSZ, 0 },
	{ SYS_ioctl, 1, FIONREAD, 0 },
	/* but not F_SETOWN and F_SETSIG: signals for others */
	{ SANDBOX_FCNTL, 1, F_DUPFD, 0 },
	{ SANDBOX_FCNTL, 1, F_DUPFD_CLOEXEC, 0 },
	{ SANDBOX_FCNTL, 1, F_GETFD, 0 },
	{ SANDBOX_FCNTL, 1, F_SETFD, 0 },
	{ SANDBOX_FCNTL, 1, F_GETFL, 0 },
	{ SANDBOX_FCNTL, 1, F_SETFL, 0 },
	{ SYS_socket, 0, AF_INET, SANDBOX_UDP },
	{ SYS_socket, 0, AF_INET6, SANDBOX_UDP },
	{ SYS_socket, 0, AF_PPPOX, SANDBOX_PPP },
	{ SYS_ioctl, 1, PPPIOCGCHAN, SANDBOX_PPP },
	{ SYS_ioctl, 1, PPPIOCATTCHAN, SANDBOX_PPP },
	{ SYS_ioctl, 1, PPPIOCBRIDGECHAN, SANDBOX_PPP },
	{ SYS_ioctl, 1, PPPIOCGL2TPSTATS, SANDBOX_PPP },
};

static int
no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* drops all capabilities but those of the set keep that are had */
static int
only_caps(uint32_t keep)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	memset(d, 0, sizeof(d));
	if (keep && syscall(SYS_capget, &h, d) < 0)
		return -1;
	d[0].effective = d[0].permitted &= keep;
	d[0].inheritable = 0;
	memset(&d[1], 0, sizeof(d[1]));
	/* kernels before 4.3 know no ambient set: nothing to clear */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &h, d);
}

/* "UID" or "UID:GID" */
static int
numeric(const char *s, uid_t *uid, gid_t *gid)
{
	const char *colon = strchr(s, ':');
	size_t n = colon ? (size_t)(colon - s) : strlen(s);
	char b[16];
	int64_t u, g;

	if (n >= sizeof(b))
		return -1;
	memcpy(b, s, n);
	b[n] = 0;
	if (num_parse(b, 0, UINT32_MAX - 1, &u) < 0)
		return -1;
	g = u;
	if (colon && num_parse(colon + 1, 0, UINT32_MAX - 1, &g) < 0)
		return -1;
	*uid = (uid_t)u;
	*gid = (gid_t)g;
	return 0;
}

static int
become(const char *name)
{
	const struct passwd *pw = NULL;
	uid_t uid;
	gid_t gid;

	if (numeric(name, &uid, &gid) < 0) {
		if (!(pw = getpwnam(name))) {
			errno = ENOENT;
			return -1;
		}
		uid = pw->pw_uid;
		gid = pw->pw_gid;
	}
	if (uid == geteuid() && gid == getegid())
		return 0; /* where groups may be out of reach (userns) */
	if ((pw ? initgroups(name, gid) : setgroups(1, &gid)) < 0 ||
	    setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -1;
	return 0;
}

int
sandbox_caps(void)
{
	return only_caps(0) < 0 || no_new_privs() < 0 ? -1 : 0;
}

int
sandbox_net_admin(void)
{
	return only_caps(1u << CAP_NET_ADMIN) < 0 || no_new_privs() < 0 ? -1
									: 0;
}

int
sandbox_user(const char *name)
{
	if (name && become(name) < 0)
		return -1;
	return sandbox_caps();
}

int
sandbox_landlock(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return v < 0 ? 0 : (int)v;
}

static int
rule(int set, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr at;
	struct stat st;
	int ret;

	memset(&at, 0, sizeof(at));
	at.allowed_access = access;
	at.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (at.parent_fd < 0)
		return -1;
	if (fstat(at.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		at.allowed_access &= OF_A_FILE;
	ret = (int)syscall(
	    SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &at, 0);
	fd_discard(at.parent_fd);
	return ret;
}

int
sandbox_files(const char *const *read, const char *const *write)
{
	const uint64_t r =
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	uint64_t w = LANDLOCK_ACCESS_FS_WRITE_FILE |
		     LANDLOCK_ACCESS_FS_REMOVE_FILE |
		     LANDLOCK_ACCESS_FS_MAKE_REG;
	struct landlock_ruleset_attr all = { .handled_access_fs = ALL_FILES };
	int v = sandbox_landlock(), set, err = 0;

	if (v >= 2)
		all.handled_access_fs |= REFER;
	if (v >= 3)
		all.handled_access_fs |= TRUNCATE;
	w |= all.handled_access_fs & (REFER | TRUNCATE);
	set = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (set < 0)
		return -1;
	for (; !err && read && *read; read++)
		err = rule(set, *read, r);
	for (; !err && write && *write; write++)
		err = rule(set, *write, w);
	if (!err && !(err = no_new_privs()))
		err = (int)syscall(SYS_landlock_restrict_self, set, 0);
	fd_discard(set);
	return err;
}

static void
put(struct sock_fprog *p, struct sock_filter f)
{
	p->filter[p->len++] = f;
}

static const struct sock_filter let =
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

static void
allow(struct sock_fprog *p, const int16_t *calls)
{
	struct sock_filter is = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);

	for (; *calls != END; calls++) {
		if (*calls < 0)
			continue;
		is.k = (uint32_t)*calls;
		put(p, is);
		put(p, let);
	}
}

/* call, argument, value; then the number is loaded again */
static void
allow_if(struct sock_fprog *p, const struct rule *r)
{
	const struct sock_filter f[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->call, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(r->arg)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->value, 0, 1),
		let,
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
	};
	size_t i;

	for (i = 0; i < sizeof(f) / sizeof(*f); i++)
		put(p, f[i]);
}

static void
head(struct sock_fprog *p)
{
	const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
	};
	size_t i;

	for (i = 0; i < sizeof(f) / sizeof(*f); i++)
		put(p, f[i]);
}

int
sandbox_calls(unsigned sets)
{
	static const int16_t *const opt[] = { read_calls, write_calls,
		udp_calls, accept_calls, remove_calls };
	const struct sock_filter no =
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	/* what abort() and raise() need: signals to nobody else */
	const struct rule own[] = {
		{ SYS_tgkill, 0, (uint32_t)getpid(), 0 },
		{ SYS_tkill, 0, (uint32_t)getpid(), 0 },
	};
	struct sock_filter f[384];
	struct sock_fprog p = { 0, f };
	size_t i;

	head(&p);
	allow(&p, loop_calls);
	for (i = 0; i < sizeof(opt) / sizeof(*opt); i++)
		if (sets & 1u << i)
			allow(&p, opt[i]);
	for (i = 0; i < sizeof(own) / sizeof(*own); i++)
		allow_if(&p, &own[i]);
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (!rules[i].sets || rules[i].sets & sets)
			allow_if(&p, &rules[i]);
	put(&p, no);
	if (no_new_privs() < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p, 0, 0);
}
