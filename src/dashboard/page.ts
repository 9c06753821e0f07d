// The dashboard's start: theme, language, then the login or the shell. Everything is made anew when the language changes.
import { ApiError, ask } from './client.ts';
import { fill } from './element.ts';
import { keepChoice, type Language, language, readChoice, speak } from './language.ts';
import { openLogin } from './login.ts';
import { dropToken, token } from './session.ts';
import { openShell } from './shell.ts';
import { startTheme } from './theme.ts';

let stop = () => {};

function start(): void {
	speak(readChoice());
	document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
	void show();
}

function switchLanguage(chosen: Language): void {
	keepChoice(chosen);
	start();
}

/** Without a token only where the master wants none. */
async function show(): Promise<void> {
	stop();
	stop = () => {};
	if (token() === null && (await isLocked())) return login('');
	const shell = openShell({
		onSignOut: (why) => {
			dropToken();
			login(why);
		},
		onLanguage: switchLanguage,
	});
	stop = shell.stop;
	fill(document.body, shell.element);
	shell.start();
}

function login(why: string): void {
	stop();
	const form = openLogin({ why, onToken: () => void show(), onLanguage: switchLanguage });
	stop = () => {};
	fill(document.body, form.element);
	form.focus();
}

/** Only a refusal says so: a master that is away shows as offline, in the shell. */
async function isLocked(): Promise<boolean> {
	try {
		await ask('gaps', {});
		return false;
	} catch (error) {
		return error instanceof ApiError && error.kind === 'token';
	}
}

startTheme();
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
