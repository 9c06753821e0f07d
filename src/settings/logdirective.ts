// `RUST_LOG`, the old programs' way to say how much is logged: `info,hyper=warn`, `trace`, `network_monitor=debug`.
// Never an error: what is no directive is left out.
import type { LogLevel } from '../system/log.ts';

/** From silent to verbose; `off` has no counterpart, errors are always said. */
const levels: readonly (readonly [name: string, level: LogLevel])[] = [
	['off', 'error'],
	['error', 'error'],
	['warn', 'warn'],
	['info', 'info'],
	['debug', 'debug'],
	['trace', 'debug'],
];

/** The old program's own name without a level means everything of it; another crate's name means nothing here. */
const ownNames = new Set(['network_monitor', 'mihomo_connections_tracker', 'netmon']);

/** The most verbose of the directives, or undefined when there is none. */
export function mostVerbose(directives: string): LogLevel | undefined {
	const ranks = directives.split(',').map((directive) => {
		const [plain = ''] = directive.split('/');
		const word = (plain.includes('=') ? plain.slice(plain.lastIndexOf('=') + 1) : plain).trim().toLowerCase();
		return ownNames.has(word) ? levels.length - 1 : levels.findIndex(([name]) => name === word);
	});
	return levels[ranks.reduce((most, rank) => Math.max(most, rank), -1)]?.[1];
}
