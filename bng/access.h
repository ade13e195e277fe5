/* limen: ISC licence, see LICENSE */
#ifndef ACCESS_H
#define ACCESS_H

#include <stddef.h>
#include <stdint.h>

struct bng;
struct sub;

/* The access network: PPPoE frames in and out. */

/* opens the port; ends the program when it cannot */
void access_open(struct bng *b);

/* takes what came in, a bounded number of frames */
void access_input(struct bng *b);

/* delayed PADOs */
int64_t access_deadline(const struct bng *b);
void access_tick(struct bng *b);

/* room to write a PPP frame of at most cap bytes to s into; then len of
 * them are sent */
uint8_t *access_room(struct bng *b, struct sub *s, size_t *cap);
void access_commit(struct bng *b, struct sub *s, size_t len);

/* the session under s is over: PADT with the reason, unless it is gone */
void access_hangup(struct bng *b, struct sub *s, const char *reason);

/* the session under s meets silence from now on */
void access_cut(struct bng *b, struct sub *s);

void access_close(struct bng *b);

#endif
