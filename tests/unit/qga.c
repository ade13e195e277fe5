/* limen: ISC licence, see LICENSE */
#include "b64.h"
#include "qga.h"
#include "tap.h"

static char buf[4096];
static uint8_t out[2048];
static struct qga q;
static struct qga_msg m;
static struct wr w;

static void
say(const char *s, size_t n)
{
	size_t room;
	char *p = qga_room(&q, &room);

	if (n > room)
		n = room;
	memcpy(p, s, n);
	qga_took(&q, n);
}

/* feeds s and takes the next message */
static int
hear(const char *s)
{
	say(s, strlen(s));
	return qga_next(&q, &m);
}

static const char *
sent(void)
{
	wr_u8(&w, 0);
	return (char *)out;
}

static void
synced(void)
{
	qga_init(&q, buf, sizeof(buf));
	wr_init(&w, out, sizeof(out));
	qga_sync(&q, &w, 7);
	if (hear("\xff{\"return\":7}\n") != 1)
		OK_MSG(0, "an answer to sync");
	wr_init(&w, out, sizeof(out));
}

static void
base64(void)
{
	static const struct {
		const char *plain, *coded;
	} t[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	char b[32];
	size_t i, n;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		wr_init(&w, out, sizeof(out));
		b64_put(&w, t[i].plain, strlen(t[i].plain));
		STREQ(sent(), t[i].coded);
		OK(b64_get(b, t[i].coded, strlen(t[i].coded), &n) == 0 &&
		    n == strlen(t[i].plain) && !memcmp(b, t[i].plain, n));
	}
	OK(b64_get(b, "Zg=", 3, &n) < 0 && b64_get(b, "Z===", 4, &n) < 0);
	OK(b64_get(b, "Z g=", 4, &n) < 0 && b64_get(b, "=Zg=", 4, &n) < 0);
	OK(b64_get(b, "Zm9v\n", 5, &n) < 0);
}

static void
requests(void)
{
	qga_init(&q, buf, sizeof(buf));
	wr_init(&w, out, sizeof(out));
	qga_sync(&q, &w, 12);
	qga_sync(&q, &w, 13);
	STREQ(sent(), "{\"execute\":\"guest-sync-delimited\","
		      "\"arguments\":{\"id\":12}}\n"
		      "\xff{\"execute\":\"guest-sync-delimited\","
		      "\"arguments\":{\"id\":13}}\n");
	wr_init(&w, out, sizeof(out));
	qga_exec(&q, &w, NULL, "/ip pool\n", 9);
	STREQ(sent(), "{\"execute\":\"guest-exec\",\"arguments\":{"
		      "\"input-data\":\"L2lwIHBvb2wK\","
		      "\"capture-output\":true}}\n");
	wr_init(&w, out, sizeof(out));
	qga_exec(&q, &w, "/bin/\"sh", "", 0);
	OK(strstr(sent(), "{\"path\":\"/bin/\\\"sh\",\"input-data\":\"\"") !=
	    NULL);
	wr_init(&w, out, sizeof(out));
	qga_status(&q, &w, 0);
	STREQ(sent(), "{\"execute\":\"guest-exec-status\","
		      "\"arguments\":{\"pid\":0}}\n");
}

static void
syncing(void)
{
	qga_init(&q, buf, sizeof(buf));
	wr_init(&w, out, sizeof(out));
	qga_sync(&q, &w, 100);
	OK(hear("{\"return\":100}") == 0); /* no 0xff: somebody else's */
	OK(hear("rubbish\"{[}]\xff") == 0);
	OK(hear("{\"return\":99}\n\xff{\"error\":{\"class\":\"x\"}}") == 0);
	OK(hear("\xff{\"return\":{\"pid\":100}}\xff{\"return\":1") == 0);
	OK(hear("\xff {\"retu") == 0);
	OK(hear("rn\": 100}") == 1 && m.kind == QGA_SYNCED);
	/* the last attempt's answer counts, and an error before it does not */
	qga_init(&q, buf, sizeof(buf));
	qga_sync(&q, &w, 5);
	qga_sync(&q, &w, 6);
	OK(hear("\xff{\"return\":5}{\"error\":{\"desc\":\"stray\"}}\n") == 1);
	OK(m.kind == QGA_ALIVE);
	OK(hear("\xff{\"return\":6}\n{\"return\":") == 1 &&
	    m.kind == QGA_SYNCED);
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("6}\n{\"return\":{\"pid\":3}}") == 1 && m.kind == QGA_PID);
	OK(m.pid == 3);
}

static void
outcome(void)
{
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("{\"return\":{\"pid\":41}}\n") == 1 && m.pid == 41);
	qga_status(&q, &w, 41);
	OK(hear("{\"return\":{\"exited\":false}}") == 1);
	OK(m.kind == QGA_RUNNING);
	qga_status(&q, &w, 41);
	OK(hear("{\"return\":{\"exitcode\":3,\"out-data\":\"Zm9v\\nYmFy\"") ==
	    0);
	OK(hear(",\"exited\":true}}") < 0); /* a newline within base64 */
	synced();
	qga_status(&q, &w, 1);
	OK(hear("{\"return\":{\"exitcode\":3,\"out-data\":\"Zm9v\\/w==\","
		"\"err-data\":\"YQ==\",\"out-truncated\":true,"
		"\"exited\":true,\"x\":[{}]},\"id\":4}") == 1);
	OK(m.kind == QGA_EXITED && m.exitcode == 3 && m.signal == 0 && m.cut);
	OK(m.nout == 4 && !memcmp(m.out, "foo\xff", 4));
	OK(m.nerr == 1 && *m.err == 'a');
	synced();
	qga_status(&q, &w, 1);
	OK(hear("{\"return\":{\"exited\":1,\"signal\":9}}") == 1 &&
	    m.kind == QGA_EXITED && m.signal == 9 && m.exitcode == 0);
}

static void
mistakes(void)
{
	size_t i, n;

	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("{\"error\":{\"class\":\"CommandNotFound\",\"desc\":"
		"\"no such\\ncommand\\u009b\\u00a0\\u001b\"}}") == 1 &&
	    m.kind == QGA_ERROR);
	STREQ(m.text, "no such command  \u00a0 ");
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("{\"error\":{\"class\":\"Only\"}}") == 1);
	STREQ(m.text, "Only");
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("{\"return\":{\"exited\":true}}") < 0);
	OK(strstr(q.err, "no question") != NULL);
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("login: ") < 0 && strstr(q.err, "JSON"));
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(hear("{\"return\":{]}") < 0 && strstr(q.err, "malformed"));
	synced();
	qga_exec(&q, &w, NULL, "", 0);
	OK(qga_next(&q, &m) == 0); /* a newline was left */
	qga_room(&q, &n);
	OK(n == sizeof(buf));
	for (i = 0; i < n - 1; i++)
		say(i ? " " : "{", 1);
	OK(qga_next(&q, &m) == 0);
	OK(hear(" ") < 0 && strstr(q.err, "too long"));
}

int
main(void)
{
	base64();
	requests();
	syncing();
	outcome();
	mistakes();
	return tap_done();
}
