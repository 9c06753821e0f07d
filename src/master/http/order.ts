// The commands that ask the running master: token, query, backup, import, forget.
import type { Clock } from '../../system/clock.ts';
import { ask } from '../../system/control.ts';
import { type Hindrance, told as waiting } from '../store/hindrance.ts';
import { csvText } from './answer.ts';

export interface OrderOptions {
	/** The control socket's path. */
	readonly socket: string;
	readonly order: { readonly ask: string };
	readonly clock: Clock;
	readonly print: (text: string) => void;
	readonly complain: (text: string) => void;
}

/** A backup or an import of a large store takes its time. */
const orderMs = 30 * 60_000;

/** Answers the exit code. */
export async function order({ socket, order, clock, print, complain }: OrderOptions): Promise<number> {
	const answer = await ask(socket, { ...order }, { clock, timeoutMs: orderMs });
	if ('error' in answer) {
		complain(answer.absent ? `no netmon-master runs on this --database (${socket})` : answer.error);
		return 1;
	}
	const short = (answer.value as { readonly short?: Hindrance | null } | null)?.short;
	if (short) complain(waiting(short));
	print(told(order.ask, answer.value));
	return 0;
}

interface Told {
	readonly [name: string]: unknown;
}

function told(what: string, value: unknown): string {
	switch (what) {
		case 'token-create':
			return String((value as Told).token);
		case 'token-list':
			return table(
				(value as Told[]).map(({ id, agent, made, revoked }) => ({
					number: id,
					agent,
					made: new Date(Number(made)).toISOString(),
					revoked: revoked === null ? '' : new Date(Number(revoked)).toISOString(),
				})),
			);
		case 'token-revoke':
			return value === true ? 'it is worthless from now on' : 'there is no such token';
		case 'query': {
			const { rows, more } = value as { rows: Told[]; more: boolean };
			return `${table(rows)}${more ? '\n(and more: use LIMIT and OFFSET)' : ''}`;
		}
		case 'backup':
			return `${value} bytes`;
		case 'import': {
			const { connections, up, down, refused } = value as Told;
			return `${connections} connections, ${down} bytes down, ${up} bytes up; ${refused} rows were none`;
		}
		default:
			return `${value} connections were erased`;
	}
}

/** CSV, as `sqlite3 -csv -header` prints it. */
function table(rows: readonly Told[]): string {
	return rows.length === 0 ? '' : csvText(rows, Object.keys(rows[0]!)).trimEnd().replaceAll('\r\n', '\n');
}
