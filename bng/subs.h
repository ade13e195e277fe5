/* limen: ISC licence, see LICENSE */
#ifndef SUBS_H
#define SUBS_H

#include <stddef.h>
#include <stdint.h>

#include "bng.h"

/* The subscribers: PPP sessions from their first frame to their last. */

/* ends the program when there is no memory */
void subs_init(struct bng *b);

/* a new one, not started; NULL when there are as many as may be */
struct sub *subs_new(struct bng *b, enum bearer bearer);

/* its line carries packets of mru bytes, of which --mtu is the limit: LCP
 * begins */
void subs_start(struct bng *b, struct sub *s, uint16_t mru);

/* a PPP frame from it; bytes before the packet in it are overwritten */
void subs_input(struct bng *b, struct sub *s, uint8_t *p, size_t len);

/* for line.c: a frame comes out of the line at either end */
void subs_arrived(struct bng *b, struct sub *s, uint8_t *p, size_t len);
void subs_departed(struct bng *b, struct sub *s, const uint8_t *p, size_t len);

/* its line is gone, for that reason: it is freed */
void subs_down(struct bng *b, struct sub *s, const char *reason);

/* Terminate-Request, then it ends of itself */
void subs_close(struct bng *b, struct sub *s, const char *reason);

/* ends it at once and without a word to the client, as a line that fails */
void subs_cut(struct bng *b, struct sub *s, const char *reason);

int64_t subs_deadline(const struct bng *b);
void subs_tick(struct bng *b);

/* its place in the table */
uint32_t subs_slot(const struct bng *b, const struct sub *s);

/* by address; NULL when nobody has it or IPv4 does not run */
struct sub *subs_by_addr(const struct bng *b, uint32_t addr);

/* room to write an IP packet of at most s->mtu bytes into; then it is sent as
 * protocol proto (PPP_IP, PPP_IP6) */
uint8_t *subs_room(struct bng *b, struct sub *s);
void subs_commit(struct bng *b, struct sub *s, uint16_t proto, size_t len);

/* sets its timer: after whatever may have changed a deadline */
void subs_arm(struct bng *b, struct sub *s);

/* a whole PPP frame to it */
void subs_send(struct bng *b, struct sub *s, const uint8_t *p, size_t len);

/* "up", "authenticate" ... */
const char *subs_state(const struct sub *s);

void subs_free(struct bng *b);

#endif
