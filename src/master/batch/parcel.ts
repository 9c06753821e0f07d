// A batch as it waits in the inbox and travels to the vault: each text once, everything else in columns of numbers. A
// seventh of the JSON it came as, and nobody parses that again. For this machine alone: numbers are in its byte order.
import type { AgentHealth, Device, Gap, RowGroup } from '../../wire.ts';

/** Fields of a record that are kept as texts; `uid` and `dscp` as their digits. */
export const textColumns = [
	'agent_id',
	'network',
	'conn_type',
	'source_ip',
	'destination_ip',
	'source_geoip',
	'destination_geoip',
	'source_ip_asn',
	'destination_ip_asn',
	'inbound_ip',
	'inbound_port',
	'inbound_name',
	'inbound_user',
	'host',
	'dns_mode',
	'uid',
	'process',
	'process_path',
	'special_proxy',
	'special_rules',
	'remote_destination',
	'dscp',
	'sniff_host',
	'chains',
	'rule',
	'rule_payload',
] as const;
export type TextColumn = (typeof textColumns)[number];

/** Numbers of texts: one for all records, or one for each. */
export type Column = number | Uint16Array | Uint32Array;

/** What of netmon's part is booked. */
export interface ParcelRows {
	readonly epoch: string;
	readonly after: number;
	/** Of the last row; `after` when there are none. */
	readonly last: number;
	readonly records: readonly number[];
	readonly groups: readonly RowGroup[];
	readonly gaps: readonly Gap[];
	readonly devices: readonly Device[];
	readonly health: AgentHealth | null;
	readonly tz: string;
}

interface Head {
	readonly agent: string;
	/** ms since the Unix epoch. */
	readonly timestamp: number;
	/** Of records. */
	readonly count: number;
	readonly texts: readonly string[];
	/** null: an old agent's. */
	readonly netmon: ParcelRows | null;
}

export interface Parcel extends Head {
	/** ms since the Unix epoch. */
	readonly starts: Float64Array;
	readonly lasts: Float64Array;
	/** Bytes so far. */
	readonly ups: Float64Array;
	readonly downs: Float64Array;
	/** The port; from 65536 on that plus the number of a text that is no port. */
	readonly sourcePorts: Uint32Array;
	readonly destinationPorts: Uint32Array;
	/** 16 bytes of each UUID, or the number of a text. */
	readonly names: Uint8Array | Uint32Array;
	readonly columns: Readonly<Record<TextColumn, Column>>;
}

export const portLimit = 65_536;
const nameBytes = 16;

interface Layout extends Head {
	/** Per column of texts: the one number, or null where there is a column. */
	readonly same: readonly (number | null)[];
	readonly wide: boolean;
	readonly uuids: boolean;
}

/** A column that is the same everywhere is one number. */
export function sameOrEach(numbers: Uint32Array): Column {
	return numbers.every((one) => one === numbers[0]) ? (numbers[0] ?? 0) : numbers;
}

export function packParcel(parcel: Parcel): Uint8Array {
	const { agent, timestamp, count, texts, netmon, columns, names } = parcel;
	const wide = texts.length > 2 ** 16;
	const uuids = names instanceof Uint8Array;
	const each = textColumns.map((name) => columns[name]);
	const same = each.map((column) => (typeof column === 'number' ? column : null));
	const layout: Layout = { agent, timestamp, count, texts, netmon, same, wide, uuids };
	const head = Buffer.from(JSON.stringify(layout));
	const { starts, lasts, ups, downs, sourcePorts, destinationPorts } = parcel;
	const Narrow = wide ? Uint32Array : Uint16Array;
	const narrow = each.flatMap((column) => (typeof column === 'number' ? [] : [Narrow.from(column)]));
	const parts: ArrayBufferView[] = [
		starts,
		lasts,
		ups,
		downs,
		sourcePorts,
		destinationPorts,
		...(uuids ? [] : [names]),
		...narrow,
	];
	if (uuids) parts.push(names);
	const begin = 8 + Math.ceil(head.byteLength / 8) * 8;
	const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, begin));
	new DataView(bytes.buffer).setUint32(0, head.byteLength);
	bytes.set(head, 8);
	let at = begin;
	for (const part of parts) {
		bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
		at += part.byteLength;
	}
	return bytes;
}

/** Without the columns: who sent it and what rows it has. */
export function parcelHead(bytes: Uint8Array): Head {
	return layoutOf(bytes).layout;
}

export function openParcel(bytes: Uint8Array): Parcel {
	const { layout, begin } = layoutOf(bytes);
	const { count, same, wide, uuids } = layout;
	// Views want their numbers where a number may lie.
	const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
	let at = aligned.byteOffset + begin;
	const next = <T>(
		View: { new (buffer: ArrayBuffer, at: number, length: number): T; BYTES_PER_ELEMENT: number },
		length: number,
	) => {
		const view = new View(aligned.buffer as ArrayBuffer, at, length);
		at += length * View.BYTES_PER_ELEMENT;
		return view;
	};
	const [starts, lasts, ups, downs] = [0, 0, 0, 0].map(() => next(Float64Array, count)) as [
		Float64Array,
		Float64Array,
		Float64Array,
		Float64Array,
	];
	const sourcePorts = next(Uint32Array, count);
	const destinationPorts = next(Uint32Array, count);
	const numbers = uuids ? null : next(Uint32Array, count);
	const columns = Object.fromEntries(
		textColumns.map((name, index) => [
			name,
			same[index] ?? (wide ? next(Uint32Array, count) : next(Uint16Array, count)),
		]),
	) as Record<TextColumn, Column>;
	const names = numbers ?? next(Uint8Array, count * nameBytes);
	return { ...layout, starts, lasts, ups, downs, sourcePorts, destinationPorts, names, columns };
}

function layoutOf(bytes: Uint8Array): { layout: Layout; begin: number } {
	const { buffer, byteOffset } = bytes;
	const length = new DataView(buffer, byteOffset, bytes.byteLength).getUint32(0);
	const layout = JSON.parse(Buffer.from(buffer, byteOffset + 8, length).toString()) as Layout;
	return { layout, begin: 8 + Math.ceil(length / 8) * 8 };
}
