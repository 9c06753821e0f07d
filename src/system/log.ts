// One line per event on stderr (or wherever `write` goes): time, level, part, text. A line that repeats the
// one before it is counted, not printed; the count follows when something else is said.
import type { Clock } from './clock.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The log of one part of the program. Texts hold no secrets: whoever writes one sees to that. */
export interface Log {
	error(text: string): void;
	warn(text: string): void;
	info(text: string): void;
	debug(text: string): void;
	/** Whether `debug` would print: for texts that cost something to make. */
	readonly debugs: boolean;
}

export interface LogOptions {
	readonly level: LogLevel;
	readonly format: 'text' | 'json';
	readonly clock: Clock;
	/** Gets whole lines without the newline. */
	readonly write: (line: string) => void;
	/** Bytes that were written and that nobody has read yet: with too many of them lines are left out. */
	readonly unread?: () => number;
}

/** A pager that stands still for a day must not fill a router's memory. */
const maxUnreadBytes = 1024 * 1024;

/** Makes the program's log; call the result with a part's name ("mihomo", "wan") to get that part's. */
export function openLog({ level, format, clock, write, unread = () => 0 }: LogOptions): (part: string) => Log {
	const limit = logLevels.indexOf(level);
	let last = '';
	let repeats = 0;
	let unsaid = 0;

	function line(at: LogLevel, part: string, text: string): string {
		const time = new Date(clock.wall()).toISOString();
		if (format === 'json') return JSON.stringify({ time, level: at, part, text });
		// A name from the network must not break the line or move the terminal's cursor.
		const plain = text.replace(
			/[\u0000-\u001f\u007f-\u009f]/g,
			(char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
		);
		return `${time} ${at.toUpperCase().padEnd(5)} ${part}: ${plain}`;
	}

	return (part) => {
		const say = (at: LogLevel) => (text: string) => {
			if (logLevels.indexOf(at) > limit) return;
			if (unread() > maxUnreadBytes) {
				unsaid += 1;
				return;
			}
			if (unsaid > 0)
				write(line('warn', 'log', `${unsaid} line${unsaid > 1 ? 's were' : ' was'} left out: nobody read them`));
			unsaid = 0;
			const key = `${at} ${part} ${text}`;
			if (key === last) {
				repeats += 1;
				return;
			}
			if (repeats > 0) write(line('info', 'log', `the last line came ${repeats} more time${repeats > 1 ? 's' : ''}`));
			last = key;
			repeats = 0;
			write(line(at, part, text));
		};
		return { error: say('error'), warn: say('warn'), info: say('info'), debug: say('debug'), debugs: limit >= 3 };
	};
}
