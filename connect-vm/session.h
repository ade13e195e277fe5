/* limen: ISC licence, see LICENSE */
#ifndef SESSION_H
#define SESSION_H

#include <signal.h>

#include "conf.h"
#include "lines.h"
#include "log.h"
#include "pump.h"
#include "script.h"
#include "sigpoll.h"
#include "target.h"
#include "tty.h"
#include "watch.h"

enum session_mode {
	SESSION_TERM,  /* a person: raw terminal, the escape leaves */
	SESSION_PIPE,  /* what is piped in goes out, the answer comes back */
	SESSION_LINES, /* line by line at a prompt */
};

struct session {
	const struct conf *c;
	enum session_mode mode;
	struct target t;
	struct tty term; /* ours, while it is raw */
	struct log log;
	struct pump up, down; /* to the peer, to stdout */
	int keys;	      /* stdin is a terminal */
	int in, out;	      /* our own ends, -1: at its end */
	int in_shared, out_shared;
	size_t out_max; /* bytes of one write to stdout */

	int over, status; /* the end has come, and the exit status */
	int flush;	  /* what is held goes out first */
	int64_t leave;	  /* what was typed goes out until then, -1 */
	int peer_gone;
	int bol; /* of -T on stdout */

	int64_t start, active; /* when it began, when a byte last passed */
	int64_t received, sent;
	int64_t settle;	 /* PIPE at a console: until when its past comes, -1 */
	int64_t send_at; /* pacing: not before */
	int send_pace;	 /* of the script's resends */
	int checked;	 /* for a busy server */

	int asked_all; /* a control socket knows that no more comes */
	int matched;   /* how much of "error:" its line is, -1: another */
	int refused;   /* it has said that */

	int watching;
	struct watch watch;

	int engine; /* the script runs */
	struct script script;
	struct lines lines;
	int asked;     /* it waits for a line */
	unsigned line; /* number of the one at work */
	int has_bad, has_prompt;
	struct ere bad, prompt;
	int asks_status; /* -C, but not of a monitor's command */
	char mark[32];	 /* of -C: what its status follows */
	char tail[40];	 /* of a piece of an answer: may be the mark's start */
	size_t ntail;
};

/* opens everything that c names and fills s, or ends the program */
void session_init(struct session *s, const struct conf *c);

/* runs to its end; the exit status. *sig is set by the handlers of signals
 * that wait lets in. */
int session_run(
    struct session *s, volatile sig_atomic_t *sig, struct sigpoll *wait);

/* a console's past has come: it is no answer to what is about to be sent */
void session_settled(struct session *s);

/* ends it with a status; what is held is written first */
void session_end(struct session *s, int status);

/* the ends of the two pumps: flow.c */
size_t flow_room(const struct session *s);
void flow_from_peer(struct session *s);
void flow_to_peer(struct session *s, int64_t now);
void flow_to_stdout(struct session *s);
/* a write there has failed; whoever read it may have had enough */
void flow_no_stdout(void) __attribute__((noreturn));
void flow_from_keys(struct session *s);
void flow_from_pipe(struct session *s);

/* the script engine within a session: play.c */
void play_init(struct session *s);
void play_ask(struct session *s); /* a control socket: no prompt, all at once */
void play_act(struct session *s);
void play_input(struct session *s, const char *p, size_t n);

/* the peer has gone in the midst of it */
void play_gone(struct session *s);

#endif
