# OpenWrt's /lib/functions.sh as far as netmon's files call it, written for the tests from its documented behaviour:
# the UCI callbacks, and what opkg's scripts do with a package.
# shellcheck shell=dash disable=SC2034,SC2086,SC2154

record() { printf '%s\037' "$@" >>/tmp/record && printf '\036' >>/tmp/record; }

reset_cb() {
	config_cb() { :; }
	option_cb() { :; }
	list_cb() { :; }
}
reset_cb

package() { :; }

config() {
	CONFIG_COUNT=$((CONFIG_COUNT + 1))
	CONFIG_SECTION="${2:-cfg$CONFIG_COUNT}"
	CONFIG_SECTIONS="$CONFIG_SECTIONS $CONFIG_SECTION"
	config_set "$CONFIG_SECTION" TYPE "$1"
	config_cb "$1" "$CONFIG_SECTION"
}

option() {
	config_set "$CONFIG_SECTION" "$1" "$2"
	option_cb "$1" "$2"
}

list() {
	local old
	config_get old "$CONFIG_SECTION" "$1"
	config_set "$CONFIG_SECTION" "$1" "${old:+$old }$2"
	list_cb "$1" "$2"
}

config_load() {
	local text
	[ -z "$IPKG_INSTROOT" ] || return 0
	CONFIG_COUNT=0
	CONFIG_SECTIONS=''
	text="$(/sbin/uci -S -n export "$1" 2>/dev/null)" || return 1
	eval "$text"
}

config_set() { eval "CONFIG_${1}_$2=\"\$3\""; }

config_get() { eval "$1=\"\${CONFIG_${2}_$3:-\$4}\""; }

config_get_bool() {
	local value
	config_get value "$2" "$3" "$4"
	case "$value" in
	1 | on | true | yes | enabled) eval "$1=1" ;;
	0 | off | false | no | disabled) eval "$1=0" ;;
	*) eval "$1=\$4" ;;
	esac
}

config_foreach() {
	local function="$1" wanted="$2" section type
	for section in $CONFIG_SECTIONS; do
		config_get type "$section" TYPE
		[ "$type" != "$wanted" ] || $function "$section"
	done
}

add_user() {
	local id=32768 root="$IPKG_INSTROOT"
	for one in $(sed -n 's/^Require-User: *//p' "$root/usr/lib/opkg/info/$1.control"); do
		while grep -q ":$id:" "$root/etc/passwd"; do id=$((id + 1)); done
		grep -q "^${one##*:}:" "$root/etc/group" || echo "${one##*:}:x:$id:${one%%:*}" >>"$root/etc/group"
		grep -q "^${one%%:*}:" "$root/etc/passwd" ||
			echo "${one%%:*}:x:$id:$id:${one%%:*}:/var/run/${one%%:*}:/bin/false" >>"$root/etc/passwd"
	done
}

default_postinst() {
	local name root="$IPKG_INSTROOT" script result=0
	name="$(basename "${1%.*}")"
	add_user "$name"
	if [ -z "$root" ]; then
		for script in $(grep '^/etc/uci-defaults/' "/usr/lib/opkg/info/$name.list"); do
			# shellcheck disable=SC1090
			[ ! -f "$script" ] || { (cd /etc/uci-defaults && . "$script") && rm -f "$script"; }
		done
	fi
	# shellcheck disable=SC1090
	(. "$root/usr/lib/opkg/info/$name.postinst-pkg") || result=$?
	for script in $(grep '^/etc/init.d/' "$root/usr/lib/opkg/info/$name.list"); do
		if [ -n "$root" ]; then
			/bin/sh "$root/etc/rc.common" "$root$script" enable
		else
			[ "$PKG_UPGRADE" = 1 ] || "$script" enable
			"$script" start
		fi
	done
	return $result
}

default_prerm() {
	local name script
	name="$(basename "${1%.*}")"
	for script in $(grep '^/etc/init.d/' "/usr/lib/opkg/info/$name.list"); do
		[ "$PKG_UPGRADE" = 1 ] || "$script" disable
		"$script" stop
	done
}
