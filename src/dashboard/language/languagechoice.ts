// The language that the viewer chose, kept in this browser; else the browser's own.
import { type Language, languageOf, speak } from './language.ts';

const key = 'netmon.language';

export function speakChosen(): void {
	const kept = localStorage.getItem(key);
	const chosen = kept === 'en' || kept === 'zh' ? kept : languageOf(navigator.languages);
	speak(chosen, navigator.languages);
}

export function keepChosen(chosen: Language): void {
	localStorage.setItem(key, chosen);
}
