// The way in: the token, tried before it is kept.
import { ApiError, ask } from './client.ts';
import { type Language, say } from './language/language.ts';
import { el, fill } from './parts/element.ts';
import { icon } from './parts/icon.ts';
import { languageSwitch, themeSwitch } from './parts/switches.ts';
import { dropToken, keepToken } from './session.ts';

export interface LoginOptions {
	/** What to say at once: why one is here again. */
	readonly why: string;
	readonly onToken: () => void;
	readonly onLanguage: (language: Language) => void;
}

export function openLogin({ why, onToken, onLanguage }: LoginOptions): { element: HTMLElement; focus(): void } {
	const said = el('p', { class: 'login-said', role: 'alert' }, why);
	const input = el('input', {
		...{ id: 'token', type: 'password', class: 'input', required: true, autocomplete: 'current-password' },
		...{ spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': 'token-hint' },
	});
	const button = el('button', { type: 'submit', class: 'button primary' }, say('sign in'));
	const submit = async () => {
		button.disabled = true;
		fill(said);
		keepToken(input.value.trim());
		try {
			await ask('stats', { type: 'summary', limit: 1 });
			onToken();
		} catch (error) {
			dropToken();
			const kind = error instanceof ApiError ? error.kind : 'fault';
			fill(
				said,
				kind === 'token' ? say('wrong token') : kind === 'offline' ? say('offline') : (error as Error).message,
			);
			input.select();
		}
		button.disabled = false;
	};
	const form = el(
		'form',
		{
			class: 'login card',
			on: {
				submit: (event) => {
					event.preventDefault();
					void submit();
				},
			},
		},
		el('div', { class: 'brand' }, el('span', { class: 'mark' }, icon('logo')), el('h1', {}, 'netmon')),
		el('p', { class: 'muted' }, say('tagline')),
		el('label', { for: 'token' }, say('token')),
		input,
		said,
		button,
		el('p', { id: 'token-hint', class: 'hint' }, say('token hint')),
	);
	const switches = el('div', { class: 'login-switches' }, languageSwitch(onLanguage), themeSwitch());
	return { element: el('main', { class: 'login-page' }, form, switches), focus: () => input.focus() };
}
