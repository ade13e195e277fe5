/* limen: ISC licence, see LICENSE */
#ifndef STATUS_H
#define STATUS_H

#include "ctl.h"

/* the commands of the control socket; arg is the struct bng */
enum ctl_result status_command(
    void *arg, const char *line, struct wr *w, long *at);

#endif
