// Light or dark: the system's, unless the viewer chose. Whoever draws by hand is told when it changes.
import { classColours, classNames, surfaces, type ThemeName } from './classes.ts';

const choiceKey = 'netmon.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): ThemeName | null {
	const kept = localStorage.getItem(choiceKey);
	return kept === 'light' || kept === 'dark' ? kept : null;
}

export const theme = (): ThemeName => chosen() ?? (dark.matches ? 'dark' : 'light');

/** To be called once, before anything is drawn. */
export function startTheme(): void {
	apply();
	dark.addEventListener('change', apply);
}

export function switchTheme(): void {
	const wanted = theme() === 'dark' ? 'light' : 'dark';
	if (wanted === (dark.matches ? 'dark' : 'light')) localStorage.removeItem(choiceKey);
	else localStorage.setItem(choiceKey, wanted);
	apply();
}

/** Answers how to hear no more of it. */
export function onTheme(listener: () => void): () => void {
	listeners.add(listener);
	return () => void listeners.delete(listener);
}

function apply(): void {
	const name = theme();
	const { style, dataset } = document.documentElement;
	dataset.theme = name;
	for (const one of classNames) style.setProperty(`--${one}`, classColours[name][one]);
	for (const [one, colour] of Object.entries(surfaces[name])) style.setProperty(`--${one}-colour`, colour);
	for (const listener of listeners) listener();
}
