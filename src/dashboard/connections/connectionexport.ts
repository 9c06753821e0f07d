// Saves what the filters leave, as CSV or JSON: page after page by fetch (which can send the token) into a Blob.
import { open, type Query } from '../client.ts';

export const exportFormats = ['csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Rows of one export: what a browser holds without trouble. */
export const exportLimit = 100_000;
const rowsAPage = 5_000;

export interface Exported {
	readonly blob: Blob;
	readonly rows: number;
	/** That there are. */
	readonly count: number;
}

interface Part {
	readonly text: string;
	readonly rows: number;
	/** On all pages; told by the first. */
	readonly count: number;
	readonly next: string | null;
}

/** `onProgress`: rows that have come, and those that will. Rejects with an `AbortError` when `signal` ended it. */
export async function exportConnections(
	query: Query,
	format: ExportFormat,
	onProgress: (done: number, wanted: number) => void,
	signal: AbortSignal,
): Promise<Exported> {
	const texts: string[] = [];
	let [rows, count] = [0, 0];
	let after: string | null = null;
	do {
		const limit = Math.min(rowsAPage, exportLimit - rows);
		const response: Response = await open('connections', { ...query, limit, after, format }, { signal });
		const part: Part = await (format === 'csv' ? csvPart : jsonPart)(response, after === null);
		texts.push(part.text);
		rows += part.rows;
		count = Math.max(count, part.count);
		after = part.next;
		onProgress(rows, Math.min(count, exportLimit));
	} while (after !== null && rows < exportLimit);
	if (format === 'json') texts.push('\n]\n');
	const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json';
	return { blob: new Blob(texts, { type }), rows, count };
}

/** The line of names stands before the first page alone. */
async function csvPart(response: Response, first: boolean): Promise<Part> {
	const text = await response.text();
	const { headers } = response;
	return {
		text: first ? text : text.slice(text.indexOf('\r\n') + 2),
		rows: Number(headers.get('X-Count')),
		count: Number(headers.get('X-Total-Count')),
		next: headers.get('X-Next'),
	};
}

async function jsonPart(response: Response, first: boolean): Promise<Part> {
	const { data, total_count, next } = (await response.json()) as {
		readonly data: readonly object[];
		readonly total_count: number | null;
		readonly next: string | null;
	};
	const lines = data.map((row) => JSON.stringify(row)).join(',\n');
	const before = first ? '[\n' : lines === '' ? '' : ',\n';
	return { text: before + lines, rows: data.length, count: total_count ?? 0, next };
}

/** Hands it to the viewer as a file. */
export function save(blob: Blob, name: string): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(blob);
	link.download = name;
	link.click();
	// Not before the browser has begun to read it.
	window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
