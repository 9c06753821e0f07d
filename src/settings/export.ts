// The flags of `netmon export`: on the command line alone, beside those of the agent that say where its files are.
import * as kind from './kind.ts';
import { group } from './setting.ts';

const output = group('netmon export');

const format = kind.choice('csv', 'json');
const by = kind.choice('time', 'class', 'device', 'host', 'node', 'connection');

export const exportTable = {
	format: output.setting(format, 'csv', { flag: 'format', help: 'csv or json (a JSON object a line)' }),
	by: output.setting(by, 'time', { flag: 'by', help: 'time, class, device, host, node or connection' }),
	from: output.optional(kind.text, { flag: 'from', help: '2026-03-01 or 2026-03-01T08:00 (local time)' }),
	to: output.optional(kind.text, { flag: 'to', help: 'the same; not in it any more' }),
};

export interface ExportRequest {
	readonly format: 'csv' | 'json';
	readonly by: 'time' | 'class' | 'device' | 'host' | 'node' | 'connection';
	/** ms since the Unix epoch; null = no bound. */
	readonly from: number | null;
	readonly to: number | null;
}

export function readExport(given: ReadonlyMap<string, readonly string[]>): ExportRequest | { readonly error: string } {
	const last = (name: string) => given.get(name)?.at(-1);
	const chosenFormat = format.parse(last('format') ?? 'csv');
	const chosenBy = by.parse(last('by') ?? 'time');
	if (!chosenFormat) return { error: `--format takes ${format.allowed}` };
	if (!chosenBy) return { error: `--by takes ${by.allowed}` };
	const [from, to] = [timeOf(last('from')), timeOf(last('to'))];
	if (from === undefined) return { error: '--from takes a day or a time: 2026-03-01, 2026-03-01T08:00' };
	if (to === undefined) return { error: '--to takes a day or a time: 2026-03-01, 2026-03-01T08:00' };
	return { format: chosenFormat, by: chosenBy, from, to };
}

/** undefined: no time. A day begins at midnight of the local zone. */
function timeOf(text: string | undefined): number | null | undefined {
	if (text === undefined) return null;
	if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
	const time = new Date(text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T')).getTime();
	return Number.isFinite(time) ? time : undefined;
}
