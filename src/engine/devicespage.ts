// The devices as the router's pages show them (`ubus call netmon devices`), within what ubus carries. Pure.
import type { Bytes } from '../record.ts';
import type { Devices, DeviceView } from './devices.ts';
import { otherDevices } from './history.ts';

/** Times are ISO 8601 UTC. */
export interface DevicesPage {
	readonly updated: string;
	readonly devices: readonly ShownDevice[];
	/** Devices that are known but found no room here: those that were silent longest. */
	readonly left_out: number;
	/** Of the table (docs/devices.md): what had to leave it so far. */
	readonly dropped: { readonly ranges: number; readonly untold: number };
	/** Sentences for the owner: what could not be read. */
	readonly notes: readonly string[];
}

export interface ShownDevice {
	/** By which history knows it: the MAC, or the address where no MAC is known. */
	readonly key: string;
	readonly mac: string | null;
	readonly name: string | null;
	/** Who gave the name. */
	readonly named: 'owner' | 'dhcp' | null;
	readonly random: boolean;
	/** The ones with the newest connections; `more_addresses` further ones. */
	readonly addresses: readonly string[];
	readonly more_addresses: number;
	readonly first: string;
	/** null = no connection came from it yet. */
	readonly seen: string | null;
	/** Bytes; null = it may be among those of which only the sum is kept. */
	readonly today: Bytes | null;
	readonly month: Bytes | null;
}

/** What moved in a period, by device's key. */
type Moved = Readonly<Record<string, Bytes>>;
export interface Traffic {
	readonly today: Moved;
	readonly month: Moved;
}

/** The plugin gives out 200,000; the head and the notes need some. */
const pageBytesMost = 190_000;
const addressesMost = 8;

/** @param wall ms since the Unix epoch */
export function devicesPage(
	devices: Devices,
	wall: number,
	{ traffic, notes }: { readonly traffic: Traffic; readonly notes: readonly string[] },
): DevicesPage {
	const all = devices.list();
	const shown: ShownDevice[] = [];
	let bytes = 0;
	for (const view of all) {
		const device = show(view, traffic);
		bytes += Buffer.byteLength(JSON.stringify(device)) + 1;
		if (bytes > pageBytesMost) break;
		shown.push(device);
	}
	return {
		updated: new Date(wall).toISOString(),
		devices: shown,
		left_out: all.length - shown.length,
		dropped: devices.counts.dropped,
		notes,
	};
}

function show({ addresses, first, seen, ...device }: DeviceView, traffic: Traffic): ShownDevice {
	const keys = new Set([device.key, ...addresses]);
	return {
		...device,
		addresses: addresses.slice(0, addressesMost),
		more_addresses: Math.max(0, addresses.length - addressesMost),
		first: new Date(first).toISOString(),
		seen: seen === null ? null : new Date(seen).toISOString(),
		today: movedBy(keys, traffic.today),
		month: movedBy(keys, traffic.month),
	};
}

/** Before the MAC was known it was booked on the address. */
function movedBy(keys: ReadonlySet<string>, moved: Moved): Bytes | null {
	const found = [...keys].flatMap((key) => moved[key] ?? []);
	if (found.length === 0 && otherDevices in moved) return null;
	return found.reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }), { up: 0, down: 0 });
}
