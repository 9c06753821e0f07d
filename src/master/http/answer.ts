// What a route answers: a value, and how it goes on the wire: the upstream's envelope, CSV, or a text as it is.

export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
}

/** A refusal: a status and a sentence for whoever asked. */
export class Refusal extends Error {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;

	constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.headers = headers;
	}
}

const jsonType = { 'Content-Type': 'application/json; charset=utf-8' };

/** `beside` stands next to `data` in the envelope. */
export function success(data: unknown, beside: object = {}): Answer {
	return {
		status: 200,
		headers: jsonType,
		body: JSON.stringify({ status: 'success', data, message: null, ...beside }),
	};
}

export function refused({ status, message, headers }: Refusal): Answer {
	return {
		status,
		headers: { ...jsonType, ...headers },
		body: JSON.stringify({ status: 'error', data: null, message }),
	};
}

export function plain(body: string, type = 'text/plain; charset=utf-8'): Answer {
	return { status: 200, headers: { 'Content-Type': type }, body };
}

type Value = string | number | boolean | null;

/** RFC 4180, a line of names first. A text that a spreadsheet would take for a formula gets a quote before it. */
export function csvText(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string {
	const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] as Value))];
	return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

export function csv(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): Answer {
	return plain(csvText(rows, columns), 'text/csv; charset=utf-8');
}

function csvField(value: Value | undefined): string {
	if (typeof value === 'number') return String(value);
	const text = String(value ?? '');
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
