# guests for the .bats files of tests/vm: load ../helper, load vm. A file says
# "# kit: mipsel amd64" for what it boots; setup_file calls vm_kit with the
# same names and boots; teardown_file calls vm_end. Guests live in
# $BATS_FILE_TMPDIR, so all tests of a file can use what setup_file started.
# shellcheck shell=bash disable=SC2034,SC2054

VM=$BATS_FILE_TMPDIR/vm
KIT=${LIMEN_VM_CACHE:-$LIMEN/build/vm}
PATH=$LIMEN/tests/vm:$PATH

# vm_kit NAME...: skips the test (in setup: each) where a guest or QEMU is
# not there; only a machine without a network is without them
vm_kit() {
	local k
	for k; do
		[ -e "$KIT/$k/.made" ] && continue
		[ -z "${CI-}${LIMEN_REQUIRE_VM-}" ] || {
			echo "no guest kit $k: run tests/vm/kit $k" >&2
			return 1
		}
		skip "no guest kit $k: run tests/vm/kit $k"
	done
}

# vm_boot NAME mipsel|mips-vm|amd64 [--net NET]... [--role FILE] [--add SRC:DST]...
#     [--qemu ARG]... [-m MIB] [--] [WORD...]
# boots a guest under plain QEMU, or the mipsel one under mips-vm, and waits
# for READY. WORDs beginning with
# limen. are for the guest's init, others go to the kernel's command line;
# what NET can be is said at vm_net. A guest whose init died
# (one in 150 does, under emulation) is started once more.
vm_boot() {
	vm_start "$@" && vm_wait "$1" '^READY' 120 && vm_quiet "$1" && return
	echo "# $1 did not come up, once more" >&2
	vm_tail "$1" >&2
	vm_kill "$1"
	vm_start "$@" && vm_wait "$1" '^READY' 120 && vm_quiet "$1"
}

# vm_start: as vm_boot, without waiting: for several guests at once, each
# then followed by vm_up
vm_start() {
	local name=$1 arch=$2 dir=$VM/$1 mem=256 args=() nets=0
	shift 2
	rm -rf "$dir"
	mkdir -p "$dir/add"
	while [ $# -gt 0 ]; do
		case $1 in
		--net) vm_net "$name" $nets "$2" && nets=$((nets + 1)) ;;
		--role) install -m 755 "$2" "$dir/add/role" ;;
		--add) install -D "${2%%:*}" "$dir/add/${2#*:}" ;;
		--qemu) args+=("$2") ;;
		-m) mem=$2 ;;
		--) shift && break ;;
		*) break ;;
		esac
		shift 2
	done
	vm_words "$dir" "$@"
	"vm_args_$arch" "$dir" "$mem" "$words"
	mkfifo "$dir/in"
	: >"$dir/console"
	"${cmd[@]}" "${args[@]}" <>"$dir/in" >"$dir/console" 2>"$dir/err" \
	    3>&- 4>&- &
	echo $! >"$dir/pid"
	disown $! # no word when it is killed
}
vm_up() {
	vm_wait "$1" '^READY' "${2:-120}" && vm_quiet "$1"
}

# vm_words DIR WORD...: limen.* to DIR/add/words, the others to $words
vm_words() {
	local d=$1 w
	words=
	shift
	for w; do
		case $w in
		limen.*) printf '%s\n' "$w" >>"$d/add/words" ;;
		*) words="$words $w" ;;
		esac
	done
}
# vm_initrd DIR CPIO: with what DIR/add has behind it, in $initrd
vm_initrd() {
	initrd=$2
	[ "$(ls -A "$1/add")" ] || return 0
	newc "$1/add" | cat "$2" - >"$1/initrd"
	initrd=$1/initrd
}

# vm_net NAME NUMBER NET: access, lan or world (the multicast wires), user
# with QEMU's options, mcast:ADDR:PORT, or a -netdev of QEMU without its id
vm_net() {
	local s=$3 mac wan=(--wan --lan)
	if [ "$arch" = mips-vm ]; then
		args+=("${wan[$2]}" "$s")
		return
	fi
	local w=socket,localaddr=127.0.0.1,mcast
	case $s in
	access) s=$w=230.0.0.1:1234 ;;
	lan) s=$w=230.0.0.1:1235 ;;
	world) s=$w=230.0.0.1:1236 ;;
	mcast:*) s=$w=${s#mcast:} ;;
	esac
	mac=$(printf '%s' "$1$2" | cksum)
	mac=$(printf '52:54:00:%02x:%02x:%02x' $((${mac%% *} & 255)) \
	    $((${mac%% *} >> 8 & 255)) $((${mac%% *} >> 16 & 255)))
	case $s in
	*,*) s=${s%%,*},id=n$2,${s#*,} ;;
	*) s=$s,id=n$2 ;;
	esac
	args+=(-netdev "$s" -device "virtio-net-pci,netdev=n$2,mac=$mac,romfile=")
}

vm_args_mipsel() {
	local top=$((0x80000000 + $2 * 1048576)) initrd
	vm_initrd "$1" "$KIT/mipsel/loader.cpio"
	# no console on a VGA, no calibration: half a second less
	cmd=(qemu-system-mipsel -M malta -m $(($2 + 16)) -nographic -vga none -no-reboot
	    -monitor none -chardev stdio,id=c,signal=off -serial chardev:c
	    -kernel "$KIT/mipsel/vmlinux" -initrd "$initrd"
	    -device "loader,file=$KIT/mipsel/root.squashfs,addr=$top,force-raw=on"
	    -append "quiet cryptomgr.notests=1 lpj=2740224 console=ttyS0,115200 panic=-1 \
mem=$2M phram.phram=rootfs,$top,16Mi,65536 root=/dev/mtdblock0 $3")
}

vm_args_mips-vm() {
	local initrd
	vm_initrd "$1" "$KIT/mipsel/loader.cpio"
	cmd=(mips-vm --dir "$1/dir" -m "$2" --phram-address auto --command-line
	    "console=ttyS0 quiet cryptomgr.notests=1 panic=-1$3"
	    "$KIT/mipsel/vmlinux" "$KIT/mipsel/root.squashfs" "$initrd")
	[ "$nets" -gt 0 ] || args+=(--wan none)
	[ "$nets" -gt 1 ] || args+=(--lan none)
}

vm_args_amd64() {
	local initrd
	vm_initrd "$1" "$KIT/amd64/base.cpio"
	# a peer's kernel need neither check its own pages nor patch its locks
	cmd=(qemu-system-x86_64 -M q35,accel=tcg -nodefaults -m "$2" -no-reboot
	    -display none -chardev stdio,id=c,signal=off -serial chardev:c
	    -kernel "$KIT/amd64/vmlinux" -initrd "$initrd"
	    -append "quiet cryptomgr.notests=1 rodata=off noreplace-smp \
console=ttyS0 panic=-1 $3")
}

# vm_text NAME [BYTE]: what the console has said, from its BYTEth on, without
# CR and escapes
vm_text() {
	tail -c "+${2:-1}" "$VM/$1/console" | tr -d '\r' | sed 's/\x1b\(\[[0-9;?]*[A-Za-z]\|c\)//g'
}
vm_tail() {
	vm_text "$1" | tail -n 20 | sed 's/^/# /'
	sed 's/^/# qemu: /' "$VM/$1/err"
}
vm_pid() {
	cat "$VM/$1/pid"
}

# vm_mark NAME: vm_wait looks at what the console says from here on
vm_mark() {
	echo $(($(stat -L -c %s "$VM/$1/console") + 1)) >"$VM/$1/mark"
}

# vm_news NAME: true unless the console has said nothing since the last time
# (to the process that asks) that this was true
vm_news() {
	local seen=$VM/$1/seen.$BASHPID
	[ ! -e "$seen" ] || [ ! "$VM/$1/console" -ot "$seen" ] || return
	echo >"$seen"
}

# vm_wait NAME REGEX [SECONDS [COUNT]]: until a line of the console matches,
# for the COUNTth time; it is then in $line. Fails at the deadline, and at once when the guest has died.
vm_wait() {
	local - end=$((SECONDS + ${3:-60})) from=1 dead='' again='' pid
	set +T
	pid=$(vm_pid "$1")
	[ ! -e "$VM/$1/mark" ] || from=$(<"$VM/$1/mark")
	while :; do
		gone "$pid" && dead=y
		if vm_news "$1" || [ -z "$again" ] || [ "$dead" ]; then
			line=$(vm_text "$1" "$from" | grep -aE -- "$2" |
			    sed -n "${4:-1}p")
			[ -z "$line" ] || return 0
		fi
		[ -z "$dead" ] && [ $SECONDS -lt $end ] || break
		again=y
		nap 0.05
	done
	echo "$1: no /$2/ ${dead:+before it died}${dead:-in ${3:-60} s}:" >&2
	vm_tail "$1" >&2
	return 1
}

# vm_send NAME LINE: types a line
vm_send() {
	printf '%s\n' "$2" >"$VM/$1/in"
}

# vm_quiet NAME: no prompt, so that marks stand at the start of their lines
vm_quiet() {
	vm_send "$1" 'PS1= PS2='
	vm_run "$1" true
}

# vm_run NAME CMD [SECONDS]: as bats' run, for a command in the guest: sets
# status and output; 124 when it has not ended in time
vm_run() {
	local - id end=$((SECONDS + ${3:-60})) text again='' pid
	set +T
	pid=$(vm_pid "$1")
	id=$(($(cat "$VM/$1/id" 2>/dev/null || echo 0) + 1))
	echo $id >"$VM/$1/id"
	vm_send "$1" "printf '\n<%d>\n' $id; ($2
) </dev/null 2>&1; printf '\n</%d:%d>\n' $id \$?"
	status=124 output=
	while ! gone "$pid" && [ $SECONDS -le $end ]; do
		vm_news "$1" || [ -z "$again" ] || { nap 0.05; continue; }
		again=y
		text=$(vm_text "$1" | sed -n "/^<$id>\$/,/^<\/$id:[0-9]*>\$/p")
		case $text in
		*"</$id:"*)
			status=${text##*"</$id:"} status=${status%>*}
			output=$(sed '1d;$d' <<<"$text")
			output=${output%$'\n'}
			return 0 ;;
		esac
	done
	vm_tail "$1"
	return 1
}

# vm_kill NAME: at once
vm_kill() {
	local p
	p=$(vm_pid "$1" 2>/dev/null) || return 0
	kill -KILL "$p" 2>/dev/null
	until_ok 10 gone "$p"
	rm -f "$VM/$1/pid"
}

# vm_end: all of them, and the daemons in $VM/pids (vm_daemon)
vm_end() {
	local d p
	for d in "$VM"/*/pid; do
		[ ! -e "$d" ] || vm_kill "$(basename "${d%/pid}")"
	done
	for p in $(cat "$VM/pids" 2>/dev/null); do
		kill "$p" 2>/dev/null
		until_ok 5 gone "$p" || kill -KILL "$p"
	done
	rm -f "$VM/pids"
}

# vm_daemon CMD...: a program on the host that runs until vm_end
vm_daemon() {
	mkdir -p "$VM"
	"$@" </dev/null >"$VM/$(basename "$1").out" 2>"$VM/$(basename "$1").err" \
	    3>&- 4>&- &
	echo $! >>"$VM/pids"
}
