#!/usr/bin/env bats
# tufted: every option, message and status of its page
# uses: tufted
# timeout: 120
load ../helper

# a directory that whoever tufted becomes can read
setup() {
	D=$(mktemp -d /tmp/tufted.XXXXXX)
	chmod 755 "$D"
	cd "$D" || exit
	mkdir -m 755 d
	mkdir -m 777 up
	head -c 10000 /dev/urandom >d/f
	printf 'one\ntwo\r\nthree' >d/text
	: >d/empty
	srv='' mounted=''
}
teardown() {
	[ -z "$mounted" ] || umount /etc/hosts
	[ -z "$srv" ] || kill "$srv" 2>/dev/null || :
	cd /
	rm -rf "$D"
}
# serve OPTIONS...: a server on port 6969 whose stderr is in "err"
serve() {
	rm -f ready
	chmod 777 .
	tufted -p 6969 --ready "$D/ready" "$@" 3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
}
stop() {
	kill "$srv"
	wait "$srv"
	srv=
}
get() { tufted -q -p 6969 --get 127.0.0.1 "$@"; }
put() { tufted -q -p 6969 --put 127.0.0.1 "$@"; }

@test "usage errors end with 2 and one line" {
	for a in "" "a b" "-p 65536 d" "-p x d" "-a 1.2.3 d" "-a 1.2.3.4/33 d" \
	    "-l nowhere d" "-n 0 d" "--rollover 2 d" "--log xml d" \
	    "--timeout 5y d" "--max-size 5X d" "--max-blksize 7 d" \
	    "--max-window 0 d" "--max-window 32768 d" "--nonsense d" "-a" "--get h" "--put h" \
	    "--get a --put b f" "--limit 0 d" "--client-limit x d" \
	    "--fd -1 d" "-b 4 --get h f" "--window 0 --get h f" \
	    "--window 32768 --get h f" \
	    "--retries 101 d" "--retransmit 0 d" "--get h -p 0 f"; do
		# shellcheck disable=SC2086
		run tufted $a
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ "$output" == "tufted: "* ]]
	done
}

@test "--help lists the options, --version the version" {
	run tufted --help
	[ "$status" -eq 0 ]
	for o in allow port listen interface uploads once count timeout refuse \
	    no-follow per-client overwrite max-size max-blksize max-window \
	    limit client-limit rollover retries retransmit ready fd user \
	    no-landlock no-seccomp log verbose quiet get put name output \
	    blksize window wait netascii plain; do
		[[ "$output" == *"--$o"* ]]
		grep -q -- "Fl -$(echo $o | sed 's/-/./g')\|, Fl -$o" "$LIMEN/tufted/tufted.1"
	done
	run tufted --version
	[ "$status" -eq 0 ]
	[[ "$output" == "tufted (limen) "* ]]
}

@test "a directory that is not there or cannot be read is one line" {
	run tufted -p 6969 nowhere
	[ "$status" -eq 1 ]
	[ "$output" = "tufted: open nowhere: No such file or directory" ]
	run tufted -p 6969 d/f
	[ "$status" -eq 1 ]
	[ "$output" = "tufted: open d/f: Not a directory" ]
	run tufted -p 6969 -w nowhere d
	[ "$status" -eq 1 ]
	[ "$output" = "tufted: uploads nowhere: No such file or directory" ]
}

@test "what only the client does is no server's option" {
	for o in "-b 512" "--window 4" --wait --netascii --plain "--name n" "-o o"; do
		# shellcheck disable=SC2086
		run -2 timeout 5 tufted $o -p 6969 d
		[[ $output == *" go with --get or --put ("* ]]
	done
}

@test "a busy port is one line" {
	serve d
	run tufted -p 6969 d
	[ "$status" -eq 1 ]
	[[ "$output" == "tufted: bind 0.0.0.0 port 6969: Address "*"in use" ]]
}

@test "a port that it may not have: the three ways are named" {
	run setpriv --reuid 65534 --clear-groups --inh-caps=-all \
	    "$(command -v tufted)" -p 69 d
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 69 ] ||
	    skip "port 69 is everybody's here"
	[[ "$output" != *"setresuid failed"* ]] || skip "one user only here"
	[[ "$output" != *"setgroups"* ]] || skip "one user only here"
	[ "$status" -eq 1 ]
	[[ "$output" == *setcap*sysctl*"socket unit"* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "files come as they are: any size, leading slash, v6" {
	# its time does not fit into 32 bits
	touch -d 2040-01-01 d/f
	serve d
	for f in f text empty; do
		get -o out "$f"
		cmp out "d/$f"
		get --plain -o out "//$f"
		cmp out "d/$f"
		tufted -q -p 6969 --get '[::1]' -o out "./$f"
		cmp out "d/$f"
	done
	for n in 1 7 8 9 511 512 513 1024 8192; do
		head -c $n d/f >d/n
		get -b 8 --window 7 -o out n
		cmp out d/n
		get -b 512 --window 1 -o out n
		cmp out d/n
	done
	stop
	grep -q 'sent file="f" client=127.0.0.1 .* bytes=10000 .* ok$' err
}

# bytes that the server has read, in the way that copies them
copied() { sed -n 's/^rchar: //p' "/proc/$srv/io"; }

@test "large blocks are not copied, and come whole" {
	serve --retransmit 5s d # a busy machine's delays are no losses
	for b in 8192 16383 16384 20000 32768 61440 65464; do
		for n in $((b - 1)) "$b" $((b + 1)) $((3 * b)) $((17 * b + 77)); do
			head -c "$n" /dev/urandom >d/f
			for w in 1 3 8 64; do
				get --retransmit 5s -b $b --window $w -o out f
				cmp d/f out
			done
		done
	done
	tufted -q -p 6969 -b 65464 --window 8 --retransmit 5s --get ::1 -o out f
	cmp d/f out
	run ! grep -v 'resent=0 ok$' <(grep ' sent ' err)
	# before Linux 6.5 they are copied
	printf '6.5\n%s\n' "$(uname -r)" | sort -VC || return 0
	head -c 20000000 /dev/urandom >d/f
	for b in 8192 16384 32768 65464; do
		before=$(copied)
		get -b $b --window 8 -o out f
		cmp d/f out
		[ $(($(copied) - before)) -lt $((b == 65464 ? 3000000 : 300000)) ]
	done
}

@test "netascii is translated both ways" {
	serve -w up d
	get --netascii -o out text
	cmp out d/text
	put --netascii d/text
	cmp up/text d/text
	head -c 5000 /dev/zero | tr '\0' '\n' >d/lines
	get --netascii -b 512 -o out lines
	cmp out d/lines
	printf '\r\r\n\r' >d/cr
	get --netascii -o out cr
	cmp out d/cr
}

@test "only what lies below DIR, only regular files" {
	mkfifo d/fifo
	mkdir d/sub
	ln -s /dev/null d/null
	echo secret >secret
	serve d
	for n in ../secret d/../../secret sub/../../secret .. . "" / sub sub/ \
	    fifo null; do
		run get -o out "x$n"
		run get -o out --name x "$n"
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		[ ! -e out ]
	done
	for n in ../secret 'sub\..\..\secret'; do
		run get -o out "$n"
		[[ "$output" == *"access violation (2)"* ]]
	done
	run get -o out nothing
	[[ "$output" == *"file not found (1)"* ]]
	run get -o out fifo
	[[ "$output" == *"not a regular file (2)"* ]]
	ls -A >list
	run ! grep -q tufted- list
}

@test "links lead anywhere; with --no-follow not out of DIR" {
	echo store >store
	ln -s "$D/store" d/away
	ln -s f d/within
	serve d
	get -o out away
	cmp out store
	stop
	serve --no-follow d
	get -o out within
	cmp out d/f
	run get -o out2 away
	[ "$status" -eq 1 ]
	[[ "$output" == *"access violation"* ]]
	[ ! -e out2 ]
}

@test "DIR may be a link that is replaced, in the middle of a transfer too" {
	mkdir -m 755 old new
	head -c 3000000 /dev/zero >old/image
	head -c 3000000 /dev/urandom >new/image
	ln -s old result
	serve result
	tufted -q -p 6969 --get 127.0.0.1 --plain -o out1 image &
	c=$!
	ln -sfn new result
	wait $c
	cmp out1 old/image || cmp out1 new/image
	get -o out2 image
	cmp out2 new/image
}

@test "--per-client: the client's own directory first" {
	mkdir -p d/127.0.0.1 d/::1
	echo mine >d/127.0.0.1/conf
	echo all >d/conf
	echo all >d/rest
	serve --per-client d
	[ "$(get -o - conf)" = mine ]
	[ "$(get -o - rest)" = all ]
	[ "$(tufted -q -p 6969 --get '[::1]' -o - conf)" = all ]
}

@test "-a: others get no answer, or with --refuse error 2" {
	serve -a 10.0.0.0/8 -a fd00::/8 d
	run get --retries 0 f
	[ "$status" -eq 1 ]
	[[ "$output" == *"no answer"* ]]
	grep -q 'file="f" client=127.0.0.1 .* error="not served"' err
	stop
	serve -a 10.0.0.0/8 --refuse d
	run get f
	[ "$status" -eq 1 ]
	[[ "$output" == *"not served (2)"* ]]
	stop
	serve -a 10.0.0.1 -a 127.0.0.0/8 d
	get -o out f
	cmp out d/f
}

@test "without -a it is said who is served" {
	serve d
	grep -q 'private and link-local addresses only (no -a)' err
	stop
	serve -q d
	[ ! -s err ]
}

@test "uploads into a directory that is closed to whom root becomes" {
	chown nobody d 2>/dev/null || skip "root of one user only"
	chmod 755 .
	mkdir -m 700 closed
	run timeout 5 tufted -p 6969 -w closed d
	[ "$status" -eq 1 ]
	[[ "$output" == *"uploads closed: closed to nobody, which root becomes here: let --user name another"* ]]
	run timeout 5 tufted -p 6969 closed
	[[ "$output" == *"open closed: closed to nobody, "* ]]
	chown nobody closed
	run -1 timeout 5 tufted -p 6969 --user root closed
	[ "$output" = "tufted: open closed: closed to root, who has no capabilities here: let --user name another, or open it (chown, chmod)" ]
	run -1 timeout 5 setpriv --bounding-set=-all tufted -p 6969 closed
	[ "$output" = "tufted: open closed: closed to root, who has no capabilities here: open it (chown, chmod)" ]
}

@test "uploads: off at first, whole or not at all, never over a file" {
	serve d
	run put d/f
	[ "$status" -eq 1 ]
	[[ "$output" == *"no uploads here (2)"* ]]
	stop
	mkdir -m 777 up/sub
	serve -w up --max-size 20000 d
	put d/f
	cmp up/f d/f
	put --name sub/g d/f
	cmp up/sub/g d/f
	put -b 1400 --window 4 --name win d/f
	cmp up/win d/f
	put --name /empty d/empty
	[ -e up/empty ]
	[ ! -s up/empty ]
	run put d/text --name f
	[[ "$output" == *"file already exists (6)"* ]]
	cmp up/f d/f
	head -c 20001 /dev/zero >big
	run put big
	[ "$status" -eq 1 ]
	[[ "$output" == *"larger than is allowed (3)"* ]]
	run put -b 512 big
	[[ "$output" == *"larger than is allowed (3)"* ]]
	for n in ../out sub/../../out nosub/x sub; do
		run put --name "$n" d/f
		[ "$status" -eq 1 ]
	done
	[ ! -e out ]
	stop
	[ "$(find up -type f | wc -l)" -eq 4 ]
	serve -w up --overwrite d
	put --name f d/text
	cmp up/f d/text
	# what could not have its name at the end is refused at the beginning
	run -1 put --name sub big
	[[ "$output" == *"not a regular file (2)"* ]]
	run -1 put --name "$(printf %0256d 1)" big
	[[ "$output" == *"file not found (1)"* ]]
	# nor is what comes put into the place of another client's half
	for n in ".tufted-$srv-1" sub/.tufted-1-1; do
		run -1 put --name "$n" big
		[[ "$output" == *"access violation (2)"* ]]
	done
}

@test "what a killed server left of an upload goes with the next one" {
	: >up/.tufted-999999999-3
	: >up/.tufted-mine
	serve -w up d
	[ ! -e up/.tufted-999999999-3 ]
	[ -e up/.tufted-mine ]
}

@test "so does what one of its own process number left, in a container" {
	mkdir -m 777 up/sub
	chmod 777 .
	sh -c ': >up/.tufted-$$-9; : >up/sub/.tufted-$$-1
	    exec tufted -p 6969 --ready "$0/ready" -w up d' "$D" \
	    3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
	[ "$(ls -A up)" = sub ]
	put --name sub/g d/f
	cmp up/sub/g d/f
	[ "$(ls -A up/sub)" = g ]
}

@test "a file longer than the process may write ends its transfer alone" {
	chmod 777 .
	head -c 200000 /dev/urandom >d/big
	(ulimit -f 100 && exec tufted -p 6969 --ready "$D/ready" -w up d) \
	    3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
	run -1 put d/big
	[[ "$output" == *"disk full (3)"* ]]
	run -1 bash -c 'ulimit -f 100
	    exec tufted -q -p 6969 --get 127.0.0.1 -o out big'
	[[ "$output" == *"write: File too large"* ]]
	[ -z "$(ls -A up)" ]
	[ ! -e out ]
	get -o out f
	cmp out d/f
}

@test "at the limit an upload that dallies makes room, for the port too" {
	serve --limit 1 -w up d
	put --timeout 5 d/f
	get --timeout 5 -o out f
	cmp out d/f
}

@test "a closed stdout or stderr is nothing that it uses otherwise" {
	chmod 777 .
	head -c 1000000 /dev/urandom >d/big
	tufted -p 6969 --ready "$D/ready" d 3>&- 4>&- </dev/null >&- 2>&- &
	srv=$!
	until_ok 10 test -e ready
	[ ! -e "/proc/$srv/fd/2" ] || [ /proc/$srv/fd/2 -ef /dev/null ]
	get -b 16384 --window 4 -o out big
	cmp out d/big
}

@test "started with nohup it stays when the terminal goes" {
	trap '' HUP
	serve d
	trap - HUP
	kill -HUP "$srv"
	get -o out f
	cmp out d/f
}

@test "-1 and -n end after so many transfers; refusals do not count" {
	serve -1 d
	run get nothing
	[ "$status" -eq 1 ]
	get -o out f
	wait "$srv"
	srv=
	serve -n 2 d
	get -o out f
	kill -0 "$srv"
	get -o out f
	wait "$srv"
	srv=
}

@test "-1: 1 when time has run out" {
	run -1 tufted -1 --timeout 300ms -p 6969 -q d
	[ "$output" = "tufted: out of time" ]
}

@test "-1: a request of another, who is silent, is not waited for" {
	serve -v -1 --timeout 6 d
	mkfifo pipe
	exec 7<>pipe
	socat -u PIPE:pipe UDP4-SENDTO:127.0.0.1:6969 3>&- 4>&- 7>&- &
	c=$!
	printf '\0\1text\0octet\0' >&7
	until_ok 5 grep -q '> .* DATA 1' err
	get -o out f
	wait "$srv"
	srv=
	kill $c
	exec 7>&-
	grep -q 'sent file="f" .* ok$' err
	run ! grep 'out of time' err
}

@test "-1: a request whose client goes away unheard does not count" {
	serve -v -1 --timeout 20 d
	kill -s STOP "$srv"
	exec 7<>/dev/udp/127.0.0.1/6969
	printf '\0\1text\0octet\0' >&7
	exec 7>&-
	kill -s CONT "$srv"
	until_ok 5 grep -q 'sent file="text" .* error="the client has gone"' err
	get -o out f
	wait "$srv"
	srv=
}

@test "-1: an upload that is whole may be cut while it dallies" {
	serve -1 --timeout 3 -w up d
	put d/f
	cmp up/f d/f
	run get f
	[[ "$output" == *"the server ends"* ]]
	kill -0 "$srv"
	wait "$srv"
	srv=
	run ! grep 'out of time' err
}

@test "--timeout alone ends with 0" {
	tufted --timeout 100ms -p 6969 -q d
}

@test "-1: 1 when the transfer fails" {
	head -c 20000000 /dev/zero >d/big
	serve -1 --retries 0 d
	tufted -q -p 6969 --plain --get 127.0.0.1 -o out big &
	c=$!
	# there before the request is sent; with one that is not, -1 is not done
	until_ok 10 sh -c 'find . -name ".out.tufted*" -size +0 | grep -q .'
	kill -9 $c
	st=0
	wait "$srv" || st=$?
	srv=
	[ "$st" -eq 1 ]
}

@test "--ready: a descriptor gets a newline, a file the port" {
	serve d
	[ "$(cat ready)" = 6969 ]
	stop
	mkfifo pipe
	exec 7<>pipe
	tufted -q -p 0 --ready 7 d 3>&- 4>&- &
	srv=$!
	read -r -t 10 line <&7
	[ -z "$line" ]
	exec 7>&-
	run tufted -q -p 0 --ready pipe --timeout 1 d
	[ "$status" = 1 ]
	[ "$output" = "tufted: ready pipe: not a regular file" ]
	[ -p pipe ]
	ln -s pipe link
	run -1 tufted -q -p 0 --ready link --timeout 1 d
	[ "$output" = "tufted: ready link: not a regular file" ]
	[ -L link ]
}

@test "-l of the client: where it sends from, and the family of the server" {
	serve -v -l 127.0.0.1 -l ::1 d
	local a
	printf '127.0.0.1 both\n::1 both\n' >hosts
	mount --bind hosts /etc/hosts || skip "no mount"
	for a in 127.0.0.3 127.0.0.1 ::1; do
		tufted -q -p 6969 -l $a --get both -o out f
		cmp out d/f
		until_ok 5 grep -q "client=$a port=" err
	done
	run -1 tufted -q -p 6969 -l ::1 --get 127.0.0.1 -o out f
	umount /etc/hosts
	[[ $output == "tufted: 127.0.0.1: "* ]]
}

@test "-o: what is no file is written to, not replaced" {
	serve d
	mkfifo pipe
	ln -s pipe link
	local to
	for to in pipe link; do
		timeout 10 cat pipe >got &
		c=$!
		get -o $to f
		wait $c
		cmp got d/f
		[ -p $to ]
	done
	[ -L link ]
	run -1 get -o d f
	[ "$output" = "tufted: create d: Is a directory" ]
	run -2 get -o "$(printf '%01100d' 0)" f
	[ "$output" = "tufted: -o: name too long" ]
}

@test "--ready: a descriptor that is not open is none of tufted's own" {
	local n
	for n in 3 4 5 6 7 8 9 300; do
		run -1 bash -c 'for i in 3 4 5 6 7 8 9; do eval "exec $i>&-"; done
			exec tufted -q -p 0 --timeout 1 --ready "$0" d' "$n"
		[ "$output" = "tufted: ready descriptor $n: Bad file descriptor" ]
	done
	run -1 tufted -q -p 0 --timeout 1 --ready 7 d 7</dev/null
	[ "$output" = "tufted: ready descriptor 7: Bad file descriptor" ]
}

@test "-p 0: a port that IPv6 has, too, and no more than some are tried" {
	command -v socat >/dev/null || skip "no socat"
	local p
	[ -w /proc/sys/net/ipv4/ip_local_port_range ] || skip "no port range"
	echo 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range
	for p in 40000 40001 40003; do
		socat -u UDP6-RECV:$p,ipv6only=1 /dev/null 3>&- 4>&- &
		until_ok 10 grep -qi ":$(printf %04X $p) " /proc/net/udp6
	done
	chmod 777 .
	for p in 1 2 3 4; do
		run -0 tufted -p 0 --timeout 1ms d
		[[ $output == *"serving d on port 40002,"* ]]
		run -0 tufted -p 0 -l 127.0.0.1 -l ::1 --timeout 1ms d
		[[ $output == *"serving d on port 40002,"* ]]
	done
	socat -u UDP6-RECV:40002,ipv6only=1 /dev/null 3>&- 4>&- &
	until_ok 10 grep -qi ":9C42 " /proc/net/udp6
	run -1 tufted -p 0 --timeout 1ms d
	musl_words
	[[ $output == "tufted: bind "*": Address in use" ]]
	kill $(jobs -p)
}

@test "-p 0 with several -l: one port for all of them" {
	chmod 777 .
	tufted -q -p 0 -l 127.0.0.1 -l ::1 -l 127.0.0.2 --ready "$D/ready" d \
	    3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
	local a
	for a in 127.0.0.1 127.0.0.2 ::1; do
		tufted -q -p "$(<ready)" --get $a -o out f
		cmp out d/f
	done
	run -1 tufted -q -p 0 -l 127.0.0.1 -l 127.0.0.1 --timeout 1ms d
	musl_words
	[[ $output == "tufted: bind 127.0.0.1 port "*": Address in use" ]]
}

@test "a flood of refused requests: how many were not told is, when it is over" {
	serve -a 10.9.8.7 d
	flood() {
		for _ in $(seq 60); do
			printf '\4' >/dev/udp/127.0.0.1/6969
		done
	}
	more='^tufted: [1-9][0-9]* more refused requests$'
	flood
	until_ok 10 grep -q "$more" err
	flood
	stop
	[ "$(grep -c 'not served' err)" -ge 20 ]
	# each of them is told, or counted
	[ "$(awk '/error="not served"/ { n++ } / more / { n += $2 }
	    END { print n }' err)" = 120 ]
}

@test "--log json: an object a transfer" {
	serve --log json d
	get -o out f
	run get 'no"th\ing'
	stop
	grep -qx '{"event":"ready","port":6969}' err
	grep -q '^{"event":"sent","file":"f","client":"127.0.0.1","port":[0-9]*,"bytes":10000,"ms":[0-9]*,"blksize":1468,"windowsize":16,"resent":0,"ok":true,"error":null}$' err
	grep -q '"file":"no\\"th\\\\ing".*"ok":false,"error":"file not found"' err
}

@test "--log json: packets, names in UTF-8 and what was hushed, too" {
	serve -v --log json d
	cp d/f "d/grüß"
	get -o out "grüß"
	run get "$(printf 'a\033\377\302\233\177')"
	for _ in $(seq 40); do
		printf '\4' >/dev/udp/127.0.0.1/6969
	done
	more() {
		get nothing
		grep -q '^{"event":"refused","more":[1-9][0-9]*}$' err
	}
	until_ok 10 more
	stop
	grep -q '"event":"packet","sent":false,"client":"127.0.0.1","port":[0-9]*,"op":"RRQ","number":0,"bytes":0,"text":"grüß"}$' err
	grep -q '"sent":true,.*"op":"DATA","number":7,"bytes":1192,"text":""}$' err
	grep -q '"sent":true,.*"op":"ERROR","number":1,"bytes":0,"text":"file not found"}$' err
	grep -q '"event":"sent","file":"grüß",.*"ok":true' err
	grep -q '"file":"a\\u001b�\\u009b\\u007f"' err
	run ! grep -v '^{"event":".*}$' err
}

@test "--log json: what keeps it from starting, ends it, or is less than asked" {
	json() { # WORDS COMMAND...: one object, an error with these words
		local words=$1
		shift
		run -1 "$@"
		[ "${#lines[@]}" = 1 ]
		# shellcheck disable=SC2053 # the words are a pattern
		[[ $output == '{"event":"error","text":"'$words'"}' ]]
	}
	json "open nowhere: No such file or directory" \
	    tufted --log json -p 6969 nowhere
	json "user no-such-user: no such user" \
	    tufted --log json -p 6969 --user no-such-user d
	json "out of time" tufted --log json -q -1 --timeout 100ms -p 6969 d
	json "descriptor 0 is no bound UDP socket: *" \
	    tufted --log json --fd 0 d </dev/null
	json 'open no\\"where: No such file or directory' \
	    tufted --log json --put 127.0.0.1 'no"where'
	serve --log json --no-seccomp d
	json "bind 0.0.0.0 port 6969: Address *in use" \
	    tufted --log json -p 6969 d
	[ "$(head -n 1 err)" = '{"event":"warning","text":"not confined by seccomp"}' ]
	stop
	run ! grep -v '^{"event":".*}$' err
}

@test "fewer descriptors than --limit needs: fewer transfers, which is said" {
	(
		ulimit -n 100
		tufted -p 6969 --timeout 100ms d 2>few || :
		tufted -p 6969 --timeout 100ms --limit 12 d 2>enough
		tufted -q -p 6969 --timeout 100ms d 2>hush
		tufted --log json -p 6969 --timeout 100ms d 2>json
	)
	said="16 transfers at once: there are no descriptors for more (ulimit -n)"
	[ "$(head -n 1 few)" = "tufted: $said" ]
	[ "$(head -n 1 json)" = "{\"event\":\"warning\",\"text\":\"$said\"}" ]
	run ! grep transfers enough
	[ ! -s hush ]
}

@test "-v tells the packets, names escaped" {
	serve -v d
	run get "$(printf 'a\033[2Jb')"
	get -o out f
	head -c 40000 /dev/urandom >d/f
	get -b 8192 --window 4 -o out f
	stop
	grep -q 'RRQ "a\\x1b\[2Jb"' err
	grep -q '> 127.0.0.1:[0-9]* OACK' err
	grep -q '> 127.0.0.1:[0-9]* DATA 1, 1468 bytes' err
	grep -q '< 127.0.0.1:[0-9]* ACK 7' err
	grep -q '> 127.0.0.1:[0-9]* DATA 4, 8192 bytes' err
	run ! grep -q "$(printf '\033')" err
}

@test "limits on blocks and windows are kept" {
	serve -v --max-blksize 600 --max-window 2 d
	get -b 1400 --window 9 -o out f
	cmp out d/f
	stop
	grep -q 'blksize=600 windowsize=2 ' err
}

# small WHAT: the window of 64 blocks that was asked for is no longer than what
# a queue of a megabyte holds
small() {
	local w
	w=$(sed -n "s/.*$1 .*blksize=65464 windowsize=\([0-9]*\) .*/\1/p" err)
	[ "$w" -ge 1 ] && [ "$w" -le 16 ]
}
@test "a window is no longer than the queue of who receives it" {
	head -c 9000000 /dev/urandom >d/big
	serve -w up d
	get -b 65464 --window 64 -o out big
	cmp out d/big
	put -b 65464 --window 64 d/big
	cmp up/big d/big
	stop
	small sent
	small received
}

@test "--rollover: the client follows either" {
	head -c 530000 /dev/urandom >d/roll
	for r in 0 1; do
		serve --rollover $r d
		get -b 8 --window 1 -o out roll
		cmp out d/roll
		stop
	done
}

@test "sockets are inherited: LISTEN_FDS, --fd; else refused" {
	run tufted --fd 0 d </dev/null
	[ "$status" -eq 1 ]
	[[ "$output" == "tufted: descriptor 0 is no bound UDP socket: "* ]]
	LISTEN_FDS=1 run tufted d 3</dev/null
	[ "$status" -eq 1 ]
	[[ "$output" == *"descriptor 3"* ]]
	# another process's descriptors are not taken
	LISTEN_FDS=1 LISTEN_PID=1 run tufted -1 --timeout 100ms -p 6969 d 3</dev/null
	[[ "$output" == *"out of time"* ]]
}

@test "an inherited socket is served" {
	command -v socat >/dev/null || skip "no socat"
	# socat's child has the bound socket as 0 (nofork)
	chmod 777 .
	socat -u UDP-RECVFROM:6969,bind=127.0.0.1 \
	    EXEC:"tufted -q -1 --fd 0 --timeout 20 d",nofork 3>&- 4>&- &
	c=$!
	# the first request only starts it
	until_ok 10 get -o out f
	cmp out d/f
	wait $c
}

@test "LISTEN_FDS: descriptor 3 is served" {
	command -v socat >/dev/null || skip "no socat"
	chmod 777 .
	LISTEN_FDS=1 socat -u UDP-RECVFROM:6969,bind=127.0.0.1 \
	    EXEC:"tufted -q -1 --timeout 20 d",nofork,fdin=3 3>&- 4>&- &
	c=$!
	until_ok 10 get -o out f
	cmp out d/f
	wait $c
}

@test "NOTIFY_SOCKET gets READY=1" {
	command -v socat >/dev/null || skip "no socat"
	chmod 777 .
	socat -u UNIX-RECVFROM:"$D/n" OPEN:"$D/got",creat 3>&- 4>&- &
	c=$!
	until_ok 5 test -S n
	chmod 777 n
	NOTIFY_SOCKET=$D/n serve d
	wait $c
	[ "$(cat got)" = "READY=1" ]
}

@test "NOTIFY_SOCKET may be an abstract one" {
	command -v socat >/dev/null || skip "no socat"
	chmod 777 .
	socat -u ABSTRACT-RECVFROM:limen.n OPEN:"$D/got",creat 3>&- 4>&- &
	c=$!
	until_ok 5 grep -q '@limen\.n$' /proc/net/unix
	NOTIFY_SOCKET=@limen.n serve d
	wait $c
	[ "$(cat got)" = "READY=1" ]
}

@test "it keeps no capability, cannot gain any, and is filtered" {
	serve d
	grep -qx 'CapEff:.0000000000000000' "/proc/$srv/status"
	grep -qx 'CapPrm:.0000000000000000' "/proc/$srv/status"
	grep -qx 'NoNewPrivs:.1' "/proc/$srv/status"
	grep -qx 'Seccomp:.2' "/proc/$srv/status"
	stop
	serve --no-seccomp --no-landlock d
	grep -q 'not confined by Landlock nor by seccomp' err
	grep -qx 'Seccomp:.0' "/proc/$srv/status"
}

@test "--user: an unknown one is one line" {
	run tufted -p 6969 --user no-such-user d
	[ "$status" -eq 1 ]
	[ "$output" = "tufted: user no-such-user: no such user" ]
	serve --user "$(id -u):$(id -g)" d
	get -o out f
}

@test "the client's request is no longer than 512 bytes" {
	local name pid
	name=$(printf %0440d 0)
	socat -u UDP4-RECV:6971 CREATE:req 3>&- 4>&- &
	pid=$!
	until_ok 5 grep -qi " 00000000:1B3B " /proc/net/udp
	run tufted -q -p 6971 --timeout 300ms --put 127.0.0.1 -b 65464 \
	    --window 32767 --name "$name" d/f
	[ "$status" -eq 1 ]
	until_ok 5 test -s req
	kill "$pid"
	grep -qa windowsize req
	[ "$(head -c 512 req | tr -dc '\0' | wc -c)" -ge 8 ]
	run tufted -q --put 127.0.0.1 --name "${name}0" d/f
	[ "$status" -eq 2 ]
	[[ $output == *"no name for the file in "*": --name gives one" ]]
	rm req
}

@test "the client: messages and status, nothing left behind" {
	run tufted --get 127.0.0.1 -p 6970 f
	[ "$status" -eq 1 ]
	[[ "$output" == *"nobody listens there"* ]]
	run tufted --put 127.0.0.1 nothing
	[ "$status" -eq 1 ]
	[ "$output" = "tufted: open nothing: No such file or directory" ]
	run tufted --put 127.0.0.1 d
	[ "$output" = "tufted: d: not a regular file" ]
	run tufted --get 127.0.0.1 -o no/where f
	[[ "$output" == "tufted: create no/where: "* ]]
	run tufted -q -p 6970 --wait --timeout 300ms --get 127.0.0.1 f
	[ "$status" -eq 1 ]
	[[ "$output" == *"nobody answered in time"* ]]
	[ "$(ls -A)" = "$(printf 'd\nup')" ]
}

@test "what a killed client of its own process number left is not in the way" {
	serve d
	sh -c ': >.out.tufted-$$; exec tufted -q -p 6969 --get 127.0.0.1 -o out f'
	cmp out d/f
}

# a name with these addresses
named() {
	printf '%s two\n' "$@" >hosts
	mount --bind "$D/hosts" /etc/hosts || skip "no mount"
	mounted=1
}
unnamed() {
	umount /etc/hosts
	mounted=
}

@test "the client asks the next address where one refuses or is silent" {
	local a
	for a in 127.0.0.1 ::1; do
		serve -l $a d
		named 127.0.0.1 ::1
		tufted -q --get two:6969 -o out f
		unnamed
		cmp out d/f
		rm out
		stop
	done
	socat -u UDP4-RECV:6969,bind=127.0.0.2 /dev/null 3>&- 4>&- &
	until_ok 10 grep -q :1B39 /proc/net/udp
	serve -l 127.0.0.3 d
	for a in "127.0.0.2 127.0.0.3" "127.0.0.3 127.0.0.2" \
	    "::1 127.0.0.4 127.0.0.2 127.0.0.3"; do
		# shellcheck disable=SC2086
		named $a
		tufted -q --get two:6969 -o out f
		unnamed
		cmp out d/f
		rm out
	done
	stop
	named 127.0.0.3 ::1
	run -1 tufted -q --get two:6969 f
	unnamed
	[[ $output == *"nobody listens there"* ]]
	kill %%
}

@test "the client ends where no route leads" {
	run -1 timeout 10 tufted -q --get 192.0.2.1 f
	[[ $output == *"Network"*"unreachable"* ]]
}

# odd ADDRESS PORT: a server of its own kind; stdin has answers(b), which yields
# them to the packet b
odd() {
	{
		cat
		cat <<-'EOF'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind((sys.argv[1], int(sys.argv[2])))
		while True:
		    b, peer = s.recvfrom(600)
		    for a in answers(b):
		        s.sendto(a, peer)
		EOF
	} >odd.py
	python3 odd.py "$@" 3>&- 4>&- &
	srv=$!
	until_ok 10 grep -q "$(printf :%04X "$2") " /proc/net/udp
}

@test "a server that knows no options is asked again at the port named" {
	odd 127.0.0.1 6969 <<-'EOF'
	def answers(b):
	    if b"blksize" in b:
	        yield b"\0\5\0\10no\0"
	    elif b == b"\0\1f\0octet\0":
	        yield b"\0\3\0\1hi"
	EOF
	[ "$(timeout 20 tufted -q --get 127.0.0.1:6969 -o - f)" = hi ]
}

@test "the client keeps no file that is shorter than was announced" {
	odd 127.0.0.1 6969 <<-'EOF'
	def answers(b):
	    if b[1] == 1:
	        yield b"\0\6tsize\0" + open("size", "rb").read().strip() + b"\0"
	    elif b == b"\0\4\0\0":
	        yield b"\0\3\0\1hi"
	EOF
	for n in 2 1 0; do
		echo $n >size
		[ "$(timeout 20 tufted -q -p 6969 --get 127.0.0.1 -o - f)" = hi ]
	done
	echo 3 >size
	run -1 timeout 20 tufted -q -p 6969 --get 127.0.0.1 -o got f
	[[ $output == *'error="2 bytes of 3 came"'* ]]
	[ -z "$(find . -name '*got*')" ]
}

@test "what is no answer to the client's request is of another transfer" {
	odd 0.0.0.0 6971 <<-'EOF'
	import time
	def answers(b):
	    if b[1] == 2:
	        yield b"\0\3\0\2old"
	        time.sleep(0.2)
	        yield b"\0\4\0\0"
	    elif b[1] == 3:
	        yield b"\0\4\0\1"
	EOF
	tufted -q -p 6971 --put 127.0.0.1 d/empty
}

@test "--wait pushes to a board that is not there yet" {
	tufted -q -p 6969 --put 127.0.0.1 --wait --timeout 30 d/f 3>&- 4>&- &
	c=$!
	serve -w up d
	wait $c
	cmp up/f d/f
}

@test "SIGTERM ends it with 0 and takes half an upload away" {
	head -c 30000000 /dev/zero >big
	serve -w up d
	tufted -q -p 6969 --put 127.0.0.1 big 2>cerr 3>&- 4>&- &
	c=$!
	until_ok 10 sh -c 'ls -A up | grep -q tufted-'
	kill "$srv"
	wait "$srv"
	srv=
	run ! wait $c
	[ -z "$(ls -A up)" ]
	grep -q 'the server ends' cerr
}

@test "the page's examples are understood" {
	run tufted -q -1 --timeout 100ms -p 6969 d
	[ "$status" -eq 1 ]
	serve -a 192.168.8.0/24 -a 127.0.0.1 -w up d
	get -o - text >out
	cmp out d/text
}

@test "on a terminal: progress, then a line for people" {
	command -v script >/dev/null || skip "no script"
	chmod 777 .
	head -c 20000000 /dev/urandom >d/big
	script -qc "stty cols 60; tufted -1 -p 6969 --timeout 60 --ready $D/ready d" tty \
	    >/dev/null 3>&- 4>&- </dev/null &
	c=$!
	until_ok 10 test -e ready
	get --plain -o out big
	wait $c
	grep -q '"big" 127.0.0.1 .*% ETA .*B/s' tty
	grep -q 'tufted: sent "big" to 127.0.0.1:[0-9]*, 19MiB in .* s, .*iB/s' tty
	script -qc "tufted -1 -p 6969 --timeout 60 --ready $D/ready2 d" tty \
	    >/dev/null 3>&- 4>&- </dev/null &
	c=$!
	until_ok 10 test -e ready2
	get -o out none && return 1
	get -o out text
	wait $c
	grep -q 'tufted: could not send "none" to 127.0.0.1:[0-9]*: file not found' tty
}

@test "in the background of a terminal: the line for people, no progress over others" {
	command -v script >/dev/null || skip "no script"
	chmod 777 .
	head -c 20000000 /dev/urandom >d/big
	script -qc "bash -mc 'tufted -1 -p 6969 --timeout 60 --ready $D/ready d & wait'" \
	    tty >/dev/null 3>&- 4>&- </dev/null &
	c=$!
	until_ok 10 test -e ready
	get --plain -o out big
	wait $c
	grep -q 'tufted: sent "big" to 127.0.0.1:[0-9]*, 19MiB in .* s, .*iB/s' tty
	! grep -q ETA tty
}

@test "the client on a terminal: progress, then a line for people" {
	command -v script >/dev/null || skip "no script"
	head -c 20000000 /dev/urandom >d/big
	serve -w up d
	script -qec "stty cols 60; tufted -p 6969 --get 127.0.0.1 -o out big" \
	    tty >/dev/null 3>&- 4>&- </dev/null
	cmp d/big out
	grep -q '"big" 127.0.0.1 .*% ETA .*B/s' tty
	grep -q 'tufted: received "big" from 127.0.0.1:[0-9]*, 19MiB in .* s, .*iB/s' tty
	script -qec "stty cols 60; tufted -p 6969 --put 127.0.0.1 d/big" \
	    tty >/dev/null 3>&- 4>&- </dev/null
	cmp d/big up/big
	grep -q '"big" 127.0.0.1 .*% ETA .*B/s' tty
	grep -q 'tufted: sent "big" to 127.0.0.1:[0-9]*, 19MiB in .* s, .*iB/s' tty
	script -qec "tufted -p 6969 --get 127.0.0.1 -o - text" \
	    tty >/dev/null 3>&- 4>&- </dev/null
	grep -q "^$(head -n 1 d/text)" tty
	[ "$(grep -cF $'\e[' tty)" = 0 ]
	# nor is a line wiped of who reads the file from a pipe
	script -qec "tufted -p 6969 --get 127.0.0.1 -o - big | cksum" \
	    tty >/dev/null 3>&- 4>&- </dev/null
	grep -q "^$(cksum <d/big)" tty
	[ "$(grep -cF $'\e[' tty)" = 0 ]
	script -qec "tufted -p 6969 --get 127.0.0.1 -o out none" \
	    tty >/dev/null 3>&- 4>&- </dev/null && return 1
	grep -q 'tufted: could not receive "none" from 127.0.0.1:[0-9]*: the server says: file not found (1)' tty
	: >d/empty
	script -qec "tufted -p 6969 --put 127.0.0.1 d/empty" \
	    tty >/dev/null 3>&- 4>&- </dev/null
	grep -q 'sent "empty" to 127.0.0.1:[0-9]*, 0B in 0.* s, 0B/s' tty
	stop
	script -qec "tufted -p 6969 --put 127.0.0.1 --wait --timeout 2 d/empty" \
	    tty >/dev/null 3>&- 4>&- </dev/null && return 1
	grep -q '^127.0.0.1: no answer for 1 s' tty
	grep -q 'could not send "empty" .*: nobody answered in time' tty
	# where nobody has answered yet there is nothing to draw
	script -qec "bash -c 'TIMEFORMAT=\"took %R %U %S\"
		time tufted -p 6969 --put 127.0.0.1 --wait --timeout 0.9 d/empty'" \
	    tty >/dev/null 3>&- 4>&- </dev/null && return 1
	awk '/^took/ { r = $3 + $4 < $2 / 10 } END { exit !r }' tty
	# a terminal that becomes narrower meanwhile
	script -qec "stty cols 60; { sleep 1.5; stty -F /dev/tty cols 12; } &
		tufted -p 6969 --put 127.0.0.1 --wait --timeout 3 d/empty" \
	    tty >/dev/null 3>&- 4>&- </dev/null && return 1
	grep -q '127.0.0.1: no answer' tty
	grep -q $'J127.0.0.1: \r$' tty
}

@test "a server is a host, with a port: no URL" {
	for h in tftp://127.0.0.1/f a:b:c 127.0.0.1:x '' :69 127.0.0.1:0; do
		run tufted --get "$h" f
		[ "$status" = 2 ]
		[[ $output == "tufted: not HOST or HOST:PORT: $h (tufted"* ]]
	done
	run tufted --get 127.0.0.1
	[[ $output == "tufted: no file named"* ]]
	run tufted --get lns.invalid f
	[ "$status" = 1 ]
	[[ $output == "tufted: lns.invalid: "@("name not found"|"no name server answers") ]]
}

@test "the client names the interface or the address that it cannot have" {
	run -1 tufted --get 127.0.0.1 -i no-such-if f
	[ "$output" = "tufted: interface no-such-if: No such device" ]
	run -1 tufted --get 127.0.0.1 -l 192.0.2.1 f
	[[ $output == "tufted: bind 192.0.2.1: "* ]]
	[ ! -e f ]
}

@test "the client on a terminal escapes what the server says" {
	command -v script >/dev/null || skip "no script"
	# it takes the request first: socat dies of a reader that has gone
	printf '%s\n' 'head -c 2 >/dev/null' \
	    "printf '\\0\\5\\0\\0a\\033[2Jb\\0'" >reply
	socat UDP4-RECVFROM:6970,bind=127.0.0.1 EXEC:'sh reply' 3>&- 4>&- &
	until_ok 5 sh -c "ss -Huln sport = :6970 | grep -q ."
	script -qec "tufted -p 6970 --get 127.0.0.1 --timeout 5 -o out x" \
	    tty >/dev/null 3>&- 4>&- </dev/null && return 1
	grep -qF 'the server says: a\x1b[2Jb (0)' tty
}
