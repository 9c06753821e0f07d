// The answers that hold counters -> counters. Pure; what does not look as it should is left out, never guessed.
import type { DeviceCounters } from '../record.ts';
import { isObject, type JsonObject } from './lucirpc.ts';

/** A line of luci-bwc, `[time, rx bytes, rx packets, tx bytes, tx packets]`. */
export interface Row {
	/** Seconds of the router's own clock. */
	readonly time: number;
	readonly counters: DeviceCounters;
}

/** An entry of Lua LuCI's `iface_status`. */
export interface Iface {
	/** The logical name: `wan`. */
	readonly id: string;
	readonly up: boolean;
	/** It knows a gateway. */
	readonly gateway: boolean;
	/** null: a device without counters. */
	readonly counters: DeviceCounters | null;
	readonly device: string;
}

/** `network.device status {"name"}`; it tells no ifindex. */
export function deviceStatus(data: JsonObject, name: string): DeviceCounters | null {
	const values = isObject(data.statistics) ? counters(name, null, data.statistics) : null;
	// "1000F": Mbit/s and the duplex.
	const speed = typeof data.speed === 'string' ? Number.parseInt(data.speed, 10) : null;
	return values && { ...values, ...lineRate(speed) };
}

/** `luci-rpc getNetworkDevices`: every device by its name. */
export function networkDevice(data: JsonObject, name: string): DeviceCounters | null {
	const device = Object.hasOwn(data, name) ? data[name] : null;
	if (!isObject(device) || !isObject(device.stats)) return null;
	const { ifindex } = device;
	const values = counters(name, typeof ifindex === 'number' && ifindex > 0 ? ifindex : null, device.stats);
	return values && { ...values, ...lineRate(isObject(device.link) ? device.link.speed : null) };
}

/** The newest row of `getRealtimeStats` (`data.result`) or `bandwidth_status`; null when there is none. */
export function lastRow(rows: unknown, name: string): Row | null {
	if (!Array.isArray(rows)) return null;
	const row: unknown = rows[rows.length - 1];
	if (!Array.isArray(row) || typeof row[0] !== 'number' || !Number.isFinite(row[0])) return null;
	const [time, rx_bytes, rx_packets, tx_bytes, tx_packets] = row;
	const values = counters(name, null, { rx_bytes, rx_packets, tx_bytes, tx_packets });
	return values && { time, counters: values };
}

/** `iface_status`; names that the router does not know come without a device and are left out. null = no list. */
export function ifaceStatus(value: unknown): Iface[] | null {
	if (!Array.isArray(value)) return null;
	return value.flatMap((entry): Iface[] => {
		if (!isObject(entry) || typeof entry.id !== 'string' || typeof entry.ifname !== 'string') return [];
		const { id, ifname: device, is_up, gwaddr } = entry;
		const gateway = typeof gwaddr === 'string' && gwaddr !== '';
		return [{ id, device, up: is_up !== false, gateway, counters: counters(device, null, entry) }];
	});
}

function counters(name: string, ifindex: number | null, from: JsonObject): DeviceCounters | null {
	const rxBytes = count(from.rx_bytes);
	const txBytes = count(from.tx_bytes);
	if (rxBytes === null || txBytes === null) return null;
	return { name, ifindex, rxBytes, txBytes, rxPackets: count(from.rx_packets), txPackets: count(from.tx_packets) };
}

/** Mbit/s as a driver tells them; -1 or 0 = it does not know. */
function lineRate(mbits: unknown): Pick<DeviceCounters, 'lineRate'> {
	return typeof mbits === 'number' && mbits > 0 && Number.isFinite(mbits) ? { lineRate: mbits * 125_000 } : {};
}

/**
 * A kernel counter. Routers print the u64 as if it were signed, so a negative number is one above 2^63; above 2^53
 * JSON.parse has rounded (9 PB: harmless). null = no counter.
 */
function count(value: unknown): bigint | null {
	if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) >= 2 ** 64) return null;
	return BigInt.asUintN(64, BigInt(value));
}
