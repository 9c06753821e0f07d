// Days as the machine's owner counts them: by the zone of the system, which the C library knows where Node's Intl does
// not (OpenWrt's has no zones).

/** s since the Unix epoch -> `2026-03-01` in local time. */
export function localDay(seconds: number): string {
	const date = new Date(seconds * 1000);
	const two = (number: number) => String(number).padStart(2, '0');
	return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** How many s local time is ahead of UTC at `seconds` since the Unix epoch. */
export function localOffset(seconds: number): number {
	return -60 * new Date(seconds * 1000).getTimezoneOffset();
}
