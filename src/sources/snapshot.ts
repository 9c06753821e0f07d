// The text of one `/connections` frame -> Snapshot, the plain way: JSON.parse of the whole. What a Snapshot may
// hold is decided here and nowhere else; `reader.ts` does the same work incrementally and falls back to this.
//
// Format: mihomo's controller, `GET /connections`; Clash and sing-box's clash_api send the same with fewer fields.
import type { Connection, Snapshot } from '../record.ts';

/** A frame that is refused whole: half of it would look like connections that closed. */
export interface Refusal {
	readonly refused: string;
}

/** One connection as it was listed. */
export interface Listed {
	readonly connection: Connection;
	readonly upload: number;
	readonly download: number;
}

/** Reads a whole frame. Nothing is thrown, whatever the bytes are. */
export function parseSnapshot(frame: Buffer): Snapshot | Refusal {
	const value = parseJson(frame.toString('utf8'));
	if (value === undefined) return { refused: 'the frame is not JSON' };
	return snapshotOf(value);
}

export function isRefusal(value: object): value is Refusal {
	return 'refused' in value;
}

/** undefined when the text is not JSON (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The totals of a frame whose connections are read elsewhere, or all of it. */
export function totalsOf(value: unknown): { readonly uploadTotal: number; readonly downloadTotal: number } | Refusal {
	if (!isObject(value)) return { refused: 'the frame is not an object' };
	const { uploadTotal, downloadTotal } = value;
	if (!isCounter(uploadTotal)) return { refused: 'uploadTotal is not a count of bytes' };
	if (!isCounter(downloadTotal)) return { refused: 'downloadTotal is not a count of bytes' };
	return { uploadTotal, downloadTotal };
}

function snapshotOf(value: unknown): Snapshot | Refusal {
	const totals = totalsOf(value);
	if (isRefusal(totals)) return totals;
	const list = (value as { connections?: unknown }).connections ?? [];
	if (!Array.isArray(list)) return { refused: 'connections is not a list' };
	const connections: Connection[] = [];
	const upload = new Float64Array(list.length);
	const download = new Float64Array(list.length);
	const ids = new Set<string>();
	for (const [index, item] of list.entries()) {
		const listed = parseConnection(item);
		if (isRefusal(listed)) return listed;
		if (ids.has(listed.connection.id)) return { refused: 'two connections have the same id' };
		ids.add(listed.connection.id);
		connections.push(listed.connection);
		upload[index] = listed.upload;
		download[index] = listed.download;
	}
	return { ...totals, connections, upload, download };
}

/** One element of `connections`. Absent descriptive fields are empty; id and counters must be right. */
export function parseConnection(value: unknown): Listed | Refusal {
	if (!isObject(value)) return { refused: 'a connection is not an object' };
	const { id, upload = 0, download = 0, metadata } = value;
	if (typeof id !== 'string' || id === '') return { refused: 'a connection has no id' };
	if (!isCounter(upload) || !isCounter(download))
		return { refused: 'a connection has a counter that is no count of bytes' };
	const about = isObject(metadata) ? metadata : {};
	const connection: Connection = {
		id,
		start: text(value.start),
		chains: sharedChains(value.chains),
		rule: shared(value.rule),
		rulePayload: shared(value.rulePayload),
		network: shared(about.network),
		type: shared(about.type),
		sourceIP: shared(about.sourceIP),
		sourcePort: text(about.sourcePort),
		sourceGeoIP: tags(about.sourceGeoIP),
		sourceIPASN: shared(about.sourceIPASN),
		destinationIP: text(about.destinationIP),
		destinationPort: text(about.destinationPort),
		destinationGeoIP: tags(about.destinationGeoIP),
		destinationIPASN: shared(about.destinationIPASN),
		inboundIP: shared(about.inboundIP),
		inboundPort: shared(about.inboundPort),
		inboundName: shared(about.inboundName),
		inboundUser: shared(about.inboundUser),
		host: shared(about.host),
		sniffHost: shared(about.sniffHost),
		dnsMode: shared(about.dnsMode),
		uid: whole(about.uid),
		process: shared(about.process),
		processPath: shared(about.processPath),
		specialProxy: shared(about.specialProxy),
		specialRules: shared(about.specialRules),
		remoteDestination: shared(about.remoteDestination),
		dscp: whole(about.dscp),
	};
	return { connection, upload, download };
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes up to 2^53 - 1 (9 PB); what is larger cannot be summed exactly and is not believed. */
function isCounter(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function text(value: unknown): string {
	if (typeof value === 'string') return value;
	return typeof value === 'number' ? String(value) : '';
}

function whole(value: unknown): number {
	return Number.isSafeInteger(value) ? (value as number) : 0;
}

function tags(value: unknown): readonly string[] | null {
	return Array.isArray(value) ? value.map(shared) : null;
}

// Thousands of connections repeat the same few hundred hosts, rules and chains: each text is kept once. A table
// that has grown beyond its size is begun anew; texts in use live on in their connections.
const maxShared = 8192;
const sharedTexts = new Map<string, string>();
const sharedLists = new Map<string, readonly string[]>();

function shared(value: unknown): string {
	const own = text(value);
	return remember(sharedTexts, own, () => own);
}

function sharedChains(value: unknown): readonly string[] {
	if (!Array.isArray(value)) return [];
	const names = value.map(shared);
	return remember(sharedLists, JSON.stringify(names), () => names);
}

function remember<Value>(table: Map<string, Value>, key: string, make: () => Value): Value {
	const known = table.get(key);
	if (known !== undefined) return known;
	if (table.size >= maxShared) table.clear();
	const value = make();
	table.set(key, value);
	return value;
}
