# Completion of spindlectl for bash.

_spindlectl() {
	local cur=${COMP_WORDS[COMP_CWORD]} words=() socket=() i

	# The words behind the options; and the socket, to ask for names.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket)
			((i++))
			socket=(-s "${COMP_WORDS[i]}")
			;;
		-*)
			;;
		*)
			words+=("${COMP_WORDS[i]}")
			;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	-s | --socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		words=(--json --socket --version --help)
	else
		_spindlectl_words
	fi
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
}

# What may follow the words so far, of _spindlectl, instead of them.
_spindlectl_words() {
	case ${words[*]} in
	"")
		words=(status health top disk workers reload upgrade drain why)
		;;
	why)
		words=(last slowest)
		;;
	disk)
		words=($(_spindlectl_names disks))
		;;
	"disk "*" condition "*" "*)
		words=()
		;;
	"disk "*" condition "*)
		words=(for)
		;;
	"disk "*" condition")
		words=(schedule $(_spindlectl_names conditions "${words[1]}"))
		;;
	"disk "*" "*)
		words=()
		;;
	"disk "*)
		words=(show condition)
		;;
	*)
		words=()
		;;
	esac
}

# Names that a running daemon knows: of its disks, or of a disk's conditions.
_spindlectl_names() {
	if [[ $1 == disks ]]; then
		spindlectl "${socket[@]}" status 2>/dev/null |
		    awk '/^disk  /{ in_it = 1; next } !NF { in_it = 0 }
			in_it { print $1 }'
	else
		spindlectl "${socket[@]}" disk "$2" show 2>/dev/null |
		    sed -n 's/^conditions: //p'
	fi
}

complete -F _spindlectl spindlectl
