/* limen: ISC licence, see LICENSE */
#ifndef L2TP_WHY_H
#define L2TP_WHY_H

#include "l2tp_call.h"

/* what is told of an end, with the peer's own words: their bytes, and room */
#define L2TP_WHY 384

/* why a tunnel is down: "StopCCN 2, general error, out of resources: TEXT" */
const char *l2tp_why_tunnel(const struct l2tp_cc *cc, char b[L2TP_WHY]);

/* why l2tp_call_input() ended a call with m: "CDN 4, no facilities for now:
 * TEXT", with the causes that came along, or the message that could not be
 * taken */
const char *l2tp_why_call(
    const struct l2tp_call *c, const struct l2tp_msg *m, char b[L2TP_WHY]);

#endif
