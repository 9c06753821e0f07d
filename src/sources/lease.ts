// A DHCP lease as one typed value, whichever server wrote it, and what it says of an address.
import type { AddressFact } from '../record.ts';
import { addressKind, parseAddress, plainAddress } from '../system/address.ts';

export interface Lease extends AddressFact {
	/** s since the Unix epoch; null = it does not end, or the server's clock is none. */
	readonly expires: number | null;
}

/** dnsmasq built for machines without a clock writes how long a lease runs instead of when it ends. */
const earliestExpiry = 1_000_000_000;
/** DNS allows 253; the rest is somebody's joke. */
const maxNameLength = 253;

export function expiryOf(seconds: number): number | null {
	return seconds >= earliestExpiry ? seconds : null;
}

/** An address that a device in the LAN can be told by; null: none, or one of a single link (fe80::) or of many devices. */
export function deviceAddress(text: string): string | null {
	const address = parseAddress(text);
	if (!address) return null;
	const kind = addressKind(address);
	return kind === 'private' || kind === 'global' || kind === 'unique-local' ? plainAddress(address) : null;
}

/** The name that a device gave itself: any bytes may be in it. `*`, `-` and nothing at all are no name. */
export function deviceName(text: string): string | null {
	const name = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, '').trim();
	return name === '' || name === '*' || name === '-' ? null : name.slice(0, maxNameLength);
}

/** Lines that are there to their end: a file that is just being written may stop within an address. */
export function wholeLines(text: string): string[] {
	return text.split('\n').slice(0, -1);
}
