/* limen: ISC licence, see LICENSE */
#include "script.h"
#include "tap.h"

/* a boot loader at the other end of a line, and what the engine did to it */
struct board {
	const char *prompt;
	int mute;  /* does not echo */
	int asks;  /* for the return key first */
	int drop;  /* loses that many bytes, every third */
	int spoil; /* and takes so many for others */
	int count; /* of bytes taken */
	char line[512];
	size_t len;
	char ran[2048]; /* the lines that it was given, each and a '|' */
	int keys;	/* interrupts */
};

struct run {
	struct script s;
	struct board b;
	const char *const *lines;
	int next, resent;
	int early; /* interrupts before any time has passed */
	int64_t now;
	char text[1024]; /* the answers */
	struct script_act end;
	int over;
};

static struct run r;

/* a prompt, as it looks, that is too long for one */
static char far[SCRIPT_PROMPT_MAX + 20];

static int
match(void *arg, enum script_rule rule, const char *line)
{
	size_t n = strlen(line);

	(void)arg;
	if (rule == SCRIPT_PROMPT)
		return n >= 3 && !strcmp(line + n - 3, "=> ");
	return strstr(line, "ERROR") != NULL;
}

static void act(void);

static void
say(const char *s)
{
	size_t n = strlen(s), k;

	for (; n > 0; s += k, n -= k) {
		k = script_input(&r.s, r.now, s, n);
		act();
	}
}

static void
execute(struct board *b)
{
	char out[600];
	size_t n;

	b->line[b->len] = 0;
	n = strlen(b->ran);
	snprintf(b->ran + n, sizeof(b->ran) - n, "%s|", b->line);
	say("\r\n");
	if (!strncmp(b->line, "echo ", 5)) {
		snprintf(out, sizeof(out), "%s\r\n", b->line + 5);
		say(out);
	} else if (!strncmp(b->line, "bad", 3))
		say("ERROR: it went wrong\r\nERROR: and more\r\n");
	else if (!strncmp(b->line, "hang", 4))
		return;
	else if (!strncmp(b->line, "boot", 4)) {
		say("Starting kernel ...\r\n");
		return;
	}
	b->len = 0;
	if (!strcmp(b->line, "cd"))
		b->prompt = "board:/tmp # ";
	if (!strcmp(b->line, "cd far"))
		b->prompt = far;
	if (!strcmp(b->line, "reset"))
		say("Hit any key to stop autoboot:  3 ");
	else
		say(!strncmp(b->line, "if ", 3) ? "> " : b->prompt);
}

static void
key(struct board *b, char c)
{
	char e[2] = { c, 0 };

	if (b->drop && ++b->count % 3 == 0) {
		b->drop--;
		return;
	}
	if (b->spoil && c > ' ' && ++b->count % 3 == 0) {
		b->spoil--;
		c ^= 1;
		e[0] = c;
	}
	if (b->asks && c == 3) {
		say("^CPlease press Enter to activate this console.\r\n");
	} else if (c == 3) {
		b->len = 0;
		b->keys++;
		say("<INTERRUPT>\r\n");
		say(b->prompt);
	} else if (c == '\r' && b->asks) {
		b->asks = 0;
		say("\r\n");
		say(b->prompt);
	} else if (c == '\r') {
		execute(b);
		b->len = 0;
	} else if (b->len < sizeof(b->line) - 1) {
		b->line[b->len++] = c;
		if (!b->mute)
			say(e);
	}
}

static void
one(const struct script_act *a)
{
	const char *l;
	size_t i;

	switch (a->type) {
	case SCRIPT_NEXT:
		if ((l = r.lines[r.next])) {
			r.next++;
			script_line(&r.s, l, strlen(l), !r.lines[r.next]);
		} else
			script_end(&r.s);
		break;
	case SCRIPT_SEND:
		script_sent(&r.s, r.now);
		for (i = 0; i < a->len; i++)
			key(&r.b, a->text[i]);
		break;
	case SCRIPT_TEXT:
		i = strlen(r.text);
		snprintf(r.text + i, sizeof(r.text) - i, "%s%s", a->text,
		    a->nl ? "|" : "");
		break;
	case SCRIPT_RESEND: r.resent++; break;
	case SCRIPT_DONE:
	case SCRIPT_FAILED:
		r.end = *a;
		r.over = 1;
		break;
	}
}

static void
act(void)
{
	struct script_act a;

	while (script_next(&r.s, &a))
		one(&a);
}

/* runs lines on a board to the end, the clock going from deadline to
 * deadline; the number of ms that it took */
static int64_t
play(int flags, const char *greet, const char *const *lines)
{
	struct script_conf c = { .flags = flags,
		.nudge = "\3",
		.key = "\3",
		.patience = 5000,
		.match = match };
	struct board b = r.b;
	int64_t d;
	int i;

	memset(&r, 0, sizeof(r));
	r.b = b;
	r.lines = lines;
	script_init(&r.s, &c, 0);
	say(greet);
	r.early = r.b.keys;
	for (i = 0; i < 10000 && !r.over; i++) {
		d = script_deadline(&r.s);
		r.now = d > r.now ? d : r.now;
		script_tick(&r.s, r.now);
		act();
	}
	return r.now;
}

static void
board(const char *prompt)
{
	memset(&r.b, 0, sizeof(r.b));
	r.b.prompt = prompt;
}

static void
good(void)
{
	static const char *const two[] = { "echo a b", "echo c", NULL };
	static const char *const cond[] = { "if true; then", "echo x", "fi",
		NULL };
	static const char *const cd[] = { "echo a", "cd", "echo b", NULL };
	static const char *const boot[] = { "echo a", "boot", NULL };
	static const char *const reset[] = { "reset", "echo a", NULL };
	static const char *const words[] = { "set menu stop autoboot", "echo a",
		NULL };
	static const char *const asks[] = {
		"Please press Enter to activate this console.\r\n",
		"\r\nPlease press Enter to activate this console. ",
		"this console.\r\n[    9.1] br-lan: up\r\n",
	};
	/* a serial port brings them in one piece, with what follows */
	static const char *const lines[] = {
		"Hit SPACE in 3 seconds to stop autoboot.\r\n",
		"Press Ctrl+c to abort autoboot in 1 second\r\n",
		"autoboot in 5 seconds\n",
		"Autobooting in 1 seconds\n",
		"Autobooting in:\t1 s (type 'tpl' to run U-Boot console)\n\n",
		"\nPlease choose the operation: \n   1: Load it\ndefault: 3\n",
		"*** Press any key to stop auto run (1 seconds) ***\r\n"
		"Auto run second count down: 1",
	};
	size_t i;

	board("board # ");
	play(SCRIPT_LEARN, "", two);
	OK_MSG(r.end.type == SCRIPT_DONE && r.b.keys == 2,
	    "the prompt is learned by two interrupts");
	STREQ(r.b.ran, "echo a b|echo c|");
	board("=> ");
	OK_MSG(play(SCRIPT_ANSWERS, "=> ", two) < 500 && r.b.keys == 0,
	    "a prompt that stands there needs no interrupt");
	STREQ(r.text, "a b|c|");
	board("board # ");
	play(SCRIPT_LEARN, "board # ", cond);
	OK_MSG(r.end.type == SCRIPT_DONE, "hush's second prompt counts");
	STREQ(r.b.ran, "if true; then|echo x|fi|");
	board("board:/ # ");
	play(SCRIPT_LEARN, "", cd);
	OK_MSG(r.end.type == SCRIPT_DONE && r.now < 3000,
	    "a prompt that a line has changed");
	STREQ(r.b.ran, "echo a|cd|echo b|");
	board("=> ");
	play(0, "=> ", boot);
	OK_MSG(r.end.type == SCRIPT_DONE, "a kernel that starts is the end");
	board("=> ");
	play(0, "U-Boot\r\nHit any key to stop autoboot:  3 ", two);
	OK_MSG(r.end.type == SCRIPT_DONE && r.b.keys == 1,
	    "an autoboot is stopped");
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		board("=> ");
		play(0, lines[i], two);
		OK_MSG(r.end.type == SCRIPT_DONE && r.early == 1,
		    "one is stopped whose line has ended");
	}
	board("=> ");
	play(0, "=> ", reset);
	OK_MSG(r.end.type == SCRIPT_DONE && r.b.keys == 1,
	    "an autoboot in the midst of it too");
	STREQ(r.b.ran, "reset|echo a|");
	board("=> ");
	play(0, "=> ", words);
	OK_MSG(r.end.type == SCRIPT_DONE && r.b.keys == 0,
	    "but none where a line of ours has such words");
	for (i = 0; i < 3; i++) {
		board("root@OpenWrt:/# ");
		r.b.asks = 1;
		play(SCRIPT_LEARN, asks[i], two);
		OK_MSG(r.end.type == SCRIPT_DONE && r.b.keys,
		    "a console is activated by the return key");
		STREQ(r.b.ran, "echo a b|echo c|");
	}
	board("=> ");
	r.b.mute = 1;
	play(SCRIPT_ANSWERS, "=> ", two);
	OK_MSG(r.end.type == SCRIPT_DONE, "a board without an echo");
	STREQ(r.b.ran, "echo a b|echo c|");
}

static void
poor(void)
{
	static const char *const two[] = { "echo abcdef", "echo ghijkl", NULL };
	static const char *const bad[] = { "echo a", "bad", "echo b", NULL };
	static const char *const hang[] = { "hang", "echo b", NULL };
	static const char *const asks[] = {
		"echo Enter to activate this console", NULL
	};
	char text[500];

	board("=> ");
	r.b.drop = 4;
	play(0, "=> ", two);
	OK_MSG(r.end.type == SCRIPT_DONE && r.resent > 0 && r.s.slow > 0,
	    "lost bytes are seen, and sent again slower");
	STREQ(r.b.ran, "echo abcdef|echo ghijkl|");
	board("=> ");
	r.b.drop = 1;
	play(0, "=> ", asks);
	OK(r.end.type == SCRIPT_DONE && r.resent == 1);
	STREQ(r.b.ran, "echo Enter to activate this console|");
	board("=> ");
	r.b.drop = 1000;
	play(0, "=> ", two);
	OK_MSG(r.end.type == SCRIPT_FAILED &&
		   (r.end.why == SCRIPT_GARBLED || r.end.why == SCRIPT_SILENT),
	    "bytes that get lost each time are given up");
	OK_MSG(!strstr(r.b.ran, "echo"), "and the wrong line never ran");
	board("=> ");
	r.b.spoil = 4;
	play(0, "=> ", two);
	OK_MSG(r.end.type == SCRIPT_DONE && r.resent > 0,
	    "bytes that come back as others are seen, too");
	STREQ(r.b.ran, "echo abcdef|echo ghijkl|");
	board("=> ");
	r.b.spoil = 1000;
	play(0, "=> ", two);
	OK(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_GARBLED &&
	    r.resent == 2 && !r.b.ran[0]);
	board("=> ");
	play(SCRIPT_ANSWERS, "=> ", bad);
	OK(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_SAID_BAD &&
	    r.next == 2);
	STREQ(r.end.text, "ERROR: it went wrong");
	STREQ(r.text, "a|ERROR: it went wrong|ERROR: and more|");
	snprintf(text, sizeof(text), "echo ERROR %0400d", 0);
	board("=> ");
	play(0, "=> ", (const char *[]){ text, NULL });
	OK_MSG(r.end.why == SCRIPT_SAID_BAD && strlen(r.end.text) == 255,
	    "as much as there is room for");
	board("=> ");
	play(0, "=> ", (const char *[]){ "boot", "echo a", NULL });
	OK_MSG(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_SILENT,
	    "who starts another is not done before the last line");
	board("=> ");
	play(0, "=> ", hang);
	OK(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_SILENT &&
	    r.next == 1);
	board("buildroot login: ");
	OK_MSG(play(SCRIPT_LEARN, "", two) < 2500 &&
		   r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_LOGIN &&
		   !r.b.ran[0] && !r.b.len,
	    "what asks for a login is no prompt");
	memset(far, 'p', sizeof(far) - 3);
	memcpy(far + sizeof(far) - 3, "# ", 3);
	board(far);
	play(SCRIPT_LEARN, "", two);
	OK_MSG(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_NO_PROMPT,
	    "nor is what is too long");
	board("board:/ # ");
	play(SCRIPT_LEARN, "", (const char *[]){ "cd far", "echo a", NULL });
	OK(r.end.type == SCRIPT_FAILED && r.end.why == SCRIPT_SILENT);
	board("");
	OK_MSG(play(SCRIPT_LEARN, "booting\r\n", two) == 5000 &&
		   r.end.why == SCRIPT_NO_PROMPT,
	    "no prompt: the end is where it was to be");
	OK(script_line(&r.s, "", SCRIPT_LINE_MAX + 1, 1) < 0);
}

int
main(void)
{
	good();
	poor();
	return tap_done();
}
