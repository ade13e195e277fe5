/* limen: ISC licence, see LICENSE */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "vtline.h"

#define SCRIPT_LINE_MAX	  2048 /* of a line to send */
#define SCRIPT_PROMPT_MAX 128

/*
 * Types lines at a prompt, each only after the prompt came back, as a careful
 * person does at a boot loader whose serial line has no flow control: the
 * text, a look at its echo (were bytes lost?), the return key, and then no
 * more until the prompt stands there again.
 *
 *	script_init(&s, &conf, now);
 *	loop:
 *		while (script_next(&s, &act)) perform(&act);
 *		wait until script_deadline(&s): script_tick(&s, now);
 *		bytes came: for (; n > 0; p += k, n -= k) {
 *			k = script_input(&s, now, p, n);
 *			while (script_next(&s, &act)) perform(&act);
 *		}
 *
 * The prompt is one of: a text (conf.prompt); what conf.match says is one;
 * or, when neither is given, learned: what the peer prints after two
 * interrupts, if it is the same both times, and asks for no login. On the way
 * to it the return key is pressed where a console asks for it, to be activated.
 */
enum script_rule {
	SCRIPT_PROMPT, /* is this unfinished line a prompt? */
	SCRIPT_BAD,    /* does this line of an answer tell of a failure? */
};

enum {
	SCRIPT_LEARN = 1,    /* find the prompt out */
	SCRIPT_ANSWERS = 2,  /* give the answers as SCRIPT_TEXT */
	SCRIPT_HANDOVER = 4, /* done when the last line is typed */
	SCRIPT_SAME = 8,     /* the last line leaves the prompt as it is */
};

struct script_conf {
	int flags;
	const char *prompt; /* as a text, or NULL */
	const char *nudge;  /* typed to get a prompt, and to drop a line */
	const char *key;    /* typed to stop an autoboot */
	int64_t patience;   /* ms without a prompt, or of silence after a
			     * line, that end it */
	int (*match)(void *arg, enum script_rule rule, const char *line);
	void *arg;
};

enum script_act_type {
	SCRIPT_NEXT,   /* wants script_line() or script_end() */
	SCRIPT_SEND,   /* send the text, then call script_sent() */
	SCRIPT_TEXT,   /* a line (or, nl being 0, a piece) of an answer */
	SCRIPT_RESEND, /* the echo, which is the text, shows lost bytes */
	SCRIPT_DONE,
	SCRIPT_FAILED, /* of why */
};

enum script_why {
	SCRIPT_NO_PROMPT, /* none at the start */
	SCRIPT_LOGIN,	/* what asks for a user's name stands there, the text */
	SCRIPT_SILENT,	/* none after a line */
	SCRIPT_GARBLED, /* bytes were lost each time */
	SCRIPT_SAID_BAD, /* the text is the line that a rule called bad */
};

struct script_act {
	enum script_act_type type;
	enum script_why why;
	int nl;
	int pace; /* ms between two bytes to send, at least */
	const char *text;
	size_t len;
};

enum script_state {
	SCRIPT_START,
	SCRIPT_READY,
	SCRIPT_ECHO,
	SCRIPT_RUN,
	SCRIPT_RETRY,
	SCRIPT_OVER,
};

struct script {
	struct script_conf c;
	enum script_state state;
	struct script_act act; /* the one to be fetched */
	int has_act;
	int asked;    /* NEXT is out */
	int last;     /* the line is the last one */
	int sending;  /* a SEND is out and not confirmed */
	int newline;  /* since the last return key or nudge */
	int wrapped;  /* the echo broke over lines: not comparable */
	int mute;     /* the peer does not echo */
	int failed;   /* a bad line was seen: text in bad */
	int tries;    /* of this line */
	int told;     /* this autoboot prompt got its key */
	int asks;     /* the last line asks for the return key */
	int heard;    /* an echo: the peer is not mute */
	int slow;     /* which pace; never faster again */
	int64_t mark; /* patience counts from here */
	int64_t look; /* when to see what stands there, -1: when more came */
	int64_t nudged;
	size_t base; /* length of the prompt before the echo */
	size_t len;
	char line[SCRIPT_LINE_MAX + 1];
	char prompt[SCRIPT_PROMPT_MAX]; /* learned; "" is not yet */
	char cand[SCRIPT_PROMPT_MAX];
	char bad[256];
	char start[VTLINE_MAX + 1]; /* the prompt line as it stood */
	struct vtline vt;
};

/* c is copied; its pointers must live as long as s */
void script_init(struct script *s, const struct script_conf *c, int64_t now);

/* the next action, 0: none */
int script_next(struct script *s, struct script_act *a);

/* takes bytes up to where an action arises; how many (0 only when there is
 * an action to fetch first) */
size_t script_input(struct script *s, int64_t now, const void *p, size_t n);

/* what SEND gave is on its way */
void script_sent(struct script *s, int64_t now);

/* answers NEXT: a line of at most SCRIPT_LINE_MAX printable bytes, copied;
 * last says that none follows. 0, or -1 for one that is too long. */
int script_line(struct script *s, const char *text, size_t len, int last);

/* answers NEXT: there is none */
void script_end(struct script *s);

/* absolute ms at which to call script_tick(), -1: none */
int64_t script_deadline(const struct script *s);
void script_tick(struct script *s, int64_t now);

#endif
