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
	return 0 - 60 * new Date(seconds * 1000).getTimezoneOffset();
}

let named: string | undefined;

/**
 * The zone at `seconds` since the Unix epoch: an IANA name where Node knows it, else `UTC+hh:mm`. Asking Intl costs some
 * ms, and a process keeps the zone that it was started in, so it is asked once.
 */
export function localZone(seconds: number): string {
	// A Node without Intl has no such object at all.
	named ??= typeof Intl === 'undefined' ? '' : (Intl.DateTimeFormat().resolvedOptions().timeZone ?? '');
	return zoneText(named, localOffset(seconds));
}

/** `name` as Intl tells it, '' where it tells none; `offset`: s ahead of UTC by the C library. */
export function zoneText(name: string, offset: number): string {
	const isPlace = name.includes('/') && !name.startsWith('Etc/');
	if (isPlace || offset === 0) return isPlace ? name : 'UTC';
	const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
	const ahead = Math.abs(offset);
	return `UTC${offset < 0 ? '-' : '+'}${two(ahead / 3600)}:${two((ahead % 3600) / 60)}`;
}
