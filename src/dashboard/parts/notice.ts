// The states that are no figures: loading, nothing there, an error, offline. They look different and say what to do.
import { ApiError } from '../client.ts';
import { say } from '../language/language.ts';
import { el } from './element.ts';
import { icon } from './icon.ts';

/** Grey bars where the figures will be. */
export function loading(lines: number): HTMLElement {
	return el(
		'div',
		{ class: 'skeleton', role: 'status', 'aria-label': say('loading') },
		...Array.from({ length: lines }, (_, at) =>
			el('div', { class: 'bone', vars: { '--w': `${92 - ((at * 17) % 40)}%` } }),
		),
	);
}

/** An answer, with nothing in it. */
export function empty(text: string, hint = ''): HTMLElement {
	return el('div', { class: 'notice' }, el('p', {}, text), hint !== '' && el('p', { class: 'muted' }, hint));
}

/** A master that nobody has spoken to. */
export function noAgents(): HTMLElement {
	return empty(say('agents none'), say('agents none hint', { url: location.origin + location.pathname }));
}

/** No answer. `again`: what the button does. */
export function failed(error: unknown, again: () => void): HTMLElement {
	const offline = error instanceof ApiError && error.kind === 'offline';
	return el(
		'div',
		{ class: 'notice bad', role: 'alert' },
		icon('warning'),
		el('p', {}, el('strong', {}, say(offline ? 'offline title' : 'error title'))),
		el('p', { class: 'muted' }, offline ? say('offline') : error instanceof Error ? error.message : String(error)),
		el('button', { type: 'button', class: 'button', on: { click: again } }, say('try again')),
	);
}
