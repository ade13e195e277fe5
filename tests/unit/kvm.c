/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <linux/kvm.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"
#include "owndev.h"
#include "tap.h"

/* what the KVM of this test does, beyond what works */
static enum {
	GOOD,
	OTHER_API,
	NO_VM,
	NO_MEMORY,
	NO_VCPU,
	NO_MAP,
	NO_RUN,
	BAD_EXIT,
	ALWAYS_INTR,
	INTERRUPTED,
	HANGS,
	CRASHES,
} does;

static int vcpu = -1, turns, told = -1;

static int
run(void)
{
	struct kvm_run *r =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

	r->exit_reason = does == BAD_EXIT      ? KVM_EXIT_SHUTDOWN
			 : does == ALWAYS_INTR ? KVM_EXIT_INTR
					       : KVM_EXIT_HLT;
	munmap(r, 4096);
	if (does == HANGS && told >= 0 && write(told, "r", 1) < 0)
		abort();
	if (does == HANGS)
		for (;;)
			pause();
	if (does == CRASHES)
		abort();
	errno = does == NO_RUN ? ENOEXEC : EINTR;
	return does == NO_RUN || (does == INTERRUPTED && turns++ < 3) ? -1 : 0;
}

/* is the program at the end of the memory that the guest gets? */
static int
memory(const struct kvm_userspace_memory_region *m)
{
	const uint8_t *p = (const void *)(uintptr_t)m->userspace_addr;

	return does != NO_MEMORY && m->memory_size == 65536 &&
		       m->guest_phys_addr == 0xffff0000 && p[0xfff0] == 0x66 &&
		       p[0xfffa] == 0xf4
		   ? 0
		   : -1;
}

/* ioctl() of all of this program, the kernel that it asks: under another name
 * here, because libcs declare it differently */
int kernel(int fd, unsigned long req, ...) __asm__("ioctl");
/* glibc's, where time_t is longer than long */
int kernel_time64(int fd, unsigned long req, ...) __asm__("__ioctl_time64")
    __attribute__((alias("ioctl")));
int
kernel(int fd, unsigned long req, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, req);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch ((unsigned)req) {
	case KVM_GET_API_VERSION: return does == OTHER_API ? 11 : 12;
	case KVM_CREATE_VM: return does == NO_VM ? -1 : dup(0);
	case KVM_SET_USER_MEMORY_REGION: return memory(arg);
	case KVM_CREATE_VCPU: return does == NO_VCPU ? -1 : vcpu;
	case KVM_GET_VCPU_MMAP_SIZE: return does == NO_MAP ? 0 : 4096;
	case KVM_RUN: return run();
	default: return 0;
	}
}

/* what the probe says of a KVM that does this, within ms */
static const char *
says(int what, int ms)
{
	const char *s;

	does = what;
	fflush(stdout);
	s = kvm_probe(ms);
	return s ? s : "works";
}

/* who tries it is killed meanwhile: the guest that hangs goes, too */
static void
orphan(void)
{
	int fd[2], st;
	struct pollfd p;
	pid_t pid;
	char c;

	does = HANGS;
	fflush(stdout);
	OK(pipe(fd) == 0);
	if ((pid = fork()) == 0) {
		told = fd[1];
		kvm_probe(60000);
		_exit(0);
	}
	close(fd[1]);
	OK(read(fd[0], &c, 1) == 1);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	p = (struct pollfd){ fd[0], POLLIN, 0 };
	OK(poll(&p, 1, 10000) == 1 && read(fd[0], &c, 1) == 0);
	close(fd[0]);
}

/* only an x86_64 runs a program */
static void
runs(void)
{
	STREQ(says(NO_RUN, 60000), "its guests do not run");
	STREQ(says(BAD_EXIT, 60000), "its guests do not do what they are told");
	STREQ(says(ALWAYS_INTR, 60000),
	    "its guests do not do what they are told");
	STREQ(says(INTERRUPTED, 60000), "works");
	STREQ(says(NO_MAP, 60000), "/dev/kvm makes no virtual CPU");
	STREQ(says(HANGS, 50), "its guests hang or crawl");
	orphan();
	STREQ(says(CRASHES, 60000), "a guest took its process down");
}

static void
probes(const char *machine)
{
	STREQ(says(GOOD, 60000), "there is no /dev/kvm");
	OK(mkdir("/dev/kvm", 0700) == 0);
	STREQ(says(GOOD, 60000), "/dev/kvm may not be opened");
	OK(rmdir("/dev/kvm") == 0);
	owndev_put("/dev/kvm");
	STREQ(says(OTHER_API, 60000), "/dev/kvm makes no virtual machine");
	STREQ(says(NO_VM, 60000), "/dev/kvm makes no virtual machine");
	STREQ(says(NO_MEMORY, 60000), "/dev/kvm makes no virtual machine");
	STREQ(says(NO_VCPU, 60000), "/dev/kvm makes no virtual CPU");
	STREQ(says(GOOD, 60000), "works");
	if (!strcmp(machine, "x86_64"))
		runs();
	OK(unlink("/dev/kvm") == 0);
	STREQ(kvm_choose(KVM_ONLY, machine), "there is no /dev/kvm");
}

int
main(void)
{
	struct utsname u;

	if (uname(&u) < 0)
		return 1;
	STREQ(kvm_choose(KVM_TCG, u.machine), "asked for");
	STREQ(kvm_choose(KVM_AUTO, NULL), "no KVM for this kind of guest");
	STREQ(kvm_choose(KVM_ONLY, "pdp11"), "the host is of another kind");
	vcpu = memfd_create("vcpu", MFD_CLOEXEC);
	OK(vcpu >= 0 && ftruncate(vcpu, 4096) == 0);
	if (owndev() < 0)
		OK_MSG(1, "a KVM of our own # SKIP no namespace here");
	else
		probes(u.machine);
	return tap_done();
}
