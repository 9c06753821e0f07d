// `netmon export`: what the agent's own file holds, as CSV or JSON lines. Asks the running agent through its control
// socket; where none runs it reads the file itself.
import { History } from '../engine/history.ts';
import type { TopLine } from '../engine/toplist.ts';
import { answerExport, type ExportPage } from '../sinks/queueexport.ts';
import { QueueFile } from '../sinks/queuefile.ts';
import { queueApplicationId, queueSchema } from '../sinks/queueschema.ts';
import type { Clock } from '../system/clock.ts';
import { ask } from '../system/control.ts';
import { openDatabase } from '../system/database.ts';
import { localDay } from '../system/localday.ts';

export const exportFormats = ['csv', 'json'] as const;
export const exportKinds = ['time', 'class', 'device', 'host', 'node', 'connection'] as const;

export interface ExportOptions {
	readonly format: (typeof exportFormats)[number];
	readonly by: (typeof exportKinds)[number];
	/** ms since the Unix epoch; null = no bound. `to` is not in it any more. */
	readonly from: number | null;
	readonly to: number | null;
	/** The control socket of the state folder. */
	readonly socket: string;
	/** The queue's file. */
	readonly database: string;
	readonly clock: Clock;
	readonly print: (text: string) => void;
	readonly complain: (text: string) => void;
}

type Line = Readonly<Record<string, string | number>>;
type Asker = (request: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Exit code: 0, or 1 with a sentence. */
export async function exportCommand(options: ExportOptions): Promise<number> {
	const { socket, database, clock, complain, format, print } = options;
	const asked = await ask(socket, { ask: 'export', what: 'history' }, { clock });
	const write = lineWriter(format, print);
	try {
		if ('value' in asked) {
			const asker: Asker = async (request) => {
				const answer = await ask(socket, { ask: 'export', ...request }, { clock });
				if ('value' in answer) return answer.value;
				throw new Error(answer.error);
			};
			for await (const line of linesOf(asker, options)) write(line);
			return 0;
		}
		if (!asked.absent) throw new Error(asked.error);
		const opened = await openDatabase(database, {
			applicationId: queueApplicationId,
			schema: queueSchema,
			readonly: true,
			check: 'header',
		});
		if ('damaged' in opened) throw new Error(`${database} ${opened.damaged}`);
		try {
			const file = new QueueFile(opened);
			for await (const line of linesOf(async (request) => answerExport(file, request), options)) write(line);
		} finally {
			opened.close();
		}
		return 0;
	} catch (error) {
		complain(`nothing to export: ${error instanceof Error ? error.message : error}`);
		return 1;
	}
}

async function* linesOf(asker: Asker, { by, from, to, clock }: ExportOptions): AsyncGenerator<Line, void, void> {
	const within = (ms: number) => (from === null || ms >= from) && (to === null || ms < to);
	if (by === 'connection') {
		for (let after: ExportPage['next'] = { epoch: 0, seq: 0 }; after !== null; ) {
			const page = (await asker({ what: 'rows', ...after })) as ExportPage;
			for (const row of page.rows) if (within(Date.parse(row.time))) yield { ...row };
			after = page.next;
		}
		return;
	}
	const parts = (await asker({ what: 'history' })) as [string, string][];
	const history = new History(localDay, parts);
	const now = Math.floor(clock.wall() / 1000);
	if (by === 'host' || by === 'node') {
		const today = localDay(now);
		for (const period of [today, today.slice(0, 7)]) {
			const { hosts, nodes } = history.top(period);
			yield* tops(period, by, by === 'host' ? hosts : nodes);
		}
		return;
	}
	const dayMs = (day: string) => new Date(`${day}T00:00:00`).getTime();
	const named = by === 'device' ? 'devices' : 'classes';
	if (by === 'time') {
		for (const step of history.steps(now)) {
			if (!within(step.from * 1000)) continue;
			for (const [name, bytes] of Object.entries(step.classes)) {
				yield { time: new Date(step.from * 1000).toISOString(), class: name, ...bytes };
			}
		}
		return;
	}
	for (const day of history.days()) {
		if (!within(dayMs(day.day))) continue;
		for (const [name, bytes] of Object.entries(day[named])) yield { day: day.day, [by]: name, ...bytes };
	}
}

function* tops(period: string, by: 'host' | 'node', lines: readonly TopLine[]): Generator<Line, void, void> {
	for (const [name, up, down] of lines) yield { period, [by]: name, up, down };
}

/** The first line of CSV names the columns. */
function lineWriter(format: ExportOptions['format'], print: (text: string) => void): (line: Line) => void {
	if (format === 'json') return (line) => print(JSON.stringify(line));
	let headed = false;
	return (line) => {
		if (!headed) print(Object.keys(line).join(','));
		headed = true;
		print(Object.values(line).map(csvCell).join(','));
	};
}

/** RFC 4180; a name from the network that a spreadsheet would take for a formula gets a quote before it. */
function csvCell(value: string | number): string {
	if (typeof value === 'number') return String(value);
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
