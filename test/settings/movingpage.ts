// docs/moving.md, as the tests read it.
import { readFileSync } from 'node:fs';

export const page = readFileSync('docs/moving.md', 'utf8');

/** The code blocks of one language, in order. */
export function blocks(language: string): string[] {
	return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1]!);
}
