/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"
#include "guest.h"

/* for QEMU, and in the guest, where we are called border: see guest.h */
static int
helper(char **argv)
{
	const int guest = !strcmp(argv[0], "border");

	argv0 = "border";
	if (!strcmp(argv[1], GUEST_CONNECT))
		guest_connect(argv[2]);
	else if (guest && !strcmp(argv[1], GUEST_NAT))
		guest_nat(argv[2]);
	else if (guest && !strcmp(argv[1], GUEST_RUN))
		guest_run(argv + 2);
	else
		return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	static struct conf c;
	struct report r = { 0, 1 };
	int status;

	if (getpid() == 1 && !strcmp(argv[0], GUEST_INIT)) {
		argv0 = "border";
		guest_start();
	}
	if (argc > 2 && helper(argv) == 0)
		return 0;
	if ((status = options(&c, argv)) >= 0)
		return status;
	r.quiet = !c.check && !c.verbose;
	find_all(&c, &r);
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	if (c.check || (r.bad && !c.dry))
		return r.bad > 0;
	return boot(&c, argv);
}
