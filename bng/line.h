/* limen: ISC licence, see LICENSE */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

#include "timers.h"

struct bng;
struct sub;

/*
 * A bad line between bng and each subscriber: PPP frames, both ways, are
 * lost, late, and sent no faster than a rate. Order is kept. Discovery and
 * L2TP's control messages are not touched.
 */
enum line_dir {
	LINE_IN, /* from the subscriber */
	LINE_OUT,
};

enum {
	LINE_FRAMES = 8192, /* on their way at most, the rest is lost; of one
			     * subscriber never more than are left */
	LINE_ROOM = 2048,
	LINE_BUFFER = 500, /* ms that a frame may wait for the rate */
	LINE_WHOLE = 1000000,
};

struct line_conf {
	uint32_t lossy;	       /* of LINE_WHOLE frames */
	int64_t delay, jitter; /* ms; up to jitter is added */
	uint64_t rate;	       /* bit/s each way, 0: as fast as can be */
};

struct line_frame;

struct line {
	struct line_conf conf;
	struct line_frame *f; /* NULL until a line is bad */
	uint32_t *free, nfree;
	struct timers timers;
	void *timer_mem;
	uint64_t rng;
	uint64_t lost, passed;
};

/* 0, or -1: no memory, and the line stays as it was */
int line_set(struct line *l, const struct line_conf *c);

/*
 * A frame enters the line: 1 when it is to pass at once, 0 when it was taken
 * (or lost). What was taken comes out of line_tick(), which hands it to
 * subs_arrived() or subs_departed().
 */
int line_pass(struct bng *b, struct sub *s, enum line_dir dir, const uint8_t *p,
    size_t len);

int64_t line_deadline(const struct line *l);
void line_tick(struct bng *b);

void line_free(struct line *l);

/* "2.5" (a percentage) to parts of LINE_WHOLE; "100ms" or "100ms,20ms";
 * "512k", "10M" to bit/s. 0, or -1 */
int line_lossy(struct line_conf *c, const char *text);
int line_delay(struct line_conf *c, const char *text);
int line_rate(struct line_conf *c, const char *text);

#endif
