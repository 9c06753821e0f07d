// A body -> a parcel, by the fast way or the careful one.
import { type Column, type Parcel, packParcel, portLimit, sameOrEach, type TextColumn, textColumns } from './parcel.ts';
import { scanSync } from './scan.ts';
import { type ParsedNetmon, type ParsedSync, parseSync, parseTime, type SyncFault } from './syncbody.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Texts and their numbers. */
class TextTable {
	readonly texts: string[] = [];
	readonly #numbers = new Map<string, number>();

	number(text: string): number {
		let number = this.#numbers.get(text);
		if (number === undefined) {
			number = this.texts.push(text) - 1;
			this.#numbers.set(text, number);
		}
		return number;
	}
}

/** Of netmon's part, what is needed after it is packed. */
export interface NetmonPart extends Pick<ParsedNetmon, 'instance' | 'epoch' | 'after' | 'live' | 'health'> {
	/** Of the last row; `after` when there are none. */
	readonly last: number;
	/** It brings nothing to book. */
	readonly empty: boolean;
	/** How many. */
	readonly rows: number;
	readonly records: number;
}

/** A body as the intake needs to know it: a seventh of it, and nothing that points to the rest. */
export interface PackedSync {
	readonly agent: string;
	/** All that it speaks for. */
	readonly agents: ReadonlySet<string>;
	/** Of connections. */
	readonly count: number;
	readonly netmon: NetmonPart | null;
	readonly parcel: Uint8Array;
}

/** Never throws. */
export function readSync(body: Buffer): PackedSync | SyncFault {
	const scanned = scanSync(body);
	if (scanned) {
		const { agent, count, texts, columns } = scanned;
		const numbers = typeof columns.agent_id === 'number' ? [columns.agent_id] : columns.agent_id;
		const agents = new Set([agent, ...Array.from(numbers, (number) => texts[number]!)]);
		return { agent, agents, count, netmon: null, parcel: packParcel(scanned) };
	}
	const batch = parseSync(body);
	if ('error' in batch) return batch;
	const { agent, records, netmon } = batch;
	const agents = new Set([agent, ...records.map(({ agent_id }) => agent_id ?? agent)]);
	const parcel = packParcel(parcelOf(batch));
	return { agent, agents, count: records.length, netmon: netmon && partOf(netmon), parcel };
}

export function parcelOf({ agent, timestamp, records, netmon }: ParsedSync): Parcel {
	const table = new TextTable();
	const ports = (field: 'source_port' | 'destination_port') =>
		Uint32Array.from(records, (record) => portOf(record[field]) ?? portLimit + table.number(record[field]));
	const column = (name: TextColumn): [TextColumn, Column] => {
		// Most texts are that of the record before.
		let [last, number] = ['', table.number('')];
		const numbers = new Uint32Array(records.length);
		for (let at = 0; at < records.length; at += 1) {
			const value = (name === 'agent_id' && netmon ? agent : records[at]![name]) ?? agent;
			const text = typeof value === 'string' ? value : String(value);
			if (text !== last) [last, number] = [text, table.number(text)];
			numbers[at] = number;
		}
		return [name, sameOrEach(numbers)];
	};
	return {
		...{ agent, timestamp, count: records.length, texts: table.texts },
		starts: Float64Array.from(records, ({ start }) => parseTime(start)!),
		lasts: Float64Array.from(records, ({ last_updated }) => parseTime(last_updated)!),
		ups: Float64Array.from(records, ({ upload }) => upload),
		downs: Float64Array.from(records, ({ download }) => download),
		...{ sourcePorts: ports('source_port'), destinationPorts: ports('destination_port') },
		names: records.every(({ id }) => uuid.test(id))
			? new Uint8Array(Buffer.from(records.map(({ id }) => id.replaceAll('-', '')).join(''), 'hex'))
			: Uint32Array.from(records, ({ id }) => table.number(id)),
		columns: Object.fromEntries(textColumns.map(column)) as Record<TextColumn, Column>,
		netmon: netmon && rowsOf(netmon),
	};
}

function partOf({ instance, epoch, after, live, health, rows, records, gaps, devices }: ParsedNetmon): NetmonPart {
	const empty = rows.length === 0 && gaps.length === 0 && devices.length === 0;
	const last = rows.at(-1)?.seq ?? after;
	return { instance, epoch, after, live, health, last, empty, rows: rows.length, records: records.length };
}

function rowsOf({ epoch, after, rows, groups, records, gaps, devices, health, tz }: ParsedNetmon) {
	return { epoch, after, last: rows.at(-1)?.seq ?? after, records, groups, gaps, devices, health, tz };
}

/** null: it is not written as a port is. */
function portOf(text: string): number | null {
	return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) < portLimit ? Number(text) : null;
}
