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

/* the words of --accel, in the order of their numbers */
#define KVM_ACCEL "auto|kvm|tcg"
enum kvm_accel { KVM_AUTO, KVM_ONLY, KVM_TCG };

/*
 * KVM or emulation for guests of the machine that uname -m calls native
 * (NULL: no host's)? NULL: KVM; else why not, in a few words, which KVM_ONLY
 * is a reason to give up for. Who asks for KVM waits longer for the answer: a
 * nested or a busy one may be slow at first and still far ahead of emulation.
 */
const char *kvm_choose(enum kvm_accel accel, const char *native);

#endif
