/* limen: ISC licence, see LICENSE */
#ifndef KVM_H
#define KVM_H

/*
 * Does KVM run guests at a useful speed here? A present /dev/kvm says little:
 * some hosts let one make a machine that then hangs, or that is interpreted
 * thousands of times slower than it should be. So a child counts to a million
 * in a machine of its own and is killed when that takes longer than ms
 * (100 is ample: a real CPU needs a millisecond). NULL: it works; else why
 * not, in a few words.
 */
const char *kvm_probe(int ms);

#endif
