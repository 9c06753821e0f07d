// The dashboard's start: theme, language, then the login or the shell. Everything is made anew when the language changes.

import { type Language, language } from './language/language.ts';
import { keepChosen, speakChosen } from './language/languagechoice.ts';
import { openLogin } from './login.ts';
import { fill } from './parts/element.ts';
import { startTheme } from './parts/theme.ts';
import { dropToken, token } from './session.ts';
import { openShell } from './shell.ts';

let stop = () => {};

function start(): void {
	speakChosen();
	document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
	show();
}

function switchLanguage(chosen: Language): void {
	keepChosen(chosen);
	start();
}

/** Without a token too: a master that wants one says so to the first question. */
function show(): void {
	stop();
	const shell = openShell({
		onSignOut: (why) => {
			const had = token() !== null;
			dropToken();
			login(had ? why : '');
		},
		onLanguage: switchLanguage,
	});
	stop = shell.stop;
	fill(document.body, shell.element);
	shell.start();
}

function login(why: string): void {
	stop();
	const form = openLogin({ why, onToken: show, onLanguage: switchLanguage });
	stop = () => {};
	fill(document.body, form.element);
	form.focus();
}

startTheme();
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
