// The examples and the table of docs/sync.md, as tests read them.
import { readFileSync } from 'node:fs';

const page = readFileSync('docs/sync.md', 'utf8');

/** The block of JSON after `<!-- example: name -->`, as it stands there. */
export function example(name: string): string {
	const found = new RegExp(`<!-- example: ${name} -->\\s*\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(page);
	if (!found) throw new Error(`docs/sync.md has no example ${name}`);
	return found[1]!;
}

/** Names of all examples. */
export const examples = [...page.matchAll(/<!-- example: (\S+) -->/g)].map((match) => match[1]!);

/** The action that the table has for a status. */
export function actionOf(status: number): string {
	const table = page.slice(page.indexOf('<!-- statuses -->')).split('\n\n')[0]!;
	const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
	const named = rows.find(([, statuses]) => holds(statuses ?? '', status));
	const rest = rows.find(([, statuses]) => statuses?.startsWith('every other') && holds(statuses.slice(11), status));
	return (named ?? rest)?.[2] ?? 'none';
}

function holds(statuses: string, status: number): boolean {
	return statuses.split(',').some((part) => {
		const range = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim());
		return range !== null && status >= Number(range[1]) && status <= Number(range[2] ?? range[1]);
	});
}
