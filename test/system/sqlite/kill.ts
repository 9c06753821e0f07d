// A process that commits is killed at random moments, again and again, on one file.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { randomFrom } from '../../fakes/random.ts';
import type { Journal } from './history.ts';

const program = 'build/test/system/sqlite/writer.program.js';
const longestLifeMs = 60;

/** What `sqlite3` says to a statement about the file; null where there is no such program. */
export function sqlite3(path: string, sql: string): string | null {
	try {
		return execFileSync('sqlite3', [path, sql], { encoding: 'utf8' }).trim();
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
		throw error;
	}
}

/**
 * Runs and kills the writer `rounds` times; after each kill all that it had said must be there at the next start.
 * Every third time `sqlite3` is let in between, which recovers the file in its own way.
 */
export async function killWriters(
	folder: string,
	journal: Journal,
	{ rounds, seed }: { rounds: number; seed: number },
) {
	const random = randomFrom(seed);
	const path = join(folder, `${journal}.db`);
	let said = 0;
	for (let round = 0; round < rounds; round += 1) {
		// Every second life commits at least once, however slow the machine; the others may die in their first commit.
		const lives = { from: round % 2 === 0 ? 'start' : 'first commit', ms: random() * longestLifeMs } as const;
		const { start, last } = await liveAndDie(path, journal, lives);
		assert.ok(start >= said, `round ${round}: ${start} found, ${said} said`);
		assert.ok(start <= said + 1, `round ${round}: ${start} found, ${said} said`);
		said = last;
		if (round % 3 === 0) {
			assert.equal(sqlite3(path, 'PRAGMA integrity_check'), 'ok');
			const counted = Number(sqlite3(path, 'SELECT transactions FROM sums'));
			assert.ok(counted >= said && counted <= said + 1, `round ${round}: ${counted} counted, ${said} said`);
		}
	}
	return said;
}

/** `start`: transactions found, `last`: transactions said to be committed, when it was killed. */
function liveAndDie(
	path: string,
	journal: Journal,
	life: { from: 'start' | 'first commit'; ms: number },
): Promise<{ start: number; last: number }> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [program, path, journal], { stdio: ['ignore', 'pipe', 'inherit'] });
		let text = '';
		let timer: NodeJS.Timeout | undefined;
		child.stdout.on('data', (piece) => {
			text += piece;
			if (life.from === 'start' || text.split('\n').length > 2)
				timer ??= setTimeout(() => child.kill('SIGKILL'), life.ms);
		});
		child.on('close', () => {
			clearTimeout(timer);
			const lines = text.split('\n');
			const start = /^start (\d+)$/.exec(lines[0] ?? '');
			if (!start || text.includes('failed')) return reject(new Error(`the writer said: ${text.slice(0, 500)}`));
			// The last piece is empty, or cut off by the kill.
			const whole = lines.slice(1, -1);
			resolve({
				start: Number(start[1]),
				last: whole.length > 0 ? Number(whole[whole.length - 1]) + 1 : Number(start[1]),
			});
		});
	});
}
