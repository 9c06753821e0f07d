// The language of the page, and all its texts. Pure: what the viewer chose is languagechoice.ts's.
import { texts } from './texts/texts.ts';

export type Language = 'en' | 'zh';
export type TextName = keyof typeof texts;

const usualLocales: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };
let current: Language = 'en';
let currentLocale = usualLocales.en;

/** The first of the browser's languages that there is a table for. */
export function languageOf(wanted: readonly string[]): Language {
	for (const name of wanted) {
		if (/^zh\b/i.test(name)) return 'zh';
		if (/^en\b/i.test(name)) return 'en';
	}
	return 'en';
}

/** `wanted`: the browser's languages, of which one may name the viewer's own region. */
export function speak(language: Language, wanted: readonly string[] = []): void {
	current = language;
	currentLocale = wanted.find((name) => name.startsWith(language)) ?? usualLocales[language];
}

export const language = (): Language => current;

/** As `Intl` wants it. */
export const locale = (): string => currentLocale;

/** The text of a name; `{key}` in it is what `values` has. */
export function say(name: TextName, values: Readonly<Record<string, string | number>> = {}): string {
	return texts[name][current === 'en' ? 0 : 1].replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''));
}
