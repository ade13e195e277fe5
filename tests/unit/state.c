/* limen: ISC licence, see LICENSE */
/*
 * link: run-in-vm/state.c
 * A guest's state asked of a QEMU that answers, refuses, or is silent.
 */
#include <sys/socket.h>

#include <unistd.h>

#include "../../run-in-vm/state.h"
#include "clock.h"
#include "tap.h"

#define RETURN "{\"return\": {}}\r\n"

/* state_save() with a QEMU that says text, whatever it is asked, by end */
static int
save(const char *text, int64_t end)
{
	int s[2], r;

	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
	OK(write(s[1], text, strlen(text)) == (ssize_t)strlen(text));
	r = state_save(s[0], 2, end);
	close(s[0]);
	close(s[1]);
	return r;
}

int
main(void)
{
	const int64_t now = clock_ms();

	OK(save("{\"QMP\": {}}\r\n" RETURN RETURN RETURN RETURN
		"{\"event\": \"STOP\"}\r\n"
		"{\"return\": {\"status\": \"active\"}}\r\n"
		"{\"return\": {\"status\": \"completed\"}}\r\n",
	       now + 60000) == 0);
	OK(save(RETURN "{\"error\": {}}\r\n", now + 60000) == -1);
	OK(save(RETURN RETURN RETURN RETURN
	       "{\"return\": {\"status\": \"failed\"}}\r\n",
	       now + 60000) == -1);
	OK_MSG(save(RETURN RETURN, now + 20) == -1,
	    "a QEMU that hangs gets the time that there is");
	OK(clock_ms() >= now + 20);
	OK(save(RETURN RETURN RETURN RETURN, now - 1) == -1);
	return tap_done();
}
