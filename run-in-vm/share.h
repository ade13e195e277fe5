/* limen: ISC licence, see LICENSE */
#ifndef SHARE_H
#define SHARE_H

#include "job.h"

/* How the host's files get into the guest. */

/* where the Nix store is */
const char *share_store(void);

/* the shares that --root, --store and --closure mean */
void share_roots(struct job *j);

/* is s the store, of which only j->closure is wanted? */
int share_closed(const struct job *j, const struct job_share *s);

/* can a guest with these shares be saved? */
int share_templates(const struct job *j);

/* must the guest's memory be shared with others? */
int share_needs_memory(const struct job *j);

/* starts virtiofsd and makes images as the plan chose; ends the program when
 * that fails */
void share_open(struct job *j, const struct plan *p);
void share_close(struct job *j);

#endif
