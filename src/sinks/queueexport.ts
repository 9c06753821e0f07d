// What the queue's file holds, page by page, for `netmon export`: the history's parts, and the rows that are still kept
// with what is known of their connections. Answers JSON values, as the control socket carries them.
import { placeOfRecord, wireOf } from './connectionrecord.ts';
import { type QueueFile, rowOf } from './queuefile.ts';
import type { RowLine } from './queueschema.ts';

/** A row with its connection, flat: empty where nothing is known or nothing is to be said. */
export interface ExportedRow {
	/** ISO 8601 UTC: start of the 5 minutes (of the hour, where the row was folded). */
	readonly time: string;
	/** ISO 8601 UTC where the bytes were found after an absence. */
	readonly since: string;
	readonly kind: string;
	readonly class: string;
	/** Of the connection. */
	readonly id: string;
	readonly start: string;
	readonly network: string;
	readonly device: string;
	readonly host: string;
	readonly destination: string;
	readonly node: string;
	readonly rule: string;
	readonly up: number;
	readonly down: number;
}

export interface ExportPage {
	readonly rows: readonly ExportedRow[];
	/** To be asked for next; null: that was all. */
	readonly next: { readonly epoch: number; readonly seq: number } | null;
}

/** A page is less than 1 MB. */
const pageRows = 1_000;

/** The answer to `{"ask":"export", "what":"history"}` and to `{"what":"rows", "epoch", "seq"}`; throws a sentence. */
export function answerExport(file: QueueFile, request: Readonly<Record<string, unknown>>): unknown {
	if (request.what === 'history') return file.history();
	if (request.what !== 'rows') throw new Error('an export is of history or of rows');
	const [epoch, seq] = [request.epoch ?? 0, request.seq ?? 0];
	if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(seq)) throw new Error('epoch and seq are integers');
	return exportPage(file, epoch as number, seq as number);
}

/** Rows after that one, in the order in which they were sealed. */
export function exportPage(file: QueueFile, epoch: number, seq: number): ExportPage {
	const lines = file.all<RowLine>(
		'SELECT * FROM rows WHERE (epoch, seq) > (?, ?) ORDER BY epoch, seq LIMIT ?',
		...[epoch, seq, pageRows],
	);
	const last = lines.at(-1);
	const rows = lines.map((line) => exported(file, line));
	return { rows, next: last && lines.length === pageRows ? { epoch: last.epoch, seq: last.seq } : null };
}

function exported(file: QueueFile, line: RowLine): ExportedRow {
	const { bucket, since, kind, class: class_, device, up, down } = rowOf(line);
	const record = line.record === null ? undefined : file.records.get(line.epoch, line.record);
	const wire = record && wireOf(record, record);
	const place = record && placeOfRecord(record);
	return {
		time: iso(bucket),
		since: since === null ? '' : iso(since),
		kind,
		class: class_ ?? '',
		id: wire?.id ?? '',
		start: wire?.start ?? '',
		network: wire?.network ?? '',
		device: place?.device ?? device ?? '',
		host: place?.host ?? '',
		destination: wire?.destination_ip ? `${wire.destination_ip} ${wire.destination_port}` : '',
		node: place?.node ?? '',
		rule: wire ? [wire.rule, wire.rule_payload].filter((text) => text !== '').join(' ') : '',
		up,
		down,
	};
}

function iso(seconds: number): string {
	return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
