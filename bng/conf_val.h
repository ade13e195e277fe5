/* limen: ISC licence, see LICENSE */
#ifndef CONF_VAL_H
#define CONF_VAL_H

#include <stdint.h>

#include "arg.h"
#include "conf.h"

/* The values of options into the configuration; a wrong one ends the program
 * with a usage error. */
void conf_val_port(const struct arg *a, struct netname *n);
uint32_t conf_val_ip4(const struct arg *a, const char *s);
void conf_val_dns(struct conf *c, const struct arg *a);
void conf_val_pool(struct conf *c, const struct arg *a);
void conf_val_auth(struct conf *c, const struct arg *a);
void conf_val_forward(struct conf *c, const struct arg *a);
void conf_val_service(struct conf *c, const struct arg *a);
void conf_val_user(struct conf *c, const struct arg *a);
void conf_val_mac(struct conf *c, const struct arg *a);
void conf_val_l2tp(struct conf *c, struct arg *a);
void conf_val_l2tp_secret(struct conf *c, const struct arg *a);
void conf_val_prefix6(struct conf *c, const struct arg *a);
void conf_val_line(struct conf *c, const struct arg *a,
    int (*parse)(struct line_conf *, const char *), const char *what);

#endif
