# What init.d/netmon and init.d/netmon-master share: checks that end in a sentence in the log, and files that are
# rendered for a program that is not root. Each package carries its own copy.
# shellcheck shell=dash disable=SC2034,SC2154,SC2317

NODE_AT_LEAST=18

say() {
	logger -t "$SERVICE" -p "daemon.$1" "$2"
	[ ! -t 2 ] || echo "$SERVICE: $2" >&2
}

is_number() {
	case "$1" in '' | *[!0-9]* | ?????????*) return 1 ;; esac
}

# One line of UCI. Only the shell's own means: the arguments of a process can be read by every user.
line() {
	local kind="$1" name="$2" rest="$3" quoted=''
	# To cut at a quote that is not there takes ash many seconds with a long value; to look for it none.
	while :; do
		case "$rest" in *\'*) ;; *) break ;; esac
		quoted="$quoted${rest%%\'*}'\\''"
		rest="${rest#*\'}"
	done
	printf "\t%s %s '%s'\n" "$kind" "$name" "$quoted$rest"
}

# What holds when nothing is said.
is_enabled() {
	local enabled
	config_get_bool enabled main enabled "$1"
	[ "$enabled" = 1 ]
}

check_section() {
	local package="$1" wanted="$2" type
	config_load "$package" && config_get type main TYPE && [ "$type" = "$wanted" ] && return 0
	say err "not started: /etc/config/$package is missing, damaged or has no section config $wanted 'main' (see 'uci show $package')"
	return 1
}

# For an unknown user procd would run the program as root without a word.
check_user() {
	grep -q '^netmon:' /etc/passwd && grep -q '^netmon:' /etc/group && return 0
	say err 'not started: there is no user netmon; install the package again (opkg install --force-reinstall)'
	return 1
}

# Sets $node.
find_node() {
	local version major
	config_get node main node /usr/bin/node
	if [ ! -f "$node" ] || [ ! -x "$node" ]; then
		say err "not started: there is no Node at $node; 'opkg install node', or name another in the option node"
		return 1
	fi
	version="$("$node" --version 2>/dev/null)"
	major="${version#v}"
	major="${major%%.*}"
	is_number "$major" && [ "$major" -ge "$NODE_AT_LEAST" ] && return 0
	say err "not started: $node is ${version:-no Node}; netmon needs Node $NODE_AT_LEAST or newer"
	return 1
}

# Sets $heap (MB) and $nice. A value that makes no sense is said and not used.
find_limits() {
	local memory_mb asked most
	memory_mb="$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)"
	is_number "$memory_mb" || memory_mb=512
	heap=$((memory_mb / HEAP_SHARE))
	[ "$heap" -ge "$HEAP_MIN_MB" ] || heap=$HEAP_MIN_MB
	[ "$heap" -le "$HEAP_MAX_MB" ] || heap=$HEAP_MAX_MB
	most=$((memory_mb / 2))
	config_get asked main node_heap "$heap"
	if is_number "$asked" && [ "$asked" -ge 16 ] && [ "$asked" -le "$most" ]; then
		heap="$asked"
	elif [ "$asked" != "$heap" ]; then
		say warn "node_heap is '$asked'; it takes 16 to $most (MB, half of the memory): using $heap"
	fi
	config_get nice main nice 10
	is_number "${nice#-}" && [ "$nice" -ge -20 ] && [ "$nice" -le 19 ] && return 0
	say warn "nice is '$nice'; it takes -20 to 19: using 10"
	nice=10
}

# Makes a folder netmon's alone, with all that is in it: user ids change with a sysupgrade. Its name keeps a slip of
# the pen (/etc, /mnt/usb) from being given away.
own_folder() {
	local option="$1" folder="$2" last="${2##*/}" point
	case "$folder/" in [!/]* | *//* | */./* | */../*) last='' ;; esac
	case "$last" in
	netmon | netmon-*) ;;
	*)
		say err "$option is '$folder'; it takes a full path whose last part is netmon or netmon-SOMETHING, like /mnt/usb/netmon"
		return 1
		;;
	esac
	for point in $(procd_get_mountpoints "$folder"); do
		grep -qF " $point " /proc/mounts && continue
		say warn "$option waits for $point, which is not mounted yet"
		return 1
	done
	# The dot: where root has laid a link, its target is meant; links inside are not followed.
	mkdir -p "$folder" 2>/dev/null &&
		chown -hR netmon:netmon "$folder/." 2>/dev/null && chmod 0700 "$folder/." 2>/dev/null && return 0
	say err "$option: $folder cannot be made or given to user netmon (read-only, full, or FAT?)"
	return 1
}

# The options of the section main as they stand, but for those that are named.
copy_options() {
	local package="$1" but=" $2 " section=''
	config_cb() { section="$2"; }
	option_cb() { copy_option option "$@"; }
	list_cb() { copy_option list "$@"; }
	config_load "$package"
	reset_cb
}

copy_option() {
	[ "$section" = main ] || return 0
	case "$but" in *" $2 "*) ;; *) line "$@" ;; esac
}

# Writes what a command prints for user netmon alone, at once: a temporary file of root's folder is renamed. Sets
# $changed: nothing, file, or how when the first line, which says how the program is run, is another.
place() {
	local file="$1" print="$2" how="# $node, heap $heap MB, nice $nice" old='' new
	new="$(mktemp "$RUN.XXXXXX")" || return 1
	{ echo "$how" && "$print" && echo '# end'; } >"$new"
	if [ "$(tail -n 1 "$new")" != '# end' ] || ! chown netmon:netmon "$new"; then
		say err "not started: $file cannot be written"
		rm -f "$new"
		return 1
	fi
	changed=''
	[ ! -f "$file" ] || read -r old <"$file"
	[ -f "$file" ] && cmp -s "$new" "$file" || changed='file'
	[ "$old" = "$how" ] || changed=how
	mv -f "$new" "$file"
}
