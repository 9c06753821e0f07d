// What is known of the LAN's devices as plain JSON, for the queue's file, and back. Pure. What does not read as such is
// no state: devices are found again within a minute, only their past is lost.
import type { AddressRange } from './addressranges.ts';

export interface DevicesState {
	readonly version: 1;
	/** Changes up to this revision reached the master. */
	readonly acked: number;
	readonly dropped: DroppedRanges;
	readonly ranges: readonly RangeRow[];
	readonly devices: readonly DeviceRow[];
}

/** Ranges that had to leave the table; `untold` ones before the master had them. */
export interface DroppedRanges {
	readonly ranges: number;
	readonly untold: number;
}

export type RangeRow = readonly [
	ip: string,
	mac: string | null,
	by: AddressRange['by'],
	from: number,
	to: number | null,
	seen: number,
	confirmed: number,
	revision: number,
];

export type DeviceRow = readonly [key: string, dhcp: string | null, owner: string | null, first: number, last: number];

const stateVersion = 1;

export function rangeRow({ ip, mac, by, from, to, seen, confirmed, revision }: AddressRange): RangeRow {
	return [ip, mac, by, from, to, seen, confirmed, revision];
}

export function rangeOf([ip, mac, by, from, to, seen, confirmed, revision]: RangeRow): AddressRange {
	return { ip, mac, by, from, to, seen, confirmed, pending: null, revision, wanted: false, asked: 0 };
}

/** @param value what JSON.parse gave; null: nothing that can be used */
export function readDevicesState(value: unknown): DevicesState | null {
	if (typeof value !== 'object' || value === null) return null;
	const { version, acked, dropped, ranges, devices } = value as Partial<DevicesState>;
	const fine =
		version === stateVersion &&
		isCount(acked) &&
		isCount(dropped?.ranges) &&
		isCount(dropped?.untold) &&
		Array.isArray(ranges) &&
		ranges.every(isRangeRow) &&
		Array.isArray(devices) &&
		devices.every(isDeviceRow);
	return fine ? (value as DevicesState) : null;
}

function isRangeRow(row: unknown): boolean {
	if (!Array.isArray(row) || row.length !== 8) return false;
	const [ip, mac, by, from, to, seen, confirmed, revision] = row as unknown[];
	return (
		typeof ip === 'string' &&
		isTextOrNull(mac) &&
		[null, 'guess', 'lease', 'kernel'].includes(by as string | null) &&
		(mac === null) === (by === null) &&
		Number.isFinite(from) &&
		(to === null || Number.isFinite(to)) &&
		Number.isFinite(seen) &&
		Number.isFinite(confirmed) &&
		isCount(revision)
	);
}

function isDeviceRow(row: unknown): boolean {
	if (!Array.isArray(row) || row.length !== 5) return false;
	const [key, dhcp, owner, first, seen] = row as unknown[];
	return (
		typeof key === 'string' &&
		isTextOrNull(dhcp) &&
		isTextOrNull(owner) &&
		Number.isFinite(first) &&
		Number.isFinite(seen)
	);
}

function isTextOrNull(value: unknown): boolean {
	return value === null || typeof value === 'string';
}

function isCount(value: unknown): boolean {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}
