/* limen: ISC licence, see LICENSE */
#ifndef SANDBOX_SYS_H
#define SANDBOX_SYS_H

#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/net.h>

/*
 * What differs between machines: the number that seccomp(2) knows this one
 * by, and calls that not all have (-1: none here).
 */
#if defined(__x86_64__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define SANDBOX_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EB__)
#define SANDBOX_ARCH (EM_AARCH64 | __AUDIT_ARCH_64BIT)
#elif defined(__aarch64__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEB__)
#define SANDBOX_ARCH AUDIT_ARCH_ARMEB
#elif defined(__arm__)
#define SANDBOX_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define SANDBOX_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SANDBOX_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__mips64) && defined(__MIPSEL__)
#define SANDBOX_ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__mips64)
#define SANDBOX_ARCH AUDIT_ARCH_MIPS64
#elif defined(__mips__) && defined(__MIPSEL__)
#define SANDBOX_ARCH AUDIT_ARCH_MIPSEL
#elif defined(__mips__)
#define SANDBOX_ARCH AUDIT_ARCH_MIPS
#else
#define SANDBOX_ARCH 0
#endif

/* the numbers from 424 on are the same everywhere, counted from this */
#if defined(__mips__) && _MIPS_SIM == _ABIO32
#define SANDBOX_SYSBASE 4000
#elif defined(__mips64) && _MIPS_SIM == _ABI64
#define SANDBOX_SYSBASE 5000
#elif defined(__mips64)
#define SANDBOX_SYSBASE 6000
#else
#define SANDBOX_SYSBASE 0
#endif

/* where there are two, a libc makes this one */
#ifdef SYS_fcntl64
#define SANDBOX_FCNTL SYS_fcntl64
#else
#define SANDBOX_FCNTL SYS_fcntl
#endif

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset (SANDBOX_SYSBASE + 444)
#endif
#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule (SANDBOX_SYSBASE + 445)
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self (SANDBOX_SYSBASE + 446)
#endif
#ifndef SYS_openat2
#define SYS_openat2 (SANDBOX_SYSBASE + 437)
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 (SANDBOX_SYSBASE + 441)
#endif

/* musl's names where its time_t outgrew the kernel's */
#if !defined(SYS_clock_gettime) && defined(SYS_clock_gettime32)
#define SYS_clock_gettime SYS_clock_gettime32
#endif
#if !defined(SYS_clock_nanosleep) && defined(SYS_clock_nanosleep_time32)
#define SYS_clock_nanosleep SYS_clock_nanosleep_time32
#endif
#if !defined(SYS_gettimeofday) && defined(SYS_gettimeofday_time32)
#define SYS_gettimeofday SYS_gettimeofday_time32
#endif

/*
 * Where one call does all that concerns sockets, glibc makes it for the sake of
 * kernels before 4.3. Its first argument tells what is to be done; of which
 * family a socket is to be stands in memory, which no filter sees.
 */
#ifdef SYS_socketcall
#define SANDBOX_SOCKETCALL(what, sets) { SYS_socketcall, 0, what, sets },
#else
#define SANDBOX_SOCKETCALL(what, sets)
#endif
#define SANDBOX_SOCKETCALLS                             \
	SANDBOX_SOCKETCALL(SYS_SOCKET, SANDBOX_UDP)     \
	SANDBOX_SOCKETCALL(SYS_BIND, SANDBOX_UDP)       \
	SANDBOX_SOCKETCALL(SYS_CONNECT, SANDBOX_UDP)    \
	SANDBOX_SOCKETCALL(SYS_ACCEPT4, SANDBOX_ACCEPT) \
	SANDBOX_SOCKETCALL(SYS_GETSOCKNAME, 0)          \
	SANDBOX_SOCKETCALL(SYS_GETSOCKOPT, 0)           \
	SANDBOX_SOCKETCALL(SYS_SETSOCKOPT, 0)           \
	SANDBOX_SOCKETCALL(SYS_SHUTDOWN, 0)             \
	SANDBOX_SOCKETCALL(SYS_SEND, 0)                 \
	SANDBOX_SOCKETCALL(SYS_SENDTO, 0)               \
	SANDBOX_SOCKETCALL(SYS_SENDMSG, 0)              \
	SANDBOX_SOCKETCALL(SYS_SENDMMSG, 0)             \
	SANDBOX_SOCKETCALL(SYS_RECV, 0)                 \
	SANDBOX_SOCKETCALL(SYS_RECVFROM, 0)             \
	SANDBOX_SOCKETCALL(SYS_RECVMSG, 0)              \
	SANDBOX_SOCKETCALL(SYS_RECVMMSG, 0)

#ifndef SYS__llseek
#define SYS__llseek -1
#endif
#ifndef SYS__newselect
#define SYS__newselect -1
#endif
#ifndef SYS_access
#define SYS_access -1
#endif
#ifndef SYS_clock_gettime
#define SYS_clock_gettime -1
#endif
#ifndef SYS_clock_gettime64
#define SYS_clock_gettime64 -1
#endif
#ifndef SYS_clock_nanosleep
#define SYS_clock_nanosleep -1
#endif
#ifndef SYS_clock_nanosleep_time64
#define SYS_clock_nanosleep_time64 -1
#endif
#ifndef SYS_epoll_wait
#define SYS_epoll_wait -1
#endif
#ifndef SYS_fstat64
#define SYS_fstat64 -1
#endif
#ifndef SYS_fstatat64
#define SYS_fstatat64 -1
#endif
#ifndef SYS_ftruncate64
#define SYS_ftruncate64 -1
#endif
#ifndef SYS_futex_time64
#define SYS_futex_time64 -1
#endif
#ifndef SYS_getuid32
#define SYS_getuid32 -1
#endif
#ifndef SYS_gettimeofday
#define SYS_gettimeofday -1
#endif
#ifndef SYS_link
#define SYS_link -1
#endif
#ifndef SYS_lstat
#define SYS_lstat -1
#endif
#ifndef SYS_lstat64
#define SYS_lstat64 -1
#endif
#ifndef SYS_mmap2
#define SYS_mmap2 -1
#endif
#ifndef SYS_newfstatat
#define SYS_newfstatat -1
#endif
#ifndef SYS_open
#define SYS_open -1
#endif
#ifndef SYS_poll
#define SYS_poll -1
#endif
#ifndef SYS_ppoll_time64
#define SYS_ppoll_time64 -1
#endif
#ifndef SYS_readlink
#define SYS_readlink -1
#endif
#ifndef SYS_recvmmsg_time64
#define SYS_recvmmsg_time64 -1
#endif
#ifndef SYS_rename
#define SYS_rename -1
#endif
#ifndef SYS_renameat
#define SYS_renameat -1
#endif
#ifndef SYS_renameat2
#define SYS_renameat2 -1
#endif
#ifndef SYS_rmdir
#define SYS_rmdir -1
#endif
#ifndef SYS_sigreturn
#define SYS_sigreturn -1
#endif
#ifndef SYS_stat
#define SYS_stat -1
#endif
#ifndef SYS_stat64
#define SYS_stat64 -1
#endif
#ifndef SYS_statx
#define SYS_statx -1
#endif
#ifndef SYS_unlink
#define SYS_unlink -1
#endif

#endif
