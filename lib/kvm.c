/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "clock.h"
#include "kvm.h"
#include "proc.h"

#define PROBE_MS 100
#define ASKED_MS 1000

/*
 * An x86 starts at FFFF:FFF0 in real mode, so the last 64 KiB of the address
 * space and no register at all need be set up:
 *	mov ecx, 1000000; again: dec ecx; jnz again; hlt
 */
#define MEM   65536
#define BASE  0xffff0000
#define TSS   0xfffbd000
#define ENTRY 0xfff0
static const uint8_t loop[] = { 0x66, 0xb9, 0x40, 0x42, 0x0f, 0x00, 0x66, 0x49,
	0x75, 0xfc, 0xf4 };

/* how the child ends */
enum { WORKS, NOVM, NOCPU, NORUN, ODD };

/* musl's ioctl takes an int, the kernel's numbers are unsigned */
static int
ctl(int fd, unsigned long req, void *arg)
{
	return ioctl(fd, (int)req, arg);
}

static int
runs(int vcpu, size_t len)
{
	struct kvm_run *run;
	int i;

	run = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		return NOCPU;
	for (i = 0; i < 1000; i++) {
		if (ctl(vcpu, KVM_RUN, NULL) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return NORUN;
		}
		if (run->exit_reason == KVM_EXIT_HLT)
			return WORKS;
		if (run->exit_reason != KVM_EXIT_INTR)
			return ODD;
	}
	return ODD;
}

static int
guest(int kvm)
{
	struct kvm_userspace_memory_region m = { 0, 0, BASE, MEM, 0 };
	int vm, vcpu, len;
	struct utsname u;
	uint8_t *mem;

	if (ctl(kvm, KVM_GET_API_VERSION, NULL) != KVM_API_VERSION ||
	    (vm = ctl(kvm, KVM_CREATE_VM, NULL)) < 0)
		return NOVM;
	(void)ioctl(vm, KVM_SET_TSS_ADDR, TSS); /* older Intel wants it */
	mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return NOVM;
	memcpy(mem + ENTRY, loop, sizeof(loop));
	m.userspace_addr = (uint64_t)(uintptr_t)mem;
	if (ctl(vm, KVM_SET_USER_MEMORY_REGION, &m) < 0)
		return NOVM;
	if ((vcpu = ctl(vm, KVM_CREATE_VCPU, NULL)) < 0 ||
	    (len = ctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL)) < 0)
		return NOCPU;
	/* elsewhere we have no program to run */
	if (uname(&u) < 0 || strcmp(u.machine, "x86_64"))
		return WORKS;
	return runs(vcpu, (size_t)len);
}

const char *
kvm_probe(int ms)
{
	static const char *const why[] = { NULL,
		"/dev/kvm makes no virtual machine",
		"/dev/kvm makes no virtual CPU", "its guests do not run",
		"its guests do not do what they are told" };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), w;
	pid_t pid;

	if (kvm < 0)
		return errno == ENOENT ? "there is no /dev/kvm"
				       : "/dev/kvm may not be opened";
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may hang for ever */
		_exit(guest(kvm));
	}
	close(kvm);
	if (pid < 0)
		return "no process to try it in";
	if (proc_wait(pid, clock_ms() + ms, &w) == 1) {
		proc_end(pid, SIGKILL, ms);
		return "its guests hang or crawl";
	}
	if (!WIFEXITED(w) || WEXITSTATUS(w) > ODD)
		return "a guest took its process down";
	return why[WEXITSTATUS(w)];
}

const char *
kvm_choose(enum kvm_accel accel, const char *native)
{
	struct utsname u;

	if (accel == KVM_TCG)
		return "asked for";
	if (!native)
		return "no KVM for this kind of guest";
	if (uname(&u) < 0 || strcmp(u.machine, native))
		return "the host is of another kind";
	return kvm_probe(accel == KVM_ONLY ? ASKED_MS : PROBE_MS);
}
