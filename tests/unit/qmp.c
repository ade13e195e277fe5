/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <unistd.h>

#include "clock.h"
#include "qmp.h"
#include "tap.h"

static struct qmp_msg m;

static int
parse(const char *s)
{
	return qmp_parse(s, strlen(s), &m);
}

static void
messages(void)
{
	OK(parse("{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}") ==
		0 &&
	    m.kind == QMP_GREETING);
	OK(parse("{\"return\": {\"running\": true}, \"id\": 7}") == 0 &&
	    m.kind == QMP_RETURN && m.id == 7 && m.retlen == 17 &&
	    !memcmp(m.ret, "{\"running\": true}", 17));
	OK(parse("{\"id\": 3, \"return\": \"a \\\" b\"}") == 0 &&
	    m.retlen == 8 && m.id == 3);
	OK(parse("{\"error\": {\"class\": \"GenericError\", \"desc\": "
		 "\"Device 'x'\\nnot\\u009bfound\x7f\"}, \"id\": 1}") == 0 &&
	    m.kind == QMP_ERROR);
	STREQ(m.name, "GenericError");
	STREQ(m.text, "Device 'x' not  found ");
	OK(parse("{\"timestamp\": {\"seconds\": 1}, \"event\": \"SHUTDOWN\", "
		 "\"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}") ==
		0 &&
	    m.kind == QMP_EVENT && m.id == -1);
	STREQ(m.name, "SHUTDOWN");
	STREQ(m.text, "guest-reset");
	OK(parse("") < 0 && parse("[]") < 0 && parse("{\"return\":}") < 0);
	OK(parse("{} {}") < 0 && parse("{\"event\":\"X\"") < 0);
	OK(parse("{}") == 0 && m.kind == QMP_OTHER);
}

/* what the other side says, in pieces, while we wait for answers */
static void
dialogue(void)
{
	static const char greet[] =
	    "{\"QMP\":{}}\r\n{\"return\":{},\"id\":1}\r\n",
			  stale[] = "{\"return\":{},\"id\":1}\n"
				    "{\"event\":\"SHUTDOWN\",\"data\":{"
				    "\"reason\":\"host-qmp-quit\"}}\n\n"
				    "{\"retu",
			  rest[] = "rn\":4,\"id\":2}\n",
			  bad[] = "{\"error\":{\"class\":\"C\",\"desc\":\"no "
				  "such thing\"},\"id\":3}\nnonsense\n";
	static char buf[256];
	struct qmp q;
	int fd[2];
	char b[256];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		return;
	qmp_init(&q, fd[0], buf, sizeof(buf));
	OK(qmp_next(&q, &m) == 0);
	n = write(fd[1], greet, sizeof(greet) - 1);
	OK(n > 0 && qmp_hello(&q, clock_ms() + 5000) == 0);
	n = read(fd[1], b, sizeof(b) - 1);
	b[n > 0 ? n : 0] = 0;
	STREQ(b, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
	n = write(fd[1], stale, sizeof(stale) - 1);
	n += write(fd[1], rest, sizeof(rest) - 1);
	OK_MSG(n > 0 &&
		   qmp_call(&q, "x", "{\"a\":1}", clock_ms() + 5000, &m) == 0 &&
		   m.retlen == 1 && *m.ret == '4',
	    "the answer to the last command, not to an older one");
	OK(q.shutdown && !strcmp(q.reason, "host-qmp-quit"));
	n = write(fd[1], bad, sizeof(bad) - 1);
	OK(n > 0 && qmp_call(&q, "y", NULL, clock_ms() + 5000, NULL) < 0);
	STREQ(q.err, "no such thing");
	OK(qmp_next(&q, &m) < 0);
	STREQ(q.err, "not a QMP message");
	OK(qmp_call(&q, "z", NULL, clock_ms() + 20, NULL) < 0);
	STREQ(q.err, "no answer in time");
	memset(b, 'x', sizeof(b));
	OK(write(fd[1], b, sizeof(b)) > 0 && write(fd[1], b, 1) == 1);
	OK(qmp_next(&q, &m) < 0);
	STREQ(q.err, "a message is too long");
	close(fd[1]);
	qmp_init(&q, fd[0], buf, sizeof(buf));
	while (qmp_next(&q, &m) == 0)
		;
	OK(q.eof || q.err[0]);
	close(fd[0]);
}

int
main(void)
{
	messages();
	dialogue();
	return tap_done();
}
