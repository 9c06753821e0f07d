// Sends a test to the webhook that is saved, and says what came of it.
import { ApiError, send } from '../client.ts';
import { say } from '../language/language.ts';
import { el, write } from '../parts/element.ts';

export interface WebhookTest {
	readonly button: HTMLButtonElement;
	/** What came of it. */
	readonly said: HTMLElement;
}

interface Told {
	readonly state: 'delivered' | 'refused';
	readonly outcome: string;
}

/** `path`: of the quota. */
export function webhookTest(path: string, onToken: () => void): WebhookTest {
	const said = el('span', { role: 'status' });
	const button = el('button', { type: 'button', class: 'button', title: say('test hint') }, say('send a test'));
	const tell = (kind: 'muted' | 'good-text' | 'bad-text', text: string) => {
		said.className = kind;
		write(said, text);
	};
	button.addEventListener('click', async () => {
		// Not disabled: that would take the focus away.
		if (button.getAttribute('aria-busy')) return;
		button.setAttribute('aria-busy', 'true');
		tell('muted', say('test under way'));
		try {
			const { state, outcome } = await send<Told>('POST', `${path}/test`, {});
			tell(state === 'delivered' ? 'good-text' : 'bad-text', say(`test ${state}`, { outcome }));
		} catch (error) {
			if (error instanceof ApiError && error.kind === 'token') return onToken();
			tell(
				'bad-text',
				error instanceof ApiError && error.kind === 'offline' ? say('offline') : String((error as Error).message),
			);
		} finally {
			button.removeAttribute('aria-busy');
		}
	});
	return { button, said };
}
