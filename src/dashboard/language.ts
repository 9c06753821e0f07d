// The language of the page: the browser's, unless the viewer chose one. All texts are got here.
import { chinese } from './chinese.ts';
import { english } from './english.ts';

export type Language = 'en' | 'zh';
export type TextName = keyof typeof english;

const tables: Readonly<Record<Language, Readonly<Record<TextName, string>>>> = { en: english, zh: chinese };
const choiceKey = 'netmon.language';
let current: Language = 'en';

/** The first of the browser's languages that there is a table for. */
export function languageOf(wanted: readonly string[]): Language {
	for (const name of wanted) {
		if (/^zh\b/i.test(name)) return 'zh';
		if (/^en\b/i.test(name)) return 'en';
	}
	return 'en';
}

export function speak(language: Language): void {
	current = language;
}

export const language = (): Language => current;

/** As `Intl` wants it: with the viewer's own region where the browser's language is that of the page. */
export function locale(): string {
	const own =
		typeof navigator === 'undefined'
			? undefined
			: navigator.languages?.find((name) => languageOf([name]) === current && name.startsWith(current));
	return own ?? (current === 'zh' ? 'zh-CN' : 'en-GB');
}

/** The text of a name; `{key}` in it is what `values` has. */
export function say(name: TextName, values: Readonly<Record<string, string | number>> = {}): string {
	return tables[current][name].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''));
}

export function readChoice(): Language {
	const kept = localStorage.getItem(choiceKey);
	return kept === 'en' || kept === 'zh' ? kept : languageOf(navigator.languages);
}

export function keepChoice(chosen: Language): void {
	localStorage.setItem(choiceKey, chosen);
}
