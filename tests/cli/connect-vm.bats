#!/usr/bin/env bats
# connect-vm against sockets and pseudo terminals: options, pipes, terminals
# uses: connect-vm
# waits
# timeout: 120
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir vm
	servers=()
}
teardown() {
	[ "${#servers[@]}" -eq 0 ] || kill "${servers[@]}" 2>/dev/null || :
}

# serve NAME COMMANDS: a Unix socket, for each client a shell
serve() {
	printf '%s\n' "$2" >"$1.sh"
	daemon socat -t 5 "UNIX-LISTEN:$1,fork" EXEC:"bash $1.sh"
	servers+=("$!")
	listening "$1"
}
# the socket is there before its program listens
listening() { until_ok 10 grep -q " 00010000 .* $1\$" /proc/net/unix; }

@test "usage: no target, two targets, wrong values" {
	run -2 connect-vm
	[[ "$output" == "connect-vm: a DIR, SOCKET or TTY is needed"* ]]
	run -2 connect-vm a b
	[[ "$output" == *"one target only: b"* ]]
	run -2 connect-vm -b 12345 a
	[[ "$output" == *"-b: no such speed: 12345; there are 300 600"* ]]
	run -2 connect-vm -b 115200n8 a
	[[ "$output" == *"-b: no such speed: 115200n8; there are 300 600"* ]]
	run -2 connect-vm -e xyz a
	[[ "$output" == *"not a character, ^X or none: xyz"* ]]
	run -2 connect-vm -t soon a
	[[ "$output" == *"not a time: soon"* ]]
	run -2 connect-vm -s f -C c a
	run -2 connect-vm -w r -C c a
	run -2 connect-vm -r -s f a
	serve sock cat
	run -2 connect-vm -w '(' sock
	[ "$output" = "connect-vm: -w (: a ( without its )" ]
	run -2 connect-vm -s /dev/null -x '[' sock
	[ "$output" = "connect-vm: -x [: a [ without its ]" ]
}

@test "a target that is not there or is something else: one line, status 1" {
	run -1 connect-vm nowhere
	[ "$output" = "connect-vm: nowhere: No such file or directory" ]
	run -1 connect-vm vm
	[ "$output" = "connect-vm: vm/console: no console there: nothing runs in it" ] ||
	    [ "$output" = "connect-vm: vm: no console there: nothing runs in it" ]
	echo text >file
	run -1 connect-vm file
	[[ "$output" == *"file: neither a directory, a socket nor a terminal" ]]
	run -1 connect-vm /dev/null
	[[ "$output" == *"/dev/null: neither a directory, a socket nor a terminal" ]]
}

@test "a stale socket says that its program has ended" {
	socat UNIX-LISTEN:vm/console,unlink-close=0 OPEN:/dev/null 3>&- &
	listening vm/console
	kill $!
	wait $! || :
	run -1 connect-vm vm </dev/null
	[ "$output" = "connect-vm: vm/console: nobody listens there: its program has ended" ]
}

@test "pipe: what is piped in is sent, the answer comes back" {
	serve sock 'tr a-z A-Z'
	serve echo cat
	run -0 --separate-stderr connect-vm -t 0.3 echo <<<"hello"
	[ "$output" = hello ]
	[ -z "$stderr" ]
}

@test "pipe: bytes pass as they are, all of them" {
	serve sock cat
	head -c 3000000 /dev/urandom >in
	connect-vm -t 2 sock <in >out
	cmp in out
}

@test "pipe: ends when the other side ends" {
	serve sock 'echo bye'
	run -0 connect-vm -t 100 sock </dev/null
	[ "$output" = bye ]
}

@test "pipe: -t ends it when the other side takes nothing" {
	serve sock 'sleep 30'
	head -c 3000000 /dev/zero >in
	run -1 timeout 20 connect-vm -t 0.3 sock <in
	[ "$output" = "connect-vm: sock: does not take what is sent" ]
	# nor with an input that does not end
	run -1 timeout 20 connect-vm -t 0.3 sock </dev/zero
	[ "$output" = "connect-vm: sock: does not take what is sent" ]
}

@test "a socket behind a path longer than sun_path" {
	d=$(printf 'x%.0s' {1..120})
	mkdir "$d"
	cd "$d"
	serve sock cat
	cd ..
	run -0 connect-vm -t 0.3 "$d/sock" <<<"far"
	[ "$output" = far ]
	mv vm "$d/"
	mv "$d/sock" "$d/vm/console"
	run -0 connect-vm -t 0.3 "$d/vm" <<<"far"
	[ "$output" = far ]
}

@test "-w: ends at the line, in colour and unfinished too; 1 at the deadline" {
	serve sock 'printf "boot\r\n\033[1mlogin\033[0m: "; sleep 30'
	run -0 connect-vm -w '^login: $' sock </dev/null
	[[ "$output" == boot* ]]
	run -1 --separate-stderr connect-vm -w 'never' -t 0.5 sock </dev/null
	[ "$stderr" = 'connect-vm: sock: "never" did not come in 0 s' ]
	serve short 'echo boot'
	run -1 --separate-stderr connect-vm -w 'never' -t 9 short </dev/null
	[ "$stderr" = 'connect-vm: short: ended before "never" came' ]
}

@test "-w: a stdin that stays open and silent does not hold it" {
	serve sock 'echo up; sleep 30'
	mkfifo idle
	exec 8<>idle
	run -0 connect-vm -w up -t 20 sock <&8
	exec 8>&-
}

@test "a console's past is no answer, but all there is when nothing is asked" {
	serve vm/console 'printf "old screen\r\n# "; cat'
	run -0 connect-vm -t 0.3 vm <<<"ask"
	[ "$output" = ask ]
	run -0 connect-vm -t 0.3 vm </dev/null
	[[ "$output" == "old screen"* ]]
}

@test "a console that ends while its past comes ends the session" {
	serve vm/console 'printf "old screen\r\nlogin: "'
	run -0 timeout 10 connect-vm vm <<<"ask"
	[ -z "$output" ]
	run -1 timeout 10 connect-vm -w login vm <<<"ask"
	[ "$output" = 'connect-vm: vm/console: ended before "login" came' ]
	serve vm/console.all 'sleep 30'
	mv vm/console.all vm/console
	run -1 timeout 10 connect-vm -t 0.01 -w login vm <<<"ask"
	[ "$output" = 'connect-vm: vm/console: "login" did not come in 0 s' ]
}

@test "-t 0 at a console: what is piped in is sent all the same" {
	serve vm/console 'cat >got'
	run -0 connect-vm -t 0 vm <<<"ask"
	[ -z "$output" ]
	until_ok 5 grep -q ask got
}

@test "-a: console.all, else console.log and then the console" {
	serve vm/console 'echo live'
	run -0 connect-vm -a vm </dev/null
	[[ "$output" == *"keeps no console.all or console.log"* ]]
	[[ "$output" == *live ]]
	printf 'from the first byte\r\n' >vm/console.log
	run -0 connect-vm -a vm </dev/null
	[ "${lines[0]}" = $'from the first byte\r' ]
	[ "${lines[1]}" = live ]
	serve vm/console.all 'echo everything'
	run -0 connect-vm -a vm </dev/null
	[ "$output" = everything ]
}

@test "a directory with a control socket alone: that" {
	serve vm/control 'read x; echo "got $x"'
	run -0 connect-vm vm <<<"status"
	[ "$output" = "got status" ]
}

@test "a control socket: told that all was asked, ended by it, refusals counted" {
	mkdir one two three
	serve one/control 'sleep 1.5; while read x; do echo "$x?"; echo ok; done
		echo bye'
	run -0 connect-vm one/control <<<$'status\ncounters'
	[ "$output" = $'status?\nok\ncounters?\nok\nbye' ]
	serve two/control 'while read x; do echo "an error: $x"; echo ok; done'
	run -0 connect-vm two <<<status
	serve three/control 'read x; echo "error: $x: no such command"
		read x; echo ok'
	run -1 connect-vm three <<<$'nonsense\nstatus'
	[ "$output" = $'error: nonsense: no such command\nok' ]
}

@test "a control socket: -C and -s need no prompt there" {
	mkdir one
	serve one/control 'while read x; do case $x in
		non*) echo "error: $x: no such command" ;; *) echo "$x?"; echo ok
		esac; done'
	run -0 connect-vm -C status one
	[ "$output" = $'status?\nok' ]
	run -1 connect-vm -C nonsense one/control
	[ "$output" = 'error: nonsense: no such command' ]
	printf '# as it was\nstatus\n\nrate 0' >s
	run -0 connect-vm -s s one </dev/null
	[ "$output" = $'status?\nok\nrate 0?\nok' ]
	run -0 script -qec "connect-vm -s s one" /dev/null </dev/null
	[ "$output" = $'status?\r\nok\r\nrate 0?\r\nok\r' ]
	run -2 connect-vm -C '' one
	[ "$output" = "connect-vm: -C: no line to send in it" ]
	# as long as a script may be, without an end of line
	yes x | head -c 1048575 >long
	mkdir two
	serve two/control 'wc -c'
	run -0 connect-vm -s long two </dev/null
	[ "$output" = 1048576 ]
}

@test "-r sends nothing" {
	serve sock 'if read -t 1 x; then echo "got $x"; else echo silence; fi'
	run -0 connect-vm -r sock <<<"noise"
	[ "$output" = silence ]
}

@test "-l logs and appends, -T stamps each line, in the log or on stdout" {
	serve sock 'printf "one\ntwo\n"'
	connect-vm -l log sock </dev/null >out
	connect-vm -l log sock </dev/null >out
	[ "$(cat log)" = $'one\ntwo\none\ntwo' ]
	[ "$(cat out)" = $'one\ntwo' ]
	connect-vm -T -l stamped sock </dev/null >out
	[ "$(grep -cE '^20[0-9-]{8} [0-9:]{8}\.[0-9]{3} (one|two)$' stamped)" -eq 2 ]
	[ "$(cat out)" = $'one\ntwo' ]
	connect-vm -T sock </dev/null >out
	[ "$(grep -cE '^20[0-9-]{8} [0-9:]{8}\.[0-9]{3} (one|two)$' out)" -eq 2 ]
	run -1 connect-vm -l nowhere/log sock </dev/null
	[[ "$output" == "connect-vm: open nowhere/log: No such file"* ]]
}

@test "-l on a full disk: told once, the session goes on, status 1" {
	serve sock 'printf "one\ntwo\n"; sleep 0.3; echo three'
	run -1 --separate-stderr connect-vm -l /dev/full sock </dev/null
	[ "$output" = $'one\ntwo\nthree' ]
	[ "$stderr" = "connect-vm: write /dev/full: the log ends here: No space left on device" ]
	# as a limit of the file's length is
	serve long 'seq 2000; sleep 0.3; echo last'
	run -1 --separate-stderr bash -c 'ulimit -f 4
	    exec connect-vm -l log long </dev/null'
	[[ "$output" == *$'\n2000\nlast' ]]
	[ "$stderr" = "connect-vm: write log: the log ends here: File too large" ]
}

@test "a full disk behind stdout is an error" {
	serve sock 'echo one'
	run -1 bash -c 'connect-vm sock </dev/null 2>&1 >/dev/full'
	[ "$output" = "connect-vm: write to stdout: No space left on device" ]
}

@test "a reader that has had enough needs no word" {
	serve sock 'echo one; sleep 0.3; echo two; sleep 9'
	mkdir had
	seq 100000 >had/console.log
	serve had/console 'sleep 9'
	run -1 bash -c 'connect-vm -r sock 2>&1 >&3 | cat; exit ${PIPESTATUS[0]}' \
	    3> >(head -n 1 >first)
	[ "$output" = "" ]
	[ "$(cat first)" = one ]
	run -1 bash -c 'connect-vm -a had 2>&1 >&3 | cat; exit ${PIPESTATUS[0]}' \
	    3> >(head -n 1 >first)
	[ "$output" = "" ]
}

@test "a busy socket, one that does not accept, is told as such" {
	daemon socat UNIX-LISTEN:one,fork EXEC:cat
	server=$!
	servers+=("$server")
	listening one
	kill -s STOP "$server"
	run -1 connect-vm one </dev/null
	[ "$output" = "connect-vm: one: busy: another client holds it, and it serves one at a time" ]
	run -1 connect-vm -m -C x one </dev/null
	[[ "$output" == *"one: busy: another client holds it"* ]]
	kill -s CONT "$server"
	run -0 connect-vm -t 0.3 one <<<"now"
	[ "$output" = now ]
}

@test "-c paces the characters" {
	serve sock cat
	t0=$(date +%s%N)
	run -0 connect-vm -c 20 -t 0.2 sock <<<"0123456789012345678"
	[ "$output" = 0123456789012345678 ]
	[ $((($(date +%s%N) - t0) / 1000000)) -ge 400 ]
}

# resting CMD...: its status, when it had a processor for less than a twentieth
# of the time that it took
resting() {
	local TIMEFORMAT='%R %U %S' r=0
	{ time "$@" 2>err; } 2>took || r=$?
	awk '{ exit !($2 + $3 < $1 / 20) }' took && return "$r"
	echo "took $(cat took)" >&2
	return 99
}

@test "it rests: a slow stdout, a peer that takes nothing, a pace" {
	serve flood 'head -c 200000 /dev/zero'
	mkfifo pipe
	{ sleep 2; cat; } <pipe >/dev/null 3>&- &
	resting connect-vm flood </dev/null >pipe
	serve deaf 'sleep 30'
	head -c 5000 /dev/zero | tr '\0' x >in
	r=0
	resting connect-vm -c 1 -t 1 deaf <in || r=$?
	[ "$r" -eq 1 ]
	serve echo cat
	head -c 40 in | resting connect-vm -c 50 -w xx echo >out
}

# typed COMMAND KEYS: on a terminal, when it runs; KEYS are printf's
typed() {
	in_pty "$1"
	until_ok 10 pgrep -x connect-vm
	sleep 0.3
	# shellcheck disable=SC2059
	printf "$2" >&7
}

@test "a terminal: what is typed before ^O goes out at -c's pace" {
	serve sock 'cat >got'
	typed 'connect-vm -c 50 sock' '0123456789012345678901234567890123456789\017no'
	off_pty
	[ "$(cat status)" = status=0 ]
	until_ok 5 test -s got
	[ "$(cat got)" = 0123456789012345678901234567890123456789 ]
}

@test "a terminal: keys go out, ^O leaves in the midst of a paste, settings are back" {
	serve sock 'cat >got'
	typed 'connect-vm sock' 'ls\003\032\021x\017not this'
	off_pty
	[ "$(cat status)" = status=0 ]
	until_ok 5 test -s got
	[ "$(od -An -c got | tr -d ' \n')" = 'ls003032021x' ]
}

@test "a terminal: another escape, and none" {
	serve sock 'cat >got'
	typed 'connect-vm -e ^] sock' 'a\017b\035'
	off_pty
	[ "$(od -An -c got | tr -d ' \n')" = 'a017b' ]
	rm keys before after got
	typed 'connect-vm -e none sock' 'a\017b\035'
	until_ok 10 test -s got
	kill "$(pgrep -x connect-vm)"
	off_pty
	[ "$(od -An -c got | tr -d ' \n')" = 'a017b035' ]
}

@test "a terminal: settings are back after SIGTERM, SIGHUP, SIGUSR1" {
	serve sock 'echo here; exec cat'
	for sig in TERM HUP USR1; do
		rm -f keys before after status
		in_pty 'connect-vm sock'
		until_ok 10 shown here
		kill -s "$sig" "$(pgrep -x connect-vm)"
		off_pty
		[ "$(cat status)" = "status=$((128 + $(kill -l "$sig")))" ]
	done
}

@test "a terminal: settings are back after the other side's end and death" {
	serve sock 'echo here; sleep 0.3'
	in_pty 'connect-vm sock'
	off_pty
	[ "$(cat status)" = status=0 ]
	rm keys before after
	serve kill 'echo $$ >pid; echo here; exec sleep 60'
	in_pty 'connect-vm kill'
	until_ok 10 shown here
	pkill -9 -P "$(cat pid)" || kill -9 "$(cat pid)"
	off_pty
}

@test "a terminal: SIGTSTP gives it back, SIGCONT takes it again" {
	serve sock 'echo here; cat >got'
	in_pty 'connect-vm sock'
	until_ok 10 shown here
	p=$(pgrep -x connect-vm)
	tty=$(readlink "/proc/$p/fd/0")
	raw() { stty -F "$tty" -a | grep -q -e '-icanon'; }
	cooked() { stty -F "$tty" -a | grep -q -e ' icanon'; }
	until_ok 5 raw
	kill -s TSTP "$p"
	until_ok 5 grep -q '^State:.T' "/proc/$p/status"
	cooked
	kill -s CONT "$p"
	until_ok 5 raw
	printf 'x\017' >&7
	off_pty
	until_ok 5 test -s got
}

@test "a serial port: raw at the speed asked for, put back, one user at a time" {
	daemon socat PTY,link=port,wait-slave EXEC:cat
	until_ok 10 test -e port
	exec 9<>port
	stty 9600 icanon echo <&9
	stty -g <&9 >before
	mkfifo hold
	exec 8<>hold
	connect-vm -b 57600 port <&8 3>&- 4>&- 9>&- >out &
	p=$!
	set_so() { stty -a <&9 | grep -q "speed 57600 .*" && stty -a <&9 | grep -q -e -icanon; }
	until_ok 5 set_so
	run -1 connect-vm port </dev/null
	[[ "$output" == *"port: busy: another program has it" ]]
	echo hello >&8
	until_ok 5 grep -q hello out
	kill "$p"
	wait "$p" || :
	exec 8>&-
	stty -g <&9 | cmp - before
	run -0 connect-vm -t 0.5 port <<<"again"
	[ "$output" = again ]
	exec 9>&-
}

@test "a serial port that goes away" {
	socat PTY,link=port,wait-slave SYSTEM:'echo up; sleep 60' 3>&- 4>&- </dev/null >/dev/null 2>&1 &
	s=$!
	until_ok 10 test -e port
	in_pty 'connect-vm port'
	until_ok 10 shown up
	kill "$s"
	off_pty
	[ "$(cat status)" = status=1 ]
	grep -q 'port: the port is gone' screen
}

# activated TEXT [LATER]: -C works on a console that asks for the return key
# first; ^C ends what asks, and it is begun again
activated() {
	rm -f con
	cat >ask.sh <<-EOT
	trap : INT
	(sleep 0.1; printf "${2-}") &
	while :; do
		sh -c 'printf "$1"; read -r x && PS1="root@router:/# " exec sh -i'
		sleep 0.3
	done
	EOT
	# a command in the background would ignore ^C
	(trap - INT && exec socat -t 5 UNIX-LISTEN:con,fork \
	    EXEC:"sh ask.sh",pty,setsid,ctty,stderr) </dev/null >ask.out 2>&1 3>&- 4>&- &
	servers+=("$!")
	listening con
	run -3 timeout 60 connect-vm -C 'echo hello; (exit 3)' con
	[ "$output" = hello ]
}

@test "a console that is to be activated by Enter is" {
	# as OpenWrt's procd asks, and as busybox init does
	activated 'Please press Enter to activate this console.\n'
	activated '\nPlease press Enter to activate this console. '
	# what was said since: ^C has it asked again
	activated 'Please press Enter to activate this console.\n' '[ 12.3] br-lan: up\n'
}

# a boot loader as far as -s and -C need one
loader() {
	cat >loader.sh <<'EOT'
stty raw -echo 2>/dev/null
printf 'U-Boot\r\n=> '
line=
while IFS= read -r -n 1 -d '' c; do
	case $c in
	$'\003') line=; printf '<INTERRUPT>\r\n=> ' ;;
	$'\r')
		printf '\r\n'
		printf '%s\n' "$line" >>ran
		st=0
		case $line in
		'echo '*) printf '%s\r\n' "${line#echo }" ;;
		bad*) printf "Unknown command 'bad' - try 'help'\r\n" ;;
		tftp*) printf "Loading: *\r\nTFTP error: 'File not found' (1)\r\n" ;;
		hang) sleep 60 ;;
		# usage, and what U-Boot 2018.03 says when it begins
		*help* | '? '*) printf 'Usage:\r\n' ;;
		reset) printf 'using default environment\r\n\r\nFailed (-5)\r\n' ;;
		saveenv) printf 'Saving Environment to NAND... \r\nFailed (1)\r\n' ;;
		'saveenv sf') printf 'Saving Environment to SPIFlash... %s\r\n\r\n' \
		    '*** Warning - spi_flash_probe() failed, using default' ;;
		boot) printf 'Starting kernel ...\r\n'; sleep 1; exit ;;
		*'; echo lim'*) printf 'out\r\n'; eval "${line##*; }" ;;
		esac
		line=
		printf '=> '
		;;
	*) line+=$c; printf %s "$c" ;;
	esac
done
EOT
	serve board 'exec bash loader.sh'
}

@test "-s: line by line, no blank lines and comments, ends at the prompt" {
	loader
	printf '# first\n\necho one\r\n\techo two\n' >scr
	run -0 connect-vm -s scr board </dev/null
	[ "$(cat ran)" = $'echo one\n echo two' ]
	[[ "$output" == *$'=> echo one\r\none\r\n'* ]]
	run -0 connect-vm -s - -p '^=> $' board <<<"echo three"
	[ "$(tail -n 1 ran)" = "echo three" ]
	# what a Windows editor puts at the head is no part of it
	printf '\357\273\277# first\r\necho four\r\n' >scr
	run -0 connect-vm -s scr board </dev/null
	[ "$(tail -n 1 ran)" = "echo four" ]
	run -0 connect-vm -s - board < <(printf '\357\273\277echo five\n')
	[ "$(tail -n 1 ran)" = "echo five" ]
	run -0 connect-vm -s /dev/stdin board < <(printf '\357\273\277echo six\n')
	[ "$(tail -n 1 ran)" = "echo six" ]
}

@test "-s: a failed command stops it with the line's number" {
	loader
	printf 'echo one\nbad\necho two\n' >scr
	run -1 --separate-stderr connect-vm -s scr board </dev/null
	[ "$stderr" = "connect-vm: scr: line 2: Unknown command 'bad' - try 'help'" ]
	[ "$(cat ran)" = $'echo one\nbad' ]
	# what was asked for, or an environment that is not there yet, is none
	printf 'help tftp\n? tftp\nreset\nsaveenv\n' >fine
	run -1 --separate-stderr connect-vm -s fine board </dev/null
	[ "$stderr" = "connect-vm: fine: line 4: Failed (1)" ]
	echo saveenv sf >scr2
	run -1 connect-vm -s scr2 board </dev/null
	run -0 connect-vm -x '' -s scr board </dev/null
	run -1 --separate-stderr connect-vm -x '^one' -s scr board </dev/null
	[ "$stderr" = "connect-vm: scr: line 1: one" ]
	printf 'tftpboot x\necho two\n' >scr
	run -1 --separate-stderr connect-vm -s scr board </dev/null
	[ "$stderr" = "connect-vm: scr: line 1: TFTP error: 'File not found' (1)" ]
}

@test "-s: a prompt that does not come (back), a board that goes away" {
	loader
	printf 'hang\necho two\n' >scr
	run -1 --separate-stderr connect-vm -t 1 -s scr board </dev/null
	[ "$stderr" = "connect-vm: scr: line 1: the prompt did not come back" ]
	serve dumb 'sleep 60'
	run -1 --separate-stderr connect-vm -t 0.5 -s scr dumb </dev/null
	[[ "$stderr" == "connect-vm: dumb: no prompt came in 0"* ]]
	printf 'boot\necho two\n' >scr
	run -1 --separate-stderr connect-vm -s scr board </dev/null
	[[ "$stderr" == *"scr: line 1: "* ]]
	printf 'echo a\nboot\n' >scr
	run -0 connect-vm -s scr board </dev/null
	run -0 connect-vm -s scr -w 'Starting' board </dev/null
}

@test "-s: warns of long lines, refuses control characters and nothing to send" {
	loader
	printf 'echo %300s\n' x >scr
	run -0 --separate-stderr connect-vm -s scr board </dev/null
	[[ "$stderr" == "connect-vm: scr: line 1: 305 characters, U-Boot often takes no more than 255" ]]
	printf 'echo a\necho \033b\n' >scr
	run -1 connect-vm -s scr board </dev/null
	[ "$output" = "connect-vm: scr: line 2: a control character (0x1b), which the console would take for a key" ]
	printf '# nothing\n' >scr
	run -1 connect-vm -s scr board </dev/null
	[ "$output" = "connect-vm: scr: no line to send in it" ]
	run -1 connect-vm -s nowhere board </dev/null
	[ "$output" = "connect-vm: read nowhere: No such file or directory" ]
}

@test "-s at a terminal: goes on by hand" {
	loader
	echo 'echo one' >scr
	in_pty 'connect-vm -s scr board'
	until_ok 10 grep -q 'echo one' ran
	until_ok 10 shown '^one'
	printf 'echo hand\r' >&7
	until_ok 10 grep -q 'echo hand' ran
	printf '\017' >&7
	off_pty
	[ "$(cat status)" = status=0 ]
}

@test "-C, -s: a console that asks for a login is told of, and given nothing" {
	# shellcheck disable=SC2016
	serve con 'while printf "router login: "; do
		IFS= read -r -n 1 -d "" c || exit
		printf "%s" "$c" >>typed
		echo
	done'
	run -124 --separate-stderr connect-vm -C reboot con
	[ "$stderr" = 'connect-vm: con: "router login: ": log in first' ]
	echo reboot >scr
	run -1 --separate-stderr connect-vm -s scr con </dev/null
	[ "$stderr" = 'connect-vm: con: "router login: ": log in first' ]
	[ "$(tr -d '\003' <typed)" = "" ]
}

@test "-C: a command that is left in the background" {
	daemon socat UNIX-LISTEN:sh,fork \
	    EXEC:'bash --norc --noprofile -i',pty,stderr,setsid,ctty
	servers+=("$!")
	listening sh
	run -0 --separate-stderr connect-vm -C 'echo now; sleep 100 & ' sh </dev/null
	[[ $output == now* ]]
	run -7 --separate-stderr connect-vm -C 'true & (exit 7)' sh </dev/null
}

@test "-C: what only looks like a prompt for a while does not end it" {
	PS1='sh> ' daemon socat UNIX-LISTEN:sh,fork \
	    EXEC:'bash --norc --noprofile -i',pty,stderr,setsid,ctty
	servers+=("$!")
	listening sh
	run -3 --separate-stderr connect-vm \
	    -C 'printf "on> "; sleep 2; (exit 3)' sh </dev/null
	[ "$output" = "on> " ]
	# a line before the last may still change it
	run -3 connect-vm -C $'PS1="here> "\n(exit 3)' -t 5 sh </dev/null
}

@test "-C: no command, and a line that -x says has failed" {
	daemon socat UNIX-LISTEN:sh,fork \
	    EXEC:'bash --norc --noprofile -i',pty,stderr,setsid,ctty
	servers+=("$!")
	listening sh
	for cmd in '' ' ' '# date'; do
		run -2 connect-vm -C "$cmd" sh </dev/null
		[ "$output" = "connect-vm: -C: no line to send in it" ]
	done
	run -1 --separate-stderr connect-vm -C $'echo Oh no\necho never' \
	    -x ^Oh sh </dev/null
	[ "$output" = "Oh no" ]
	[ "$stderr" = "connect-vm: -C: line 1: Oh no" ]
	run -0 connect-vm -C $'# first\necho yes' sh </dev/null
	[ "$output" = yes ]
}

@test "-C: a status behind a line of any length that does not end" {
	daemon socat UNIX-LISTEN:sh,fork \
	    EXEC:'bash --norc --noprofile -i',pty,stderr,setsid,ctty
	servers+=("$!")
	listening sh
	for n in 4095 4090 4080 4075 8190; do
		run -123 --separate-stderr connect-vm \
		    -C "printf %0${n}d 7; (exit 123)" sh </dev/null
		[ "$output" = "$(printf "%0${n}d" 7)" ]
	done
}

@test "-C: the answer alone, and the command's status" {
	serve sh 'stty raw -echo 2>/dev/null; PS1="\$ " exec bash --norc --noprofile -i 2>&1'
	loader
	run -0 --separate-stderr connect-vm -C 'anything' board </dev/null
	[ "$output" = out ]
	run -0 --separate-stderr connect-vm -T -C 'anything' board </dev/null
	[[ $output =~ ^20[0-9-]{8}\ [0-9:]{8}\.[0-9]{3}\ out$ ]]
	serve dumb 'sleep 60'
	run -124 --separate-stderr connect-vm -t 0.5 -C x dumb </dev/null
}
