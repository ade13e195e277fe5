/* limen: ISC licence, see LICENSE */
#ifndef SUBS_LINK_H
#define SUBS_LINK_H

struct bng;
struct sub;

/* performs what the PPP cores want of b->turn for s, which may be free
 * afterwards */
void subs_link_act(struct bng *b, struct sub *s);

#endif
