// The two choices that are the viewer's own and no part of the address: language and theme.

import { type Language, language, say } from '../language/language.ts';
import { el, fill } from './element.ts';
import { icon } from './icon.ts';
import { switchTheme, theme } from './theme.ts';

export function languageSwitch(onLanguage: (language: Language) => void): HTMLElement {
	const other = language() === 'en' ? 'zh' : 'en';
	const name = other === 'zh' ? '中文' : 'English';
	return el(
		'button',
		{
			type: 'button',
			class: 'button quiet',
			lang: other === 'zh' ? 'zh-CN' : 'en',
			on: { click: () => onLanguage(other) },
		},
		icon('language'),
		el('span', { class: 'label' }, name),
	);
}

export function themeSwitch(): HTMLElement {
	const button = el('button', { type: 'button', class: 'button quiet' });
	const draw = () => {
		const dark = theme() === 'dark';
		fill(button, icon(dark ? 'sun' : 'moon'), el('span', { class: 'label' }, say(dark ? 'light' : 'dark')));
	};
	button.addEventListener('click', () => {
		switchTheme();
		draw();
	});
	draw();
	return button;
}
