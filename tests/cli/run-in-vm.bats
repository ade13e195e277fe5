#!/usr/bin/env bats
# run-in-vm's options and messages; no guest is booted here
# uses: run-in-vm
# timeout: 60
load ../helper

setup() {
	T=$BATS_TEST_TMPDIR
	export XDG_CACHE_HOME="$T/cache"
	unset RUN_IN_VM_KERNEL QEMU_OPTS memSize CH_NUM_CPUS CH_MEM_SIZE CH_CMDLINE
	# a file that QEMU would be asked to boot: what tells a bzImage
	{ head -c 514 /dev/zero; printf HdrS; head -c 1024 /dev/zero; } >"$T/kernel"
	mkdir "$T/bin"
	printf '#!/bin/sh\necho "qemu-system-x86_64: no such machine" >&2\nexit 1\n' \
	    >"$T/bin/qemu"
	chmod +x "$T/bin/qemu"
	export QEMU="$T/bin/qemu"
	cd "$T"
}

# dry ARG...: the command line, a word a line
dry() {
	run --separate-stderr run-in-vm -n -k kernel "$@"
	[ "$status" = 0 ] || { echo "$stderr"; return 1; }
	output=$(sed 's/ \\$//' <<<"$output")
}
has() { grep -qxF -e "$1" <<<"$output" || { echo "$output"; return 1; }; }
hasre() { grep -qE -e "$1" <<<"$output" || { echo "$output"; return 1; }; }
# fails STATUS TEXT ARG...
fails() {
	local st=$1 text=$2
	shift 2
	run run-in-vm "$@"
	[ "$status" = "$st" ] || { echo "status $status: $output"; return 1; }
	[ "$(wc -l <<<"$output")" = 1 ] || { echo "$output"; return 1; }
	case $output in
	"run-in-vm: "*"$text"*) ;;
	*) echo "$output"; return 1 ;;
	esac
}

@test "help names each option of the page, and the other way round" {
	run run-in-vm --help
	[ "$status" = 0 ]
	for o in $(grep -oE '^ *(-[a-z], )?--[a-z-]+' <<<"$output" |
	    grep -oE -- '--[a-z-]+'); do
		grep -qE "Fl -${o#--}( |\$)" "$LIMEN/run-in-vm/run-in-vm.1" ||
			{ echo "not on the page: $o"; false; }
	done
	for o in $(grep '^\.It Fl' "$LIMEN/run-in-vm/run-in-vm.1" |
	    grep -oE 'Fl -[a-z-]+|, -[a-z-]+' | grep -oE -- '-[a-z-]+$'); do
		grep -qE -- "-$o( |\$)" <<<"$output" ||
			{ echo "not an option: -$o"; false; }
	done
}

@test "a machine: processors, memory, kernel words, QEMU_OPTS" {
	dry --cpus 3 -m 1G --append 'a=1 b' true
	has 3
	has 1024
	hasre "mitigations=off.* a=1 b'\$"
	dry -m 96 true
	has 96
	dry -m 268435456 true
	has 256
	QEMU_OPTS="-rtc 'base=utc,x y'" dry true
	has "-rtc"
	has "'base=utc,x y'"
	QEMU_OPTS="-a '" fails 125 "QEMU_OPTS: a quote does not end" -n -k kernel true
}

@test "vmTools' and tvix' variables; options come first" {
	memSize=640 dry true
	has 640
	memSize=640 dry -m 128M true
	has 128
	CH_NUM_CPUS=4 CH_MEM_SIZE=2G dry true
	has 4
	has 2048
	CH_NUM_CPUS=4 dry --cpus 2 true
	has 2
	CH_CMDLINE='tvix.run=/x foo=1' dry
	hasre " foo=1'\$"
	! hasre tvix || false
	memSize=lots fails 125 "memSize: not a number of MiB: lots" -k kernel true
	CH_NUM_CPUS=0 fails 125 "CH_NUM_CPUS: not a number: 0" -k kernel true
	CH_MEM_SIZE=1 fails 125 "CH_MEM_SIZE: not a size from 32M: 1" -k kernel true
}

@test "the kernel: option, variable, nixpkgs' variable by name, a tree" {
	RUN_IN_VM_KERNEL=$T/kernel run run-in-vm -n true
	[ "$status" = 0 ]
	[[ $output = *"$T/kernel"* ]]
	NIXPKGS_QEMU_KERNEL_a_b=$T/kernel run run-in-vm -n --name a-b true
	[[ $output = *"$T/kernel"* ]]
	NIXPKGS_QEMU_KERNEL_a_b=$T/kernel run run-in-vm -n true
	[[ $output = *"$T/kernel"* ]]
	mkdir -p tree/boot
	cp kernel tree/boot/vmlinuz-1
	run run-in-vm -n -k tree true
	[[ $output = *"tree/boot/vmlinuz-1"* ]]
	mkdir empty
	fails 125 "kernel empty: no boot/vmlinuz-* in it" -k empty true
	fails 125 "kernel none: No such file" -k none true
	echo text >text
	fails 125 "kernel text: neither a bzImage nor a vmlinux" -k text true
}

@test "a long word is printed whole" {
	local w
	w=$(printf %09000d 1)
	QEMU_OPTS="-append $w" dry true
	has "$w"
}

@test "modules: those of a directory, and what the kernel lacks in one line" {
	mkdir m
	: >m/virtio_console.ko
	fails 125 "the kernel has no virtio_pci, which every device needs" -n \
	    -k kernel --modules m true
	fails 125 "the kernel has no overlay, which the writable layer needs" \
	    -n -k kernel --modules m --fs image true
	: >m/overlay.ko
	fails 125 "the kernel has no 9pnet_virtio, which a shared directory needs" \
	    -n -k kernel --modules m --fs 9p true
	fails 125 "modules in none: No such file" -n -k kernel --modules none true
	# built into a kernel that has none: read from it
	printf '\177ELF........virtio_console\0' >elf
	fails 125 "the kernel has no virtio_pci, which every device needs; no modules were found for it" \
	    -n -k elf true
	printf 'ovl_inode\0virtiofs\0virtio-pci\0' >>elf
	run run-in-vm -n -k elf --root m true
	[ "$status" = 0 ]
}

@test "shares: read-only, writable, elsewhere; the root, images, the store" {
	mkdir a 'b,c'
	dry --share a --share-rw 'b,c:/mnt' true
	hasre "path=$T/a,.*readonly=on"
	hasre "path=$T/b,,c,security_model=none,multidevs=remap'?\$"
	hasre 'id=root,path=/,.*readonly=on'
	dry --root a true
	hasre "id=root,path=$T/a,"
	dry --root kernel true
	hasre "id=root,format=raw,read-only=on,file=$T/kernel"
	NIX_STORE_DIR=$T/a dry --store true
	hasre "id=store,path=$T/a,.*readonly=on"
	! hasre id=root || false
	fails 125 "share none: No such file" -k kernel --share none true
	fails 125 "not an absolute path in the guest" -k kernel --share a:b true
	fails 125 "/ is the root" -k kernel --share a:/ true
	fails 125 "root none: No such file" -k kernel --root none true
	fails 125 "does not go with" -k kernel --root a --store true
	fails 125 "--fs: one of auto|9p|virtiofs|image|cpio, not nfs" -k kernel --fs nfs true
}

@test "a closure must be of the store" {
	mkdir store a
	NIX_STORE_DIR=$T/store fails 125 "closure: not in $T/store: a" -k kernel \
	    --closure a true
	NIX_STORE_DIR=$T/store fails 125 "closure none: No such file" -k kernel \
	    --closure none true
	mkdir -p store/x bin
	printf '#!/bin/sh\nexit 1\n' | tee bin/nix-store >bin/manifest-query
	chmod +x bin/*
	PATH=$T/bin:$PATH NIX_STORE_DIR=$T/store fails 125 \
	    "neither nix-store nor manifest-query gives it" -k kernel \
	    --closure store/x true
}

@test "disks: dropped changes, kept ones, qcow2, scratch" {
	truncate -s 1M disk
	printf 'QFI\373' >qcow
	dry --disk disk --disk qcow true
	hasre "id=disk0,werror=report,format=raw,file=$T/disk,snapshot=on"
	hasre "id=disk1,werror=report,format=qcow2,file=$T/qcow,snapshot=on"
	dry --disk disk --persist true
	hasre "file=$T/disk\$"
	dry --disk 4M true
	hasre 'id=disk0,werror=report,format=raw,cache=unsafe'
	fails 125 "disk none: No such file" -k kernel --disk none true
	fails 125 "more than 4 disks" -n -k kernel --disk 1M --disk 1M --disk 1M \
	    --disk 1M --disk 1M true
}

@test "networks by name and as QEMU has them; forwards" {
	dry --net access true
	hasre 'mcast=230.0.0.1:1234'
	dry --net none true
	! hasre netdev || false
	dry --forward 8080:80 --forward 0.0.0.0:53:53/udp true
	hasre 'user,id=n0,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:0.0.0.0:53-:53'
	dry --net user,restrict=on --forward 8080:80 true
	hasre '^user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:8080-:80$'
	fails 125 "goes with --net user" --net none --forward 8080:80 true
	fails 125 "goes with --net user" --net lan --forward 8080:80 true
	fails 125 "not [ADDRESS:]PORT:PORT" -k kernel --forward 80 true
	fails 125 "not [ADDRESS:]PORT:PORT" -k kernel --forward 80:x true
	fails 125 "--net bogus: not a network" -k kernel --net bogus true
	fails 125 "QEMU has no such network" -k kernel --net packet:lo true
}

@test "gdb waits, and is never from a saved guest" {
	dry --gdb 1234 true
	has tcp:127.0.0.1:1234
	has -S
	hasre nokaslr
	dry --gdb unix:/x true
	has unix:/x,server=on,wait=off
	fails 125 "neither a port nor unix:PATH" -k kernel --gdb x true
	fails 125 "neither a port nor unix:PATH" -k kernel --gdb unix: true
}

@test "a file in the place of gdb's socket is not removed" {
	echo precious >f
	fails 125 "--gdb unix:f: is there and no socket" -k kernel --gdb unix:f true
	[ "$(cat f)" = precious ]
}

@test "words that a guest does not take are refused here" {
	local v
	mapfile -t v < <(seq 70000)
	fails 125 "arguments and environment are too long" -k kernel echo "${v[@]}"
	fails 125 "arguments and environment are too long" -k kernel --init /x "${v[@]}"
}

@test "cpio of 300 directories, one in the other, and of many" {
	local i
	mkdir deep wide
	(cd deep && for ((i = 0; i < 300; i++)); do mkdir d && cd d; done)
	(
		ulimit -s 1024
		dry --fs cpio --root deep true
	)
	rm -rf deep
	(cd wide && for ((i = 0; i < 3000; i++)); do echo "$i/a/b/c"; done | xargs mkdir -p)
	dry --fs cpio --root wide true
	# the guest would have fewer inodes than that
	fails 125 "share $T/wide: too large for the guest's memory" -k kernel \
	    --cold -m 128M --fs cpio --root wide true
}

@test "a closure of 60 000 paths is taken within the test's time" {
	mkdir -p store/0-x
	printf '#!/bin/sh\nseq -f "$NIX_STORE_DIR/%%.0f-x" 0 59999\n' >bin/nix-store
	chmod +x bin/nix-store
	PATH=$T/bin:$PATH NIX_STORE_DIR=$T/store dry --closure store/0-x true
	printf '#!/bin/sh\nseq -f "$NIX_STORE_DIR/%%.0f-x" 0 70000\n' >bin/nix-store
	PATH=$T/bin:$PATH NIX_STORE_DIR=$T/store fails 125 \
	    "closure: more than 65536 paths" -k kernel --closure store/0-x true
}

@test "users, times, machines, and options that contradict" {
	fails 125 "user no-such-user: there is none" -k kernel -u no-such-user true
	fails 125 "group nogrp: there is none" -k kernel -u root:nogrp true
	fails 125 "--timeout: not a time: soon" -k kernel -t soon true
	fails 125 "mips-vm(1) boots the others" -k kernel --arch mipsel true
	dry --arch amd64 true
	fails 125 "does not go with --results" -k kernel --init /x --results y true
	fails 125 "no such option" -k kernel --bogus true
	fails 125 "--memory: not a size from 32M: 1M" -k kernel -m 1M true
}

@test "QEMU that is missing or fails is named, with its words" {
	QEMU=$T/none fails 125 "no $T/none: install QEMU" -k kernel true
	fails 125 "QEMU: no such machine" -k kernel --cold true
	fails 125 "KVM does not work here: there is no /dev/kvm" -k kernel --kvm true ||
		fails 125 "KVM does not work here: " -k kernel --kvm true ||
		fails 125 "QEMU: no such machine" -k kernel --kvm true
}

@test "too few descriptors are what is said" {
	local n
	for n in {8..28}; do
		run bash -c "ulimit -n $n && exec run-in-vm -k kernel --no-kvm true"
		[ "$status" = 125 ]
		[[ $output != *"Bad file"* ]]
	done
}

@test "results need a place: it may be empty, and stays so on failure" {
	mkdir full empty
	: >full/x
	fails 125 "results full: is there already: remove it first" -k kernel --results full true
	fails 125 "results no/such: No such file" -k kernel --results no/such true
	: >file
	fails 125 "results file: is there already: remove it first" -k kernel --results file true
	fails 125 "results : No such file or directory" -k kernel --results '' true
	# what no rename can take the place of is told before the command runs
	mkdir mounted
	mount -t tmpfs tmpfs mounted
	fails 125 "esource busy" -k kernel --results mounted true
	mount --bind empty mounted
	fails 125 "esource busy" -k kernel --results mounted/ true
	umount mounted mounted
	rmdir mounted
	cd empty
	fails 125 "esource busy" -k ../kernel --results . true
	cd ..
	fails 125 "QEMU: no such machine" -k kernel --results new true
	fails 125 "QEMU: no such machine" -k kernel --results empty true
	[ -d empty ]
	[ ! -e new ]
	[ -z "$(ls -A | grep results)" ]
	[ -e full/x ]
}

@test "a cache that others may write is not used" {
	mkdir -p "$XDG_CACHE_HOME/limen/vm"
	chmod 777 "$XDG_CACHE_HOME/limen/vm"
	fails 125 "QEMU: no such machine" -k kernel true
	[ -z "$(ls -A "$XDG_CACHE_HOME/limen/vm")" ]
	HOME=/nonexistent XDG_CACHE_HOME='' fails 125 "QEMU: no such machine" \
	    -k kernel true
}

@test "the log's file is named when it cannot be written" {
	fails 125 "log no/log: No such file" -k kernel --log no/log true
	echo keep >log # by a dry run it is not touched
	dry --log log true
	[ "$(cat log)" = keep ]
}

# a QEMU that finds its end of port N in its words, 2 being control, 4 and 5
# stdout and stderr, and does what stdin of this says with it
qemu() {
	{
		cat <<'END'
#!/usr/bin/env bash
for w; do
	case $w in
	socket,id=c[0-9],fd=*) w=${w#socket,id=c}; port[${w%%,*}]=${w##*fd=} ;;
	socket,id=con,fd=*) con=${w##*fd=} ;;
	esac
done
END
		cat
	} >bin/qemu
}

@test "--timeout ends what comes before the guest: a closure, an image" {
	mkdir store root
	printf x >store/00000000000000000000000000000000-x
	printf '#!/bin/sh\ntouch asked\nexec sleep 100\n' >bin/nix-store
	cp bin/nix-store bin/mksquashfs
	cp bin/nix-store bin/mkfs.erofs
	chmod +x bin/*
	NIX_STORE_DIR=$T/store PATH=$T/bin:$PATH timeout 30 run-in-vm -k kernel \
	    -t 1 --closure store/00000000000000000000000000000000-x true 2>err &&
		return 1
	[ "$?" = 124 ]
	[ "$(<err)" = "run-in-vm: not done after 1 s; there is no machine yet" ]
	rm asked
	PATH=$T/bin:$PATH timeout 30 run-in-vm -k kernel -t 0.5 --fs image \
	    --root root true 2>err && return 1
	[ "$?" = 124 ]
	[ "$(<err)" = "run-in-vm: not done after 0.5 s; there is no machine yet" ]
	[ -e asked ]
}

@test "a virtiofsd that hangs is waited for once" {
	# a FIFO takes its word where all else is read-only to it
	mkfifo starts
	exec 5<>starts
	printf '#!/bin/sh\necho >%s/starts\nexec sleep 100\n' "$T" >bin/virtiofsd
	chmod +x bin/virtiofsd
	PATH=$T/bin:$PATH fails 125 "virtiofsd for /: it does not work here" \
	    -k kernel --fs virtiofs true
	[ "$(dd bs=4096 count=1 <&5 2>/dev/null | wc -l)" = 1 ]
	exec 5>&-
}

@test "an image takes half of the memory at most" {
	mkdir root
	printf '#!/bin/sh\ntruncate -s 100T "$2" && touch large\n' >bin/mkfs.erofs
	printf '#!/bin/sh\ntruncate -s 100T "$3" && touch large\n' >bin/mksquashfs
	chmod +x bin/*
	PATH=$T/bin:$PATH fails 125 "image of $T/root: mkfs.erofs and mksquashfs are missing, failed, or made more" \
	    -k kernel --fs image --root root true
	[ ! -e large ]
}

@test "--timeout ends a run whose guest does not take its job" {
	local big
	qemu <<<'printf "U\0\0\0\0" >&${port[2]}; exec sleep 100'
	big=$(printf %0100000d 1)
	run timeout 30 run-in-vm -k kernel --cold -t 1 --no-tty : \
	    "$big" "$big" "$big" "$big" "$big" "$big" "$big" "$big" "$big"
	[ "$status" = 124 ]
	[ "${lines[0]}" = "run-in-vm: not done after 1 s" ]
}

@test "QEMU dies: nobody reads its last words, --timeout counts; all come" {
	qemu <<<'head -c 150000 /dev/zero >&${port[4]}; head -c 150000 /dev/zero >&${port[5]}; exit 3'
	mkfifo fifo
	exec 8<>fifo
	# shellcheck disable=SC2016
	run timeout 30 sh -c 'run-in-vm -k kernel --cold -t 1 true 2>&1 >fifo | tr -d "\0"'
	exec 8>&-
	[ "$output" = "run-in-vm: not done after 1 s; the guest has not even started, the last of its console follows" ]
	timeout 30 run-in-vm -k kernel --cold true >out 2>err && return 1
	[ "$?" = 125 ]
	[ "$(stat -c %s out)" = 150000 ]
	[ "$(tr -d '\0' <err)" = "run-in-vm: QEMU: ended without a word" ]
}

@test "a log that finds no room is told once; a job is sent once" {
	qemu <<<'yes | head -c 100000 >&$con; head -c 10 /dev/zero | tr "\0" U |
		sed "s/U/U\x00\x00\x00\x00/g" >&${port[2]}
		timeout 1 cat <&${port[2]} >job || :'
	run timeout 30 run-in-vm -k kernel --cold --log /dev/full : some-word
	[ "$(grep -c 'run-in-vm: write to the log, of which the rest is lost: No space left on device' <<<"$output")" = 1 ]
	[ "$(grep -ao some-word job | wc -l)" = 1 ]
}

# what a guest sends at the end: its command's status, four bytes as printf has
# them, no output, N bytes of results
exits() {
	printf 'X\\0\\0\\0\\034%s' "$1"
	printf '\\0%.0s' {1..23}
	printf '\\%o' "$2"
}

@test "results of a command that failed do not come, whatever the guest sends" {
	qemu <<-END
		printf 'U\0\0\0\0' >&\${port[2]}
		{ printf e; head -c 22 /dev/zero; } >&\${port[6]}
		printf '$(exits '\0\0\0\1' 23)' >&\${port[2]}
		exec sleep 100
	END
	run timeout 30 run-in-vm -k kernel --cold --results out true
	[ "$status" = 1 ]
	[ ! -e out ]
	run timeout 30 run-in-vm -k kernel --cold --results out --keep-failed true
	[ "$status" = 1 ]
	[ -d out ]
}

@test "a guest cannot have its command run twice, nor its saved guest removed" {
	qemu <<-END
		for w; do
			case \$w in
			socket,id=qmp,fd=*) qmp=\${w##*fd=} ;;
			memory-backend-file,*) ram=\${w#*mem-path=} ;;
			-incoming) echo >>warm ;;
			esac
		done
		if [ -e warm ]; then
			echo '{"event": "RESUME"}' >&\$qmp
		else
			echo memory >"\${ram%%,*}"
			printf '\036limen ready\n' >&\$con
			while read -r command; do
				echo '{"return": {"status": "completed"}}'
				case \$command in *'"cont"'*) break ;; esac
			done <&\$qmp >&\$qmp
		fi
		printf 'U\0\0\0\0' >&\${port[2]}
		printf '$(exits '\377\377\377\377' 0)' >&\${port[2]}
		exec sleep 100
	END
	run -255 timeout 30 run-in-vm -k kernel --no-kvm true
	ls cache/limen/vm/*.vm
	run -255 timeout 30 run-in-vm -k kernel --no-kvm true
	[ "$(wc -l <warm)" = 1 ]
	ls cache/limen/vm/*.vm
}

@test "a cache size that is none" {
	RUN_IN_VM_CACHE_SIZE=lots fails 125 \
	    "RUN_IN_VM_CACHE_SIZE: not a size: lots" -n -k kernel true
	RUN_IN_VM_CACHE_SIZE=0 dry true
}
