// The devices that agents tell of: their names for other answers, and the list of them with their addresses in time.
import type { DevicesQuestion } from './question.ts';
import { type Condition, likePattern } from './scope.ts';
import { rows, type Store } from './sums.ts';

/** An address that a device has or had. */
export interface DeviceAddress {
	readonly address: string;
	/** s since the Unix epoch; `until` null = it has it. */
	readonly since: number;
	readonly until: number | null;
}

export interface DeviceRow {
	readonly agent_id: string;
	/** What its bytes are booked under: the MAC, or the address where none is known. */
	readonly key: string;
	readonly mac: string | null;
	readonly name: string | null;
	/** It made its MAC up. */
	readonly random: boolean;
	/** Those that it has first, the newest of them before the others. */
	readonly addresses: readonly DeviceAddress[];
}

export interface DevicePage {
	readonly rows: readonly DeviceRow[];
	readonly found: number;
}

interface Told {
	readonly agent_id: string;
	readonly address: string;
	readonly since: number;
	readonly until: number | null;
	readonly mac: string | null;
	readonly name: string | null;
	readonly random: number;
}

const newestFirst = 'until IS NOT NULL, since DESC';

/** The keys of devices whose name, or one of whose addresses, is like a pattern. */
export function ofDevice(pattern: string): Condition {
	return {
		sql: "SELECT coalesce(mac, address) FROM device WHERE name LIKE ? ESCAPE '\\' OR address LIKE ? ESCAPE '\\'",
		params: [pattern, pattern],
	};
}

/** What devices are called now, by their keys. */
export function deviceNames({ database }: Store, keys: readonly string[]): ReadonlyMap<string, string> {
	const names = new Map<string, string>();
	const byMac = database.prepare<[string], { name: string }>(
		`SELECT name FROM device WHERE mac = ? AND name IS NOT NULL ORDER BY ${newestFirst} LIMIT 1`,
	);
	// An address that no MAC is known of has a name only where its owner gave it one.
	const byAddress = new Map(
		rows<{ address: string; name: string }>(
			{ database } as Store,
			'SELECT address, name FROM device WHERE mac IS NULL AND name IS NOT NULL ORDER BY since',
			[],
		).map(({ address, name }) => [address, name]),
	);
	try {
		for (const key of keys) {
			const name = byMac.get(key)?.name ?? byAddress.get(key);
			if (name !== undefined) names.set(key, name);
		}
	} finally {
		byMac.free();
	}
	return names;
}

/** Sorted by agent, then by name; those without one last. */
export function devices(store: Store, { agent, contains, limit, offset }: DevicesQuestion): DevicePage {
	const conditions: string[] = [];
	const params: (string | number)[] = [];
	if (agent !== null) {
		conditions.push('device.agent = ?');
		params.push(store.texts.find(agent) ?? -1);
	}
	if (contains !== null) {
		const pattern = likePattern(contains);
		const named = ofDevice(pattern);
		conditions.push(`(mac LIKE ? ESCAPE '\\' OR coalesce(mac, address) IN (${named.sql}))`);
		params.push(pattern, ...(named.params as string[]));
	}
	const told = rows<Told>(
		store,
		`SELECT text.value AS agent_id, address, since, until, mac, name, random
		FROM device JOIN text ON text.id = device.agent ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
		ORDER BY ${newestFirst}`,
		params,
	);
	const all = [...folded(told)].sort(
		(a, b) =>
			compare(a.agent_id, b.agent_id) ||
			Number(a.name === null) - Number(b.name === null) ||
			compare(a.name ?? a.key, b.name ?? b.key),
	);
	return { rows: all.slice(offset, offset + limit), found: all.length };
}

/** All addresses of one MAC are one device. */
function folded(told: readonly Told[]): Iterable<DeviceRow> {
	const byKey = new Map<string, DeviceRow & { addresses: DeviceAddress[] }>();
	for (const { agent_id, address, since, until, mac, name, random } of told) {
		const key = mac ?? address;
		const place = `${agent_id} ${key}`;
		const known = byKey.get(place);
		const addresses = [...(known?.addresses ?? []), { address, since, until }];
		byKey.set(place, {
			agent_id,
			key,
			mac,
			name: known?.name ?? name,
			random: known?.random || random === 1,
			addresses,
		});
	}
	return byKey.values();
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
