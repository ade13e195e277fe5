#!/bin/sh
# image-diet.sh [-r SOURCE] [PATH]: why is my image so big, in six questions,
# each with the command that answers it. PATH is a build's result or manifest,
# and SOURCE where the sizes and references are read from, as in
# manifest-query(1); without them a sample is asked.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

source='' path=''
while getopts r: o; do
	case $o in
	r) source=$OPTARG ;;
	*) usage '[-r source] [path]' ;;
	esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || usage '[-r source] [path]'
lab_needs manifest-query sort awk
if [ $# = 1 ]; then
	path=$1
else
	sample=$here/tests/samples/manifest/demo
	source=${source:-$sample} path=$sample/manifest.json
fi

# query ARG...: asks about $path
query() {
	manifest-query ${source:+-r "$source"} "$@" "$path" ||
		fail "no answer about $path"
}
ask() {
	printf '\n%s\n  $ manifest-query %s\n' "$1" "$2"
}
top() {
	sort -rn | head -n 5 | sed 's/^/  /'
}

ask 'What is biggest?' '-sn PATH | sort -rn | head -n 5'
query -sn >/dev/null # a pipe would hide that it failed
query -sn | top
ask 'What would I save by leaving it out?' '-an PATH | sort -rn | head -n 5'
query -an | top
ask 'Which setting of my configuration costs most?' \
    '-ain PATH | sort -rn | head -n 5'
query -ain | top
ask 'Is anything there in two versions?' '-u PATH'
query -u | sed 's/^/  /'
big=$(query -sn | sort -rn | sed -n 1p | cut -f2)
ask "Why is $big there?" "-wn $big PATH"
manifest-query ${source:+-r "$source"} -wn "$big" "$path" | sed 's/^/  /'
ask 'How much is it, and will it fit into 16 MB?' '-s PATH, added up'
query -s | awk '{ n += $1 }
	END { printf "  %d bytes, %s\n", n, n <= 16 * 2^20 ? "yes" : "no" }'
